//! The lists of those who wait.

use super::standing::{self, course_id};
use crate::sql::enrolments::is_enrolled;
use crate::sql::{Columns, Connection, DbError, Param, Sql, millis, unreadable};
use chrono::{DateTime, Utc};
use domain::model::seats::{Claim, NewWaiting, SeenCourse, Waiting};
use domain::ports::WaitingFilter;
use domain::{CourseId, Error, UserId};

const INSERT: Sql = Sql::both("INSERT INTO waiting (course_id, user_id, user_record, created_at) VALUES (?, ?, ?, ?)");

/// The columns that [`read`] takes, in its order; so below.
const ONE: Sql = Sql::both(
    "SELECT id, course_id, user_id, created_at,
            (SELECT COUNT(*) FROM waiting AS others WHERE others.course_id = w.course_id AND others.id <= w.id)
     FROM waiting AS w
     WHERE user_id = ? AND course_id = ?",
);

const OF_USER: Sql = Sql::both(
    "SELECT id, course_id, user_id, created_at,
            (SELECT COUNT(*) FROM waiting AS others WHERE others.course_id = w.course_id AND others.id <= w.id)
     FROM waiting AS w
     WHERE user_id = ? AND id > ?
     ORDER BY id
     LIMIT ?",
);

/// Their places follow from that of the first one.
const OF_COURSE: Sql = Sql {
    mysql: "SELECT id, course_id, user_id, created_at, 0
            FROM waiting FORCE INDEX (ix_waiting_course)
            WHERE course_id = ? AND id > ?
            ORDER BY id
            LIMIT ?",
    sqlite: "SELECT id, course_id, user_id, created_at, 0
             FROM waiting
             WHERE course_id = ? AND id > ?
             ORDER BY id
             LIMIT ?",
};

const BEFORE: Sql = Sql::both("SELECT COUNT(*) FROM waiting WHERE course_id = ? AND id <= ?");

const COURSE: Sql = Sql::both("SELECT course_id FROM waiting WHERE id = ?");

const REMOVE: Sql = Sql::both("DELETE FROM waiting WHERE id = ?");

const CLEAR: Sql = Sql::both("DELETE FROM waiting WHERE course_id = ?");

/// Puts a user on the list, or gives the entry that there is.
pub(super) fn add(
    connection: &Connection,
    new: &NewWaiting,
    user: Option<&str>,
    seen: &SeenCourse,
    now: DateTime<Utc>,
) -> Result<Result<(Waiting, bool), Error>, DbError> {
    if !standing::is_ready(connection)? {
        return Ok(Err(Error::NotYet));
    }
    let standing = standing::see(connection, new.course_id, seen, now)?;
    let key: [Param<'_>; 2] = [new.user_id.as_str().into(), new.course_id.get().into()];
    if is_enrolled(connection, &new.user_id, new.course_id)? {
        return Ok(Err(Error::AlreadyEnrolled));
    }
    if let Some(entry) = one(connection, &key)? {
        return Ok(Ok((entry, false)));
    }
    match standing.seats_for(Claim::Enrol, now) {
        Err(Error::CourseFull) => {}
        Err(closed) => return Ok(Err(closed)),
        Ok(_) => return Ok(Err(Error::SeatFree)),
    }
    let row = [new.course_id.get().into(), new.user_id.as_str().into(), user.into(), now.timestamp_millis().into()];
    match connection.execute(INSERT, &row) {
        Err(DbError::NotStorable) => return Ok(Err(Error::UserIdNotStorable)),
        result => result?,
    }
    Ok(Ok((one(connection, &key)?.ok_or_else(unreadable)?, true)))
}

/// Removes an entry. Returns whether there was one.
pub(super) fn remove(connection: &Connection, id: i64) -> Result<bool, DbError> {
    let Some(row) = connection.query(COURSE, &[id.into()])?.into_iter().next() else { return Ok(false) };
    // Offers for the course read the list several times.
    standing::lock(connection, course_id(&mut Columns::new(row))?)?;
    let found = !connection.query(COURSE, &[id.into()])?.is_empty();
    connection.execute(REMOVE, &[id.into()])?;
    Ok(found)
}

/// Removes all entries of a course whose row is held.
pub(super) fn clear(connection: &Connection, course: CourseId) -> Result<(), DbError> {
    connection.execute(CLEAR, &[course.get().into()])
}

/// A page of entries.
pub(super) fn list(
    connection: &Connection,
    filter: &WaitingFilter,
    after: i64,
    limit: u32,
) -> Result<Vec<Waiting>, DbError> {
    let (first, after, limit) = (after, after.into(), i64::from(limit).into());
    match filter {
        WaitingFilter::OfBoth(user, course) => {
            let entry = one(connection, &[user.as_str().into(), course.get().into()])?;
            Ok(entry.into_iter().filter(|entry| entry.id > first).collect())
        }
        WaitingFilter::OfUser(user) => read_all(connection.query(OF_USER, &[user.as_str().into(), after, limit])?),
        WaitingFilter::OfCourse(course) => {
            let course = course.get().into();
            let mut entries = read_all(connection.query(OF_COURSE, &[course, after, limit])?)?;
            let before = connection.query(BEFORE, &[course, after])?.into_iter().next().ok_or_else(unreadable)?;
            let first = Columns::new(before).int()? + 1;
            for (entry, position) in entries.iter_mut().zip(first..) {
                entry.position = position;
            }
            Ok(entries)
        }
    }
}

fn one(connection: &Connection, key: &[Param<'_>]) -> Result<Option<Waiting>, DbError> {
    let row = match connection.query(ONE, key) {
        // A user id that the table cannot hold has no entry.
        Err(DbError::NotStorable) => None,
        result => result?.into_iter().next(),
    };
    row.map(|row| read(&mut Columns::new(row))).transpose()
}

fn read_all(rows: Vec<crate::sql::Row>) -> Result<Vec<Waiting>, DbError> {
    rows.into_iter().map(|row| read(&mut Columns::new(row))).collect()
}

fn read(columns: &mut Columns) -> Result<Waiting, DbError> {
    Ok(Waiting {
        id: columns.int()?,
        course_id: course_id(columns)?,
        user_id: UserId::stored(columns.text()?),
        since: millis(columns.int()?)?,
        position: columns.int()?,
    })
}
