//! What is kept for so long and no longer: events and finished jobs. Each run takes away a
//! bounded part of what is older.

use crate::database::{Sql, Store};
use chrono::{DateTime, Utc};
use domain::Unavailable;
use domain::ports::Retention;

/// The oldest so many are looked at: however many there are, no more is read.
macro_rules! oldest {
    ($table:literal, $time:literal, $which:literal) => {
        concat!(
            "DELETE FROM ",
            $table,
            " WHERE id IN (SELECT id FROM (SELECT id, ",
            $time,
            " AS at FROM ",
            $table,
            " WHERE ",
            $which,
            " ORDER BY id LIMIT 1000) AS oldest WHERE at < ?)"
        )
    };
}

const FINISHED_JOBS: Sql = Sql::both(oldest!("outbox", "finished_at", "state = 'done'"));

/// Those that the platform is told of, or need not be.
const EVENTS: Sql = Sql::both(oldest!(
    "events",
    "occurred_at",
    "position <= (SELECT owed FROM event_positions WHERE event_positions.id = 1)"
));

impl Retention for Store {
    async fn prune_before(&self, before: DateTime<Utc>) -> Result<(), Unavailable> {
        for sql in [FINISHED_JOBS, EVENTS] {
            self.write(sql, &[before.timestamp_millis().into()])?;
        }
        Ok(())
    }
}
