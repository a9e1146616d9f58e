//! Gives free seats to those who wait.

use super::standing::{number, standing_if_waited_for};
use crate::config;
use crate::sql::enrolments::row::to_json;
use crate::sql::outbox::notices;
use crate::sql::{Columns, Connection, DbError, Param, Sql, events, sql_time, unreadable};
use chrono::{DateTime, TimeDelta, Utc};
use domain::jobs::{Notice, Topic};
use domain::model::event::EventKind;
use domain::model::seats::{Claim, HoldTimes, Standing};
use domain::{CourseId, CourseTerms};

/// At most this many in one transaction. A run offers the rest.
const AT_ONCE: u32 = 1000;

/// The last of those who wait longest, and how many they are.
const FIRST: Sql = Sql::both(
    "SELECT MAX(id), COUNT(*)
     FROM (SELECT id FROM waiting WHERE course_id = ? ORDER BY id LIMIT ?) AS first",
);

const ENROL: Sql = Sql::both(
    "INSERT INTO enrolments (user_id, course_id, status, payment_status, created_at, updated_at, course_end_date,
         pay_until, user_record, terms)
     SELECT user_id, course_id, 'ACTIVE', 'PENDING', ?, ?, ?, ?, user_record, ?
     FROM waiting
     WHERE course_id = ? AND id <= ?
     ORDER BY id",
);

const REMOVE: Sql = Sql::both("DELETE FROM waiting WHERE course_id = ? AND id <= ?");

/// Users whom the release before enrolled while they waited.
const REMOVE_ENROLLED: Sql = Sql {
    mysql: "DELETE w
            FROM waiting AS w
            JOIN enrolments AS e ON e.user_id = w.user_id AND e.course_id = w.course_id AND e.is_open = 1
            WHERE w.course_id = ?",
    sqlite: "DELETE FROM waiting
             WHERE course_id = ? AND EXISTS (SELECT 1
                                             FROM enrolments AS e
                                             WHERE e.user_id = waiting.user_id AND e.course_id = waiting.course_id
                                                   AND e.is_open = 1)",
};

/// Offers the free seats of a course whose row is held, by what was seen last. Every transaction that frees
/// one ends with it. Returns how many.
pub(crate) fn offer_free(connection: &Connection, course: CourseId, now: DateTime<Utc>) -> Result<u32, DbError> {
    match standing_if_waited_for(connection, course)? {
        Some((standing, terms)) => offer(connection, course, (&standing, &terms), now),
        None => Ok(0),
    }
}

/// The same for a course that stands so.
pub(super) fn offer(
    connection: &Connection,
    course: CourseId,
    (standing, terms): (&Standing, &CourseTerms),
    now: DateTime<Utc>,
) -> Result<u32, DbError> {
    let Ok(free) = standing.seats_for(Claim::Offer, now) else { return Ok(0) };
    let times = config::hold_times().map_err(|fault| DbError::Failed(fault.cause))?;
    let course: Param<'_> = course.get().into();
    let Some((mut last, mut offered)) = first(connection, course, free.min(AT_ONCE))? else { return Ok(0) };
    let pay_until = times.of_offer(terms, now);
    let (written, json, ends_at) = (sql_time(now), to_json(terms), terms.ends_at.map(sql_time));
    let row = |last: i64| {
        let written: Param<'_> = written.as_str().into();
        let until = pay_until.map(|time| time.timestamp_millis()).into();
        [written, written, ends_at.as_deref().into(), until, json.as_str().into(), course, last.into()]
    };
    match connection.execute(ENROL, &row(last)) {
        Err(DbError::Duplicate(_)) => {
            connection.execute(REMOVE_ENROLLED, &[course])?;
            let Some(again) = first(connection, course, free.min(AT_ONCE))? else { return Ok(0) };
            (last, offered) = again;
            connection.execute(ENROL, &row(last))?;
        }
        result => result?,
    }
    let last = last.into();
    let (event, topic) = match pay_until {
        Some(_) => (EventKind::Offered, Topic::Offer),
        None => (EventKind::Created, Topic::Enrolment),
    };
    events::insert_of_offered(connection, event, now, [course, last])?;
    for notice in with_reminder(times, topic, pay_until, now) {
        notices::insert_for_offered(connection, notice, now, &[course, last])?;
    }
    connection.execute(REMOVE, &[course, last])?;
    Ok(offered)
}

/// The mail about a seat, and its reminder.
fn with_reminder(
    times: HoldTimes,
    topic: Topic,
    pay_until: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> impl Iterator<Item = (Notice, TimeDelta)> {
    let reminder = pay_until.and_then(|until| times.reminder_after(until, now));
    let reminder = reminder.map(|after| (Notice::new(Topic::Reminder, pay_until), after));
    [(Notice::new(topic, pay_until), TimeDelta::zero())].into_iter().chain(reminder)
}

fn first(connection: &Connection, course: Param<'_>, limit: u32) -> Result<Option<(i64, u32)>, DbError> {
    let row = connection.query(FIRST, &[course, i64::from(limit).into()])?.into_iter().next().ok_or_else(unreadable)?;
    let mut columns = Columns::new(row);
    let Some(last) = columns.optional_int()? else { return Ok(None) };
    Ok(Some((last, number(columns.int()?)?)))
}
