//! What goes over the wire, each form once, as a type; in [`words`], each word once.
//!
//! With the feature `openapi`, which no component has, the same types describe
//! themselves: comments on them and their fields are what callers read in
//! `openapi.json`. What is written or read by hand is in `by_hand`, as types that
//! the tests hold that to.

#[cfg(any(test, feature = "openapi"))]
pub(crate) mod by_hand;
#[cfg(feature = "openapi")]
mod schemas;
pub(crate) mod words;

#[cfg(feature = "openapi")]
pub use schemas::schemas;

use serde::Serialize;
use std::borrow::Cow;
#[cfg(feature = "openapi")]
use {
    schemas::{CourseNumber, EnrolmentNumber},
    utoipa::ToSchema,
};

#[derive(Serialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
pub(crate) struct Error<'a> {
    /// For people.
    pub(crate) message: &'a str,
    #[cfg_attr(feature = "openapi", schema(schema_with = words::code::schema))]
    pub(crate) error: &'a str,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    #[cfg_attr(feature = "openapi", schema(min_items = 1))]
    pub(crate) details: &'a [Detail],
    /// With `gone` for events: the id of the oldest one that there is, or of the next one.
    /// A reader that lost its place goes on from the number before it, or without `after`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(minimum = 1, nullable = false))]
    pub(crate) oldest: Option<i64>,
}

/// One fault of a request's body, its query or a header.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
pub struct Detail {
    /// The field or parameter, outermost first; empty for the body as a whole.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>))]
    pub loc: Vec<Cow<'static, str>>,
    /// What is wrong with it, in a sentence.
    pub msg: String,
    /// The same for programs.
    #[serde(rename = "type")]
    #[cfg_attr(feature = "openapi", schema(schema_with = words::fault::schema))]
    pub kind: &'static str,
}

#[derive(Serialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
pub(crate) struct Delivery<'a> {
    pub(crate) id: i64,
    #[cfg_attr(feature = "openapi", schema(value_type = EnrolmentNumber))]
    pub(crate) enrolment_id: i64,
    #[cfg_attr(feature = "openapi", schema(schema_with = words::kinds))]
    pub(crate) kind: &'a str,
    #[cfg_attr(feature = "openapi", schema(schema_with = words::delivery_states))]
    pub(crate) state: &'static str,
    pub(crate) attempts: u32,
    #[cfg_attr(feature = "openapi", schema(format = DateTime, required))]
    pub(crate) due_at: Option<String>,
    /// Why the last attempt failed, for programs.
    #[cfg_attr(feature = "openapi", schema(required, schema_with = words::reasons))]
    pub(crate) reason: Option<&'a str>,
    /// The same, for people.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub(crate) last_error: Option<String>,
    #[cfg_attr(feature = "openapi", schema(format = DateTime))]
    pub(crate) created_at: String,
}

#[derive(Serialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
pub(crate) struct DeliveryList<'a> {
    pub(crate) deliveries: Vec<Delivery<'a>>,
    /// The number to go on after, or null.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub(crate) next: Option<i64>,
}

/// An invoice, or the correction that takes it back. Of an invoice that another service or
/// an earlier release had issued, only the page is known.
#[derive(Serialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
pub(crate) struct Document<'a> {
    #[cfg_attr(feature = "openapi", schema(schema_with = words::document_kinds))]
    pub(crate) kind: &'static str,
    /// As customers and tax offices know it.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub(crate) number: Option<&'a str>,
    /// The page that shows it; none as long as a company's document waits for its number of
    /// KSeF.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub(crate) url: Option<&'a str>,
    /// Tax included; what a correction is over is less than nothing.
    #[cfg_attr(feature = "openapi", schema(required, pattern = r"^-?[0-9]+\.[0-9]{2}$"))]
    pub(crate) gross: Option<String>,
    #[cfg_attr(feature = "openapi", schema(required))]
    pub(crate) currency: Option<&'a str>,
    /// In Warsaw.
    #[cfg_attr(feature = "openapi", schema(required, format = Date))]
    pub(crate) issued_on: Option<String>,
    /// How far it is on its way to KSeF; null where nothing is known of it.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub(crate) ksef: Option<Ksef<'a>>,
}

/// The state's system of invoices gives a document its number.
#[derive(Serialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
pub(crate) struct Ksef<'a> {
    /// `ok`: it has its number. `processing`: it is under way. `requested`: it was asked
    /// for, and nothing is said of it yet. `send_error`, `server_error`,
    /// `duplicate_error`, `not_connected`: it did not get there. `not_applicable`: it is
    /// none that gets a number. With `demo_` before it: the account tries KSeF out. The
    /// invoicing service may come to use other words; `unknown`: what it says is none.
    #[cfg_attr(feature = "openapi", schema(pattern = "^[a-z_]{1,32}$"))]
    pub(crate) status: &'a str,
    #[cfg_attr(feature = "openapi", schema(required))]
    pub(crate) number: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
pub(crate) struct DocumentList<'a> {
    pub(crate) documents: Vec<Document<'a>>,
}

/// Alone and in lists it is written by hand, which the tests hold to this.
#[derive(Serialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
pub(crate) struct Enrolment<'a> {
    #[cfg_attr(feature = "openapi", schema(value_type = EnrolmentNumber))]
    pub(crate) id: i64,
    pub(crate) user_id: &'a str,
    #[cfg_attr(feature = "openapi", schema(value_type = CourseNumber))]
    pub(crate) course_id: i64,
    #[cfg_attr(feature = "openapi", schema(schema_with = words::statuses))]
    pub(crate) status: &'static str,
    #[cfg_attr(feature = "openapi", schema(schema_with = words::payments))]
    pub(crate) payment_status: &'static str,
    /// The page that shows the invoice, as soon as there is one.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub(crate) invoice_url: Option<&'a str>,
}

impl<'a> From<&'a domain::Enrolment> for Enrolment<'a> {
    fn from(enrolment: &'a domain::Enrolment) -> Self {
        Self {
            id: enrolment.id.get(),
            user_id: enrolment.user_id.as_str(),
            course_id: enrolment.course_id.get(),
            status: enrolment.status.as_str(),
            payment_status: enrolment.payment_status.as_str(),
            invoice_url: enrolment.invoice_url.as_deref(),
        }
    }
}

/// Something that happened to an enrolment.
#[derive(Serialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
pub(crate) struct Event<'a> {
    #[cfg_attr(feature = "openapi", schema(minimum = 1))]
    pub(crate) id: i64,
    #[serde(rename = "type")]
    #[cfg_attr(feature = "openapi", schema(schema_with = words::event_kinds))]
    pub(crate) kind: &'static str,
    /// When the request for it was taken up: of two at once, the later event may have the
    /// earlier time. The order is that of the ids.
    #[cfg_attr(feature = "openapi", schema(format = DateTime))]
    pub(crate) occurred_at: String,
    pub(crate) enrolment: Enrolment<'a>,
}

#[derive(Serialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
pub(crate) struct EventList<'a> {
    pub(crate) events: Vec<Event<'a>>,
    /// The id to go on after, also at the end.
    #[cfg_attr(feature = "openapi", schema(minimum = 0))]
    pub(crate) next: i64,
    /// Whether there is more already.
    pub(crate) more: bool,
}

#[derive(Serialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
pub(crate) struct History<'a> {
    pub(crate) events: Vec<Event<'a>>,
    /// What people settled by hand, oldest first.
    pub(crate) resolutions: Vec<Resolved<'a>>,
}

/// A delivery that a person settled by hand.
#[derive(Serialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
pub(crate) struct Resolved<'a> {
    #[cfg_attr(feature = "openapi", schema(schema_with = words::kinds))]
    pub(crate) kind: &'a str,
    /// Empty once the user was erased, and for a token of the role `callers`.
    pub(crate) note: &'a str,
    /// The name of the token that was sent, if it has one.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub(crate) settled_by: Option<&'a str>,
    #[cfg_attr(feature = "openapi", schema(format = DateTime))]
    pub(crate) settled_at: String,
}

/// How the platform is told of an event.
#[derive(Serialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
pub(crate) struct Webhook<'a> {
    #[serde(rename = "type")]
    #[cfg_attr(feature = "openapi", schema(schema_with = words::event_kinds))]
    pub(crate) kind: &'static str,
    /// When it happened.
    #[cfg_attr(feature = "openapi", schema(format = DateTime))]
    pub(crate) timestamp: String,
    #[cfg_attr(feature = "openapi", schema(inline))]
    pub(crate) data: WebhookData<'a>,
}

#[derive(Serialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
pub(crate) struct WebhookData<'a> {
    pub(crate) enrolment: Enrolment<'a>,
}

#[derive(Serialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
pub(crate) struct Delivered {
    pub(crate) delivered: u32,
    pub(crate) put_off: u32,
    pub(crate) given_up: u32,
}

#[derive(Serialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
pub(crate) struct Health<'a> {
    #[cfg_attr(feature = "openapi", schema(schema_with = words::service::schema))]
    pub(crate) status: &'static str,
    #[cfg_attr(feature = "openapi", schema(schema_with = words::database::schema))]
    pub(crate) database: &'static str,
    #[cfg_attr(feature = "openapi", schema(schema_with = words::process::schema))]
    pub(crate) enrolment_service: &'static str,
    /// Only where a variable of the service cannot be used.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(schema_with = words::configuration::schema))]
    pub(crate) configuration: Option<&'static str>,
    /// Which variables cannot be used; only for whoever sends a token, where one is needed.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    #[cfg_attr(feature = "openapi", schema(inline, min_items = 1))]
    pub(crate) variables: &'a [VariableFault],
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(inline, nullable = false))]
    pub(crate) deliveries: Option<Backlog>,
}

/// A variable of the service that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
pub struct VariableFault {
    /// As `spin.toml` has it.
    pub name: &'static str,
    /// The values that it may have.
    pub allowed: &'static str,
}

/// With `?deep=1` only.
#[derive(Serialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
pub(crate) struct Backlog {
    pub(crate) due: u64,
    pub(crate) unknown: u64,
    pub(crate) dead: u64,
    #[cfg_attr(feature = "openapi", schema(minimum = 0, required))]
    pub(crate) oldest_age_seconds: Option<i64>,
    /// Events that no run has looked at yet.
    pub(crate) new_events: u64,
}
