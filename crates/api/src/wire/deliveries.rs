//! Deliveries.

use serde::Serialize;
#[cfg(feature = "openapi")]
use {super::enumerations, super::field::EnrolmentId, utoipa::ToSchema};

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

#[derive(Serialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = DeliveryRun))]
pub(crate) struct Delivered {
    pub(crate) delivered: u32,
    pub(crate) put_off: u32,
    pub(crate) given_up: u32,
}
