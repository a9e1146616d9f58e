//! Lists of enrolments by what they have in common.
//!
//! Each is a walk along one index from an id on. What else is asked for is looked at here.

use super::row::read;
use crate::sql::paging;
use crate::sql::words;
use crate::sql::{Columns, Connection, DbError, Param, Sql};
use domain::Enrolment;
use domain::model::filter::{Filter, Listed, Position};

// With the hints MySQL walks the index that has all of a list. Without them it sometimes
// walks the primary key instead.

const ALL: Sql = Sql {
    mysql: "SELECT /* replica */ id, user_id, course_id, status, payment_status, invoice_url
            FROM enrolments FORCE INDEX (PRIMARY)
            WHERE id > ?
            ORDER BY id
            LIMIT ?",
    sqlite: "SELECT /* replica */ id, user_id, course_id, status, payment_status, invoice_url
             FROM enrolments
             WHERE id > ?
             ORDER BY id
             LIMIT ?",
};
const BY_USER: Sql = Sql {
    mysql: "SELECT /* replica */ id, user_id, course_id, status, payment_status, invoice_url
            FROM enrolments FORCE INDEX (ix_enrolments_user_id)
            WHERE user_id = ? AND id > ?
            ORDER BY id
            LIMIT ?",
    sqlite: "SELECT /* replica */ id, user_id, course_id, status, payment_status, invoice_url
             FROM enrolments
             WHERE user_id = ? AND id > ?
             ORDER BY id
             LIMIT ?",
};
const BY_COURSE: Sql = Sql {
    mysql: "SELECT /* replica */ id, user_id, course_id, status, payment_status, invoice_url
            FROM enrolments FORCE INDEX (ix_enrolments_course_id)
            WHERE course_id = ? AND id > ?
            ORDER BY id
            LIMIT ?",
    sqlite: "SELECT /* replica */ id, user_id, course_id, status, payment_status, invoice_url
             FROM enrolments
             WHERE course_id = ? AND id > ?
             ORDER BY id
             LIMIT ?",
};
const BY_COURSE_AND_STATUS: Sql = Sql {
    mysql: "SELECT /* replica */ id, user_id, course_id, status, payment_status, invoice_url
            FROM enrolments FORCE INDEX (ix_enrolments_course_status)
            WHERE course_id = ? AND status = ? AND id > ?
            ORDER BY id
            LIMIT ?",
    sqlite: "SELECT /* replica */ id, user_id, course_id, status, payment_status, invoice_url
             FROM enrolments
             WHERE course_id = ? AND status = ? AND id > ?
             ORDER BY id
             LIMIT ?",
};
const BY_STATUS: Sql = Sql {
    mysql: "SELECT /* replica */ id, user_id, course_id, status, payment_status, invoice_url
            FROM enrolments FORCE INDEX (ix_enrolments_active)
            WHERE status = ? AND id > ?
            ORDER BY id
            LIMIT ?",
    sqlite: "SELECT /* replica */ id, user_id, course_id, status, payment_status, invoice_url
             FROM enrolments
             WHERE status = ? AND id > ?
             ORDER BY id
             LIMIT ?",
};
const BY_PAYMENT: Sql = Sql {
    mysql: "SELECT /* replica */ id, user_id, course_id, status, payment_status, invoice_url
            FROM enrolments FORCE INDEX (ix_enrolments_payment)
            WHERE payment_status = ? AND id > ?
            ORDER BY id
            LIMIT ?",
    sqlite: "SELECT /* replica */ id, user_id, course_id, status, payment_status, invoice_url
             FROM enrolments
             WHERE payment_status = ? AND id > ?
             ORDER BY id
             LIMIT ?",
};

const BY_REFERENCE: Sql = Sql {
    mysql: "SELECT /* replica */ id, user_id, course_id, status, payment_status, invoice_url
            FROM enrolments FORCE INDEX (ix_enrolments_reference)
            WHERE reference = ? AND id > ?
            ORDER BY id
            LIMIT ?",
    sqlite: "SELECT /* replica */ id, user_id, course_id, status, payment_status, invoice_url
             FROM enrolments
             WHERE reference = ? AND id > ?
             ORDER BY id
             LIMIT ?",
};

/// Enrolments above the id `after` that `filter` lets through.
pub(super) fn list(connection: &Connection, filter: &Filter, after: i64, limit: u32) -> Result<Listed, DbError> {
    let (sql, mut row, exact) = walk(filter);
    let rows = paging::rows(limit, exact);
    row.extend([Param::from(after), Param::from(i64::from(rows))]);
    let walked = match connection.query(sql, &row) {
        // A user id that the table cannot hold has no enrolments.
        Err(DbError::NotStorable) => Vec::new(),
        result => result?,
    };
    let walked = walked.into_iter().map(|row| read(&mut Columns::new(row))).collect::<Result<Vec<_>, _>>()?;
    // A user id is looked at in any case: the column may not tell two of them apart.
    let wanted = |enrolment: &Enrolment| filter.matches(enrolment);
    let (enrolments, next) = paging::page(walked, rows, limit, |enrolment| enrolment.id.get(), wanted);
    Ok(Listed { enrolments, next: next.map(|id| Position { at: None, id }) })
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
