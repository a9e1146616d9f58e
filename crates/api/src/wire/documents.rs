//! The documents of an enrolment.

use serde::Serialize;
#[cfg(feature = "openapi")]
use {super::enumerations, utoipa::ToSchema};

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
