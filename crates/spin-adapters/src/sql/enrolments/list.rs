//! Lists of enrolments by what they have in common.
//!
//! Each is a walk along one index from an id on. What else is asked for is looked at here.

use super::view::View;
use crate::sql::paging;
use crate::sql::words;
use crate::sql::{Columns, Connection, DbError, Param, Sql};
use domain::model::filter::{Filter, Listed, Position};

// With the hints MySQL walks the index that has all of a list. Without them it sometimes
// walks the primary key instead.

const ALL: Sql = Sql {
    mysql: "SELECT /* replica */ {columns}
            FROM enrolments FORCE INDEX (PRIMARY) {joined}
            WHERE enrolments.id > ?
            ORDER BY enrolments.id
            LIMIT ?",
    sqlite: "SELECT /* replica */ {columns}
             FROM enrolments {joined}
             WHERE enrolments.id > ?
             ORDER BY enrolments.id
             LIMIT ?",
};
const BY_USER: Sql = Sql {
    mysql: "SELECT /* replica */ {columns}
            FROM enrolments FORCE INDEX (ix_enrolments_user_id) {joined}
            WHERE user_id = ? AND enrolments.id > ?
            ORDER BY enrolments.id
            LIMIT ?",
    sqlite: "SELECT /* replica */ {columns}
             FROM enrolments {joined}
             WHERE user_id = ? AND enrolments.id > ?
             ORDER BY enrolments.id
             LIMIT ?",
};
const BY_COURSE: Sql = Sql {
    mysql: "SELECT /* replica */ {columns}
            FROM enrolments FORCE INDEX (ix_enrolments_course_id) {joined}
            WHERE course_id = ? AND enrolments.id > ?
            ORDER BY enrolments.id
            LIMIT ?",
    sqlite: "SELECT /* replica */ {columns}
             FROM enrolments {joined}
             WHERE course_id = ? AND enrolments.id > ?
             ORDER BY enrolments.id
             LIMIT ?",
};
const BY_COURSE_AND_STATUS: Sql = Sql {
    mysql: "SELECT /* replica */ {columns}
            FROM enrolments FORCE INDEX (ix_enrolments_course_status) {joined}
            WHERE course_id = ? AND status = ? AND enrolments.id > ?
            ORDER BY enrolments.id
            LIMIT ?",
    sqlite: "SELECT /* replica */ {columns}
             FROM enrolments {joined}
             WHERE course_id = ? AND status = ? AND enrolments.id > ?
             ORDER BY enrolments.id
             LIMIT ?",
};
const BY_STATUS: Sql = Sql {
    mysql: "SELECT /* replica */ {columns}
            FROM enrolments FORCE INDEX (ix_enrolments_active) {joined}
            WHERE status = ? AND enrolments.id > ?
            ORDER BY enrolments.id
            LIMIT ?",
    sqlite: "SELECT /* replica */ {columns}
             FROM enrolments {joined}
             WHERE status = ? AND enrolments.id > ?
             ORDER BY enrolments.id
             LIMIT ?",
};
const BY_PAYMENT: Sql = Sql {
    mysql: "SELECT /* replica */ {columns}
            FROM enrolments FORCE INDEX (ix_enrolments_payment) {joined}
            WHERE payment_status = ? AND enrolments.id > ?
            ORDER BY enrolments.id
            LIMIT ?",
    sqlite: "SELECT /* replica */ {columns}
             FROM enrolments {joined}
             WHERE payment_status = ? AND enrolments.id > ?
             ORDER BY enrolments.id
             LIMIT ?",
};

const BY_REFERENCE: Sql = Sql {
    mysql: "SELECT /* replica */ {columns}
            FROM enrolments FORCE INDEX (ix_enrolments_reference) {joined}
            WHERE enrolments.reference = ? AND enrolments.id > ?
            ORDER BY enrolments.id
            LIMIT ?",
    sqlite: "SELECT /* replica */ {columns}
             FROM enrolments {joined}
             WHERE enrolments.reference = ? AND enrolments.id > ?
             ORDER BY enrolments.id
             LIMIT ?",
};

/// Enrolments above the id `after` that `filter` lets through, in the order of ids.
pub(super) fn list<V: View>(
    connection: &Connection,
    filter: &Filter,
    after: i64,
    limit: u32,
) -> Result<Listed<V>, DbError> {
    let (sql, by, exact) = walk(filter);
    let read = |after: &i64, rows: u32| {
        walked(connection, sql, &[by.as_slice(), &[(*after).into(), i64::from(rows).into()]].concat())
    };
    // A user id is looked at in any case: the column may not tell two of them apart.
    let wanted = |view: &V| filter.matches(view.enrolment());
    let (enrolments, next) = paging::page(limit, exact, after, read, |view| view.enrolment().id.get(), wanted)?;
    Ok(Listed { enrolments, next: next.map(|id| Position { at: None, id }) })
}

/// The rows of a statement, which are read one after the other. A user id that the table cannot
/// hold has none.
pub(super) fn walked<V: View>(
    connection: &Connection,
    sql: Sql,
    params: &[Param<'_>],
) -> Result<impl ExactSizeIterator<Item = Result<V, DbError>> + use<V>, DbError> {
    let rows = match connection.query_shape(sql, V::SHAPE, params) {
        Err(DbError::NotStorable) => Vec::new(),
        result => result?,
    };
    let mut kept = V::Kept::default();
    Ok(rows.into_iter().map(move |row| V::read(&mut Columns::new(row), &mut kept)))
}

/// The index to walk, what it is walked by, and whether nearly all on the way is wanted.
fn walk(filter: &Filter) -> (Sql, Vec<Param<'_>>, bool) {
    let Filter { user_id, course_id, status, payment_status, reference, .. } = filter;
    if let Some(reference) = reference {
        let all = user_id.is_none() && course_id.is_none() && status.is_none() && payment_status.is_none();
        return (BY_REFERENCE, vec![reference.as_str().into()], all);
    }
    let (status_word, payment_word) = (status.map(words::of_status), payment_status.map(words::of_payment));
    match (user_id, course_id, status_word, payment_word) {
        (Some(user), course, status, payment) => {
            (BY_USER, vec![user.as_str().into()], course.is_none() && status.is_none() && payment.is_none())
        }
        (None, Some(course), Some(status), payment) => {
            (BY_COURSE_AND_STATUS, vec![course.get().into(), status.into()], payment.is_none())
        }
        (None, Some(course), None, payment) => (BY_COURSE, vec![course.get().into()], payment.is_none()),
        (None, None, Some(status), payment) => (BY_STATUS, vec![status.into()], payment.is_none()),
        (None, None, None, Some(payment)) => (BY_PAYMENT, vec![payment.into()], true),
        (None, None, None, None) => (ALL, Vec::new(), true),
    }
}
