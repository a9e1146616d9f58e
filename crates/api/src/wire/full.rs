//! Enrolments in full: the source of `openapi.json`. They are written without these types, because a
//! page has a thousand; tests compare both.

use super::enumerations;
use super::field::{CourseId, EnrolmentId};
use crate::position::{self, Next};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// An enrolment with `?view=full`.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FullEnrolment {
    #[schema(value_type = EnrolmentId)]
    pub(crate) id: i64,
    pub(crate) user_id: String,
    #[schema(value_type = CourseId)]
    pub(crate) course_id: i64,
    #[schema(schema_with = enumerations::enrolment_status)]
    pub(crate) status: String,
    #[schema(schema_with = enumerations::payment_status)]
    pub(crate) payment_status: String,
    /// The page that shows the invoice, or null.
    #[schema(required)]
    pub(crate) invoice_url: Option<String>,
    /// Your own number.
    #[schema(required)]
    pub(crate) reference: Option<String>,
    /// Your own texts.
    pub(crate) metadata: BTreeMap<String, String>,
    #[schema(format = DateTime)]
    pub(crate) created_at: String,
    #[schema(format = DateTime)]
    pub(crate) updated_at: String,
    /// When the course ends, or null.
    #[schema(required, format = DateTime)]
    pub(crate) ends_at: Option<String>,
    /// Until when the seat is held without a payment; null if there is no such time.
    #[schema(required, format = DateTime)]
    pub(crate) pay_until: Option<String>,
    /// Whether it was canceled because it was not paid by then. It can still be paid.
    pub(crate) lapsed: bool,
    /// The terms of the course at enrolment; null if an earlier release enrolled the user.
    #[schema(required)]
    pub(crate) terms: Option<TermsInFull>,
    /// The payment, or null.
    #[schema(required)]
    pub(crate) paid: Option<PaidInFull>,
    /// The oldest first.
    pub(crate) refunds: Vec<RefundInFull>,
    /// The amount of all refunds; null if it is not known.
    #[schema(required, pattern = r"^[0-9]+\.[0-9]{2}$")]
    pub(crate) refunded: Option<String>,
    /// The cancellation, or null.
    #[schema(required)]
    pub(crate) canceled: Option<CanceledInFull>,
}

/// The terms of a course at enrolment. A payment uses them.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = EnrolmentTerms)]
pub(crate) struct TermsInFull {
    pub(crate) name: String,
    /// With tax.
    #[schema(pattern = r"^[0-9]+\.[0-9]{2}$")]
    pub(crate) price: String,
    pub(crate) currency: String,
    /// A rate in percent or `zw`; null for the tax of the service.
    #[schema(required)]
    pub(crate) tax: Option<String>,
    #[schema(required)]
    pub(crate) tax_exemption: Option<String>,
    #[schema(required)]
    pub(crate) gtu_code: Option<String>,
    #[schema(required)]
    pub(crate) language: Option<String>,
    #[schema(required, format = DateTime)]
    pub(crate) end_date: Option<String>,
}

/// A payment.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RecordedPayment)]
pub(crate) struct PaidInFull {
    /// With tax; null if it is not known.
    #[schema(required, pattern = r"^[0-9]+\.[0-9]{2}$")]
    pub(crate) amount: Option<String>,
    /// The date in Warsaw; null if an earlier release recorded the payment.
    #[schema(required, format = Date)]
    pub(crate) on: Option<String>,
    /// The payment provider's own number, if it was given.
    #[schema(required)]
    pub(crate) reference: Option<String>,
    /// How it was paid, if it was given.
    #[schema(required)]
    pub(crate) method: Option<String>,
}

/// A refund.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RecordedRefund)]
pub(crate) struct RefundInFull {
    /// With tax; null if it is not known.
    #[schema(required, pattern = r"^[0-9]+\.[0-9]{2}$")]
    pub(crate) amount: Option<String>,
    #[schema(format = DateTime)]
    pub(crate) at: String,
    /// The payment provider's own number, if it was given.
    #[schema(required)]
    pub(crate) reference: Option<String>,
}

/// A cancellation.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Cancellation)]
pub(crate) struct CanceledInFull {
    /// When; null if an earlier release or another service canceled it.
    #[schema(required, format = DateTime)]
    pub(crate) at: Option<String>,
    /// The caller's reason.
    #[schema(required)]
    pub(crate) reason: Option<String>,
    /// The name of the caller's token, `service` for `service_token`; null if no token is required.
    #[schema(required)]
    pub(crate) by: Option<String>,
}

#[derive(Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FullEnrolmentList {
    pub(crate) enrolments: Vec<FullEnrolment>,
    #[schema(schema_with = position::next, required)]
    pub(crate) next: Option<Next>,
}
