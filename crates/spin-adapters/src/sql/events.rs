//! The table `events`: what happened, written in the transaction of each change.
//!
//! An id is drawn before its transaction commits, so one that is lower may be seen later:
//! a reader that went on from the highest id would miss it. So readers go by a second
//! number, the position. It is given by the first reader to come, under a lock, to what is
//! committed by then, in the order of ids; what commits later gets a later one. Events of
//! one enrolment are written under its row's lock: their ids are in the order of their
//! commits, and so are their positions.

mod bulk;

pub(crate) use bulk::insert_of_all;

use crate::sql::enrolments::row;
use crate::sql::{Columns, Connection, DbError, Param, Row, Sql, Store, Value, millis};
use chrono::{DateTime, Utc};
use domain::model::asked::Author;
use domain::model::chain::ChainNo;
use domain::model::event::{Event, EventKind, EventPage, Feed};
use domain::ports::Events;
use domain::{EnrolmentId, Unavailable};

/// Of an enrolment as its row is in this transaction, which holds it from here; of none if it is deleted.
const INSERT: Sql = Sql {
    mysql: "INSERT INTO events (enrolment_id, kind, chain_no, occurred_at, done_by, user_id, course_id, status,
                payment_status, invoice_url)
            SELECT id, ?, ?, ?, ?, user_id, course_id, status, payment_status, invoice_url
            FROM enrolments
            WHERE id = ?
            FOR UPDATE",
    sqlite: "INSERT INTO events (enrolment_id, kind, chain_no, occurred_at, done_by, user_id, course_id, status,
                 payment_status, invoice_url)
             SELECT id, ?, ?, ?, ?, user_id, course_id, status, payment_status, invoice_url
             FROM enrolments
             WHERE id = ?",
};

/// The columns that [`read`] takes, in its order; so below.
const ONE: Sql = Sql::both(
    "SELECT position, kind, occurred_at, done_by, chain_no, enrolment_id, user_id, course_id, status, payment_status,
         invoice_url
     FROM events
     WHERE position = ?",
);

const AFTER: Sql = Sql::both(
    "SELECT position, kind, occurred_at, done_by, chain_no, enrolment_id, user_id, course_id, status, payment_status,
         invoice_url
     FROM events
     WHERE position > ?
     ORDER BY position
     LIMIT ?",
);

const REACH: Sql = Sql::both("SELECT removed, last FROM event_positions WHERE id = 1");

/// The newest events of an enrolment, for display.
const HISTORY: Sql = Sql::both(
    "SELECT /* replica */ position, kind, occurred_at, done_by, chain_no, enrolment_id, user_id, course_id, status,
         payment_status, invoice_url
     FROM events
     WHERE enrolment_id = ? AND position IS NOT NULL
     ORDER BY id DESC
     LIMIT 1000",
);

const ANY_WITHOUT_POSITION: Sql = Sql::both("SELECT id FROM events WHERE position IS NULL LIMIT 1");

const LAST_POSITION: Sql = Sql {
    mysql: "SELECT last FROM event_positions WHERE id = 1 FOR UPDATE",
    sqlite: "SELECT last FROM event_positions WHERE id = 1",
};

const WITHOUT_POSITION: Sql = Sql::both("SELECT id FROM events WHERE position IS NULL ORDER BY id LIMIT 1000");

/// The limit of the statement above.
const FOUND: usize = 1000;

/// Ids that follow each other: what is not committed is not among them, nor waited for.
const NUMBER_RUN: Sql = Sql::both("UPDATE events SET position = id + ? WHERE id BETWEEN ? AND ?");

const SET_LAST_POSITION: Sql = Sql::both("UPDATE event_positions SET last = ? WHERE id = 1");

impl Events for Store {
    async fn feed(&self, after: Option<i64>, limit: u32) -> Result<Feed, Unavailable> {
        self.give_positions()?;
        self.read(|connection| {
            if let Some(after) = after {
                // The reach is read last, so that a removal at the same time is noticed.
                let page = page(connection, after, limit)?;
                let (removed, newest) = reach(connection)?;
                return Ok(Feed { page, removed, newest });
            }
            let (removed, newest) = reach(connection)?;
            Ok(Feed { page: page(connection, removed, limit)?, removed, newest })
        })
    }

    async fn history(&self, id: EnrolmentId) -> Result<Vec<Event>, Unavailable> {
        self.give_positions()?;
        self.read(|connection| {
            let rows = connection.query(HISTORY, &[id.get().into()])?;
            rows.into_iter().rev().map(read).filter_map(Result::transpose).collect()
        })
    }
}

/// Up to `limit` events behind `after`.
fn page(connection: &Connection, after: i64, limit: u32) -> Result<EventPage, DbError> {
    // One more says whether there is more.
    let mut rows = connection.query(AFTER, &[after.into(), (i64::from(limit) + 1).into()])?;
    let more = rows.len() > limit as usize;
    rows.truncate(limit as usize);
    let next = match rows.last().and_then(|row| row.first()) {
        Some(Value::Int(position)) => *position,
        Some(_) => return Err(unreadable()),
        None => after,
    };
    let events = rows.into_iter().map(read).filter_map(Result::transpose).collect::<Result<_, _>>()?;
    Ok(EventPage { events, next, more })
}

/// Up to where events were taken away, and the highest position ever given.
fn reach(connection: &Connection) -> Result<(i64, i64), DbError> {
    let row = connection.query(REACH, &[])?.into_iter().next().ok_or_else(unreadable)?;
    let mut columns = Columns::new(row);
    Ok((columns.int()?, columns.int()?))
}

impl Store {
    /// Gives a position to every event that is committed by now.
    pub(crate) fn give_positions(&self) -> Result<(), Unavailable> {
        // Mostly there is none, and then no lock is needed.
        if self.read(|connection| Ok(connection.query(ANY_WITHOUT_POSITION, &[])?.is_empty()))? {
            return Ok(());
        }
        while self.transaction(give_some_positions)? == FOUND {}
        Ok(())
    }
}

/// How many were found.
fn give_some_positions(connection: &Connection) -> Result<usize, DbError> {
    let last = connection.query(LAST_POSITION, &[])?.into_iter().next().ok_or_else(unreadable)?;
    let last = Columns::new(last).int()?;
    let found = connection.query(WITHOUT_POSITION, &[])?;
    let ids = found.into_iter().map(|row| Columns::new(row).int()).collect::<Result<Vec<_>, _>>()?;
    let mut position = last;
    for run in ids.chunk_by(|one, next| one + 1 == *next) {
        let (Some(first), Some(end)) = (run.first(), run.last()) else { continue };
        connection.execute(NUMBER_RUN, &[(position + 1 - first).into(), (*first).into(), (*end).into()])?;
        position += end - first + 1;
    }
    if position > last {
        connection.execute(SET_LAST_POSITION, &[position.into()])?;
    }
    Ok(ids.len())
}

/// Adds an event, in the transaction of the change, when the row of the enrolment is written; of a document with
/// its place in the chain.
pub(crate) fn insert(
    connection: &Connection,
    (kind, place): (EventKind, Option<ChainNo>),
    id: EnrolmentId,
    done: (DateTime<Utc>, Option<&Author>),
) -> Result<(), DbError> {
    let ([at, by], place) = (at_and_by(done), place.map(|place| i64::from(place.get())));
    connection.execute(INSERT, &[kind.as_str().into(), place.into(), at, by, id.get().into()])
}

/// When it happened, and who asked for it, as the columns have it.
fn at_and_by((at, by): (DateTime<Utc>, Option<&Author>)) -> [Param<'_>; 2] {
    [at.timestamp_millis().into(), by.map(|Author(name)| name.as_str()).into()]
}

/// The event with this number; none if it is there no more.
///
/// # Errors
///
/// Also for an event of a later release: this release does not send it.
pub(crate) fn event(connection: &Connection, id: i64) -> Result<Option<Event>, DbError> {
    let Some(row) = connection.query(ONE, &[id.into()])?.into_iter().next() else { return Ok(None) };
    read(row)?.map(Some).ok_or_else(|| DbError::Failed("an event of a later release".to_owned()))
}

/// None for a kind of a later release.
fn read(row: Row) -> Result<Option<Event>, DbError> {
    let mut columns = Columns::new(row);
    let id = columns.int()?;
    let Some(kind) = EventKind::parse(&columns.text()?) else { return Ok(None) };
    let occurred_at = millis(columns.int()?)?;
    let by = columns.optional_text()?.map(Author);
    let document = columns.optional_int()?.and_then(ChainNo::new);
    Ok(Some(Event { id, kind, occurred_at, by, document, enrolment: row::read(&mut columns)? }))
}

fn unreadable() -> DbError {
    DbError::Failed("unreadable event".to_owned())
}
