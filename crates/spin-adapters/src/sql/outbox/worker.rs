//! The table `outbox`. Its times are milliseconds since 1970 by the database's clock, so that
//! replicas whose clocks differ do not take each other's jobs. Only `created_at` and
//! `finished_at` are by the clock of the service: nothing is taken because of them.
//!
//! `due_at` is when the next worker may take a row: for one that is held, that
//! is when its lease ends. A row that is taken while it still carries a token
//! was left by a worker that never said how it ended: its outcome is unknown.

use crate::log;
use crate::sql::outbox::finish;
use crate::sql::outbox::lease::{LEASE, held};
use crate::sql::outbox::payload;
use crate::sql::{Columns, Connection, DbError, Param, Sql, Store, Value};
use crate::sql::{millis, unreadable};
use chrono::{DateTime, TimeDelta, Utc};
use domain::jobs::outbox::{FailedAttempt, State};
use domain::jobs::{Finished, Job, JobKey, Kind, Lease};
use domain::model::reason::{FailureReason, ReasonCode};
use domain::ports::{Claimed, Outbox};
use domain::{EnrolmentId, Unavailable};

/// Longest due first, of the kinds in a list with a comma around each. Payloads of a later
/// release stay for that release. It waits for no lock: a job that another worker takes or
/// ends at this moment is not due for this one.
const DUE: Sql = Sql {
    mysql: "SELECT id, job_key, enrolment_id, kind, payload, attempts + 1,
                {now} - CASE WHEN lease_token IS NULL THEN unknown_since ELSE COALESCE(unknown_since, due_at) END,
                created_at, due_at
            FROM outbox FORCE INDEX (ix_outbox_due)
            WHERE due_at <= {now} AND INSTR(?, CONCAT(',', kind, ',')) > 0 AND payload_version <= ?
            ORDER BY due_at, id
            LIMIT ?
            FOR UPDATE SKIP LOCKED",
    sqlite: "SELECT id, job_key, enrolment_id, kind, payload, attempts + 1,
                 {now} - CASE WHEN lease_token IS NULL THEN unknown_since ELSE COALESCE(unknown_since, due_at) END,
                 created_at, due_at
             FROM outbox
             WHERE due_at <= {now} AND INSTR(?, ',' || kind || ',') > 0 AND payload_version <= ?
             ORDER BY due_at, id
             LIMIT ?",
};

/// By primary key, for the rows are locked already: no other row is touched. MySQL assigns
/// from left to right: what reads the old token and the old `due_at` comes before what changes
/// them.
const TAKE: Sql = Sql {
    mysql: "UPDATE outbox FORCE INDEX (PRIMARY)
            SET state = CASE WHEN lease_token IS NULL THEN state ELSE 'unknown' END,
                unknown_since = CASE WHEN lease_token IS NULL THEN unknown_since
                                     ELSE COALESCE(unknown_since, due_at) END,
                attempts = attempts + 1, due_at = {now} + ?, lease_token = ?
            WHERE id IN (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    sqlite: "UPDATE outbox
             SET state = CASE WHEN lease_token IS NULL THEN state ELSE 'unknown' END,
                 unknown_since = CASE WHEN lease_token IS NULL THEN unknown_since
                                      ELSE COALESCE(unknown_since, due_at) END,
                 attempts = attempts + 1, due_at = {now} + ?, lease_token = ?
             WHERE id IN (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
};

const PUT_OFF: Sql = Sql::both(
    "UPDATE outbox
     SET state = ?, unknown_since = CASE WHEN ? = 'unknown' THEN COALESCE(unknown_since, {now}) END,
         due_at = {now} + ?, lease_token = NULL, last_error = ?
     WHERE job_key = ? AND lease_token = ?",
);

/// What was not tried is no attempt.
const WAIT: Sql = Sql::both(
    "UPDATE outbox
     SET attempts = attempts - 1, due_at = {now} + ?, lease_token = NULL, last_error = ?
     WHERE job_key = ? AND lease_token = ?",
);

const GIVE_UP: Sql = Sql::both(
    "UPDATE outbox
     SET state = 'dead', due_at = NULL, lease_token = NULL, last_error = ?, finished_at = ?
     WHERE job_key = ? AND lease_token = ?",
);

const RELEASE: Sql = Sql::both(
    "UPDATE outbox
     SET attempts = attempts - 1, due_at = ?, lease_token = NULL
     WHERE job_key = ? AND lease_token = ?",
);

/// The most characters of `last_error`.
const MAX_REASON: usize = 255;

impl Outbox for Store {
    async fn claim(
        &self,
        lease: &Lease,
        kinds: &[Kind],
        limit: u32,
        now: DateTime<Utc>,
    ) -> Result<Claimed, Unavailable> {
        let limit = limit.min(Lease::JOBS);
        let kinds = kinds.iter().fold(",".to_owned(), |list, kind| list + kind.word() + ",");
        let due = [kinds.as_str().into(), Kind::NEWEST_VERSION.into(), i64::from(limit).into()];
        self.transaction(|connection| {
            let rows = connection.query(DUE, &due)?;
            let more = rows.len() == limit as usize;
            let rows = rows.into_iter().map(|row| Row::read(row, lease, now)).collect::<Result<Vec<_>, _>>()?;
            take(connection, &rows, lease)?;
            let mut jobs = Vec::with_capacity(rows.len());
            for Row { key, job, .. } in rows {
                match job {
                    Some(job) => jobs.push(job),
                    None => {
                        let reason = FailureReason::from(ReasonCode::UnreadablePayload);
                        give_up(connection, held(&key, lease), &reason, now)?;
                        log::delivery_swallowed(key.as_str(), reason.code.text());
                    }
                }
            }
            Ok(Claimed { jobs, more })
        })
    }

    async fn finish(
        &self,
        job: &Job,
        finished: &Finished,
        now: DateTime<Utc>,
    ) -> Result<Option<Vec<Job>>, Unavailable> {
        let job = job.into();
        if *finished == Finished::default() {
            return self.writing(|connection| finish::finish_alone(connection, &job, now)).map(|()| Some(Vec::new()));
        }
        self.transaction(|connection| finish::finish(connection, &job, finished, (now, None)))
    }

    async fn record_failure(&self, job: &Job, failed: &FailedAttempt, now: DateTime<Utc>) -> Result<(), Unavailable> {
        let [key, token] = held(&job.key, &job.lease);
        self.writing(|connection| match failed {
            FailedAttempt::PutOff { due_at, unknown_since, reason } => {
                let state = due_or_unknown(*unknown_since).as_str();
                let (wait, reason) = (wait(*due_at, now), stored(reason));
                connection.execute(PUT_OFF, &[state.into(), state.into(), wait, reason.as_str().into(), key, token])
            }
            FailedAttempt::Snoozed { due_at, reason, .. } => {
                connection.execute(WAIT, &[wait(*due_at, now), stored(reason).as_str().into(), key, token])
            }
            FailedAttempt::GivenUp { reason } => give_up(connection, [key, token], reason, now),
        })?;
        match failed {
            FailedAttempt::PutOff { unknown_since, reason, .. } => {
                log::delivery_failed(job, due_or_unknown(*unknown_since), job.attempts, reason);
            }
            FailedAttempt::Snoozed { reason, tried: true, .. } => {
                log::delivery_failed(job, due_or_unknown(job.unknown_since), job.attempts.saturating_sub(1), reason);
            }
            FailedAttempt::Snoozed { tried: false, .. } => {}
            FailedAttempt::GivenUp { reason } => log::delivery_failed(job, State::Dead, job.attempts, reason),
        }
        Ok(())
    }

    async fn release(&self, jobs: &[Job]) -> Result<(), Unavailable> {
        self.transaction(|connection| {
            for job in jobs {
                let [key, token] = held(&job.key, &job.lease);
                connection.execute(RELEASE, &[job.due_at.timestamp_millis().into(), key, token])?;
            }
            Ok(())
        })
    }
}

fn give_up(
    connection: &Connection,
    held: [Param<'_>; 2],
    reason: &FailureReason,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    let [key, token] = held;
    connection.execute(GIVE_UP, &[stored(reason).as_str().into(), now.timestamp_millis().into(), key, token])
}

fn due_or_unknown(since: Option<DateTime<Utc>>) -> State {
    if since.is_some() { State::Unknown } else { State::Due }
}

/// How long it is until then, in milliseconds.
fn wait(until: DateTime<Utc>, now: DateTime<Utc>) -> Param<'static> {
    (until - now).num_milliseconds().into()
}

/// The code and the detail, as much as the column takes.
fn stored(reason: &FailureReason) -> String {
    let detail = reason.full_detail();
    let separator = if detail.is_empty() { "" } else { ": " };
    format!("{}{separator}{detail}", reason.code.word()).chars().take(MAX_REASON).collect()
}

/// Puts rows under a lease.
fn take(connection: &Connection, rows: &[Row], lease: &Lease) -> Result<(), DbError> {
    let Some(last) = rows.last() else { return Ok(()) };
    let mut row: Vec<Param<'_>> = vec![LEASE.into(), lease.token.as_str().into()];
    // The statement names as many rows as there can be: the last one fills it up.
    let ids = rows.iter().chain(std::iter::repeat(last)).take(Lease::JOBS as usize);
    row.extend(ids.map(|row| Param::from(row.id)));
    connection.execute(TAKE, &row)
}

/// A row of the outbox.
struct Row {
    id: i64,
    key: JobKey,
    /// None if its payload cannot be read.
    job: Option<Job>,
}

impl Row {
    /// As it will be once it is under `lease`.
    fn read(row: Vec<Value>, lease: &Lease, now: DateTime<Utc>) -> Result<Self, DbError> {
        let mut columns = Columns::new(row);
        let id = columns.int()?;
        let key = JobKey::stored(columns.text()?);
        let enrolment_id = EnrolmentId::new(columns.int()?).ok_or_else(unreadable)?;
        let kind = columns.text()?;
        let payload = payload::from_json(&kind, &columns.text()?);
        let attempts = u32::try_from(columns.int()?).map_err(|_| unreadable())?;
        // By the clock of the service, which knows how long ago that was.
        let unknown_since = columns.optional_int()?.map(|age| now - TimeDelta::milliseconds(age));
        let created_at = millis(columns.int()?)?;
        let due_at = millis(columns.int()?)?;
        let job = payload.map(|payload| Job {
            key: key.clone(),
            enrolment_id,
            payload,
            attempts,
            due_at,
            unknown_since,
            created_at,
            lease: lease.clone(),
        });
        Ok(Self { id, key, job })
    }
}
