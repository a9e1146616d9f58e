//! Enrolments in full.

use super::row::{from_json, read, read_hold};
use super::view::{Timed, View};
use crate::sql::refunds;
use crate::sql::{Columns, Connection, DbError, Shape, Sql, from_sql_day, from_sql_time, millis, unreadable};
use chrono::{DateTime, Utc};
use domain::model::asked::Author;
use domain::model::full::{CanceledInFull, FullEnrolment, PaidInFull, RefundInFull};
use domain::model::note::Reason;
use domain::model::payment::PaymentMethod;
use domain::model::reference::PlatformReference;
use domain::{CourseTerms, Enrolment, PaymentStatus, Status};
use std::collections::BTreeMap;
use std::rc::Rc;

/// Terms by their JSON.
pub(super) type Known = BTreeMap<String, Rc<CourseTerms>>;

/// The terms. Parsing them takes 10,000 instructions, and enrolments of one course mostly have the same.
fn read_terms(columns: &mut Columns, known: &mut Known) -> Result<Option<Rc<CourseTerms>>, DbError> {
    let Some(json) = columns.optional_text()? else { return Ok(None) };
    if let Some(terms) = known.get(&json) {
        return Ok(Some(Rc::clone(terms)));
    }
    let terms = Rc::new(serde_json::from_str(&json).map_err(|_| unreadable())?);
    known.insert(json, Rc::clone(&terms));
    Ok(Some(terms))
}

impl View for FullEnrolment {
    const SHAPE: Shape = Shape {
        columns: Sql {
            mysql: "id, user_id, course_id, status, payment_status, invoice_url, reference, metadata, terms,
                CAST(created_at AS CHAR), CAST(updated_at AS CHAR), CAST(course_end_date AS CHAR), paid_hundredths,
                paid_on, payment_reference, payment_method, refunded_at, canceled_at, canceled_by, reason, pay_until,
                lapsed",
            sqlite: "id, user_id, course_id, status, payment_status, invoice_url, reference, metadata, terms,
                created_at, updated_at, course_end_date, paid_hundredths, paid_on, payment_reference, payment_method,
                refunded_at, canceled_at, canceled_by, reason, pay_until, lapsed",
        },
        joined: Sql {
            mysql: "LEFT JOIN (SELECT enrolment_id, reference AS payment_reference, method AS payment_method
                               FROM payments FORCE INDEX (ix_payments_enrolment)) AS payment ON enrolment_id = id",
            sqlite: "LEFT JOIN (SELECT enrolment_id, reference AS payment_reference, method AS payment_method
                                FROM payments) AS payment ON enrolment_id = id",
        },
    };

    type Kept = Known;

    fn read(columns: &mut Columns, known: &mut Known) -> Result<Self, DbError> {
        let enrolment = read(columns)?;
        let reference = columns.optional_text()?.map(PlatformReference::stored);
        let (metadata, terms) = (from_json(columns)?.unwrap_or_default(), read_terms(columns, known)?);
        let (created_at, updated_at) = (from_sql_time(&columns.text()?)?, from_sql_time(&columns.text()?)?);
        let ends_at = columns.optional_text()?.map(|time| from_sql_time(&time)).transpose()?;
        let amount = columns.optional_money()?;
        let on = columns.optional_text()?.map(|day| from_sql_day(&day)).transpose()?;
        let reference_of_payment = columns.optional_text()?.map(PlatformReference::stored);
        let method = columns.optional_text()?.map(PaymentMethod::stored);
        let refunded_at = columns.optional_int()?.map(millis).transpose()?;
        let at = columns.optional_int()?.map(millis).transpose()?;
        let (by, reason) = (columns.optional_text()?.map(Author), columns.optional_text()?.map(Reason::stored));
        let (pay_until, lapsed) = read_hold(columns)?;
        Ok(FullEnrolment {
            paid: (enrolment.payment_status == PaymentStatus::Paid).then_some(PaidInFull {
                amount,
                on,
                reference: reference_of_payment,
                method,
            }),
            refunds: refunded_at.into_iter().map(|at| RefundInFull { amount, at, reference: None }).collect(),
            canceled: (enrolment.status == Status::Canceled).then_some(CanceledInFull { at, reason, by }),
            enrolment,
            reference,
            metadata,
            created_at,
            updated_at,
            ends_at,
            pay_until,
            lapsed,
            terms,
        })
    }

    fn enrolment(&self) -> &Enrolment {
        &self.enrolment
    }
}

/// Adds the recorded refunds. An enrolment that a release without them refunded keeps its one.
pub(super) fn add_refunds(connection: &Connection, found: &mut [FullEnrolment]) -> Result<(), DbError> {
    let refunded = found.iter().filter(|full| !full.refunds.is_empty());
    let refunded: Vec<_> = refunded.map(|full| full.enrolment.id.get()).collect();
    if refunded.is_empty() {
        return Ok(());
    }
    let mut recorded = refunds::of_enrolments(connection, &refunded)?;
    for full in found {
        if let Some(refunds) = recorded.remove(&full.enrolment.id) {
            full.refunds = refunds;
        }
    }
    Ok(())
}

impl Timed for FullEnrolment {
    fn created_at(&self) -> DateTime<Utc> {
        self.created_at
    }

    fn updated_at(&self) -> DateTime<Utc> {
        self.updated_at
    }

    fn reference(&self) -> Option<&str> {
        self.reference.as_ref().map(PlatformReference::as_str)
    }
}
