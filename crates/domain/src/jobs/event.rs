//! The webhook for an event.

use super::{JobKind, Target};
use serde::{Deserialize, Serialize};

/// The payload of the webhook's job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notification {
    /// The id of the event.
    pub event_id: i64,
}

impl JobKind for Notification {
    const WORD: &'static str = "event";
    const TARGET: Target = Target::Webhooks;

    fn subject(&self, _: crate::EnrolmentId) -> String {
        self.event_id.to_string()
    }
}
