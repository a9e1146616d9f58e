//! Events, and the history of an enrolment.

use super::{Enrolment, time};
use crate::access::SERVICE_TOKEN;
use domain::model::asked::Author;
use domain::model::event;
use domain::model::resolution::StoredResolution;
use domain::usecases::history;
use serde::Serialize;
#[cfg(feature = "openapi")]
use {super::enumerations, utoipa::ToSchema};

/// The name of who asked for a change.
pub(crate) fn by(author: Option<&Author>) -> Option<&str> {
    author.map(|Author(name)| if name == SERVICE_TOKEN { "service" } else { name })
}

/// A change of an enrolment.
#[derive(Serialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = EnrolmentEvent))]
pub(crate) struct Event<'a> {
    #[cfg_attr(feature = "openapi", schema(minimum = 1))]
    pub(crate) id: i64,
    #[serde(rename = "type")]
    #[cfg_attr(feature = "openapi", schema(schema_with = enumerations::event_type))]
    pub(crate) kind: &'static str,
    /// When the service received the request. The order of events is that of their ids: of two
    /// concurrent requests, the later event may have the earlier time.
    #[cfg_attr(feature = "openapi", schema(format = DateTime))]
    pub(crate) occurred_at: String,
    pub(crate) enrolment: Enrolment<'a>,
}

impl<'a> From<&'a event::Event> for Event<'a> {
    fn from(event: &'a event::Event) -> Self {
        Self {
            id: event.id,
            kind: event.kind.as_str(),
            occurred_at: time(event.occurred_at),
            enrolment: (&event.enrolment).into(),
        }
    }
}

/// An event in the history of an enrolment.
#[derive(Serialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
pub(crate) struct HistoryEvent<'a> {
    #[cfg_attr(feature = "openapi", schema(minimum = 1))]
    pub(crate) id: i64,
    #[serde(rename = "type")]
    #[cfg_attr(feature = "openapi", schema(schema_with = enumerations::event_type))]
    pub(crate) kind: &'static str,
    #[cfg_attr(feature = "openapi", schema(format = DateTime))]
    pub(crate) occurred_at: String,
    /// The name of the caller's token, `service` for `service_token`; null if no token is required,
    /// and for what the service did by itself.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub(crate) by: Option<&'a str>,
    pub(crate) enrolment: Enrolment<'a>,
}

impl<'a> From<&'a event::Event> for HistoryEvent<'a> {
    fn from(event: &'a event::Event) -> Self {
        let Event { id, kind, occurred_at, enrolment } = event.into();
        Self { id, kind, occurred_at, by: by(event.by.as_ref()), enrolment }
    }
}

#[derive(Serialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
pub(crate) struct EventList<'a> {
    pub(crate) events: Vec<Event<'a>>,
    /// The id to continue after, also on the last page.
    #[cfg_attr(feature = "openapi", schema(minimum = 0))]
    pub(crate) next: i64,
    /// Whether there are more events now.
    pub(crate) more: bool,
}

#[derive(Serialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = EnrolmentHistory))]
pub(crate) struct History<'a> {
    pub(crate) events: Vec<HistoryEvent<'a>>,
    /// The resolutions of deliveries, oldest first.
    pub(crate) resolutions: Vec<Resolved<'a>>,
}

impl<'a> From<&'a history::History> for History<'a> {
    fn from(history: &'a history::History) -> Self {
        Self {
            events: history.events.iter().map(HistoryEvent::from).collect(),
            resolutions: history.resolutions.iter().map(Resolved::from).collect(),
        }
    }
}

/// The resolution of a delivery by an operator.
#[derive(Serialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = ResolvedDelivery))]
pub(crate) struct Resolved<'a> {
    #[cfg_attr(feature = "openapi", schema(schema_with = enumerations::delivery_kind))]
    pub(crate) kind: &'a str,
    /// What the operator did. Empty if the user was erased, and for a token with the role
    /// `callers`.
    pub(crate) note: &'a str,
    /// The name of the operator's token; null if no token is required.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub(crate) settled_by: Option<&'a str>,
    #[cfg_attr(feature = "openapi", schema(format = DateTime))]
    pub(crate) settled_at: String,
}

impl<'a> From<&'a StoredResolution> for Resolved<'a> {
    fn from(resolved: &'a StoredResolution) -> Self {
        Self {
            kind: &resolved.kind,
            note: &resolved.note,
            settled_by: resolved.settled_by.as_deref(),
            settled_at: time(resolved.settled_at),
        }
    }
}
