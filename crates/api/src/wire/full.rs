//! Enrolments in full.

use super::{Enrolment, by, time};
#[cfg(feature = "openapi")]
use crate::position;
use crate::position::Next;
use domain::model::full;
use domain::model::gtu::GtuCode;
use domain::model::language::Language;
use domain::model::note::Reason;
use domain::model::payment::PaymentMethod;
use domain::model::reference::PlatformReference;
use domain::model::terms::Tax;
use domain::{CourseTerms, Money};
use serde::Serialize;
use std::collections::BTreeMap;
#[cfg(feature = "openapi")]
use {
    super::enumerations,
    super::schemas::{CourseId, EnrolmentId},
    utoipa::ToSchema,
};

/// An enrolment with `?view=full`.
#[derive(Serialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
pub(crate) struct FullEnrolment<'a> {
    #[cfg_attr(feature = "openapi", schema(value_type = EnrolmentId))]
    pub(crate) id: i64,
    pub(crate) user_id: &'a str,
    #[cfg_attr(feature = "openapi", schema(value_type = CourseId))]
    pub(crate) course_id: i64,
    #[cfg_attr(feature = "openapi", schema(schema_with = enumerations::enrolment_status))]
    pub(crate) status: &'static str,
    #[cfg_attr(feature = "openapi", schema(schema_with = enumerations::payment_status))]
    pub(crate) payment_status: &'static str,
    /// The page that shows the invoice, or null.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub(crate) invoice_url: Option<&'a str>,
    /// Your own number.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub(crate) reference: Option<&'a str>,
    /// Your own texts.
    pub(crate) metadata: BTreeMap<&'a str, &'a str>,
    #[cfg_attr(feature = "openapi", schema(format = DateTime))]
    pub(crate) created_at: String,
    #[cfg_attr(feature = "openapi", schema(format = DateTime))]
    pub(crate) updated_at: String,
    /// When the course ends, or null.
    #[cfg_attr(feature = "openapi", schema(required, format = DateTime))]
    pub(crate) ends_at: Option<String>,
    /// Always null in this release.
    #[cfg_attr(feature = "openapi", schema(required, format = DateTime))]
    pub(crate) pay_until: Option<String>,
    /// The terms of the course at enrolment; null if an earlier release enrolled the user.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub(crate) terms: Option<TermsInFull<'a>>,
    /// The payment, or null.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub(crate) paid: Option<PaidInFull<'a>>,
    pub(crate) refunds: Vec<RefundInFull>,
    /// The amount of all refunds; null if it is not known.
    #[cfg_attr(feature = "openapi", schema(required, pattern = r"^[0-9]+\.[0-9]{2}$"))]
    pub(crate) refunded: Option<String>,
    /// The cancellation, or null.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub(crate) canceled: Option<CanceledInFull<'a>>,
}

/// The terms of a course at enrolment. A payment uses them.
#[derive(Serialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = EnrolmentTerms))]
pub(crate) struct TermsInFull<'a> {
    pub(crate) name: &'a str,
    /// With tax.
    #[cfg_attr(feature = "openapi", schema(pattern = r"^[0-9]+\.[0-9]{2}$"))]
    pub(crate) price: String,
    pub(crate) currency: &'a str,
    /// A rate in percent or `zw`; null for the tax of the service.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub(crate) tax: Option<&'a str>,
    #[cfg_attr(feature = "openapi", schema(required))]
    pub(crate) tax_exemption: Option<&'a str>,
    #[cfg_attr(feature = "openapi", schema(required))]
    pub(crate) gtu_code: Option<&'a str>,
    #[cfg_attr(feature = "openapi", schema(required))]
    pub(crate) language: Option<&'a str>,
    #[cfg_attr(feature = "openapi", schema(required, format = DateTime))]
    pub(crate) end_date: Option<String>,
}

/// A payment.
#[derive(Serialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = RecordedPayment))]
pub(crate) struct PaidInFull<'a> {
    /// With tax; null if it is not known.
    #[cfg_attr(feature = "openapi", schema(required, pattern = r"^[0-9]+\.[0-9]{2}$"))]
    pub(crate) amount: Option<String>,
    /// The date in Warsaw; null if an earlier release recorded the payment.
    #[cfg_attr(feature = "openapi", schema(required, format = Date))]
    pub(crate) on: Option<String>,
    /// The payment provider's own number, if it was given.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub(crate) reference: Option<&'a str>,
    /// How it was paid, if it was given.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub(crate) method: Option<&'a str>,
}

/// A refund.
#[derive(Serialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = RecordedRefund))]
pub(crate) struct RefundInFull {
    /// With tax; null if it is not known.
    #[cfg_attr(feature = "openapi", schema(required, pattern = r"^[0-9]+\.[0-9]{2}$"))]
    pub(crate) amount: Option<String>,
    #[cfg_attr(feature = "openapi", schema(format = DateTime))]
    pub(crate) at: String,
}

/// A cancellation.
#[derive(Serialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = Cancellation))]
pub(crate) struct CanceledInFull<'a> {
    /// When; null if an earlier release or another service canceled it.
    #[cfg_attr(feature = "openapi", schema(required, format = DateTime))]
    pub(crate) at: Option<String>,
    /// The caller's reason.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub(crate) reason: Option<&'a str>,
    /// The name of the caller's token, `service` for `service_token`; null if no token is required.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub(crate) by: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
pub(crate) struct FullEnrolmentList<'a> {
    pub(crate) enrolments: Vec<FullEnrolment<'a>>,
    #[cfg_attr(feature = "openapi", schema(schema_with = position::next, required))]
    pub(crate) next: Option<Next>,
}

impl<'a> From<&'a full::FullEnrolment> for FullEnrolment<'a> {
    fn from(full: &'a full::FullEnrolment) -> Self {
        let Enrolment { id, user_id, course_id, status, payment_status, invoice_url } = (&full.enrolment).into();
        let amount = |amount: Option<Money>| amount.map(|amount| amount.to_string());
        let refunds =
            full.refunds.iter().map(|refund| RefundInFull { amount: amount(refund.amount), at: time(refund.at) });
        let paid = full.paid.as_ref().map(|paid| PaidInFull {
            amount: amount(paid.amount),
            on: paid.on.map(|day| day.to_string()),
            reference: paid.reference.as_ref().map(PlatformReference::as_str),
            method: paid.method.as_ref().map(PaymentMethod::as_str),
        });
        let canceled = full.canceled.as_ref().map(|canceled| CanceledInFull {
            at: canceled.at.map(time),
            reason: canceled.reason.as_ref().map(Reason::as_str),
            by: by(canceled.by.as_ref()),
        });
        Self {
            id,
            user_id,
            course_id,
            status,
            payment_status,
            invoice_url,
            reference: full.reference.as_ref().map(PlatformReference::as_str),
            metadata: full.metadata.texts().collect(),
            created_at: time(full.created_at),
            updated_at: time(full.updated_at),
            ends_at: full.ends_at.map(time),
            pay_until: None,
            terms: full.terms.as_ref().map(TermsInFull::from),
            paid,
            refunds: refunds.collect(),
            refunded: amount(full.refunded()),
            canceled,
        }
    }
}

impl<'a> From<&'a CourseTerms> for TermsInFull<'a> {
    fn from(terms: &'a CourseTerms) -> Self {
        let CourseTerms { name, price, currency, tax, gtu_code, language, ends_at } = terms;
        Self {
            name,
            price: price.to_string(),
            currency: currency.code(),
            tax: tax.as_ref().map(Tax::word),
            tax_exemption: tax.as_ref().and_then(Tax::exemption),
            gtu_code: gtu_code.as_ref().map(GtuCode::as_str),
            language: language.map(Language::code),
            end_date: ends_at.map(time),
        }
    }
}
