//! An event that the platform is told of.

use super::{JobKind, Target};
use serde::{Deserialize, Serialize};

/// Which event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notification {
    /// Its number.
    pub event_id: i64,
}

impl JobKind for Notification {
    const WORD: &'static str = "event";
    const TARGET: Target = Target::Webhooks;

    fn subject(&self, _: crate::EnrolmentId) -> String {
        self.event_id.to_string()
    }
}
