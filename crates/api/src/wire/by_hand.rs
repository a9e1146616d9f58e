//! What is written by hand, for lists are made of thousands of them, and what is read
//! by hand, so that every fault has its name. It is described here, and the tests
//! hold it to this.

use serde::Serialize;
#[cfg(feature = "openapi")]
use {super::schemas::EnrolmentNumber, super::schemas::UserId, super::words, utoipa::ToSchema};

#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
pub(crate) struct NewEnrolment<'a> {
    #[cfg_attr(feature = "openapi", schema(value_type = EnrolmentNumber))]
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
}

#[derive(Serialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
pub(crate) struct Enrolment<'a> {
    #[cfg_attr(feature = "openapi", schema(value_type = EnrolmentNumber))]
    pub(crate) id: i64,
    pub(crate) user_id: &'a str,
    pub(crate) course_id: i64,
    #[cfg_attr(feature = "openapi", schema(schema_with = words::statuses))]
    pub(crate) status: &'static str,
    #[cfg_attr(feature = "openapi", schema(schema_with = words::payments))]
    pub(crate) payment_status: &'static str,
    /// The page that shows the invoice, as soon as there is one.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub(crate) invoice_url: Option<&'a str>,
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

#[cfg(test)]
mod tests;
