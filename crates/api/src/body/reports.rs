//! What callers report about an enrolment: payments, failed payments, cancellations, refunds and another
//! buyer.

use super::fields::Fields;
use crate::Problem;
use crate::wire::words::fault;
use domain::EnrolmentId;
use domain::model::{note, payment, rebilling, refund};
#[cfg(feature = "openapi")]
use {super::buyer::BuyerForm, crate::wire::field, serde::Serialize, utoipa::ToSchema};

#[cfg(feature = "openapi")]
#[derive(Serialize, ToSchema)]
pub(super) struct Payment<'a> {
    #[schema(value_type = field::EnrolmentId)]
    pub(super) enrolment_id: i64,
    /// Optional check: 404 if the enrolment belongs to another user.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = field::UserId)]
    pub(super) user_id: Option<&'a str>,
    /// The amount paid, with tax; by default the course's price. It must not have more decimals than the currency.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = field::Amount)]
    pub(super) amount: Option<&'a str>,
    /// The buyer on the invoice; by default the user, with the address that their record has.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(super) buyer: Option<BuyerForm<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = field::tax_of_sale)]
    pub(super) tax: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = field::tax_exemption)]
    pub(super) tax_exemption: Option<&'a str>,
    /// The payment provider's own number. Each is recorded once: a repeated request gets 200 and changes nothing; for another enrolment, amount, tax or buyer it gets 409 `payment_already_recorded`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = field::Reference)]
    pub(super) reference: Option<&'a str>,
    /// How it was paid, in your words, such as `card`: visible characters of ASCII.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = field::Reference)]
    pub(super) method: Option<&'a str>,
    /// The day of the payment in Warsaw, today by default: on the invoice, the day of payment and of sale. 409 if it is in the future, or before 2000.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = Date, nullable = false)]
    pub(super) on: Option<&'a str>,
}

/// Parses a payment. Its amount is a decimal as a string, or a number.
///
/// # Errors
///
/// 400 with every fault.
pub fn parse_payment(body: &[u8]) -> Result<payment::Payment, Problem> {
    let mut fields = Fields::parse(body)?;
    let enrolment_id = fields.id("enrolment_id", EnrolmentId::new);
    let user_id = fields.if_given("user_id", Fields::user_id);
    let amount = fields.if_given("amount", Fields::amount);
    let buyer = fields.if_given("buyer", Fields::buyer).unwrap_or_default();
    let tax = fields.tax();
    let reference = fields.if_given("reference", Fields::reference);
    let method = fields.if_given("method", |fields, name| fields.text(name, "A method", payment::PaymentMethod::new));
    let on = fields.if_given("on", Fields::day);
    fields.finish(enrolment_id.map(|enrolment_id| payment::Payment {
        enrolment_id,
        user_id,
        amount,
        buyer,
        tax,
        reference,
        method,
        on,
    }))
}

#[cfg(feature = "openapi")]
#[derive(Serialize, ToSchema)]
pub(super) struct Note<'a> {
    #[schema(value_type = field::EnrolmentId)]
    pub(super) enrolment_id: i64,
    /// Optional check: 404 if the enrolment belongs to another user.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = field::UserId)]
    pub(super) user_id: Option<&'a str>,
    /// The reason. It is in the history, and in the mail about a cancellation.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = field::Reason)]
    pub(super) reason: Option<&'a str>,
}

/// Parses a cancellation or a failed payment.
///
/// # Errors
///
/// 400 with every fault.
pub fn parse_note(body: &[u8]) -> Result<note::Note, Problem> {
    let mut fields = Fields::parse(body)?;
    let note = fields.note();
    fields.finish(note)
}

#[cfg(feature = "openapi")]
#[derive(Serialize, ToSchema)]
pub(super) struct Refund<'a> {
    #[schema(value_type = field::EnrolmentId)]
    enrolment_id: i64,
    /// Optional check: 404 if the enrolment belongs to another user.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = field::UserId)]
    user_id: Option<&'a str>,
    /// The amount, by default all that is left. A refund of a part needs a `reference` or an `Idempotency-Key`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = field::Amount)]
    amount: Option<&'a str>,
    /// Whether it cancels an active enrolment; by default, if nothing is left.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    cancel: Option<bool>,
    /// The payment provider's own number of the refund. Each is recorded once: a repeated request gets 200 and changes nothing; for another enrolment or amount it gets 409 `refund_already_recorded`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = field::Reference)]
    reference: Option<&'a str>,
    /// The reason. It is in the history, in the mail and on the correction.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = field::Reason)]
    reason: Option<&'a str>,
}

/// Parses a refund.
///
/// # Errors
///
/// 400 with every fault.
pub fn parse_refund(body: &[u8]) -> Result<refund::Refund, Problem> {
    let mut fields = Fields::parse(body)?;
    let note = fields.note();
    let amount = fields.if_given("amount", Fields::amount);
    let cancel = fields.if_given("cancel", Fields::flag);
    let reference = fields.if_given("reference", Fields::reference);
    fields.finish(note.map(|note| refund::Refund { note, amount, cancel, reference }))
}

#[cfg(feature = "openapi")]
#[derive(Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Rebilling<'a> {
    #[schema(value_type = field::EnrolmentId)]
    enrolment_id: i64,
    /// Optional check: 404 if the enrolment belongs to another user.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = field::UserId)]
    user_id: Option<&'a str>,
    /// The new buyer.
    buyer: BuyerForm<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = field::tax_of_sale)]
    tax: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = field::tax_exemption)]
    tax_exemption: Option<&'a str>,
    /// The reason. It is on the correction.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = field::Reason)]
    reason: Option<&'a str>,
}

/// Parses a request to bill anew.
///
/// # Errors
///
/// 400 with every fault.
pub fn parse_rebilling(body: &[u8]) -> Result<rebilling::Rebilling, Problem> {
    let mut fields = Fields::parse(body)?;
    let note = fields.note();
    let buyer = if fields.object.contains_key("buyer") {
        fields.buyer("buyer")
    } else {
        fields.fault("buyer", fault::MISSING, "Field required")
    };
    let tax = fields.tax();
    fields.refuse_others(&["enrolment_id", "user_id", "buyer", "tax", "tax_exemption", "reason"]);
    fields.finish(note.zip(buyer).map(|(note, buyer)| rebilling::Rebilling { note, buyer, tax }))
}
