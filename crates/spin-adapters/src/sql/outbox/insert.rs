//! Rows of the table `outbox` that are written, or taken back, in the transaction of
//! the change that causes them.

use crate::sql::millis;
use crate::sql::outbox::lease::LEASE;
use crate::sql::outbox::payload;
use crate::sql::{Connection, DbError, Param, Sql};
use chrono::{DateTime, TimeDelta, Utc};
use domain::EnrolmentId;
use domain::jobs::{Job, Kind, Lease, Payload};
use domain::model::chain::ChainNo;

const INSERT: Sql = Sql::both(
    "INSERT INTO outbox (job_key, enrolment_id, kind, payload, payload_version, state, attempts, due_at, lease_token,
         created_at)
     VALUES (?, ?, ?, ?, ?, 'due', 1, {now} + ?, ?, ?)",
);

/// A job without a lease. One with the same key stays: a seat may be held until the same time again.
const INSERT_LATER: Sql = Sql {
    mysql: "INSERT INTO outbox (job_key, enrolment_id, kind, payload, payload_version, state, attempts, due_at,
                created_at)
            VALUES (?, ?, ?, ?, ?, 'due', 0, {now} + ?, ?)
            ON DUPLICATE KEY UPDATE job_key = job_key",
    sqlite: "INSERT INTO outbox (job_key, enrolment_id, kind, payload, payload_version, state, attempts, due_at,
                 created_at)
             VALUES (?, ?, ?, ?, ?, 'due', 0, {now} + ?, ?)
             ON CONFLICT (job_key) DO NOTHING",
};

/// One that is being delivered at this moment is delivered all the same.
const WITHDRAW: Sql = Sql::both("DELETE FROM outbox WHERE enrolment_id = ? AND kind = ? AND state <> 'done'");

/// Adds jobs in the transaction of the change that causes them: the first one at this place in the chain of
/// documents, each further one at the next.
pub(crate) fn insert_jobs(
    connection: &Connection,
    (enrolment_id, place): (EnrolmentId, Option<ChainNo>),
    jobs: &[Payload],
    lease: &Lease,
    now: DateTime<Utc>,
) -> Result<Vec<Job>, DbError> {
    // As it will be read again: the key of an email is made of it.
    let now = millis(now.timestamp_millis())?;
    let places = std::iter::successors(place, |place| Some(place.next())).map(Some).chain(std::iter::repeat(None));
    let insert = |(payload, place): (&Payload, Option<ChainNo>)| {
        let job = Job::new(enrolment_id, place, payload.clone(), lease.clone(), now);
        let json = payload::to_json(payload);
        let row: [Param<'_>; 8] = [
            job.key.as_str().into(),
            enrolment_id.get().into(),
            payload.kind().word().into(),
            json.as_str().into(),
            job.version().into(),
            LEASE.into(),
            lease.token.as_str().into(),
            now.timestamp_millis().into(),
        ];
        connection.execute(INSERT, &row)?;
        Ok(job)
    };
    jobs.iter().zip(places).map(insert).collect()
}

/// Adds a job that is due after some time, and taken by a run.
pub(crate) fn insert_later(
    connection: &Connection,
    (enrolment_id, place): (EnrolmentId, Option<ChainNo>),
    (payload, after): (&Payload, TimeDelta),
    lease: &Lease,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    let job = Job::new(enrolment_id, place, payload.clone(), lease.clone(), now);
    let json = payload::to_json(payload);
    let row: [Param<'_>; 7] = [
        job.key.as_str().into(),
        enrolment_id.get().into(),
        payload.kind().word().into(),
        json.as_str().into(),
        job.version().into(),
        after.num_milliseconds().into(),
        now.timestamp_millis().into(),
    ];
    connection.execute(INSERT_LATER, &row)
}

/// Takes back jobs of these kinds that are not done.
pub(crate) fn withdraw(connection: &Connection, enrolment_id: EnrolmentId, kinds: &[Kind]) -> Result<(), DbError> {
    for kind in kinds {
        connection.execute(WITHDRAW, &[enrolment_id.get().into(), kind.word().into()])?;
    }
    Ok(())
}
