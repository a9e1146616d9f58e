//! The table `resolutions`, and the jobs that are settled with it.

use crate::sql::documents;
use crate::sql::outbox::finish::{self, Held};
use crate::sql::outbox::lease::hold;
use crate::sql::outbox::{operators, payload};
use crate::sql::{Columns, Connection, DbError, Row, Sql, Store};
use crate::sql::{millis, unreadable};
use chrono::{DateTime, TimeDelta, Utc};
use domain::jobs::outbox::{JobSummary, State};
use domain::jobs::{Finished, Job, JobId, JobKey, Kind};
use domain::model::asked::Author;
use domain::model::invoice::newest_invoice;
use domain::model::resolution::StoredResolution;
use domain::ports::Resolutions;
use domain::ports::{JobToResolve, NewResolution, ResolveError};
use domain::{EnrolmentId, Money, Unavailable, UserId};

/// A run that claims due jobs at the same time skips the row.
const ONE: Sql = Sql {
    mysql: "SELECT job_key, enrolment_id, kind, payload, payload_version, state, due_at - {now}, lease_token
            FROM outbox
            WHERE id = ?
            FOR UPDATE",
    sqlite: "SELECT job_key, enrolment_id, kind, payload, payload_version, state, due_at - {now}, lease_token
             FROM outbox
             WHERE id = ?",
};

const PAID: Sql = Sql::both("SELECT paid_hundredths, user_id FROM enrolments WHERE id = ?");

/// Whose an enrolment was that is deleted.
const OWNER: Sql = Sql {
    mysql: "SELECT user_id
            FROM events FORCE INDEX (ix_events_enrolment)
            WHERE enrolment_id = ?
            ORDER BY id DESC
            LIMIT 1",
    sqlite: "SELECT user_id FROM events WHERE enrolment_id = ? ORDER BY id DESC LIMIT 1",
};

const INSERT: Sql =
    Sql::both("INSERT INTO resolutions (enrolment_id, kind, note, settled_by, settled_at) VALUES (?, ?, ?, ?, ?)");

/// The newest resolutions of an enrolment, for display.
const OF_ENROLMENT: Sql = Sql::both(
    "SELECT /* replica */ kind, note, settled_by, settled_at
     FROM resolutions
     WHERE enrolment_id = ?
     ORDER BY id DESC
     LIMIT 1000",
);

impl Resolutions for Store {
    async fn resolve(
        &self,
        id: JobId,
        new: &NewResolution<'_>,
        decide: impl Fn(&JobToResolve) -> Result<Finished, ResolveError>,
    ) -> Result<(JobSummary, Vec<Job>), ResolveError> {
        self.transaction(|connection| {
            let row = connection.query(ONE, &[id.0.into()])?.into_iter().next();
            let Some(row) = row else { return Ok(Err(ResolveError::NotFound)) };
            let Found { key, enrolment_id, kind, job } = Found::read(connection, row, new.now)?;
            let finished = match decide(&job) {
                Ok(finished) => finished,
                Err(error) => return Ok(Err(error)),
            };
            let NewResolution { resolution, settled_by, lease, now } = new;
            hold(connection, id, lease)?;
            let held = Held { key: &key, enrolment_id, lease };
            let following =
                finish::finish(connection, &held, &finished, (*now, *settled_by))?.ok_or_else(unreadable)?;
            let row = [
                enrolment_id.get().into(),
                kind.as_str().into(),
                job.kept_note(resolution).into(),
                settled_by.map(|Author(name)| name.as_str()).into(),
                now.timestamp_millis().into(),
            ];
            connection.execute(INSERT, &row)?;
            Ok(Ok((operators::job(connection, id)?, following)))
        })?
    }

    async fn resolutions(&self, id: EnrolmentId) -> Result<Vec<StoredResolution>, Unavailable> {
        self.read(|connection| {
            let rows = connection.query(OF_ENROLMENT, &[id.get().into()])?;
            rows.into_iter().rev().map(resolved).collect()
        })
    }
}

struct Found {
    key: JobKey,
    enrolment_id: EnrolmentId,
    /// The word for it.
    kind: String,
    job: JobToResolve,
}

impl Found {
    fn read(connection: &Connection, row: Row, now: DateTime<Utc>) -> Result<Self, DbError> {
        let mut columns = Columns::new(row);
        let key = JobKey::stored(columns.text()?);
        let enrolment_id = EnrolmentId::new(columns.int()?).ok_or_else(unreadable)?;
        let kind = columns.text()?;
        let payload = payload::from_json(&kind, &columns.text()?);
        let known = columns.int()? <= Kind::NEWEST_VERSION;
        let state = State::parse(&columns.text()?).ok_or_else(unreadable)?;
        // By the clock of the service, which knows how long that is.
        let due_at = columns.optional_int()?.map(|wait| now + TimeDelta::milliseconds(wait));
        let held_until = columns.optional_text()?.and(due_at);
        let chain_no = key.chain_no();
        let (paid, user_id) = paid(connection, enrolment_id)?;
        let job = JobToResolve {
            kind: Kind::from_word(&kind).filter(|_| known),
            payload,
            chain_no,
            state,
            held_until,
            invoice: newest_invoice(documents::of_enrolment(connection, enrolment_id)?, chain_no),
            paid,
            user_id,
        };
        Ok(Self { key, enrolment_id, kind, job })
    }
}

/// What was paid for an enrolment, which is not known of one that is gone, and whose it is.
fn paid(connection: &Connection, id: EnrolmentId) -> Result<(Option<Money>, Option<UserId>), DbError> {
    if let Some(row) = connection.query(PAID, &[id.get().into()])?.into_iter().next() {
        let mut columns = Columns::new(row);
        let paid = columns.optional_int()?.and_then(Money::from_hundredths);
        return Ok((paid, Some(UserId::stored(columns.text()?))));
    }
    let Some(row) = connection.query(OWNER, &[id.get().into()])?.into_iter().next() else { return Ok((None, None)) };
    Ok((None, Some(UserId::stored(Columns::new(row).text()?))))
}

fn resolved(row: Row) -> Result<StoredResolution, DbError> {
    let mut columns = Columns::new(row);
    Ok(StoredResolution {
        kind: columns.text()?,
        note: columns.text()?,
        settled_by: columns.optional_text()?,
        settled_at: millis(columns.int()?)?,
    })
}
