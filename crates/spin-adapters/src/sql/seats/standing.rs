//! How the seats of a course stand, and the course as it was seen last.

use crate::sql::enrolments::row::{from_json, to_json};
use crate::sql::{Columns, Connection, DbError, Param, Sql, millis, unreadable};
use chrono::{DateTime, Utc};
use domain::model::seats::{SeenCourse, Standing};
use domain::model::window::Window;
use domain::{CourseId, CourseTerms};

/// Only the transaction that holds a course's row takes and frees its seats. The release before does the
/// same.
const LOCK_ON_MYSQL: &str = "\
    INSERT INTO course_seats (course_id)
    VALUES (?)
    ON DUPLICATE KEY UPDATE course_id = course_id";

const SEE: Sql = Sql {
    mysql: "INSERT INTO course_seats (course_id, seats, terms, opens_at, closes_at)
            VALUES (?, ?, ?, ?, ?)
            ON DUPLICATE KEY UPDATE seats = VALUES(seats), terms = VALUES(terms), opens_at = VALUES(opens_at),
                closes_at = VALUES(closes_at)",
    sqlite: "INSERT INTO course_seats (course_id, seats, terms, opens_at, closes_at)
             VALUES (?, ?, ?, ?, ?)
             ON CONFLICT (course_id) DO UPDATE SET seats = excluded.seats, terms = excluded.terms,
                 opens_at = excluded.opens_at, closes_at = excluded.closes_at",
};

const IS_KNOWN: Sql = Sql::both("SELECT course_id FROM course_seats WHERE course_id = ?");

/// No more are counted than there are seats.
const TAKEN: Sql = Sql {
    mysql: "SELECT (SELECT COUNT(*)
                    FROM (SELECT id
                          FROM enrolments FORCE INDEX (ix_enrolments_course_status)
                          WHERE course_id = ? AND status IN ('ACTIVE', 'COMPLETED')
                          LIMIT ?) AS taken),
                   EXISTS (SELECT id FROM waiting WHERE course_id = ?)",
    sqlite: "SELECT (SELECT COUNT(*)
                     FROM (SELECT id
                           FROM enrolments
                           WHERE course_id = ? AND status IN ('ACTIVE', 'COMPLETED')
                           LIMIT ?) AS taken),
                    EXISTS (SELECT id FROM waiting WHERE course_id = ?)",
};

const COURSE: Sql = Sql::both("SELECT seats, terms, opens_at, closes_at FROM course_seats WHERE course_id = ?");

/// A course, if a user waits for it. None are counted if it has no limit.
const COURSE_WAITED_FOR: Sql = Sql {
    mysql: "SELECT CASE WHEN seats IS NULL THEN 0
                        ELSE (SELECT COUNT(*)
                              FROM enrolments FORCE INDEX (ix_enrolments_course_status)
                              WHERE course_id = c.course_id AND status IN ('ACTIVE', 'COMPLETED')) END,
                   seats, terms, opens_at, closes_at
            FROM course_seats AS c
            WHERE course_id = ? AND EXISTS (SELECT id FROM waiting WHERE course_id = c.course_id)",
    sqlite: "SELECT CASE WHEN seats IS NULL THEN 0
                         ELSE (SELECT COUNT(*)
                               FROM enrolments
                               WHERE course_id = c.course_id AND status IN ('ACTIVE', 'COMPLETED')) END,
                    seats, terms, opens_at, closes_at
             FROM course_seats AS c
             WHERE course_id = ? AND EXISTS (SELECT id FROM waiting WHERE course_id = c.course_id)",
};

/// A page of the courses for which users wait.
const WAITED_FOR: Sql = Sql {
    mysql: "SELECT w.course_id,
                   (SELECT COUNT(*)
                    FROM enrolments FORCE INDEX (ix_enrolments_course_status)
                    WHERE course_id = w.course_id AND status IN ('ACTIVE', 'COMPLETED')),
                   c.seats, c.terms, c.opens_at, c.closes_at
            FROM (SELECT DISTINCT course_id
                  FROM waiting FORCE INDEX (ix_waiting_course)
                  WHERE course_id > ?
                  ORDER BY course_id
                  LIMIT 100) AS w
            STRAIGHT_JOIN course_seats AS c ON c.course_id = w.course_id
            ORDER BY w.course_id",
    sqlite: "SELECT w.course_id,
                    (SELECT COUNT(*)
                     FROM enrolments
                     WHERE course_id = w.course_id AND status IN ('ACTIVE', 'COMPLETED')),
                    c.seats, c.terms, c.opens_at, c.closes_at
             FROM (SELECT DISTINCT course_id
                   FROM waiting
                   WHERE course_id > ?
                   ORDER BY course_id
                   LIMIT 100) AS w
             JOIN course_seats AS c ON c.course_id = w.course_id
             ORDER BY w.course_id",
};

/// Fails if the table has no such key: U3 was not applied.
const READY_ON_MYSQL: &str = "\
    SELECT id FROM enrolments FORCE INDEX (uq_enrolments_open) WHERE user_id = '' AND course_id = 0";

/// Whether users can have a canceled enrolment beside an open one.
pub(crate) fn is_ready(connection: &Connection) -> Result<bool, DbError> {
    let Connection::MySql(connection) = connection else { return Ok(true) };
    match connection.query(READY_ON_MYSQL, &[]) {
        Ok(_) => Ok(true),
        Err(DbError::NoIndex) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Holds the row of a course. SQLite has locked the database when the transaction began.
pub(crate) fn lock(connection: &Connection, course: CourseId) -> Result<(), DbError> {
    match connection {
        Connection::MySql(connection) => connection.execute(LOCK_ON_MYSQL, &[course.get().into()]),
        Connection::Sqlite(_) => Ok(()),
    }
}

/// Stores a course as it is seen, holds its row, and offers the seats that it has more than before. Returns
/// how its seats stand after that.
pub(crate) fn see(
    connection: &Connection,
    course: CourseId,
    seen: &SeenCourse,
    now: DateTime<Utc>,
) -> Result<Standing, DbError> {
    let terms = to_json(&seen.terms);
    let row: [Param<'_>; 5] = [
        course.get().into(),
        seen.limit.map(i64::from).into(),
        terms.as_str().into(),
        seen.window.opens_at.map(|time| time.timestamp_millis()).into(),
        seen.window.closes_at.map(|time| time.timestamp_millis()).into(),
    ];
    connection.execute(SEE, &row)?;
    let standing = taken(connection, course, seen.limit, seen.window.clone())?;
    if !standing.waited_for || super::offer::offer(connection, course, (&standing, &seen.terms), now)? == 0 {
        return Ok(standing);
    }
    taken(connection, course, seen.limit, seen.window.clone())
}

/// The same of a course without a limit, if the database knows it: it may have had one.
pub(crate) fn see_if_known(
    connection: &Connection,
    course: CourseId,
    seen: &SeenCourse,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    if connection.query(IS_KNOWN, &[course.get().into()])?.is_empty() {
        return Ok(());
    }
    see(connection, course, seen, now).map(drop)
}

/// How the seats of a course stand whose row is held, by what was seen last.
pub(crate) fn standing(connection: &Connection, course: CourseId) -> Result<Standing, DbError> {
    let Some(row) = connection.query(COURSE, &[course.get().into()])?.into_iter().next() else {
        return Ok(Standing::default());
    };
    let (limit, _, window) = read(&mut Columns::new(row))?;
    taken(connection, course, limit, window)
}

/// The same with the terms, if a user waits for the course.
pub(super) fn standing_if_waited_for(
    connection: &Connection,
    course: CourseId,
) -> Result<Option<(Standing, CourseTerms)>, DbError> {
    let row = connection.query(COURSE_WAITED_FOR, &[course.get().into()])?.into_iter().next();
    let Some(mut columns) = row.map(Columns::new) else { return Ok(None) };
    let taken = number(columns.int()?)?;
    let (limit, terms, window) = read(&mut columns)?;
    Ok(terms.map(|terms| (Standing { limit, taken, waited_for: true, window }, terms)))
}

fn taken(connection: &Connection, course: CourseId, limit: Option<u32>, window: Window) -> Result<Standing, DbError> {
    let id = course.get().into();
    let row = connection.query(TAKEN, &[id, i64::from(limit.unwrap_or(0)).into(), id])?.into_iter().next();
    let mut columns = Columns::new(row.ok_or_else(unreadable)?);
    Ok(Standing { limit, taken: number(columns.int()?)?, waited_for: columns.int()? == 1, window })
}

pub(super) fn waited_for(connection: &Connection, after: i64) -> Result<Vec<(CourseId, Standing)>, DbError> {
    let read = |row| {
        let mut columns = Columns::new(row);
        let (course, taken) = (course_id(&mut columns)?, number(columns.int()?)?);
        let (limit, _, window) = read(&mut columns)?;
        Ok((course, Standing { limit, taken, waited_for: true, window }))
    };
    connection.query(WAITED_FOR, &[after.into()])?.into_iter().map(read).collect()
}

type Course = (Option<u32>, Option<CourseTerms>, Window);

fn read(columns: &mut Columns) -> Result<Course, DbError> {
    let limit = limit(columns.optional_int()?)?;
    let terms: Option<CourseTerms> = from_json(columns)?;
    let mut time = || columns.optional_int()?.map(millis).transpose();
    let (opens_at, closes_at) = (time()?, time()?);
    let ends_at = terms.as_ref().and_then(|terms| terms.ends_at);
    Ok((limit, terms, Window { opens_at, closes_at, ends_at }))
}

pub(super) fn course_id(columns: &mut Columns) -> Result<CourseId, DbError> {
    CourseId::new(columns.int()?).ok_or_else(unreadable)
}

pub(super) fn limit(stored: Option<i64>) -> Result<Option<u32>, DbError> {
    stored.map(number).transpose()
}

pub(super) fn number(stored: i64) -> Result<u32, DbError> {
    u32::try_from(stored).map_err(|_| unreadable())
}
