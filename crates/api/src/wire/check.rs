//! The check of the books.

use super::books::BookedDocument;
use chrono::NaiveDate;
use domain::model::check::{Checked, ListedDocument};
use serde::Serialize;
#[cfg(feature = "openapi")]
use {super::enumerations, super::field::EnrolmentId, utoipa::ToSchema};

/// A document as the invoicing service lists it.
#[derive(Serialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = ListedDocument))]
pub(crate) struct Listed<'a> {
    /// The id at the invoicing service.
    #[cfg_attr(feature = "openapi", schema(minimum = 1))]
    id: i64,
    /// The enrolment in its `oid`; null if the `oid` is not of this service.
    #[cfg_attr(feature = "openapi", schema(required, value_type = Option<EnrolmentId>))]
    enrolment_id: Option<i64>,
    #[cfg_attr(feature = "openapi", schema(schema_with = enumerations::document_kind))]
    kind: &'static str,
    #[cfg_attr(feature = "openapi", schema(required))]
    number: Option<&'a str>,
    #[cfg_attr(feature = "openapi", schema(required))]
    url: Option<&'a str>,
    /// The total with tax; null if it cannot be read.
    #[cfg_attr(feature = "openapi", schema(required, pattern = r"^-?[0-9]+\.[0-9]{2}$"))]
    gross: Option<String>,
    #[cfg_attr(feature = "openapi", schema(required))]
    currency: Option<&'a str>,
    canceled: bool,
}

impl<'a> From<&'a ListedDocument> for Listed<'a> {
    fn from(listed: &'a ListedDocument) -> Self {
        Self {
            id: listed.vendor_id,
            enrolment_id: listed.enrolment_id.map(domain::EnrolmentId::get),
            kind: listed.kind.as_str(),
            number: listed.number.as_deref(),
            url: listed.url.as_deref(),
            gross: listed.gross.map(|gross| gross.to_string()),
            currency: listed.currency.as_deref(),
            canceled: listed.canceled,
        }
    }
}

/// A document that is not the same on both sides.
#[derive(Serialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
pub(crate) struct DifferentDocument<'a> {
    here: BookedDocument<'a>,
    there: Listed<'a>,
}

#[derive(Serialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
pub(crate) struct DocumentCheck<'a> {
    /// The day of issue.
    #[cfg_attr(feature = "openapi", schema(format = Date))]
    day: String,
    #[cfg_attr(feature = "openapi", schema(minimum = 1))]
    page: u32,
    /// The next page, or null on the last page.
    #[cfg_attr(feature = "openapi", schema(required))]
    next: Option<u32>,
    /// How many documents of the page are the same on both sides.
    same: usize,
    /// How many documents of the page at the invoicing service are not of this service.
    others: usize,
    /// Documents that are recorded here, and that the invoicing service does not have.
    only_here: Vec<BookedDocument<'a>>,
    /// Documents of this service that are not recorded here.
    only_there: Vec<Listed<'a>>,
    /// Documents with another amount, currency or kind there, or that are canceled there.
    different: Vec<DifferentDocument<'a>>,
}

impl<'a> DocumentCheck<'a> {
    pub(crate) fn new(day: NaiveDate, page: u32, checked: &'a Checked) -> Self {
        let Checked { same, others, only_here, only_there, different, more } = checked;
        let different =
            different.iter().map(|(here, there)| DifferentDocument { here: here.into(), there: there.into() });
        Self {
            day: day.to_string(),
            page,
            next: more.then_some(page + 1),
            same: *same,
            others: *others,
            only_here: only_here.iter().map(BookedDocument::from).collect(),
            only_there: only_there.iter().map(Listed::from).collect(),
            different: different.collect(),
        }
    }
}
