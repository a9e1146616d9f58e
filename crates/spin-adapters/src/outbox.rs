//! The table `outbox`. Its times are milliseconds since 1970.
//!
//! `due_at` is when the next worker may take a row: for one that is held, that
//! is when its lease ends. A row that is taken while it still carries a token
//! was left by a worker that never said how it ended: its outcome is unknown.

use crate::database::{Columns, Connection, DbError, Param, Row, Sql, Store};
use crate::payload;
use crate::words;
use chrono::{DateTime, Utc};
use domain::job::{Job, Kind, Lease, Payload};
use domain::outbox::Setback;
use domain::ports::{Answer, Claimed, Commit, Outbox};
use domain::{EnrolmentId, Unavailable};

const INSERT: Sql = Sql::both(
    "INSERT INTO outbox (enrolment_id, kind, payload, state, attempts, due_at, lease_token, created_at) \
     VALUES (?, ?, ?, 'due', 1, ?, ?, ?)",
);

/// Longest due first.
macro_rules! due {
    ($index:literal, $lock:literal) => {
        concat!(
            "SELECT id, enrolment_id, kind, payload, attempts + 1, \
             CASE WHEN lease_token IS NULL THEN unknown_since ELSE COALESCE(unknown_since, due_at) END, \
             created_at, due_at FROM outbox ",
            $index,
            "WHERE due_at <= ? AND kind NOT IN (?, ?, ?) ORDER BY due_at, id LIMIT ?",
            $lock
        )
    };
}

/// Nobody waits for a lock here: what another worker is taking or ending at this
/// moment is not due for this one.
const DUE: Sql = Sql { mysql: due!("FORCE INDEX (ix_outbox_due) ", " FOR UPDATE SKIP LOCKED"), sqlite: due!("", "") };

/// By primary key, for the rows that are locked already: no other row is touched,
/// however few the table has. MySQL assigns from left to right: what reads the old
/// token and the old `due_at` comes before what changes them.
macro_rules! take {
    ($index:literal) => {
        concat!(
            "UPDATE outbox ",
            $index,
            "SET state = CASE WHEN lease_token IS NULL THEN state ELSE 'unknown' END, \
             unknown_since = CASE WHEN lease_token IS NULL THEN unknown_since ELSE COALESCE(unknown_since, due_at) END, \
             attempts = attempts + 1, due_at = ?, lease_token = ? \
             WHERE id IN (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        )
    };
}

const TAKE: Sql = Sql { mysql: take!("FORCE INDEX (PRIMARY) "), sqlite: take!("") };

const FINISH: Sql = Sql::both(
    "UPDATE outbox SET state = 'done', payload = '{}', due_at = NULL, lease_token = NULL, last_error = NULL, \
     finished_at = ? WHERE enrolment_id = ? AND kind = ? AND lease_token = ?",
);

const HELD: Sql = Sql {
    mysql: "SELECT id FROM outbox WHERE enrolment_id = ? AND kind = ? AND lease_token = ? FOR UPDATE",
    sqlite: "SELECT id FROM outbox WHERE enrolment_id = ? AND kind = ? AND lease_token = ?",
};

const LINK: Sql = Sql::both("UPDATE enrolments SET invoice_url = ?, updated_at = ? WHERE id = ?");

const PUT_OFF: Sql = Sql::both(
    "UPDATE outbox SET state = ?, unknown_since = ?, due_at = ?, lease_token = NULL, last_error = ? \
     WHERE enrolment_id = ? AND kind = ? AND lease_token = ?",
);

const GIVE_UP: Sql = Sql::both(
    "UPDATE outbox SET state = 'dead', due_at = NULL, lease_token = NULL, last_error = ?, finished_at = ? \
     WHERE enrolment_id = ? AND kind = ? AND lease_token = ?",
);

const RELEASE: Sql = Sql::both(
    "UPDATE outbox SET attempts = attempts - 1, due_at = ?, lease_token = NULL \
     WHERE enrolment_id = ? AND kind = ? AND lease_token = ?",
);

/// One that is being delivered at this moment is delivered all the same.
const WITHDRAW: Sql = Sql::both("DELETE FROM outbox WHERE enrolment_id = ? AND kind = ? AND state <> 'done'");

/// The most characters of `last_error`.
const MAX_REASON: usize = 255;

/// Adds jobs in the transaction of the change that causes them.
pub(crate) fn insert_jobs(
    connection: &Connection,
    enrolment_id: EnrolmentId,
    jobs: &[Payload],
    commit: &Commit<'_>,
) -> Result<Vec<Job>, DbError> {
    let insert = |payload: &Payload| {
        let Commit { lease, now, .. } = commit;
        let json = payload::to_json(payload);
        let row: [Param<'_>; 6] = [
            enrolment_id.get().into(),
            payload::kind(payload).into(),
            json.as_str().into(),
            lease.until.timestamp_millis().into(),
            lease.token.as_str().into(),
            now.timestamp_millis().into(),
        ];
        connection.execute(INSERT, &row)?;
        // As it will be read again: the key of a mail is made of it.
        let created_at = millis(now.timestamp_millis())?;
        let (payload, lease) = (payload.clone(), lease.clone());
        Ok(Job { enrolment_id, payload, attempts: 1, due_at: created_at, unknown_since: None, created_at, lease })
    };
    jobs.iter().map(insert).collect()
}

/// Takes back jobs of these kinds that are not done.
pub(crate) fn withdraw(connection: &Connection, enrolment_id: EnrolmentId, kinds: &[Kind]) -> Result<(), DbError> {
    for kind in kinds {
        connection.execute(WITHDRAW, &[enrolment_id.get().into(), words::of_kind(*kind).into()])?;
    }
    Ok(())
}

impl Outbox for Store {
    async fn claim(
        &self,
        lease: &Lease,
        kinds: &[Kind],
        limit: u32,
        now: DateTime<Utc>,
    ) -> Result<Claimed, Unavailable> {
        let limit = limit.min(Lease::JOBS);
        let mut due: Vec<Param<'_>> = vec![now.timestamp_millis().into()];
        // A kind from a later version is claimed by whoever comes, and dead.
        let others = Kind::ALL.iter().map(|kind| if kinds.contains(kind) { "" } else { words::of_kind(*kind) });
        due.extend(others.map(Param::from));
        due.push(i64::from(limit).into());
        self.transaction(|connection| {
            let rows = connection.query(DUE, &due)?;
            let more = rows.len() == limit as usize;
            let rows = rows.into_iter().map(|row| read(row, lease)).collect::<Result<Vec<_>, _>>()?;
            take(connection, &rows, lease)?;
            let mut jobs = Vec::with_capacity(rows.len());
            for Owing { enrolment_id, kind, job, .. } in rows {
                match job {
                    Some(job) => jobs.push(job),
                    None => give_up(connection, key(enrolment_id, &kind, lease), "unreadable payload", now)?,
                }
            }
            Ok(Claimed { jobs, more })
        })
    }

    async fn finish(&self, job: &Job, now: DateTime<Utc>) -> Result<(), Unavailable> {
        let [enrolment, kind, token] = key_of(job);
        self.write(FINISH, &[now.timestamp_millis().into(), enrolment, kind, token])
    }

    async fn finish_invoice(
        &self,
        job: &Job,
        url: Option<&str>,
        payload: Payload,
        now: DateTime<Utc>,
    ) -> Result<Option<Job>, Unavailable> {
        let written = crate::enrolments::sql_time(now);
        self.transaction(|connection| {
            if connection.query(HELD, &key_of(job))?.is_empty() {
                return Ok(None);
            }
            finish(connection, job, now)?;
            connection.execute(LINK, &[url.into(), written.as_str().into(), job.enrolment_id.get().into()])?;
            let commit = Commit { lease: job.lease.clone(), reservation: None, answer: Answer::Final, now };
            let jobs = insert_jobs(connection, job.enrolment_id, std::slice::from_ref(&payload), &commit)?;
            Ok(jobs.into_iter().next())
        })
    }

    async fn set_back(&self, job: &Job, setback: &Setback, now: DateTime<Utc>) -> Result<(), Unavailable> {
        let [enrolment, kind, token] = key_of(job);
        self.transaction(|connection| match setback {
            Setback::PutOff { due_at, unknown_since, reason } => {
                let state = if unknown_since.is_some() { "unknown" } else { "due" };
                let since = unknown_since.map(|since| since.timestamp_millis());
                let due_at = due_at.timestamp_millis();
                let reason = bounded(reason).into();
                let row = [state.into(), since.into(), due_at.into(), reason, enrolment, kind, token];
                connection.execute(PUT_OFF, &row)
            }
            Setback::GivenUp { reason } => give_up(connection, key_of(job), reason, now),
        })
    }

    async fn release(&self, jobs: &[Job]) -> Result<(), Unavailable> {
        self.transaction(|connection| {
            for job in jobs {
                let [enrolment, kind, token] = key_of(job);
                connection.execute(RELEASE, &[job.due_at.timestamp_millis().into(), enrolment, kind, token])?;
            }
            Ok(())
        })
    }
}

/// What names a job that is held.
type Key<'a> = [Param<'a>; 3];

fn key<'a>(enrolment_id: EnrolmentId, kind: &'a str, lease: &'a Lease) -> Key<'a> {
    [enrolment_id.get().into(), kind.into(), lease.token.as_str().into()]
}

fn key_of(job: &Job) -> Key<'_> {
    key(job.enrolment_id, payload::kind(&job.payload), &job.lease)
}

fn finish(connection: &Connection, job: &Job, now: DateTime<Utc>) -> Result<(), DbError> {
    let [enrolment, kind, token] = key_of(job);
    connection.execute(FINISH, &[now.timestamp_millis().into(), enrolment, kind, token])
}

fn give_up(connection: &Connection, key: Key<'_>, reason: &str, now: DateTime<Utc>) -> Result<(), DbError> {
    let [enrolment, kind, token] = key;
    connection.execute(GIVE_UP, &[bounded(reason).into(), now.timestamp_millis().into(), enrolment, kind, token])
}

/// The beginning of a reason, as much as the column takes.
fn bounded(reason: &str) -> &str {
    reason.char_indices().nth(MAX_REASON).and_then(|(end, _)| reason.get(..end)).unwrap_or(reason)
}

/// Puts rows under a lease.
fn take(connection: &Connection, rows: &[Owing], lease: &Lease) -> Result<(), DbError> {
    let Some(last) = rows.last() else { return Ok(()) };
    let mut row: Vec<Param<'_>> = vec![lease.until.timestamp_millis().into(), lease.token.as_str().into()];
    // The statement names as many rows as there can be: the last one fills it up.
    let ids = rows.iter().chain(std::iter::repeat(last)).take(Lease::JOBS as usize);
    row.extend(ids.map(|row| Param::from(row.id)));
    connection.execute(TAKE, &row)
}

/// A row of the outbox.
struct Owing {
    id: i64,
    enrolment_id: EnrolmentId,
    kind: String,
    /// None if what it owes cannot be read.
    job: Option<Job>,
}

/// A row as it will be once it is under `lease`.
fn read(row: Row, lease: &Lease) -> Result<Owing, DbError> {
    let mut columns = Columns::new(row);
    let id = columns.int()?;
    let enrolment_id = EnrolmentId::new(columns.int()?).ok_or_else(unreadable)?;
    let kind = columns.text()?;
    let payload = payload::from_json(&kind, &columns.text()?);
    let attempts = u32::try_from(columns.int()?).map_err(|_| unreadable())?;
    let unknown_since = columns.optional_int()?.map(millis).transpose()?;
    let created_at = millis(columns.int()?)?;
    let due_at = millis(columns.int()?)?;
    let lease = lease.clone();
    let job = payload.map(|payload| Job { enrolment_id, payload, attempts, due_at, unknown_since, created_at, lease });
    Ok(Owing { id, enrolment_id, kind, job })
}

fn millis(value: i64) -> Result<DateTime<Utc>, DbError> {
    DateTime::from_timestamp_millis(value).ok_or_else(unreadable)
}

fn unreadable() -> DbError {
    DbError::Failed("unreadable job".to_owned())
}
