//! Types for the JSON that is written without `serde`, because lists are long, and for the
//! JSON that is parsed without it, because responses name every fault. They are the source
//! of `openapi.json`; tests compare them with the code.

use super::Enrolment;
use serde::Serialize;
#[cfg(feature = "openapi")]
use {
    super::schemas::{self, Amount, CourseId, EnrolmentId, Reason, UserId},
    utoipa::ToSchema,
};

#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
pub(crate) struct NewEnrolment<'a> {
    #[cfg_attr(feature = "openapi", schema(value_type = CourseId))]
    pub(crate) course_id: i64,
    /// Ids are compared byte by byte. A table of the Flask service that is not utf8mb4 cannot store all characters: such an id gets 400. It may also treat two different ids as equal: the second gets 409.
    #[cfg_attr(feature = "openapi", schema(value_type = UserId))]
    pub(crate) user_id: &'a str,
}

#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
pub(crate) struct Payment<'a> {
    #[cfg_attr(feature = "openapi", schema(value_type = EnrolmentId))]
    pub(crate) enrolment_id: i64,
    /// Optional check: 404 if the enrolment belongs to another user.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = UserId))]
    pub(crate) user_id: Option<&'a str>,
    /// The amount paid, with tax; by default the course's price. It must not have more decimals than the currency.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Amount))]
    pub(crate) amount: Option<&'a str>,
    /// The buyer on the invoice; by default the user.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub(crate) buyer: Option<Company<'a>>,
}

/// A Polish company, as the buyer on the invoice.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
pub(crate) struct Company<'a> {
    #[cfg_attr(feature = "openapi", schema(schema_with = schemas::company_name))]
    pub(crate) name: &'a str,
    /// The Polish tax number (NIP): ten digits with a valid check digit, as KSeF accepts it. The prefix `PL` and dashes are optional. Companies of other countries are not supported.
    #[cfg_attr(feature = "openapi", schema(value_type = String, max_length = 20, example = "525-244-57-67"))]
    pub(crate) tax_no: &'a str,
    #[cfg_attr(feature = "openapi", schema(schema_with = schemas::street))]
    pub(crate) street: &'a str,
    #[cfg_attr(feature = "openapi", schema(schema_with = schemas::post_code))]
    pub(crate) post_code: &'a str,
    #[cfg_attr(feature = "openapi", schema(schema_with = schemas::city))]
    pub(crate) city: &'a str,
}

#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
pub(crate) struct Note<'a> {
    #[cfg_attr(feature = "openapi", schema(value_type = EnrolmentId))]
    pub(crate) enrolment_id: i64,
    /// Optional check: 404 if the enrolment belongs to another user.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = UserId))]
    pub(crate) user_id: Option<&'a str>,
    /// The reason, for the customer's mail and the correction of the invoice.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Reason))]
    pub(crate) reason: Option<&'a str>,
}

/// How an operator resolved a delivery.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
pub(crate) struct Resolution<'a> {
    #[cfg_attr(feature = "openapi", schema(schema_with = schemas::resolution_note))]
    pub(crate) note: &'a str,
    /// The number of the document, if one was issued.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(schema_with = schemas::document_number))]
    pub(crate) number: Option<&'a str>,
    /// The page that shows the document.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(schema_with = schemas::link))]
    pub(crate) url: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
pub(crate) struct Enrolments<'a> {
    pub(crate) enrolments: Vec<Enrolment<'a>>,
}

#[derive(Serialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
pub(crate) struct EnrolmentList<'a> {
    pub(crate) enrolments: Vec<Enrolment<'a>>,
    /// Only in a page: the id to continue after, or null on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<i64>))]
    pub(crate) next: Option<Option<i64>>,
}

/// A page of enrolments.
#[derive(Serialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
pub(crate) struct EnrolmentPage<'a> {
    pub(crate) enrolments: Vec<Enrolment<'a>>,
    /// The id to continue after, or null on the last page.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub(crate) next: Option<i64>,
}

#[cfg(test)]
mod tests;
