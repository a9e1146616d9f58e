//! The health of the service.

use serde::Serialize;
#[cfg(feature = "openapi")]
use {super::words, utoipa::ToSchema};

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
