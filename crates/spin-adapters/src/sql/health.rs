//! The state of the database, and how many jobs are pending.

use crate::sql::migrate::READABLE;
use crate::sql::outbox;
use crate::sql::{Columns, DbError, Sql, Store};
use crate::sql::{millis, unreadable};
use domain::Unavailable;
use domain::jobs::Kind;
use domain::jobs::outbox::{Backlog, State};

/// It counts at most 1,000 jobs of a state, the oldest, and reads no more rows than it counts.
/// Jobs that are done, nearly all of the table, are left out. The last row is about the events
/// that have no job yet.
const BACKLOG: Sql = Sql::both(
    "SELECT kind, state, COUNT(*), MIN(created_at)
     FROM (SELECT * FROM (SELECT kind, state, created_at
                          FROM outbox
                          WHERE state = 'due'
                          ORDER BY id
                          LIMIT 1000) AS job_due
           UNION ALL
           SELECT * FROM (SELECT kind, state, created_at
                          FROM outbox
                          WHERE state = 'unknown'
                          ORDER BY id
                          LIMIT 1000) AS job_unknown
           UNION ALL
           SELECT * FROM (SELECT kind, state, created_at
                          FROM outbox
                          WHERE state = 'dead'
                          ORDER BY id
                          LIMIT 1000) AS job_dead) AS job
     GROUP BY kind, state
     UNION ALL
     SELECT 'new_events', '', COUNT(*), MIN(occurred_at)
     FROM (SELECT * FROM (SELECT occurred_at
                          FROM events
                          WHERE position > (SELECT owed FROM event_positions WHERE id = 1)
                          ORDER BY position
                          LIMIT 1000) AS numbered
           UNION ALL
           SELECT * FROM (SELECT occurred_at
                          FROM events
                          WHERE position IS NULL
                          ORDER BY id
                          LIMIT 1000) AS others) AS new_events",
);

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

    /// The number of pending jobs. Of each state the oldest 1,000 are counted.
    ///
    /// # Errors
    ///
    /// As for [`Store::check_readable`].
    pub fn backlog(&self) -> Result<Backlog, Unavailable> {
        self.read(|connection| {
            let mut backlog = Backlog::default();
            for row in connection.query(BACKLOG, &[])? {
                let mut columns = Columns::new(row);
                let (kind, state) = (columns.text()?, columns.text()?);
                let (number, oldest) = (count(columns.int()?)?, columns.optional_int()?.map(millis).transpose()?);
                if kind == "new_events" {
                    (backlog.new_events, backlog.oldest_new_event) = (number, oldest);
                }
                // A kind from a later version does not keep the others from being seen.
                let (Some(kind), Some(state)) = (Kind::from_word(&kind), State::parse(&state)) else { continue };
                backlog.jobs.push((kind, state, number));
                if state != State::Dead {
                    backlog.oldest.extend(oldest.map(|oldest| (kind, oldest)));
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
