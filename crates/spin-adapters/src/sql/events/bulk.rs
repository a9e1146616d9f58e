//! Events of many enrolments at once.

use super::at_and_by;
use crate::sql::{Connection, DbError, Param, Sql};
use chrono::{DateTime, Utc};
use domain::EnrolmentId;
use domain::model::asked::Author;
use domain::model::event::EventKind;

/// Of the rows that the transaction is about to complete.
const OF_ENDED: Sql = Sql {
    mysql: "INSERT INTO events (enrolment_id, kind, occurred_at, done_by, user_id, course_id, status, payment_status,
                invoice_url)
            SELECT id, ?, ?, ?, user_id, course_id, 'COMPLETED', payment_status, invoice_url
            FROM enrolments FORCE INDEX (ix_enrolments_expiry)
            WHERE status = 'ACTIVE' AND (course_end_date < ? OR course_end_date = ? AND id <= ?)
            ORDER BY id",
    sqlite: "INSERT INTO events (enrolment_id, kind, occurred_at, done_by, user_id, course_id, status, payment_status,
                 invoice_url)
             SELECT id, ?, ?, ?, user_id, course_id, 'COMPLETED', payment_status, invoice_url
             FROM enrolments
             WHERE id IN (SELECT id FROM enrolments WHERE status = 'ACTIVE' AND course_end_date < ?
                          UNION ALL
                          SELECT id FROM enrolments WHERE status = 'ACTIVE' AND course_end_date = ? AND id <= ?)
             ORDER BY id",
};

/// Of the rows that the transaction is about to cancel. It locks them, so below and in `notices.rs`. Without
/// locks MariaDB (10.11.19) misses rows by an index of a generated column, while it keeps older versions of them
/// for another transaction.
const OF_LAPSED: Sql = Sql {
    mysql: "INSERT INTO events (enrolment_id, kind, occurred_at, done_by, user_id, course_id, status, payment_status,
                invoice_url)
            SELECT id, ?, ?, ?, user_id, course_id, 'CANCELED', payment_status, invoice_url
            FROM enrolments FORCE INDEX (ix_enrolments_course_unpaid)
            WHERE course_id = ? AND (unpaid_until < ? OR unpaid_until = ? AND id <= ?)
            ORDER BY id
            FOR UPDATE",
    sqlite: "INSERT INTO events (enrolment_id, kind, occurred_at, done_by, user_id, course_id, status, payment_status,
                 invoice_url)
             SELECT id, ?, ?, ?, user_id, course_id, 'CANCELED', payment_status, invoice_url
             FROM enrolments
             WHERE course_id = ? AND unpaid_until <= ? AND (unpaid_until < ? OR id <= ?)
             ORDER BY id",
};

/// Of the users on a waiting list who are enrolled now.
const OF_OFFERED: Sql = Sql {
    mysql: "INSERT INTO events (enrolment_id, kind, occurred_at, user_id, course_id, status, payment_status)
            SELECT e.id, ?, ?, e.user_id, e.course_id, e.status, e.payment_status
            FROM waiting AS w
            JOIN enrolments AS e ON e.user_id = w.user_id AND e.course_id = w.course_id AND e.is_open = 1
            WHERE w.course_id = ? AND w.id <= ?
            ORDER BY w.id
            FOR UPDATE",
    sqlite: "INSERT INTO events (enrolment_id, kind, occurred_at, user_id, course_id, status, payment_status)
             SELECT e.id, ?, ?, e.user_id, e.course_id, e.status, e.payment_status
             FROM waiting AS w
             JOIN enrolments AS e ON e.user_id = w.user_id AND e.course_id = w.course_id AND e.is_open = 1
             WHERE w.course_id = ? AND w.id <= ?
             ORDER BY w.id",
};

/// Of every row up to one that is completed next: its end, in the form of the
/// column, and its number.
pub(crate) fn insert_of_ended(
    connection: &Connection,
    done: (DateTime<Utc>, Option<&Author>),
    (end, id): (&str, EnrolmentId),
) -> Result<(), DbError> {
    let ([at, by], kind) = (at_and_by(done), EventKind::Completed.as_str());
    connection.execute(OF_ENDED, &[kind.into(), at, by, end.into(), end.into(), id.get().into()])
}

/// Of the enrolments of a course that lapse next: up to this time and this number.
pub(crate) fn insert_of_lapsed(
    connection: &Connection,
    done: (DateTime<Utc>, Option<&Author>),
    range: &[Param<'_>; 4],
) -> Result<(), DbError> {
    let ([at, by], kind) = (at_and_by(done), EventKind::Lapsed.as_str());
    connection.execute(OF_LAPSED, &[&[kind.into(), at, by], range.as_slice()].concat())
}

/// Of those who waited for a course, up to this entry, and have a seat.
pub(crate) fn insert_of_offered(
    connection: &Connection,
    kind: EventKind,
    now: DateTime<Utc>,
    [course, last]: [Param<'_>; 2],
) -> Result<(), DbError> {
    connection.execute(OF_OFFERED, &[kind.as_str().into(), now.timestamp_millis().into(), course, last])
}
