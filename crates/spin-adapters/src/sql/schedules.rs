//! When the runs of the schedules ended, and how many events there were.

use super::{Columns, Sql, Store, millis};
use chrono::{DateTime, Utc};
use domain::Unavailable;
use domain::model::event::EventKind;
use domain::model::totals::Totals;
use domain::ports::{Schedule, Schedules};

const ENDED: Sql = Sql {
    mysql: "INSERT INTO schedules (name, ended_at) VALUES (?, ?) ON DUPLICATE KEY UPDATE ended_at = VALUES(ended_at)",
    sqlite: "INSERT INTO schedules (name, ended_at)
             VALUES (?, ?)
             ON CONFLICT (name) DO UPDATE SET ended_at = excluded.ended_at",
};

/// Positions have no gaps. The last row counts the events that have none yet.
const TOTALS: Sql = Sql::both(
    "SELECT 'event', kind, number FROM event_totals
     UNION ALL
     SELECT 'schedule', name, ended_at FROM schedules
     UNION ALL
     SELECT 'uncounted', '', last - counted FROM event_positions WHERE id = 1
     UNION ALL
     SELECT 'uncounted', '', COUNT(*) FROM events WHERE position IS NULL",
);

impl Schedules for Store {
    async fn run_ended(&self, schedule: Schedule, now: DateTime<Utc>) -> Result<(), Unavailable> {
        self.write(ENDED, &[schedule.word().into(), now.timestamp_millis().into()])
    }
}

impl Store {
    /// The totals of events and the ends of runs. A word of a later release is left out.
    ///
    /// # Errors
    ///
    /// When the database does not answer as it should.
    pub fn totals(&self) -> Result<Totals, Unavailable> {
        self.read(|connection| {
            let mut totals = Totals::default();
            for row in connection.query(TOTALS, &[])? {
                let mut columns = Columns::new(row);
                let (what, name, value) = (columns.text()?, columns.text()?, columns.int()?);
                match what.as_str() {
                    "event" => totals.events.extend(EventKind::parse(&name).map(|kind| (kind, value.unsigned_abs()))),
                    "schedule" => {
                        let ended = millis(value)?;
                        totals.ended.extend(Schedule::parse(&name).map(|schedule| (schedule, ended)));
                    }
                    _ => totals.uncounted += value.unsigned_abs(),
                }
            }
            Ok(totals)
        })
    }
}
