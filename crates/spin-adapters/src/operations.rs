//! The table `outbox` as an operator sees it: without personal data.

use crate::database::{Columns, DbError, Sql, Store, Value};
use crate::jobs::{millis, unreadable};
use chrono::{DateTime, Utc};
use domain::job::{JobId, Kind, Target};
use domain::outbox::{Backlog, JobSummary, Requeued, State};
use domain::{EnrolmentId, Unavailable};

/// The columns that [`Row::read`] takes, in its order.
macro_rules! select {
    ($($rest:expr),*) => {
        concat!(
            "SELECT id, enrolment_id, kind, state, attempts, due_at, last_error, created_at, lease_token, unknown_since FROM outbox ",
            $($rest),*
        )
    };
}

const LIST: Sql = Sql::both(select!("WHERE state = ? AND id > ? ORDER BY id LIMIT ?"));

/// The beginning of each state's list out of the index, then of all of them: so many
/// rows are read as three lists have, however many there are.
macro_rules! begin_of {
    ($state:literal) => {
        concat!(
            "SELECT * FROM (",
            select!("WHERE state = '", $state, "' AND id > ? ORDER BY id LIMIT ?"),
            ") AS ",
            $state
        )
    };
}

const LIST_NOT_DONE: Sql = Sql::both(concat!(
    begin_of!("due"),
    " UNION ALL ",
    begin_of!("unknown"),
    " UNION ALL ",
    begin_of!("dead"),
    " ORDER BY id LIMIT ?"
));

const LOCK: Sql = Sql { mysql: select!("WHERE id = ? FOR UPDATE"), sqlite: select!("WHERE id = ?") };

const REQUEUE: Sql = Sql::both(
    "UPDATE outbox SET state = ?, unknown_since = ?, attempts = 0, due_at = ?, finished_at = NULL \
     WHERE id = ? AND lease_token IS NULL",
);

/// The oldest jobs in a state, as many as are counted.
macro_rules! oldest {
    ($state:literal) => {
        concat!(
            "SELECT * FROM (SELECT kind, state, created_at FROM outbox WHERE state = '",
            $state,
            "' ORDER BY id LIMIT 1000) AS job_",
            $state
        )
    };
}

/// However many rows there are, it reads no more than it counts. What is done is
/// left out: that is nearly all of the table.
const BACKLOG: Sql = Sql::both(concat!(
    "SELECT kind, state, COUNT(*), MIN(created_at) FROM (",
    oldest!("due"),
    " UNION ALL ",
    oldest!("unknown"),
    " UNION ALL ",
    oldest!("dead"),
    ") AS job GROUP BY kind, state"
));

/// The end of the primary key: one page.
const NEWEST: Sql = Sql::both("SELECT MAX(id) FROM enrolments");

/// A page of each table that the routes read. SQLite opens its file no sooner, and
/// takes one that is not there for an empty database.
macro_rules! readable {
    ($version:literal) => {
        concat!(
            "SELECT ",
            $version,
            "EXISTS (SELECT 1 FROM enrolments WHERE id = 1), EXISTS (SELECT 1 FROM outbox WHERE id = 1), \
             EXISTS (SELECT 1 FROM documents WHERE id = 1 AND ksef_status IS NULL), EXISTS (SELECT 1 FROM event_positions WHERE id = 1), \
             EXISTS (SELECT 1 FROM idempotency WHERE idempotency_key = '')"
        )
    };
}

/// On SQLite it begins with the schema's version; on MySQL it names the column that
/// came last.
const READABLE: Sql = Sql { mysql: readable!(""), sqlite: readable!("(SELECT MAX(version) FROM schema_migrations), ") };

/// Needs all that a change needs, but changes and locks no row: the check is open
/// to everybody and must not hold up those who write.
const WRITABLE: Sql = Sql::both("UPDATE outbox SET attempts = attempts WHERE 1 = 0");

impl Store {
    /// Up to `limit` jobs with a number above `after`, by number: those in `state`,
    /// or all that are not done.
    ///
    /// # Errors
    ///
    /// When the database does not answer as it should; so everywhere below.
    pub fn jobs(&self, state: Option<State>, after: i64, limit: u32) -> Result<Vec<JobSummary>, Unavailable> {
        let limit = i64::from(limit);
        self.read(|connection| {
            let rows = match state {
                Some(state) => connection.query(LIST, &[state.as_str().into(), after.into(), limit.into()])?,
                None => {
                    let (after, limit) = (|| after.into(), || limit.into());
                    let row = [after(), limit(), after(), limit(), after(), limit(), limit()];
                    connection.query(LIST_NOT_DONE, &row)?
                }
            };
            rows.into_iter().map(|row| Row::read(row).map(|row| row.owed)).collect()
        })
    }

    /// Makes a job due now that nobody holds, with all its attempts before it.
    ///
    /// # Errors
    ///
    /// As for [`Store::jobs`].
    pub fn requeue(&self, id: JobId, now: DateTime<Utc>) -> Result<Requeued, Unavailable> {
        let key = [id.0.into()];
        self.transaction(|connection| {
            let Some(row) = connection.query(LOCK, &key)?.into_iter().next() else { return Ok(Requeued::NotFound) };
            let Row { owed, held, unknown_since } = Row::read(row)?;
            if owed.state == State::Done {
                return Ok(Requeued::Done);
            }
            if held && owed.due_at.is_some_and(|until| now < until) {
                return Ok(Requeued::Held);
            }
            if held {
                // Its worker is gone: the next one finds it due and knows.
                return Ok(Requeued::Due(owed));
            }
            // An invoice that may have been issued is still looked up first. Whether an
            // email may be sent once more, the person who asks for it has decided.
            let invoices = Kind::from_word(&owed.kind).is_some_and(|kind| kind.target() == Target::Invoices);
            let unknown_since = unknown_since.filter(|_| invoices);
            let state = if unknown_since.is_some() { State::Unknown } else { State::Due };
            let row = [state.as_str().into(), unknown_since.into(), now.timestamp_millis().into(), id.0.into()];
            connection.execute(REQUEUE, &row)?;
            let row = connection.query(LOCK, &key)?.into_iter().next().ok_or_else(unreadable)?;
            Ok(Requeued::Due(Row::read(row)?.owed))
        })
    }

    /// Checks that the tables can be read and are as this release has them; on SQLite
    /// they are brought up to date otherwise.
    ///
    /// # Errors
    ///
    /// As for [`Store::jobs`].
    pub fn check_readable(&self) -> Result<(), Unavailable> {
        self.read(|connection| {
            let row = connection.query(READABLE, &[])?.into_iter().next().ok_or_else(unreadable)?;
            connection.check_version(row)
        })
    }

    /// Checks that they can be written.
    ///
    /// # Errors
    ///
    /// As for [`Store::jobs`].
    pub fn check_writable(&self) -> Result<(), Unavailable> {
        self.write(WRITABLE, &[])
    }

    /// How much is owed; of each state the oldest 1,000 jobs are counted.
    ///
    /// # Errors
    ///
    /// As for [`Store::jobs`].
    pub fn backlog(&self) -> Result<Backlog, Unavailable> {
        self.read(|connection| {
            let mut backlog = Backlog::default();
            for row in connection.query(BACKLOG, &[])? {
                let mut columns = Columns::new(row);
                let words = (Kind::from_word(&columns.text()?), State::parse(&columns.text()?));
                // A kind from a later version does not keep the others from being seen.
                let (Some(kind), Some(state)) = words else { continue };
                backlog.jobs.push((kind, state, count(columns.int()?)?));
                if state != State::Dead {
                    backlog.oldest.push((kind, millis(columns.int()?)?));
                }
            }
            Ok(backlog)
        })
    }

    /// The highest id of an enrolment, 0 if there is none.
    ///
    /// # Errors
    ///
    /// As for [`Store::jobs`].
    pub fn newest(&self) -> Result<u64, Unavailable> {
        self.read(|connection| {
            let row = connection.query(NEWEST, &[])?.into_iter().next().ok_or_else(unreadable)?;
            count(Columns::new(row).optional_int()?.unwrap_or(0))
        })
    }
}

/// A row of the outbox, without its payload.
struct Row {
    owed: JobSummary,
    /// Whether somebody holds it.
    held: bool,
    unknown_since: Option<i64>,
}

impl Row {
    fn read(row: Vec<Value>) -> Result<Self, DbError> {
        let mut columns = Columns::new(row);
        let owed = JobSummary {
            id: JobId(columns.int()?),
            enrolment_id: EnrolmentId::new(columns.int()?).ok_or_else(unreadable)?,
            kind: columns.text()?,
            state: State::parse(&columns.text()?).ok_or_else(unreadable)?,
            attempts: u32::try_from(columns.int()?).map_err(|_| unreadable())?,
            due_at: columns.optional_int()?.map(millis).transpose()?,
            last_error: columns.optional_text()?,
            created_at: millis(columns.int()?)?,
        };
        Ok(Self { owed, held: columns.optional_text()?.is_some(), unknown_since: columns.optional_int()? })
    }
}

fn count(value: i64) -> Result<u64, DbError> {
    u64::try_from(value).map_err(|_| unreadable())
}
