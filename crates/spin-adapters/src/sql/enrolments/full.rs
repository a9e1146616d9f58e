//! Enrolments in full.

use super::row::read;
use super::view::{Timed, View};
use crate::sql::packed::Packed;
use crate::sql::refunds;
use crate::sql::{Columns, Connection, DbError, Shape, Sql, from_sql_day, from_sql_time, millis, unreadable};
use chrono::{DateTime, Utc};
use domain::model::asked::Author;
use domain::model::full::{CanceledInFull, FullEnrolment, PaidInFull, RefundInFull};
use domain::model::metadata::StoredMetadata;
use domain::model::note::Reason;
use domain::model::payment::PaymentMethod;
use domain::model::reference::PlatformReference;
use domain::{CourseTerms, Enrolment, PaymentStatus, Status};
use serde::de::IgnoredAny;
use std::collections::BTreeMap;
use std::rc::Rc;

/// Terms by their JSON.
pub(super) type Known = BTreeMap<String, Rc<CourseTerms>>;

/// It is not parsed, but it is JSON.
fn read_metadata(stored: Option<String>) -> Result<Option<StoredMetadata>, DbError> {
    let Some(json) = stored else { return Ok(None) };
    serde_json::from_str::<IgnoredAny>(&json).map_err(|_| unreadable())?;
    Ok(Some(StoredMetadata(json)))
}

/// The terms. Parsing them takes 10,000 instructions, and enrolments of one course mostly have the same.
fn read_terms(json: Option<String>, known: &mut Known) -> Result<Option<Rc<CourseTerms>>, DbError> {
    let Some(json) = json else { return Ok(None) };
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
            mysql: "enrolments.id, user_id, course_id, status, payment_status, invoice_url, metadata, terms,
                CONCAT_WS('\u{1f}', IFNULL(enrolments.reference, ''), enrolments.created_at, updated_at,
                    IFNULL(course_end_date, ''), IFNULL(pay_until, ''), IFNULL(lapsed, ''),
                    IFNULL(paid_hundredths, ''), IFNULL(paid_on, ''), IFNULL(payments.reference, ''),
                    IFNULL(method, ''), IFNULL(refunded_at, ''), IFNULL(canceled_at, ''), IFNULL(canceled_by, ''),
                    IFNULL(reason, ''))",
            sqlite: "enrolments.id, user_id, course_id, status, payment_status, invoice_url, metadata, terms,
                printf('%s\u{1f}%s\u{1f}%s\u{1f}%s\u{1f}%s\u{1f}%s\u{1f}%s\u{1f}\
                        %s\u{1f}%s\u{1f}%s\u{1f}%s\u{1f}%s\u{1f}%s\u{1f}%s',
                    enrolments.reference, enrolments.created_at, updated_at, course_end_date, pay_until, lapsed,
                    paid_hundredths, paid_on, payments.reference, method, refunded_at, canceled_at, canceled_by,
                    reason)",
        },
        joined: Sql {
            mysql: "LEFT JOIN payments FORCE INDEX (ix_payments_enrolment) ON enrolment_id = enrolments.id",
            sqlite: "LEFT JOIN payments ON enrolment_id = enrolments.id",
        },
    };

    type Kept = Known;

    fn read(columns: &mut Columns, known: &mut Known) -> Result<Self, DbError> {
        let (enrolment, metadata) = (read(columns)?, read_metadata(columns.optional_text()?)?);
        let (terms, rest) = (read_terms(columns.optional_text()?, known)?, columns.text()?);
        let mut rest = Packed::new(&rest);
        let reference = rest.optional_text()?.map(platform_reference);
        let (created_at, updated_at) = (from_sql_time(rest.text()?)?, from_sql_time(rest.text()?)?);
        let ends_at = rest.optional_text()?.map(from_sql_time).transpose()?;
        let pay_until = rest.optional_int()?.map(millis).transpose()?;
        let lapsed = rest.optional_int()?.is_some();
        let paid = PaidInFull {
            amount: rest.optional_money()?,
            on: rest.optional_text()?.map(from_sql_day).transpose()?,
            reference: rest.optional_text()?.map(platform_reference),
            method: rest.optional_text()?.map(|method| PaymentMethod::stored(method.to_owned())),
        };
        let refunded_at = rest.optional_int()?.map(millis).transpose()?;
        let canceled = CanceledInFull {
            at: rest.optional_int()?.map(millis).transpose()?,
            by: rest.optional_text()?.map(|name| Author(name.to_owned())),
            reason: rest.optional_text()?.map(|reason| Reason::stored(reason.to_owned())),
        };
        rest.end()?;
        let refund = |at| RefundInFull { amount: paid.amount, at, reference: None };
        Ok(FullEnrolment {
            refunds: refunded_at.into_iter().map(refund).collect(),
            paid: (enrolment.payment_status == PaymentStatus::Paid).then_some(paid),
            canceled: (enrolment.status == Status::Canceled).then_some(canceled),
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

fn platform_reference(stored: &str) -> PlatformReference {
    PlatformReference::stored(stored.to_owned())
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
