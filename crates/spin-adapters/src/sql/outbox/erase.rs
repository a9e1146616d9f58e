//! What is left of the jobs of a user who is erased.

use crate::sql::outbox::payload;
use crate::sql::{Columns, Connection, DbError, Param, Row, Sql};
use chrono::{DateTime, Utc};
use domain::jobs::{Kind, Payload, Target};
use domain::ports::ErasedJob;

const NOT_DONE: Sql = Sql {
    mysql: "SELECT id, kind, payload, payload_version, lease_token
            FROM outbox FORCE INDEX (ix_outbox_enrolment)
            WHERE enrolment_id IN (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) AND state <> 'done'
            FOR UPDATE",
    sqlite: "SELECT id, kind, payload, payload_version, lease_token
             FROM outbox
             WHERE enrolment_id IN (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) AND state <> 'done'",
};

/// Ends a job without a delivery. A worker that holds it loses its lease.
const END: Sql = Sql::both(
    "UPDATE outbox
     SET state = 'done', payload = '{}', due_at = NULL, lease_token = NULL, last_error = NULL, finished_at = ?
     WHERE id = ?",
);

const KEEP: Sql = Sql::both("UPDATE outbox SET payload = ?, payload_version = ? WHERE id = ?");

/// Takes a job from the worker that holds it. Its outcome is unknown, so it is looked up.
const TAKE_OVER_UNKNOWN: Sql = Sql::both(
    "UPDATE outbox
     SET state = 'unknown', unknown_since = COALESCE(unknown_since, {now}), due_at = {now}, lease_token = NULL
     WHERE id = ?",
);

/// The same where nothing is done that would have to be looked up.
const TAKE_OVER: Sql = Sql::both("UPDATE outbox SET due_at = {now}, lease_token = NULL WHERE id = ?");

const EMPTY: Sql = Sql::both("UPDATE outbox SET payload = '{}' WHERE id = ?");

/// As KSeF says it, which may name the buyer.
const TAKE_REASON_AWAY: Sql = Sql::both("UPDATE outbox SET last_error = NULL WHERE id = ?");

/// Leaves of the jobs of these enrolments what `erased` says.
pub(crate) fn leave(
    connection: &Connection,
    enrolments: &[Param<'_>],
    now: DateTime<Utc>,
    erased: &impl Fn(Kind, Option<&Payload>) -> ErasedJob,
) -> Result<(), DbError> {
    // A worker that ended a job while this waited may have added another one in a part of
    // the index that was read already.
    while leave_once(connection, enrolments, now, erased)? {}
    Ok(())
}

/// Whether anything was changed.
fn leave_once(
    connection: &Connection,
    enrolments: &[Param<'_>],
    now: DateTime<Utc>,
    erased: &impl Fn(Kind, Option<&Payload>) -> ErasedJob,
) -> Result<bool, DbError> {
    let mut changed = false;
    let now = Param::from(now.timestamp_millis());
    for row in connection.query(NOT_DONE, enrolments)? {
        let StoredJob { id, kind, payload, version, held, empty } = StoredJob::read(row)?;
        let id = Param::from(id);
        match erased(kind, payload.as_ref()) {
            ErasedJob::Unchanged => continue,
            ErasedJob::Withdrawn => connection.execute(END, &[now, id])?,
            ErasedJob::Emptied if empty => continue,
            ErasedJob::Emptied => connection.execute(EMPTY, &[id])?,
            ErasedJob::Replaced(payload) => {
                let json = payload::to_json(&payload);
                connection.execute(KEEP, &[json.as_str().into(), payload.version().max(version).into(), id])?;
                if kind.target() == Target::Ksef {
                    connection.execute(TAKE_REASON_AWAY, &[id])?;
                }
                if held && kind.target() == Target::Invoices {
                    connection.execute(TAKE_OVER_UNKNOWN, &[id])?;
                } else if held {
                    connection.execute(TAKE_OVER, &[id])?;
                }
            }
        }
        changed = true;
    }
    Ok(changed)
}

struct StoredJob {
    id: i64,
    kind: Kind,
    payload: Option<Payload>,
    version: i64,
    held: bool,
    empty: bool,
}

impl StoredJob {
    fn read(row: Row) -> Result<Self, DbError> {
        let mut columns = Columns::new(row);
        let id = columns.int()?;
        let (word, json) = (columns.text()?, columns.text()?);
        let version = columns.int()?;
        let kind = Kind::from_word(&word).filter(|_| version <= Kind::NEWEST_VERSION);
        let kind = kind.ok_or_else(|| DbError::Failed("a job of a later release".to_owned()))?;
        let held = columns.optional_text()?.is_some();
        Ok(Self { id, kind, payload: payload::from_json(&word, &json), version, held, empty: json == "{}" })
    }
}
