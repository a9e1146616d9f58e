//! The types of the JSON that goes over the wire; [`words`] has enumerated strings.
//!
//! With the feature `openapi`, `openapi.json` is generated from these types: its
//! descriptions are the comments on the types and their fields. No component has the
//! feature, and tests of this package have it. The JSON that is parsed without `serde` has its
//! types in `body`, that which is written without it in `typed` and `full`; tests compare both.

pub(crate) mod books;
pub(crate) mod check;
#[cfg(feature = "openapi")]
mod enumerations;
#[cfg(feature = "openapi")]
pub(crate) mod full;
pub(crate) mod operators;
pub(crate) mod planned;
#[cfg(feature = "openapi")]
pub(crate) mod schemas;
pub(crate) mod seats;
#[cfg(feature = "openapi")]
mod typed;
pub(crate) mod words;

use crate::access::SERVICE_TOKEN;
use chrono::{DateTime, SecondsFormat, Utc};
use domain::model::asked::Author;
use domain::model::resolution::StoredResolution;
use domain::model::{event, invoice};
use domain::usecases::history;
use serde::Serialize;
use std::borrow::Cow;
#[cfg(feature = "openapi")]
use {
    schemas::{CourseId, EnrolmentId},
    utoipa::ToSchema,
};

/// RFC 3339 in UTC, to the millisecond.
pub(crate) fn time(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Millis, true)
}

#[derive(Serialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = Problem))]
pub(crate) struct Error<'a> {
    /// A sentence for people. Programs use `error`.
    pub(crate) message: &'a str,
    #[cfg_attr(feature = "openapi", schema(schema_with = enumerations::error_code))]
    pub(crate) error: &'a str,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    #[cfg_attr(feature = "openapi", schema(min_items = 1))]
    pub(crate) details: &'a [Detail],
    /// With `gone` for events: the id of the oldest event, or of the next one if there is none.
    /// To start again, use the id before it as `after`, or leave `after` out.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(minimum = 1, nullable = false))]
    pub(crate) oldest: Option<i64>,
}

/// A fault of a request's body, query or header.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = ProblemDetail))]
pub struct Detail {
    /// The path of the field or parameter, outermost first; empty for the body as a whole.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>))]
    pub loc: Vec<Cow<'static, str>>,
    /// The fault as a sentence, for people.
    pub msg: String,
    /// The code of the fault, for programs.
    #[serde(rename = "type")]
    #[cfg_attr(feature = "openapi", schema(schema_with = enumerations::fault_code))]
    pub kind: &'static str,
}

#[derive(Serialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
pub(crate) struct Delivery<'a> {
    pub(crate) id: i64,
    #[cfg_attr(feature = "openapi", schema(value_type = EnrolmentId))]
    pub(crate) enrolment_id: i64,
    #[cfg_attr(feature = "openapi", schema(schema_with = enumerations::delivery_kind))]
    pub(crate) kind: &'a str,
    #[cfg_attr(feature = "openapi", schema(schema_with = enumerations::delivery_state))]
    pub(crate) state: &'static str,
    pub(crate) attempts: u32,
    #[cfg_attr(feature = "openapi", schema(format = DateTime, required))]
    pub(crate) due_at: Option<String>,
    /// Why the last attempt failed, for programs.
    #[cfg_attr(feature = "openapi", schema(required, schema_with = enumerations::reason_code))]
    pub(crate) reason: Option<&'a str>,
    /// The same reason as text, for people.
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
    /// The id to continue after, or null on the last page.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub(crate) next: Option<i64>,
}

/// An invoice, or a correction of it. For an invoice that another service issued,
/// only the link is known.
#[derive(Serialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = InvoiceDocument))]
pub(crate) struct Document<'a> {
    #[cfg_attr(feature = "openapi", schema(schema_with = enumerations::document_kind))]
    pub(crate) kind: &'static str,
    /// The number of the document at the invoicing service.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub(crate) number: Option<&'a str>,
    /// The page that shows the document; null while the document of a company waits for its
    /// KSeF number.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub(crate) url: Option<&'a str>,
    /// The total with tax; negative for a correction.
    #[cfg_attr(feature = "openapi", schema(required, pattern = r"^-?[0-9]+\.[0-9]{2}$"))]
    pub(crate) gross: Option<String>,
    #[cfg_attr(feature = "openapi", schema(required))]
    pub(crate) currency: Option<&'a str>,
    /// The date in Warsaw.
    #[cfg_attr(feature = "openapi", schema(required, format = Date))]
    pub(crate) issued_on: Option<String>,
    /// The status at KSeF; null if it is not known.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub(crate) ksef: Option<Ksef<'a>>,
}

/// The status of a document at KSeF, the Polish national system for electronic invoices.
#[derive(Serialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
pub(crate) struct Ksef<'a> {
    /// `ok`: the document has its KSeF number. `processing`: KSeF processes it. `requested`:
    /// the service asked for it, and there is no status yet. `send_error`, `server_error`,
    /// `duplicate_error`, `not_connected`: it did not reach KSeF. `not_applicable`: it gets
    /// no KSeF number. The prefix `demo_`: the account uses KSeF's demo environment. The
    /// invoicing service may add other values. `unknown`: its value is malformed.
    #[cfg_attr(feature = "openapi", schema(pattern = "^[a-z_]{1,32}$"))]
    pub(crate) status: &'a str,
    #[cfg_attr(feature = "openapi", schema(required))]
    pub(crate) number: Option<&'a str>,
}

impl<'a> From<&'a domain::model::ksef::Ksef> for Ksef<'a> {
    fn from(ksef: &'a domain::model::ksef::Ksef) -> Self {
        Self { status: ksef.status.as_str(), number: ksef.number.as_deref() }
    }
}

#[derive(Serialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
pub(crate) struct DocumentList<'a> {
    pub(crate) documents: Vec<Document<'a>>,
}

/// An enrolment.
#[derive(Serialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
pub(crate) struct Enrolment<'a> {
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

/// The name of who asked for a change.
pub(crate) fn by(author: Option<&Author>) -> Option<&str> {
    author.map(|Author(name)| if name == SERVICE_TOKEN { "service" } else { name })
}

/// A change of an enrolment.
#[derive(Serialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = EnrolmentEvent))]
pub(crate) struct Event<'a> {
    #[cfg_attr(feature = "openapi", schema(minimum = 1))]
    pub(crate) id: i64,
    #[serde(rename = "type")]
    #[cfg_attr(feature = "openapi", schema(schema_with = enumerations::event_type))]
    pub(crate) kind: &'static str,
    /// When the service received the request. The order of events is that of their ids: of two
    /// concurrent requests, the later event may have the earlier time.
    #[cfg_attr(feature = "openapi", schema(format = DateTime))]
    pub(crate) occurred_at: String,
    pub(crate) enrolment: Enrolment<'a>,
}

impl<'a> From<&'a event::Event> for Event<'a> {
    fn from(event: &'a event::Event) -> Self {
        Self {
            id: event.id,
            kind: event.kind.as_str(),
            occurred_at: time(event.occurred_at),
            enrolment: (&event.enrolment).into(),
        }
    }
}

/// An event in the history of an enrolment.
#[derive(Serialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
pub(crate) struct HistoryEvent<'a> {
    #[cfg_attr(feature = "openapi", schema(minimum = 1))]
    pub(crate) id: i64,
    #[serde(rename = "type")]
    #[cfg_attr(feature = "openapi", schema(schema_with = enumerations::event_type))]
    pub(crate) kind: &'static str,
    #[cfg_attr(feature = "openapi", schema(format = DateTime))]
    pub(crate) occurred_at: String,
    /// The name of the caller's token, `service` for `service_token`; null if no token is required,
    /// and for what the service did by itself.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub(crate) by: Option<&'a str>,
    pub(crate) enrolment: Enrolment<'a>,
}

impl<'a> From<&'a event::Event> for HistoryEvent<'a> {
    fn from(event: &'a event::Event) -> Self {
        let Event { id, kind, occurred_at, enrolment } = event.into();
        Self { id, kind, occurred_at, by: by(event.by.as_ref()), enrolment }
    }
}

#[derive(Serialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
pub(crate) struct EventList<'a> {
    pub(crate) events: Vec<Event<'a>>,
    /// The id to continue after, also on the last page.
    #[cfg_attr(feature = "openapi", schema(minimum = 0))]
    pub(crate) next: i64,
    /// Whether there are more events now.
    pub(crate) more: bool,
}

#[derive(Serialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = EnrolmentHistory))]
pub(crate) struct History<'a> {
    pub(crate) events: Vec<HistoryEvent<'a>>,
    /// The resolutions of deliveries, oldest first.
    pub(crate) resolutions: Vec<Resolved<'a>>,
}

impl<'a> From<&'a history::History> for History<'a> {
    fn from(history: &'a history::History) -> Self {
        Self {
            events: history.events.iter().map(HistoryEvent::from).collect(),
            resolutions: history.resolutions.iter().map(Resolved::from).collect(),
        }
    }
}

/// The resolution of a delivery by an operator.
#[derive(Serialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = ResolvedDelivery))]
pub(crate) struct Resolved<'a> {
    #[cfg_attr(feature = "openapi", schema(schema_with = enumerations::delivery_kind))]
    pub(crate) kind: &'a str,
    /// What the operator did. Empty if the user was erased, and for a token with the role
    /// `callers`.
    pub(crate) note: &'a str,
    /// The name of the operator's token; null if no token is required.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub(crate) settled_by: Option<&'a str>,
    #[cfg_attr(feature = "openapi", schema(format = DateTime))]
    pub(crate) settled_at: String,
}

impl<'a> From<&'a StoredResolution> for Resolved<'a> {
    fn from(resolved: &'a StoredResolution) -> Self {
        Self {
            kind: &resolved.kind,
            note: &resolved.note,
            settled_by: resolved.settled_by.as_deref(),
            settled_at: time(resolved.settled_at),
        }
    }
}

/// The body of a webhook.
#[derive(Serialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
pub(crate) struct Webhook<'a> {
    #[serde(rename = "type")]
    #[cfg_attr(feature = "openapi", schema(schema_with = enumerations::event_type))]
    pub(crate) kind: &'static str,
    /// When the event occurred.
    #[cfg_attr(feature = "openapi", schema(format = DateTime))]
    pub(crate) timestamp: String,
    pub(crate) data: WebhookData<'a>,
}

#[derive(Serialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
pub(crate) struct WebhookData<'a> {
    /// The `id` of the event in `GET /events`.
    #[cfg_attr(feature = "openapi", schema(minimum = 1))]
    pub(crate) event_id: i64,
    pub(crate) enrolment: Enrolment<'a>,
    /// The document that was issued, with `enrolment.invoiced` and `enrolment.corrected`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub(crate) document: Option<WebhookDocument<'a>>,
}

#[derive(Serialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
pub(crate) struct WebhookDocument<'a> {
    #[cfg_attr(feature = "openapi", schema(schema_with = enumerations::document_kind))]
    pub(crate) kind: &'static str,
    /// The number of the document at the invoicing service.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub(crate) number: Option<&'a str>,
    /// The page that shows the document.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub(crate) url: Option<&'a str>,
    /// The total with tax; negative for a correction.
    #[cfg_attr(feature = "openapi", schema(required, pattern = r"^-?[0-9]+\.[0-9]{2}$"))]
    pub(crate) gross: Option<String>,
    #[cfg_attr(feature = "openapi", schema(required))]
    pub(crate) currency: Option<&'a str>,
}

impl<'a> From<&'a invoice::Document> for WebhookDocument<'a> {
    fn from(document: &'a invoice::Document) -> Self {
        Self {
            kind: document.kind.as_str(),
            number: document.number.as_deref(),
            url: document.url.as_deref(),
            gross: document.gross.map(|gross| gross.to_string()),
            currency: document.currency.as_deref(),
        }
    }
}

/// The body of the webhook of `POST /events/test`.
#[derive(Serialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
pub(crate) struct TestWebhook {
    #[serde(rename = "type")]
    #[cfg_attr(feature = "openapi", schema(schema_with = enumerations::test_type))]
    pub(crate) kind: &'static str,
    /// When it was sent.
    #[cfg_attr(feature = "openapi", schema(format = DateTime))]
    pub(crate) timestamp: String,
    #[cfg_attr(feature = "openapi", schema(inline))]
    pub(crate) data: NoData,
}

/// Empty.
#[derive(Serialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
pub(crate) struct NoData {}

/// What happened to a test event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
pub struct ReceiverTest {
    /// Whether the receiver answered with a 2xx.
    pub delivered: bool,
    /// The status of its answer, if there is one.
    #[cfg_attr(feature = "openapi", schema(required, minimum = 100, maximum = 999))]
    pub status: Option<u16>,
    /// Why it was not delivered, as the `reason` of a delivery; null if it was.
    #[cfg_attr(feature = "openapi", schema(required, pattern = "^[a-z_]{1,40}$"))]
    pub reason: Option<&'static str>,
    /// The time until the answer, in milliseconds.
    #[cfg_attr(feature = "openapi", schema(minimum = 0))]
    pub duration_ms: i64,
}

#[derive(Serialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = DeliveryRun))]
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
    /// Only if a variable of the service has an invalid value.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(schema_with = words::configuration::schema))]
    pub(crate) configuration: Option<&'static str>,
    /// The variables with an invalid value. Where tokens are configured, only a caller with a
    /// token sees them.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    #[cfg_attr(feature = "openapi", schema(min_items = 1))]
    pub(crate) variables: &'a [VariableFault],
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub(crate) deliveries: Option<Backlog>,
}

/// The text of a kind of mail in a language.
#[derive(Serialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
pub(crate) struct Mail<'a> {
    #[cfg_attr(feature = "openapi", schema(schema_with = enumerations::mail_kind))]
    pub(crate) kind: &'static str,
    #[cfg_attr(feature = "openapi", schema(schema_with = enumerations::language))]
    pub(crate) language: &'static str,
    pub(crate) subject: &'a str,
    pub(crate) text: &'a str,
    /// Whether an operator wrote it; otherwise it is the built-in text.
    pub(crate) own: bool,
    /// When it was changed; null if it never was.
    #[cfg_attr(feature = "openapi", schema(format = DateTime, required))]
    pub(crate) changed_at: Option<String>,
    /// The name of the operator's token; null if no token is required.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub(crate) changed_by: Option<&'a str>,
    /// The placeholders that each text must have.
    pub(crate) required: Vec<&'static str>,
    /// The placeholders that a text can have. A mail without a value for one of them has no paragraph with it.
    pub(crate) optional: Vec<&'static str>,
}

#[derive(Serialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
pub(crate) struct MailList<'a> {
    pub(crate) mails: Vec<Mail<'a>>,
}

/// A mail with sample values.
#[derive(Serialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
pub(crate) struct MailPreview<'a> {
    pub(crate) subject: &'a str,
    /// The body as plain text.
    pub(crate) text: &'a str,
    /// The body as HTML.
    pub(crate) html: &'a str,
}

/// A variable of the service with an invalid value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
pub struct VariableFault {
    /// The name of the variable in `spin.toml`.
    pub name: &'static str,
    /// The allowed values.
    pub allowed: &'static str,
}

/// Pending deliveries; only with `?deep=1`.
#[derive(Serialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = PendingDeliveries))]
pub(crate) struct Backlog {
    pub(crate) due: u64,
    pub(crate) unknown: u64,
    pub(crate) dead: u64,
    #[cfg_attr(feature = "openapi", schema(minimum = 0, required))]
    pub(crate) oldest_age_seconds: Option<i64>,
    /// Events without a delivery yet.
    pub(crate) new_events: u64,
}
