//! The state of the database, and how many jobs are pending.

use crate::sql::migrate::READABLE;
use crate::sql::outbox;
use crate::sql::{Columns, DbError, Sql, Store};
use crate::sql::{millis, unreadable};
use domain::Unavailable;
use domain::jobs::Kind;
use domain::jobs::outbox::{Backlog, PendingJobs, State};

/// All from an index of what is not done, but for the last row: the events that have no job yet. The
/// text of a reason begins with its code.
const BACKLOG: Sql = Sql {
    mysql: "SELECT kind, state, SUBSTRING_INDEX(last_error, ':', 1) AS reason, COUNT(*), MIN(created_at)
            FROM outbox FORCE INDEX (ix_outbox_pending)
            WHERE state IN ('due', 'unknown', 'dead')
            GROUP BY kind, state, reason
            UNION ALL
            SELECT 'new_events', '', NULL, COUNT(*), MIN(occurred_at)
            FROM (SELECT occurred_at
                  FROM events
                  WHERE position > (SELECT owed FROM event_positions WHERE id = 1)
                  UNION ALL
                  SELECT occurred_at
                  FROM events
                  WHERE position IS NULL) AS new_events",
    sqlite: "SELECT kind, state, substr(last_error, 1, instr(last_error || ':', ':') - 1) AS reason, COUNT(*),
                    MIN(created_at)
             FROM outbox INDEXED BY ix_outbox_pending
             WHERE state <> 'done'
             GROUP BY kind, state, reason
             UNION ALL
             SELECT 'new_events', '', NULL, COUNT(*), MIN(occurred_at)
             FROM (SELECT occurred_at
                   FROM events
                   WHERE position > (SELECT owed FROM event_positions WHERE id = 1)
                   UNION ALL
                   SELECT occurred_at
                   FROM events
                   WHERE position IS NULL) AS new_events",
};

/// The end of the primary key: one page.
const NEWEST: Sql = Sql::both("SELECT MAX(id) FROM enrolments");

impl Store {
    /// Checks that the tables can be read and are as this release has them; on SQLite
    /// they are brought up to date otherwise.
    ///
    /// # Errors
    ///
    /// When the database does not answer as it should; so everywhere below.
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
    /// As for [`Store::check_readable`].
    pub fn check_writable(&self) -> Result<(), Unavailable> {
        self.write(outbox::WRITABLE, &[])
    }

    /// The number of all jobs that are not done, and of the events without a job. The time that it takes depends
    /// on these alone.
    ///
    /// # Errors
    ///
    /// As for [`Store::check_readable`].
    pub fn backlog(&self) -> Result<Backlog, Unavailable> {
        self.read(|connection| {
            let mut backlog = Backlog::default();
            for row in connection.query(BACKLOG, &[])? {
                let mut columns = Columns::new(row);
                let (kind, state, reason) = (columns.text()?, columns.text()?, columns.optional_text()?);
                let (number, oldest) = (count(columns.int()?)?, columns.optional_int()?.map(millis).transpose()?);
                if kind == "new_events" {
                    (backlog.new_events, backlog.oldest_new_event) = (number, oldest);
                }
                // A kind from a later version does not keep the others from being seen.
                if let (Some(kind), Some(state), Some(oldest)) = (Kind::from_word(&kind), State::parse(&state), oldest)
                {
                    backlog.jobs.push(PendingJobs { kind, state, reason, number, oldest });
                }
            }
            Ok(backlog)
        })
    }

    /// The highest id of an enrolment, 0 if there is none.
    ///
    /// # Errors
    ///
    /// As for [`Store::check_readable`].
    pub fn newest(&self) -> Result<u64, Unavailable> {
        self.read(|connection| {
            let row = connection.query(NEWEST, &[])?.into_iter().next().ok_or_else(unreadable)?;
            count(Columns::new(row).optional_int()?.unwrap_or(0))
        })
    }
}

fn count(value: i64) -> Result<u64, DbError> {
    u64::try_from(value).map_err(|_| unreadable())
}
