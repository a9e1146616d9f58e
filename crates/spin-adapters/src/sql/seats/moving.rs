//! Moves an enrolment to another course.

use super::{lock, offer_free, standing};
use crate::sql::enrolments::change::read_locked;
use crate::sql::enrolments::row::{read_kept, to_json};
use crate::sql::enrolments::{GET_KEPT, is_enrolled};
use crate::sql::outbox::insert;
use crate::sql::{Columns, Connection, DbError, Key, Sql, events, idempotency, sql_time, unreadable};
use chrono::TimeDelta;
use domain::jobs::{Notice, Payload, Topic};
use domain::model::event::EventKind;
use domain::model::seats::Claim;
use domain::ports::change::Record;
use domain::ports::{Commit, Move, Moved};
use domain::{Enrolment, Error, Kept};

/// Without terms it keeps those that it has, if any.
const UPDATE: Sql = Sql::both(
    "UPDATE enrolments
     SET course_id = ?, course_end_date = ?, terms = COALESCE(?, terms), pay_until = ?, updated_at = ?
     WHERE id = ?",
);

pub(super) fn move_to(
    connection: &Connection,
    own: &Move<'_>,
    commit: &Commit<'_>,
    transition: impl Fn(&Record, &Kept) -> Result<Moved, Error>,
) -> Result<Result<Enrolment, Error>, DbError> {
    let (id, from, now) = (own.enrolment.id, own.enrolment.course_id, commit.now);
    idempotency::check_held(connection, commit.reservation)?;
    if !standing::is_ready(connection)? {
        return Ok(Err(Error::NotYet));
    }
    // In one order, so that two moves do not wait for each other.
    lock(connection, from.min(own.to))?;
    lock(connection, from.max(own.to))?;
    let target = standing::see(connection, own.to, own.course, now)?;
    let Some(record) = read_locked(connection, id)? else { return Ok(Err(Error::NotFound)) };
    let row = connection.query(GET_KEPT, &[id.get().into()])?.into_iter().next().ok_or_else(unreadable)?;
    let (_, kept) = read_kept(&mut Columns::new(row))?;
    let checked = record.check_still(own.enrolment);
    let Moved { terms, pay_until } = match checked.and_then(|()| transition(&record, &kept)) {
        Ok(moved) => moved,
        Err(error) => return Ok(Err(error)),
    };
    if is_enrolled(connection, &record.enrolment.user_id, own.to)? {
        return Ok(Err(Error::AlreadyEnrolled));
    }
    if let Err(error) = target.seats_for(Claim::Enrol, now) {
        return Ok(Err(error));
    }
    let (written, terms) = (sql_time(now), terms.as_ref().map(to_json));
    let ends_at = own.course.terms.ends_at.map(sql_time);
    let row = [
        own.to.get().into(),
        ends_at.as_deref().into(),
        terms.as_deref().into(),
        pay_until.map(|time| time.timestamp_millis()).into(),
        written.as_str().into(),
        id.get().into(),
    ];
    match connection.execute(UPDATE, &row) {
        Err(DbError::Duplicate(Key::Open)) => return Ok(Err(Error::AlreadyEnrolled)),
        result => result?,
    }
    let moved = Enrolment { course_id: own.to, ..record.enrolment };
    idempotency::answer(connection, commit, &moved)?;
    events::insert(connection, (EventKind::Moved, None), id, (now, commit.by))?;
    let notice = Notice { topic: Topic::Move, pay_until: None, moved_at: Some(now), reason: own.reason.cloned() };
    insert::insert_later(connection, (id, None), (&Payload::Notice(notice), TimeDelta::zero()), &commit.lease, now)?;
    offer_free(connection, from, now)?;
    Ok(Ok(moved))
}
