//! Webhooks.

use super::Enrolment;
use domain::model::invoice;
use serde::Serialize;
#[cfg(feature = "openapi")]
use {super::enumerations, utoipa::ToSchema};

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
