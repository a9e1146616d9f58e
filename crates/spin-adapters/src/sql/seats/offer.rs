//! Gives free seats to those who wait.

use super::standing::standing_if_waited_for;
use crate::config;
use crate::sql::enrolments::row::to_json;
use crate::sql::outbox::notices;
use crate::sql::{Columns, Connection, DbError, Param, Sql, events, sql_time};
use chrono::{DateTime, TimeDelta, Utc};
use domain::jobs::{Notice, Topic};
use domain::model::event::EventKind;
use domain::model::seats::{Claim, HoldTimes, Standing};
use domain::{CourseId, CourseTerms};
use std::collections::BTreeMap;

/// At most this many of a course in one transaction. A run offers the rest.
const AT_ONCE: u32 = 1000;

const ENROL: Sql = Sql::both(
    "INSERT INTO enrolments (user_id, course_id, status, payment_status, created_at, updated_at, course_end_date,
         pay_until, user_record, terms)
     SELECT user_id, course_id, 'ACTIVE', 'PENDING', ?, ?, ?, ?, user_record, ?
     FROM waiting
     WHERE course_id = ?
     ORDER BY id
     LIMIT ?",
);

/// The entries of those users, and their enrolments. It locks what it reads by the index of a generated column:
/// without locks MariaDB (10.11.19) misses rows by one, while it keeps older versions of them for another transaction.
const ENROLLED: Sql = Sql {
    mysql: "SELECT w.id, e.id
            FROM (SELECT id, user_id, course_id
                  FROM waiting FORCE INDEX (ix_waiting_course)
                  WHERE course_id = ?
                  ORDER BY id
                  LIMIT ?) AS w
            STRAIGHT_JOIN enrolments AS e ON e.user_id = w.user_id AND e.course_id = w.course_id AND e.is_open = 1
            ORDER BY w.id
            FOR UPDATE",
    sqlite: "SELECT w.id, e.id
             FROM (SELECT id, user_id, course_id
                   FROM waiting
                   WHERE course_id = ?
                   ORDER BY id
                   LIMIT ?) AS w
             CROSS JOIN enrolments AS e ON e.user_id = w.user_id AND e.course_id = w.course_id AND e.is_open = 1
             ORDER BY w.id",
};

const REMOVE: Sql = Sql {
    mysql: "DELETE w
            FROM JSON_TABLE(?, '$[*]' COLUMNS (id BIGINT PATH '$')) AS wanted
            STRAIGHT_JOIN waiting AS w ON w.id = wanted.id",
    sqlite: "DELETE FROM waiting WHERE id IN (SELECT value FROM json_each(?) AS wanted)",
};

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

/// Users who waited and are enrolled: their entries, and their enrolments.
struct Enrolled {
    times: HoldTimes,
    entries: Vec<i64>,
    enrolments: Vec<i64>,
}

/// Those by the end of their offers; `None` in a free course.
type Offered = BTreeMap<Option<DateTime<Utc>>, Enrolled>;

/// Offers the free seats of a course whose row is held, by what was seen last. Every transaction that frees
/// one ends with it.
pub(crate) fn offer_free(connection: &Connection, course: CourseId, now: DateTime<Utc>) -> Result<(), DbError> {
    offer_each(connection, &[course], now).map(drop)
}

/// The same for courses in their order, until [`AT_ONCE`] seats are offered. Returns how many are, and of how
/// many courses no free one is left that a user waits for.
pub(super) fn offer_each(
    connection: &Connection,
    courses: &[CourseId],
    now: DateTime<Utc>,
) -> Result<(u32, usize), DbError> {
    let (mut all, mut number, mut done) = (Offered::new(), 0, 0);
    for course in courses {
        let of_course = match standing_if_waited_for(connection, *course)? {
            Some((standing, terms)) => enrol(connection, *course, (&standing, &terms), now, &mut all)?,
            None => 0,
        };
        number += of_course;
        done += usize::from(of_course < AT_ONCE);
        if number >= AT_ONCE {
            break;
        }
    }
    announce(connection, all, now)?;
    Ok((number, done))
}

/// The same for a course that stands so. Returns how many are offered.
pub(super) fn offer(
    connection: &Connection,
    course: CourseId,
    seen: (&Standing, &CourseTerms),
    now: DateTime<Utc>,
) -> Result<u32, DbError> {
    let mut all = Offered::new();
    let number = enrol(connection, course, seen, now, &mut all)?;
    announce(connection, all, now)?;
    Ok(number)
}

/// Enrols those who wait longest, and adds them to `all`. Returns how many.
fn enrol(
    connection: &Connection,
    course: CourseId,
    (standing, terms): (&Standing, &CourseTerms),
    now: DateTime<Utc>,
    all: &mut Offered,
) -> Result<u32, DbError> {
    let Ok(free) = standing.seats_for(Claim::Offer, now) else { return Ok(0) };
    let times = config::hold_times().map_err(|fault| DbError::Failed(fault.cause))?;
    let pay_until = times.of_offer(terms, now);
    let (written, json, ends_at) = (sql_time(now), to_json(terms), terms.ends_at.map(sql_time));
    let (course, limit): (Param<'_>, Param<'_>) = (course.get().into(), i64::from(free.min(AT_ONCE)).into());
    let written: Param<'_> = written.as_str().into();
    let until = pay_until.map(|time| time.timestamp_millis()).into();
    let row = [written, written, ends_at.as_deref().into(), until, json.as_str().into(), course, limit];
    match connection.execute(ENROL, &row) {
        Err(DbError::Duplicate(_)) => {
            connection.execute(REMOVE_ENROLLED, &[course])?;
            connection.execute(ENROL, &row)?;
        }
        result => result?,
    }
    let rows = connection.query(ENROLLED, &[course, limit])?;
    let number = u32::try_from(rows.len()).unwrap_or(AT_ONCE);
    let enrolled = all.entry(pay_until).or_insert(Enrolled { times, entries: Vec::new(), enrolments: Vec::new() });
    for row in rows {
        let mut columns = Columns::new(row);
        enrolled.entries.push(columns.int()?);
        enrolled.enrolments.push(columns.int()?);
    }
    Ok(number)
}

/// Adds the events, and removes the entries.
fn announce(connection: &Connection, all: Offered, now: DateTime<Utc>) -> Result<(), DbError> {
    for (pay_until, Enrolled { times, entries, enrolments }) in all {
        if entries.is_empty() {
            continue;
        }
        let ids = to_json(&enrolments);
        let event = if pay_until.is_some() { EventKind::Offered } else { EventKind::Created };
        events::insert_of_all(connection, event, &ids, (now, None))?;
        if let Some(notice) = notice(times, pay_until, now) {
            notices::insert_for_all(connection, notice, &ids, now)?;
        }
        connection.execute(REMOVE, &[to_json(&entries).as_str().into()])?;
    }
    Ok(())
}

/// The mail that does not follow from the event: that of an enrolment in a free course, or the reminder of an offer.
fn notice(times: HoldTimes, pay_until: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Option<(Notice, TimeDelta)> {
    match pay_until {
        None => Some((Notice::new(Topic::Enrolment, None), TimeDelta::zero())),
        Some(until) => Some((Notice::new(Topic::Reminder, pay_until), times.reminder_after(until, now)?)),
    }
}
