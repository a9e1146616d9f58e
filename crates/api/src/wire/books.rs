//! The books: the documents of a period.

use super::Ksef;
use crate::position;
use domain::model::books::{Booked, BookedPage, BookedSum};
use serde::Serialize;
#[cfg(feature = "openapi")]
use {super::enumerations, super::field::EnrolmentId, utoipa::ToSchema};

#[derive(Serialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
pub(crate) struct BookedDocument<'a> {
    /// It may be deleted.
    #[cfg_attr(feature = "openapi", schema(value_type = EnrolmentId))]
    pub(crate) enrolment_id: i64,
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
    /// A rate in percent, `zw` (exempt) or `np` (not subject to Polish tax); null if the release
    /// that issued the document did not keep it.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub(crate) tax: Option<&'a str>,
    /// The date in Warsaw.
    #[cfg_attr(feature = "openapi", schema(required, format = Date))]
    pub(crate) issued_on: Option<String>,
    /// The status at KSeF; null if it is not known.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub(crate) ksef: Option<Ksef<'a>>,
}

impl<'a> From<&'a Booked> for BookedDocument<'a> {
    fn from(Booked { enrolment_id, document, .. }: &'a Booked) -> Self {
        Self {
            enrolment_id: enrolment_id.get(),
            kind: document.kind.as_str(),
            number: document.number.as_deref(),
            url: document.url.as_deref(),
            gross: document.gross.map(|gross| gross.to_string()),
            currency: document.currency.as_deref(),
            tax: document.tax.as_deref(),
            issued_on: document.issued_on.map(|day| day.to_string()),
            ksef: document.ksef.as_ref().map(Ksef::from),
        }
    }
}

/// The sum of the documents of a kind in a currency.
#[derive(Serialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = DocumentSum))]
pub(crate) struct Sum<'a> {
    #[cfg_attr(feature = "openapi", schema(required))]
    pub(crate) currency: Option<&'a str>,
    #[cfg_attr(feature = "openapi", schema(schema_with = enumerations::document_kind))]
    pub(crate) kind: &'static str,
    /// The number of documents.
    #[cfg_attr(feature = "openapi", schema(minimum = 1))]
    pub(crate) documents: i64,
    /// The total with tax; negative for corrections.
    #[cfg_attr(feature = "openapi", schema(pattern = r"^-?[0-9]+\.[0-9]{2}$"))]
    pub(crate) gross: String,
}

impl<'a> From<&'a BookedSum> for Sum<'a> {
    fn from(BookedSum { currency, kind, documents, gross }: &'a BookedSum) -> Self {
        let (currency, kind) = (currency.as_deref(), kind.as_str());
        Self { currency, kind, documents: *documents, gross: gross.to_string() }
    }
}

#[derive(Serialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
pub(crate) struct BookedDocumentList<'a> {
    pub(crate) documents: Vec<BookedDocument<'a>>,
    /// The sums of the whole period; only on the first page.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub(crate) sums: Option<Vec<Sum<'a>>>,
    /// `after` of the next page, or null on the last page.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub(crate) next: Option<String>,
}

impl<'a> BookedDocumentList<'a> {
    pub(crate) fn new(page: &'a BookedPage, sums: Option<&'a [BookedSum]>) -> Self {
        Self {
            documents: page.documents.iter().map(BookedDocument::from).collect(),
            sums: sums.map(|sums| sums.iter().map(Sum::from).collect()),
            next: page.next.and_then(|next| Some(position::text(next.at?, next.id))),
        }
    }
}
