//! The JSON of what operators ask for: counts of deliveries, and the search.

#[cfg(feature = "openapi")]
use super::enumerations;
#[cfg(feature = "openapi")]
use super::field::EnrolmentId;
use super::{Enrolment, time};
use crate::health::age;
use chrono::{DateTime, Utc};
use domain::jobs::Kind;
use domain::jobs::outbox::{Backlog, State};
use domain::model::search::{Found, SearchResults, SearchText};
use serde::Serialize;
#[cfg(feature = "openapi")]
use utoipa::ToSchema;

/// The number of deliveries that are not done. They are exact.
#[derive(Serialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
pub(crate) struct DeliverySummary {
    /// By kind and state. Pairs without deliveries are left out.
    pub(crate) deliveries: Vec<DeliveryCount>,
    pub(crate) new_events: NewEvents,
}

#[derive(Serialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
pub(crate) struct DeliveryCount {
    #[cfg_attr(feature = "openapi", schema(schema_with = enumerations::delivery_kind))]
    pub(crate) kind: &'static str,
    #[cfg_attr(feature = "openapi", schema(schema_with = enumerations::delivery_state))]
    pub(crate) state: &'static str,
    #[cfg_attr(feature = "openapi", schema(minimum = 1))]
    pub(crate) count: u64,
    /// When the oldest was created.
    #[cfg_attr(feature = "openapi", schema(format = DateTime))]
    pub(crate) oldest_at: String,
    #[cfg_attr(feature = "openapi", schema(minimum = 0))]
    pub(crate) oldest_age_seconds: i64,
    /// The same deliveries by the reason why the last attempt failed.
    pub(crate) reasons: Vec<ReasonCount>,
}

#[derive(Serialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
pub(crate) struct ReasonCount {
    /// Null: no attempt failed.
    #[cfg_attr(feature = "openapi", schema(required, schema_with = enumerations::reason_code))]
    pub(crate) reason: Option<String>,
    #[cfg_attr(feature = "openapi", schema(minimum = 1))]
    pub(crate) count: u64,
}

/// Events without a delivery yet.
#[derive(Serialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
pub(crate) struct NewEvents {
    pub(crate) count: u64,
    /// When the oldest happened.
    #[cfg_attr(feature = "openapi", schema(format = DateTime, required))]
    pub(crate) oldest_at: Option<String>,
}

impl DeliverySummary {
    pub(crate) fn new(backlog: &Backlog, now: DateTime<Utc>) -> Self {
        let pairs = Kind::ALL.iter().flat_map(|kind| State::NOT_DONE.map(|state| (*kind, state)));
        let deliveries = pairs.filter_map(|(kind, state)| {
            let oldest = backlog.of(kind, state).map(|jobs| jobs.oldest).min()?;
            let mut reasons: Vec<_> = backlog
                .of(kind, state)
                .map(|jobs| ReasonCount { reason: jobs.reason.clone(), count: jobs.number })
                .collect();
            reasons.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.reason.cmp(&b.reason)));
            Some(DeliveryCount {
                kind: kind.word(),
                state: state.as_str(),
                count: reasons.iter().map(|reason| reason.count).sum(),
                oldest_at: time(oldest),
                oldest_age_seconds: age(oldest, now),
                reasons,
            })
        });
        let new_events = NewEvents { count: backlog.new_events, oldest_at: backlog.oldest_new_event.map(time) };
        Self { deliveries: deliveries.collect(), new_events }
    }
}

#[derive(Serialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
pub(crate) struct RetriedDeliveries {
    /// How many deliveries are due now.
    pub(crate) retried: u64,
}

#[derive(Serialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = SearchResults))]
pub(crate) struct Results<'a> {
    #[cfg_attr(feature = "openapi", schema(max_items = 100))]
    pub(crate) results: Vec<SearchResult<'a>>,
    /// Whether there are more than these 100.
    pub(crate) more: bool,
    /// If nothing was found and the text looks like an e-mail address: what can be searched.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub(crate) hint: Option<&'static str>,
}

#[derive(Serialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
pub(crate) struct SearchResult<'a> {
    /// What the text is.
    #[cfg_attr(feature = "openapi", schema(schema_with = enumerations::found_by))]
    pub(crate) found_by: &'static str,
    #[cfg_attr(feature = "openapi", schema(value_type = EnrolmentId))]
    pub(crate) enrolment_id: i64,
    /// Null: it is deleted. `GET /{id}/history` still knows it.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub(crate) enrolment: Option<Enrolment<'a>>,
}

const HINT: &str = "E-mail addresses cannot be searched. Search by the id of an enrolment or of a user, a reference of \
                    the platform or of a payment, or the number of an invoice or of KSeF.";

impl<'a> Results<'a> {
    pub(crate) fn new(text: &SearchText, results: &'a SearchResults) -> Self {
        let hint = (results.found.is_empty() && text.is_like_an_email()).then_some(HINT);
        Self { results: results.found.iter().map(SearchResult::from).collect(), more: results.more, hint }
    }
}

impl<'a> From<&'a Found> for SearchResult<'a> {
    fn from(found: &'a Found) -> Self {
        Self {
            found_by: found.by.as_str(),
            enrolment_id: found.id.get(),
            enrolment: found.enrolment.as_ref().map(Enrolment::from),
        }
    }
}
