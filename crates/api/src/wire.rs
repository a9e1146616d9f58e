//! The types of the JSON that goes over the wire; [`words`] has enumerated strings.
//!
//! With the feature `openapi`, `openapi.json` is generated from these types: its
//! descriptions are the comments on the types and their fields. No component has the
//! feature, and tests of this package have it. The JSON that is parsed without `serde` has its
//! types in `body`, that which is written without it in `typed` and `full`; tests compare both.

pub(crate) mod books;
pub(crate) mod check;
mod deliveries;
mod documents;
#[cfg(feature = "openapi")]
pub(crate) mod enumerations;
mod error;
mod events;
#[cfg(feature = "openapi")]
pub(crate) mod field;
#[cfg(feature = "openapi")]
pub(crate) mod full;
mod health;
mod mails;
pub(crate) mod operators;
pub(crate) mod planned;
#[cfg(feature = "openapi")]
pub(crate) mod schemas;
pub(crate) mod seats;
#[cfg(feature = "openapi")]
mod typed;
mod webhooks;
pub(crate) mod words;

pub(crate) use deliveries::{Delivered, Delivery, DeliveryList};
pub(crate) use documents::{Document, DocumentList, Ksef};
pub use error::Detail;
pub(crate) use error::Error;
pub(crate) use events::{Event, EventList, History, by};
pub use health::VariableFault;
pub(crate) use health::{Backlog, Health};
pub(crate) use mails::{Mail, MailList, MailPreview};
pub use webhooks::ReceiverTest;
pub(crate) use webhooks::{NoData, TestWebhook, Webhook, WebhookData};

use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serialize;
#[cfg(feature = "openapi")]
use {
    field::{CourseId, EnrolmentId},
    utoipa::ToSchema,
};

/// RFC 3339 in UTC, to the millisecond.
pub(crate) fn time(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Millis, true)
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
