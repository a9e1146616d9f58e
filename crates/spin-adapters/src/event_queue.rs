//! The events that the platform is to be told of: a job in the outbox for each, written
//! when a run delivers, so that no change has to.

use crate::database::{Columns, Connection, DbError, Sql, Store};
use crate::events;
use chrono::{DateTime, Utc};
use domain::deliver::GONE;
use domain::event::Event;
use domain::ports::EventQueue;
use domain::{EnrolmentId, Unavailable};

const POSITIONS: Sql = Sql::both("SELECT last, owed FROM event_positions WHERE id = 1");

const POSITIONS_LOCKED: Sql = Sql {
    mysql: "SELECT last, owed FROM event_positions WHERE id = 1 FOR UPDATE",
    sqlite: "SELECT last, owed FROM event_positions WHERE id = 1",
};

macro_rules! owe {
    ($key:literal, $payload:literal) => {
        concat!(
            "INSERT INTO outbox \
             (job_key, enrolment_id, kind, payload, payload_version, state, attempts, due_at, created_at) SELECT ",
            $key,
            ", enrolment_id, 'event', ",
            $payload,
            ", 1, 'due', 0, ?, ? FROM events WHERE position > ? AND position <= ? ORDER BY position"
        )
    };
}

/// As `domain` writes such a job's key and payload.
const OWE: Sql = Sql {
    mysql: owe!("CONCAT('event:', position)", "CONCAT('{\"event_id\":', position, '}')"),
    sqlite: owe!("'event:' || position", "'{\"event_id\":' || position || '}'"),
};

/// Never back: another run may have owed more meanwhile.
const SET_OWED: Sql = Sql::both("UPDATE event_positions SET owed = ? WHERE id = 1 AND owed < ?");

/// So many jobs are written in one transaction, and in one run.
const AT_ONCE: i64 = 1000;
const A_RUN: i64 = 10_000;

const IS_GONE: Sql =
    Sql::both("SELECT id FROM outbox WHERE state = 'dead' AND kind = 'event' AND last_error = ? LIMIT 1");

/// Jobs are written in the order of the events.
const EARLIER: Sql = Sql::both(
    "SELECT id FROM outbox WHERE enrolment_id = ? AND kind = 'event' AND state <> 'done' \
     AND id < (SELECT id FROM outbox WHERE job_key = ?) LIMIT 1",
);

const END_WAITS: Sql = Sql::both(
    "UPDATE outbox SET due_at = ? \
     WHERE enrolment_id = ? AND kind = 'event' AND state <> 'done' AND lease_token IS NULL AND due_at > ?",
);

impl EventQueue for Store {
    async fn owe_events(&self, listening: bool, now: DateTime<Utc>) -> Result<bool, Unavailable> {
        self.give_positions()?;
        let (last, owed) = self.read(|connection| positions(connection, POSITIONS))?;
        if !listening {
            if owed < last {
                self.write(SET_OWED, &[last.into(), last.into()])?;
            }
            return Ok(true);
        }
        if owed < last {
            let mut left = A_RUN;
            while left > 0 && self.transaction(|connection| owe(connection, now))? {
                left -= AT_ONCE;
            }
        }
        self.read(|connection| Ok(connection.query(IS_GONE, &[GONE.into()])?.is_empty()))
    }

    async fn event(&self, id: i64) -> Result<Option<Event>, Unavailable> {
        self.read(|connection| events::event(connection, id))
    }

    async fn is_earlier_owed(&self, id: EnrolmentId, event_id: i64) -> Result<bool, Unavailable> {
        let key = format!("event:{event_id}");
        self.read(|connection| Ok(!connection.query(EARLIER, &[id.get().into(), key.as_str().into()])?.is_empty()))
    }

    async fn end_waits(&self, id: EnrolmentId, now: DateTime<Utc>) -> Result<(), Unavailable> {
        let now = now.timestamp_millis();
        self.write(END_WAITS, &[now.into(), id.get().into(), now.into()])
    }
}

/// Owes the next events; whether there may be more.
fn owe(connection: &Connection, now: DateTime<Utc>) -> Result<bool, DbError> {
    let (last, owed) = positions(connection, POSITIONS_LOCKED)?;
    let until = last.min(owed + AT_ONCE);
    if owed < until {
        let now = now.timestamp_millis();
        connection.execute(OWE, &[now.into(), now.into(), owed.into(), until.into()])?;
        connection.execute(SET_OWED, &[until.into(), until.into()])?;
    }
    Ok(until < last)
}

/// The highest position, and that up to which events are owed.
fn positions(connection: &Connection, sql: Sql) -> Result<(i64, i64), DbError> {
    let row = connection.query(sql, &[])?.into_iter().next().ok_or_else(unreadable)?;
    let mut columns = Columns::new(row);
    Ok((columns.int()?, columns.int()?))
}

fn unreadable() -> DbError {
    DbError::Failed("unreadable event positions".to_owned())
}
