//! The rate limit of the account.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// The times of the last accepted requests.
#[derive(Debug, Default)]
pub(crate) struct Pace(VecDeque<Instant>);

impl Pace {
    /// Accepts a request if fewer than `limit` were accepted within the last second.
    pub(super) fn take(&mut self, limit: usize, now: Instant) -> bool {
        while self.0.front().is_some_and(|first| now.duration_since(*first) >= Duration::from_secs(1)) {
            self.0.pop_front();
        }
        let free = self.0.len() < limit;
        if free {
            self.0.push_back(now);
        }
        free
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_second_has_at_most_the_limit() {
        let (mut pace, begin) = (Pace::default(), Instant::now());
        let taken = [0, 100, 200, 999, 1000, 1050, 1100].map(|at| pace.take(2, begin + Duration::from_millis(at)));
        assert_eq!(taken, [true, true, false, false, true, false, true]);
    }
}
