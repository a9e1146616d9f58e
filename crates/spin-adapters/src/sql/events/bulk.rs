//! Events of many enrolments at once.

use super::at_and_by;
use crate::sql::{Connection, DbError, Sql};
use chrono::{DateTime, Utc};
use domain::model::asked::Author;
use domain::model::event::EventKind;

/// Of the enrolments whose ids are in an array of JSON, as their rows are in this transaction, which holds them.
/// About the fixed order of the join see `refunds.rs`.
const INSERT: Sql = Sql {
    mysql: "INSERT INTO events (enrolment_id, kind, occurred_at, done_by, user_id, course_id, status, payment_status,
                invoice_url)
            SELECT enrolments.id, ?, ?, ?, user_id, course_id, status, payment_status, invoice_url
            FROM JSON_TABLE(?, '$[*]' COLUMNS (id INT PATH '$')) AS wanted
            STRAIGHT_JOIN enrolments ON enrolments.id = wanted.id",
    sqlite: "INSERT INTO events (enrolment_id, kind, occurred_at, done_by, user_id, course_id, status, payment_status,
                 invoice_url)
             SELECT enrolments.id, ?, ?, ?, user_id, course_id, status, payment_status, invoice_url
             FROM json_each(?) AS wanted
             CROSS JOIN enrolments ON enrolments.id = wanted.value",
};

/// Adds an event for each enrolment whose id is in this array of JSON, when their rows are written.
pub(crate) fn insert_of_all(
    connection: &Connection,
    kind: EventKind,
    ids: &str,
    done: (DateTime<Utc>, Option<&Author>),
) -> Result<(), DbError> {
    let [at, by] = at_and_by(done);
    connection.execute(INSERT, &[kind.as_str().into(), at, by, ids.into()])
}
