//! What follows from events: jobs that post them, mails about seats, and totals. A run writes it, so that a change
//! does not have to.

mod notices;
mod totals;

use crate::sql::{Columns, Connection, DbError, Sql, Store};
use crate::sql::{documents, events};
use chrono::{DateTime, Utc};
use domain::jobs::outbox::State;
use domain::jobs::{Notification, Payload};
use domain::model::invoice::DocumentKind;
use domain::model::reason::ReasonCode;
use domain::ports::{EventQueue, Webhook};
use domain::{EnrolmentId, Unavailable};

const POSITIONS: Sql = Sql::both("SELECT last, owed, noticed, counted FROM event_positions WHERE id = 1");

const POSITIONS_LOCKED: Sql = Sql {
    mysql: "SELECT last, owed, noticed, counted FROM event_positions WHERE id = 1 FOR UPDATE",
    sqlite: "SELECT last, owed, noticed, counted FROM event_positions WHERE id = 1",
};

/// As `domain` writes such a job's key and payload.
const OWE: Sql = Sql {
    mysql: r#"INSERT INTO outbox (job_key, enrolment_id, kind, payload, payload_version, state, attempts, due_at,
                  created_at)
              SELECT CONCAT('event:', position), enrolment_id, 'event', CONCAT('{"event_id":', position, '}'), 1, 'due',
                  0, {now}, {now}
              FROM events
              WHERE position > ? AND position <= ?
              ORDER BY position"#,
    sqlite: r#"INSERT INTO outbox (job_key, enrolment_id, kind, payload, payload_version, state, attempts, due_at,
                   created_at)
               SELECT 'event:' || position, enrolment_id, 'event', '{"event_id":' || position || '}', 1, 'due', 0,
                   {now}, {now}
               FROM events
               WHERE position > ? AND position <= ?
               ORDER BY position"#,
};

/// The same, but for jobs that are there already.
const OWE_OTHERS: Sql = Sql {
    mysql: r#"INSERT IGNORE INTO outbox (job_key, enrolment_id, kind, payload, payload_version, state, attempts, due_at,
                  created_at)
              SELECT CONCAT('event:', position), enrolment_id, 'event', CONCAT('{"event_id":', position, '}'), 1, 'due',
                  0, {now}, {now}
              FROM events
              WHERE position > ? AND position <= ?
              ORDER BY position"#,
    sqlite: r#"INSERT OR IGNORE INTO outbox (job_key, enrolment_id, kind, payload, payload_version, state, attempts,
                   due_at, created_at)
               SELECT 'event:' || position, enrolment_id, 'event', '{"event_id":' || position || '}', 1, 'due', 0,
                   {now}, {now}
               FROM events
               WHERE position > ? AND position <= ?
               ORDER BY position"#,
};

/// Of two events with one position, which a database of several writing nodes can leave,
/// the later one gets another, as an event that has none yet.
const PART: Sql = Sql {
    mysql: "UPDATE events AS later
            JOIN events AS earlier ON earlier.position = later.position AND earlier.id < later.id
            SET later.position = NULL
            WHERE later.position > ? AND later.position <= ?",
    sqlite: "UPDATE events
             SET position = NULL
             WHERE position > ? AND position <= ? AND EXISTS
                   (SELECT 1 FROM events AS earlier
                    WHERE earlier.position = events.position AND earlier.id < events.id)",
};

/// Never backwards: another run may have written more jobs.
const SET_OWED: Sql = Sql::both("UPDATE event_positions SET owed = ? WHERE id = 1 AND owed < ?");

/// The most jobs in one transaction, and the most transactions in one run.
const AT_ONCE: i64 = 1000;
const TRANSACTIONS: usize = 10;

const IS_GONE: Sql =
    Sql::both("SELECT id FROM outbox WHERE state = 'dead' AND kind = 'event' AND last_error = ? LIMIT 1");

/// Jobs are written in the order of the events. The least of the words is dead.
const EARLIER: Sql = Sql::both(
    "SELECT MIN(state)
     FROM outbox
     WHERE enrolment_id = ? AND kind = 'event' AND state <> 'done' AND id < (SELECT id FROM outbox WHERE job_key = ?)",
);

const END_WAITS: Sql = Sql::both(
    "UPDATE outbox
     SET due_at = {now}
     WHERE enrolment_id = ? AND kind = 'event' AND state <> 'done' AND lease_token IS NULL AND due_at > {now}",
);

impl EventQueue for Store {
    async fn enqueue_events(&self, listening: bool, _: DateTime<Utc>) -> Result<(), Unavailable> {
        self.give_positions()?;
        let Positions { last, owed, noticed, counted } = self.read(|connection| positions(connection, POSITIONS))?;
        if owed < last && !listening {
            self.write(SET_OWED, &[last.into(), last.into()])?;
        } else if owed < last {
            self.repeat(TRANSACTIONS, enqueue)?;
        }
        if noticed < last {
            self.repeat(notices::TRANSACTIONS, notices::add)?;
        }
        if counted < last { self.repeat(totals::TRANSACTIONS, totals::count) } else { Ok(()) }
    }

    async fn is_receiver_gone(&self) -> Result<bool, Unavailable> {
        self.read(|connection| Ok(!connection.query(IS_GONE, &[ReasonCode::ReceiverGone.word().into()])?.is_empty()))
    }

    async fn webhook(&self, id: i64) -> Result<Option<Webhook>, Unavailable> {
        self.read(|connection| {
            let Some(event) = events::event(connection, id)? else { return Ok(None) };
            let document = match DocumentKind::ALL.into_iter().find(|kind| kind.event() == event.kind) {
                Some(kind) => {
                    let place = event.document.unwrap_or(kind.usual_chain_no());
                    let documents = documents::of_enrolment(connection, event.enrolment.id)?;
                    documents.into_iter().find(|document| document.chain_no == place)
                }
                None => None,
            };
            Ok(Some(Webhook { event, document }))
        })
    }

    async fn earlier_undelivered(&self, id: EnrolmentId, event_id: i64) -> Result<Option<State>, Unavailable> {
        let key = Payload::Event(Notification { event_id }).key(id, None);
        self.read(|connection| {
            let row = connection.query(EARLIER, &[id.get().into(), key.as_str().into()])?.into_iter().next();
            let word = row.map(|row| Columns::new(row).optional_text()).transpose()?.flatten();
            // A state of a later release counts as not delivered.
            Ok(word.map(|word| State::parse(&word).unwrap_or(State::Due)))
        })
    }

    async fn wake_next_event(&self, id: EnrolmentId, _: DateTime<Utc>) -> Result<(), Unavailable> {
        self.write(END_WAITS, &[id.get().into()])
    }
}

impl Store {
    /// At most this many transactions of a step that says whether there is more.
    fn repeat(&self, most: usize, step: fn(&Connection) -> Result<bool, DbError>) -> Result<(), Unavailable> {
        for _ in 0..most {
            if !self.transaction(step)? {
                break;
            }
        }
        Ok(())
    }
}

/// Owes the next events; whether there may be more.
fn enqueue(connection: &Connection) -> Result<bool, DbError> {
    let Positions { last, owed, .. } = positions(connection, POSITIONS_LOCKED)?;
    let until = last.min(owed + AT_ONCE);
    if owed < until {
        let range = [owed.into(), until.into()];
        match connection.execute(OWE, &range) {
            Err(DbError::Duplicate(_)) => {
                connection.execute(PART, &range)?;
                connection.execute(OWE_OTHERS, &range)?;
            }
            other => other?,
        }
        connection.execute(SET_OWED, &[until.into(), until.into()])?;
    }
    Ok(until < last)
}

/// The highest position, and those up to which events have jobs, have mails and are in the totals.
struct Positions {
    last: i64,
    owed: i64,
    noticed: i64,
    counted: i64,
}

fn positions(connection: &Connection, sql: Sql) -> Result<Positions, DbError> {
    let row = connection.query(sql, &[])?.into_iter().next().ok_or_else(unreadable)?;
    let mut columns = Columns::new(row);
    Ok(Positions { last: columns.int()?, owed: columns.int()?, noticed: columns.int()?, counted: columns.int()? })
}

fn unreadable() -> DbError {
    DbError::Failed("unreadable event positions".to_owned())
}
