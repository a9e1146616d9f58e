//! The table `outbox` as an operator sees it: without personal data.

use crate::sql::enrolments::row::to_json;
use crate::sql::outbox::payload;
use crate::sql::paging;
use crate::sql::{Columns, Connection, DbError, Param, Shape, Sql, Store, Value};
use crate::sql::{millis, unreadable};
use chrono::{DateTime, Utc};
use domain::jobs::outbox::{DeadJobs, JobFilter, JobPage, JobSummary, RetryResult, State};
use domain::jobs::{JobId, Kind, Payload, PlannedInvoice};
use domain::model::reason::{ReasonCode, StoredReason};
use domain::ports::{JobToRetry, Retries, Retry};
use domain::{EnrolmentId, Unavailable};

/// The columns that [`Row::read`] takes, in its order, before `{now}`.
const JOB: Shape = Shape {
    columns: Sql::both(
        "id, enrolment_id, kind, state, attempts, due_at, last_error, created_at, lease_token, unknown_since",
    ),
    joined: Sql::both(""),
};

/// Without the hint MySQL may walk the primary key, which has the order that is asked for.
const OF_ENROLMENT: Sql = Sql {
    mysql: "SELECT {columns}, {now}
            FROM outbox FORCE INDEX (ix_outbox_enrolment)
            WHERE enrolment_id = ? AND id > ?
            ORDER BY id
            LIMIT ?",
    sqlite: "SELECT {columns}, {now}
             FROM outbox
             WHERE enrolment_id = ? AND id > ?
             ORDER BY id
             LIMIT ?",
};

/// The hint, as below: MySQL may read another index of states, and sort.
const LIST: Sql = Sql {
    mysql: "SELECT {columns}, {now}
            FROM outbox FORCE INDEX (ix_outbox_state)
            WHERE state = ? AND id > ?
            ORDER BY id
            LIMIT ?",
    sqlite: "SELECT {columns}, {now}
             FROM outbox
             WHERE state = ? AND id > ?
             ORDER BY id
             LIMIT ?",
};

/// The beginning of each state's list, then of all of them: it reads no more rows than three
/// lists have.
const LIST_NOT_DONE: Sql = Sql {
    mysql: "SELECT * FROM
            (SELECT {columns}, {now}
             FROM outbox FORCE INDEX (ix_outbox_state)
             WHERE state = 'due' AND id > ?
             ORDER BY id
             LIMIT ?) AS due
            UNION ALL
            SELECT * FROM
            (SELECT {columns}, {now}
             FROM outbox FORCE INDEX (ix_outbox_state)
             WHERE state = 'unknown' AND id > ?
             ORDER BY id
             LIMIT ?) AS unknown
            UNION ALL
            SELECT * FROM
            (SELECT {columns}, {now}
             FROM outbox FORCE INDEX (ix_outbox_state)
             WHERE state = 'dead' AND id > ?
             ORDER BY id
             LIMIT ?) AS dead
            ORDER BY id
            LIMIT ?",
    sqlite: "SELECT * FROM
             (SELECT {columns}, {now}
              FROM outbox
              WHERE state = 'due' AND id > ?
              ORDER BY id
              LIMIT ?) AS due
             UNION ALL
             SELECT * FROM
             (SELECT {columns}, {now}
              FROM outbox
              WHERE state = 'unknown' AND id > ?
              ORDER BY id
              LIMIT ?) AS unknown
             UNION ALL
             SELECT * FROM
             (SELECT {columns}, {now}
              FROM outbox
              WHERE state = 'dead' AND id > ?
              ORDER BY id
              LIMIT ?) AS dead
             ORDER BY id
             LIMIT ?",
};

const GET: Sql = Sql::both(
    "SELECT {columns}, {now}
     FROM outbox
     WHERE id = ?",
);

const PAYLOAD: Sql = Sql::both(
    "SELECT kind, payload
     FROM outbox
     WHERE id = ? AND state <> 'done' AND payload_version <= ?",
);

const LOCK: Sql = Sql {
    mysql: "SELECT {columns}, {now}
            FROM outbox
            WHERE id = ?
            FOR UPDATE",
    sqlite: GET.sqlite,
};

const REQUEUE: Sql = Sql::both(
    "UPDATE outbox
     SET state = ?, unknown_since = ?, attempts = 0, due_at = {now}, finished_at = NULL
     WHERE id = ? AND lease_token IS NULL",
);

/// It walks the dead jobs by number, so that one that is dead again during the walk is not taken twice.
const DEAD: Sql = Sql {
    mysql: "SELECT id
            FROM outbox FORCE INDEX (ix_outbox_state)
            WHERE state = 'dead' AND id > ? AND kind = ? AND lease_token IS NULL
              AND (? = '' OR SUBSTRING_INDEX(last_error, ':', 1) = ?)
            ORDER BY id
            LIMIT 1000
            FOR UPDATE",
    sqlite: "SELECT id
             FROM outbox
             WHERE state = 'dead' AND id > ? AND kind = ? AND lease_token IS NULL
               AND (? = '' OR substr(last_error, 1, instr(last_error || ':', ':') - 1) = ?)
             ORDER BY id
             LIMIT 1000",
};

/// Those whose ids are in an array of JSON. Their rows are locked.
const REQUEUE_DEAD: Sql = Sql {
    mysql: "UPDATE JSON_TABLE(?, '$[*]' COLUMNS (id BIGINT PATH '$')) AS wanted
            STRAIGHT_JOIN outbox ON outbox.id = wanted.id
            SET state = CASE WHEN ? = 1 AND unknown_since IS NOT NULL THEN 'unknown' ELSE 'due' END,
                unknown_since = CASE WHEN ? = 1 THEN unknown_since END,
                attempts = 0, due_at = {now}, finished_at = NULL",
    sqlite: "WITH wanted AS (SELECT value AS id FROM json_each(?))
             UPDATE outbox
             SET state = CASE WHEN ? = 1 AND unknown_since IS NOT NULL THEN 'unknown' ELSE 'due' END,
                 unknown_since = CASE WHEN ? = 1 THEN unknown_since END,
                 attempts = 0, due_at = {now}, finished_at = NULL
             WHERE id IN (SELECT id FROM wanted)",
};

impl Store {
    /// The job with this number.
    ///
    /// # Errors
    ///
    /// When the database does not answer as it should; so everywhere below.
    pub fn job(&self, id: JobId) -> Result<Option<JobSummary>, Unavailable> {
        self.read(|connection| {
            let row = connection.query_shape(GET, JOB, &[id.0.into()])?.into_iter().next();
            row.map(|row| Ok(Row::read(row)?.summary)).transpose()
        })
    }

    /// What the invoice of a job will say; `None` if there is no such job, it is done, or it issues none.
    ///
    /// # Errors
    ///
    /// As for [`Store::job`].
    pub fn planned_invoice(&self, id: JobId) -> Result<Option<PlannedInvoice>, Unavailable> {
        self.read(|connection| {
            let row = connection.query(PAYLOAD, &[id.0.into(), Kind::NEWEST_VERSION.into()])?.into_iter().next();
            let Some(mut columns) = row.map(Columns::new) else { return Ok(None) };
            let (kind, payload) = (columns.text()?, columns.text()?);
            Ok(payload::from_json(&kind, &payload).and_then(Payload::planned_invoice))
        })
    }

    /// Up to `limit` jobs that `filter` lets through with a number above `after`, by number.
    /// However many there are, it reads a bounded number of rows.
    ///
    /// # Errors
    ///
    /// As for [`Store::job`].
    pub fn jobs(&self, filter: &JobFilter, after: i64, limit: u32) -> Result<JobPage, Unavailable> {
        let JobFilter { enrolment_id, kind, state, reason } = filter;
        let all = kind.is_none() && reason.is_none() && (enrolment_id.is_none() || state.is_none());
        self.read(|connection| {
            let read = |after: &i64, rows: u32| {
                let (from, most) = (|| Param::from(*after), || Param::from(i64::from(rows)));
                let walked = match (enrolment_id, state) {
                    (Some(id), _) => connection.query_shape(OF_ENROLMENT, JOB, &[id.get().into(), from(), most()])?,
                    (None, Some(state)) => {
                        connection.query_shape(LIST, JOB, &[state.as_str().into(), from(), most()])?
                    }
                    (None, None) => connection.query_shape(
                        LIST_NOT_DONE,
                        JOB,
                        &[from(), most(), from(), most(), from(), most(), most()],
                    )?,
                };
                Ok(walked.into_iter().map(|row| Row::read(row).map(|row| row.summary)))
            };
            let (jobs, next) = paging::page(limit, all, after, read, |job| job.id.0, |job| filter.matches(job))?;
            Ok(JobPage { jobs, next })
        })
    }
}

impl Retries for Store {
    async fn retry(&self, id: JobId, decide: impl Fn(&JobToRetry) -> Retry) -> Result<RetryResult, Unavailable> {
        self.transaction(|connection| {
            let row = connection.query_shape(LOCK, JOB, &[id.0.into()])?.into_iter().next();
            let Some(row) = row else { return Ok(RetryResult::NotFound) };
            let Row { summary, taken, unknown_since, now } = Row::read(row)?;
            let held = taken && summary.due_at.is_some_and(|until| now < until);
            let retry = decide(&JobToRetry { kind: Kind::from_word(&summary.kind), state: summary.state, taken, held });
            let Retry::Due { stays_unknown } = retry else { return Ok(retry.result(summary)) };
            let unknown_since = unknown_since.filter(|_| stays_unknown);
            let state = if unknown_since.is_some() { State::Unknown } else { State::Due };
            connection.execute(REQUEUE, &[state.as_str().into(), unknown_since.into(), id.0.into()])?;
            Ok(retry.result(job(connection, id)?))
        })
    }

    async fn retry_dead(&self, jobs: &DeadJobs, stay_unknown: bool) -> Result<u64, Unavailable> {
        let (kind, stay): (Param<'_>, Param<'_>) = (jobs.kind.word().into(), i64::from(stay_unknown).into());
        let reason: Param<'_> = jobs.reason.map_or("", ReasonCode::word).into();
        let (mut after, mut retried) = (0, 0);
        loop {
            let ids = self.transaction(|connection| {
                let rows = connection.query(DEAD, &[after.into(), kind, reason, reason])?;
                let ids = rows.into_iter().map(|row| Columns::new(row).int()).collect::<Result<Vec<_>, _>>()?;
                if !ids.is_empty() {
                    connection.execute(REQUEUE_DEAD, &[to_json(&ids).as_str().into(), stay, stay])?;
                }
                Ok(ids)
            })?;
            let Some(last) = ids.last() else { return Ok(retried) };
            after = *last;
            retried += u64::try_from(ids.len()).unwrap_or_default();
        }
    }
}

/// The job with this number, as it is in this transaction.
pub(crate) fn job(connection: &Connection, id: JobId) -> Result<JobSummary, DbError> {
    let row = connection.query_shape(LOCK, JOB, &[id.0.into()])?.into_iter().next().ok_or_else(unreadable)?;
    Ok(Row::read(row)?.summary)
}

/// A row of the outbox, without its payload.
struct Row {
    summary: JobSummary,
    /// Whether it has a lease, which may have ended.
    taken: bool,
    unknown_since: Option<i64>,
    /// By the database's clock.
    now: DateTime<Utc>,
}

impl Row {
    fn read(row: Vec<Value>) -> Result<Self, DbError> {
        let mut columns = Columns::new(row);
        let summary = JobSummary {
            id: JobId(columns.int()?),
            enrolment_id: EnrolmentId::new(columns.int()?).ok_or_else(unreadable)?,
            kind: columns.text()?,
            state: State::parse(&columns.text()?).ok_or_else(unreadable)?,
            attempts: u32::try_from(columns.int()?).map_err(|_| unreadable())?,
            due_at: columns.optional_int()?.map(millis).transpose()?,
            reason: reason(&mut columns)?,
            created_at: millis(columns.int()?)?,
        };
        let (taken, unknown_since) = (columns.optional_text()?.is_some(), columns.optional_int()?);
        Ok(Self { summary, taken, unknown_since, now: millis(columns.int()?)? })
    }
}

/// A code, and a detail behind a colon if there is one.
fn reason(columns: &mut Columns) -> Result<Option<StoredReason>, DbError> {
    let stored = columns.optional_text()?;
    Ok(stored.map(|stored| {
        let (code, detail) = stored.split_once(": ").unwrap_or((&stored, ""));
        StoredReason { code: code.to_owned(), detail: detail.to_owned() }
    }))
}
