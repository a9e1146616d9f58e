//! What is written by hand, for lists are made of thousands of them, and what is read
//! by hand, so that every fault has its name. It is described here, and the tests
//! hold it to this.

use super::Enrolment;
use serde::Serialize;
#[cfg(feature = "openapi")]
use {
    super::schemas::{self, Amount, CourseNumber, EnrolmentNumber, Reason, UserId},
    utoipa::ToSchema,
};

#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
pub(crate) struct NewEnrolment<'a> {
    #[cfg_attr(feature = "openapi", schema(value_type = CourseNumber))]
    pub(crate) course_id: i64,
    /// 400 as well if it has a character that the database cannot store, which is so with a table of the Flask service that is not utf8mb4. Compared byte for byte; where such a table takes two ids for one, the second is 409.
    #[cfg_attr(feature = "openapi", schema(value_type = UserId))]
    pub(crate) user_id: &'a str,
}

#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
pub(crate) struct Payment<'a> {
    #[cfg_attr(feature = "openapi", schema(value_type = EnrolmentNumber))]
    pub(crate) enrolment_id: i64,
    /// If given, the enrolment has to be this user's: else 404.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = UserId))]
    pub(crate) user_id: Option<&'a str>,
    /// What was really paid, tax included; without it the course's price. It has no decimals that the currency has not.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Amount))]
    pub(crate) amount: Option<&'a str>,
    /// Without it, the user is the buyer.
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
    /// NIP: ten digits, of which the last checks the others, in the form that KSeF takes, with or without `PL` before them, and dashes. Invoices to companies of other countries are not supported.
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
    #[cfg_attr(feature = "openapi", schema(value_type = EnrolmentNumber))]
    pub(crate) enrolment_id: i64,
    /// If given, the enrolment has to be this user's: else 404.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = UserId))]
    pub(crate) user_id: Option<&'a str>,
    /// Why, for the customer's mail and the correction of the invoice.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Reason))]
    pub(crate) reason: Option<&'a str>,
}

/// How a delivery was settled by hand.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
pub(crate) struct Resolution<'a> {
    #[cfg_attr(feature = "openapi", schema(schema_with = schemas::resolution_note))]
    pub(crate) note: &'a str,
    /// Of the document that was made, where one was.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(schema_with = schemas::document_number))]
    pub(crate) number: Option<&'a str>,
    /// The page that shows it.
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
    /// Of a page only: the id to go on after, or null.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<i64>))]
    pub(crate) next: Option<Option<i64>>,
}

/// A page that is always one.
#[derive(Serialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
pub(crate) struct EnrolmentPage<'a> {
    pub(crate) enrolments: Vec<Enrolment<'a>>,
    /// The id to go on after, or null.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub(crate) next: Option<i64>,
}

#[cfg(test)]
mod tests;
