//! Enrolments in full.

use super::row::{from_json, read, to_json};
use crate::sql::{Columns, Connection, DbError, Row, Sql, from_sql_day, from_sql_time, millis, unreadable};
use domain::model::asked::Author;
use domain::model::full::{CanceledInFull, FullEnrolment, PaidInFull, RefundInFull};
use domain::model::note::Reason;
use domain::model::payment::PaymentMethod;
use domain::model::reference::PlatformReference;
use domain::{CourseTerms, EnrolmentId, Money, PaymentStatus, Status};
use std::collections::BTreeMap;

/// Those whose ids are in an array of JSON. Without the fixed order of the join a server may walk
/// all enrolments and look into the array for each.
const FULL: Sql = Sql {
    mysql: "SELECT /* replica */ enrolments.id, user_id, course_id, status, payment_status, invoice_url, enrolments.reference,
                metadata, terms, CAST(enrolments.created_at AS CHAR), CAST(updated_at AS CHAR), CAST(course_end_date AS CHAR),
                paid_hundredths, paid_on, payments.reference, payments.method, refunded_at, canceled_at, canceled_by,
                reason
            FROM JSON_TABLE(?, '$[*]' COLUMNS (id INT PATH '$')) AS wanted
            STRAIGHT_JOIN enrolments ON enrolments.id = wanted.id
            LEFT JOIN payments FORCE INDEX (ix_payments_enrolment) ON payments.enrolment_id = enrolments.id",
    sqlite: "SELECT /* replica */ enrolments.id, user_id, course_id, status, payment_status, invoice_url, enrolments.reference,
                 metadata, terms, enrolments.created_at, updated_at, course_end_date, paid_hundredths, paid_on,
                 payments.reference, payments.method, refunded_at, canceled_at, canceled_by, reason
             FROM json_each(?) AS wanted
             CROSS JOIN enrolments ON enrolments.id = wanted.value
             LEFT JOIN payments ON payments.enrolment_id = enrolments.id",
};

/// These enrolments, in the order of `ids`.
pub(super) fn full(connection: &Connection, ids: &[EnrolmentId]) -> Result<Vec<FullEnrolment>, DbError> {
    let list = to_json(&ids.iter().map(|id| id.get()).collect::<Vec<_>>());
    let rows = connection.query(FULL, &[list.as_str().into()])?;
    let mut found = Vec::with_capacity(rows.len());
    let mut last = None;
    for row in rows {
        found.push(read_full(row, &mut last)?);
    }
    // They nearly always are in that order already.
    let places: BTreeMap<_, _> = ids.iter().zip(0..).collect();
    found.sort_by_key(|full| places.get(&full.enrolment.id).copied());
    Ok(found)
}

/// Terms with their JSON.
type Last = Option<(String, CourseTerms)>;

/// The terms. Parsing them takes 10,000 instructions, and enrolments of one course have the same as the
/// `last` ones.
fn read_terms(columns: &mut Columns, last: &mut Last) -> Result<Option<CourseTerms>, DbError> {
    let Some(json) = columns.optional_text()? else { return Ok(None) };
    let terms = match last {
        Some((known, terms)) if *known == json => terms.clone(),
        _ => {
            let terms: CourseTerms = serde_json::from_str(&json).map_err(|_| unreadable())?;
            last.insert((json, terms)).1.clone()
        }
    };
    Ok(Some(terms))
}

fn read_full(row: Row, last: &mut Last) -> Result<FullEnrolment, DbError> {
    let mut columns = Columns::new(row);
    let enrolment = read(&mut columns)?;
    let reference = columns.optional_text()?.map(PlatformReference::stored);
    let (metadata, terms) = (from_json(&mut columns)?.unwrap_or_default(), read_terms(&mut columns, last)?);
    let (created_at, updated_at) = (from_sql_time(&columns.text()?)?, from_sql_time(&columns.text()?)?);
    let ends_at = columns.optional_text()?.map(|time| from_sql_time(&time)).transpose()?;
    let amount = columns.optional_int()?;
    let amount = amount.map(|amount| Money::from_hundredths(amount).ok_or_else(unreadable)).transpose()?;
    let on = columns.optional_text()?.map(|day| from_sql_day(&day)).transpose()?;
    let reference_of_payment = columns.optional_text()?.map(PlatformReference::stored);
    let method = columns.optional_text()?.map(PaymentMethod::stored);
    let refunded_at = columns.optional_int()?.map(millis).transpose()?;
    let at = columns.optional_int()?.map(millis).transpose()?;
    let (by, reason) = (columns.optional_text()?.map(Author), columns.optional_text()?.map(Reason::stored));
    Ok(FullEnrolment {
        paid: (enrolment.payment_status == PaymentStatus::Paid).then_some(PaidInFull {
            amount,
            on,
            reference: reference_of_payment,
            method,
        }),
        refunds: refunded_at.into_iter().map(|at| RefundInFull { amount, at }).collect(),
        canceled: (enrolment.status == Status::Canceled).then_some(CanceledInFull { at, reason, by }),
        enrolment,
        reference,
        metadata,
        created_at,
        updated_at,
        ends_at,
        terms,
    })
}
