//! Users and courses that are not found for a while.

use crate::chaos::{CALLERS, courses};
use fastrand::Rng;
use sandbox::fault::Active;
use sandbox::{Fault, Sandbox, Target};
use serde_json::json;
use std::collections::BTreeMap;
use std::ops::Range;
use std::time::Instant;

/// When the users of each caller were not found.
#[derive(Debug, Default)]
pub(crate) struct Gone {
    before: Vec<(usize, Range<Instant>)>,
    now: Vec<(usize, Instant)>,
}

impl Gone {
    /// Whether some of the time from `since` to `at` a caller's users were gone.
    pub(crate) fn met(&self, caller: usize, since: Instant, at: Instant) -> bool {
        self.before.iter().any(|(own, time)| *own == caller && time.start <= at && since <= time.end)
    }

    /// All are found again.
    pub(super) fn are_back(&mut self) {
        let now = Instant::now();
        self.before.extend(self.now.drain(..).map(|(caller, since)| (caller, since..now)));
    }

    /// Some are not found. Returns how many callers and courses.
    pub(super) fn disappear(&mut self, rng: &mut Rng, sandbox: &Sandbox) -> u64 {
        let mut count = 0;
        let mut hide = |target, matching| {
            let body = Some(json!({"message": "not found", "error": "not_found"}));
            let fault = Fault::Status { status: 404, body, headers: BTreeMap::new() };
            sandbox.fault_when(Active { target, fault, times: None, probability: None, matching: Some(matching) });
            count += 1;
        };
        for caller in 0..CALLERS {
            if rng.u8(..4) == 0 {
                self.now.push((caller, Instant::now()));
                // As it is encoded in the query.
                hide(Target::Users, format!("user_id=user%2D{caller}%2D"));
            }
        }
        for course in courses::ROOMY {
            if rng.u8(..6) == 0 {
                hide(Target::Courses, format!("/api/course/{course}?"));
            }
        }
        count
    }
}
