//! The rate limit of a relay.

use std::time::{Duration, Instant};

/// The length of a window in which requests are counted.
const WINDOW: Duration = Duration::from_secs(1);

#[derive(Debug, Default)]
pub(super) struct Pace {
    began: Option<Instant>,
    used: u32,
    paused_until: Option<Instant>,
}

/// The state of a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Window {
    pub(super) limit: u32,
    pub(super) remaining: u32,
    /// The time until the next window begins.
    pub(super) reset: Duration,
}

impl Pace {
    /// Counts a request. Returns the window, as an error if the request exceeds the limit. With
    /// a `pause`, such a request also blocks all requests for that time.
    pub(super) fn count(&mut self, limit: u32, pause: Option<Duration>, now: Instant) -> Result<Window, Window> {
        let began = match self.began.filter(|began| now.duration_since(*began) < WINDOW) {
            Some(began) => began,
            None => {
                self.used = 0;
                *self.began.insert(now)
            }
        };
        let reset = WINDOW.saturating_sub(now.duration_since(began));
        let paused = self.paused_until.is_some_and(|end| now < end);
        if !paused && self.used < limit {
            self.used += 1;
            return Ok(Window { limit, remaining: limit - self.used, reset });
        }
        if let (false, Some(pause)) = (paused, pause) {
            self.paused_until = Some(now + pause);
        }
        Err(Window { limit, remaining: 0, reset })
    }
}

/// Rounded up.
pub(super) fn whole_seconds(duration: Duration) -> u64 {
    duration.as_secs() + u64::from(duration.subsec_nanos() > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_has_a_limit() {
        let (mut pace, start) = (Pace::default(), Instant::now());
        let at = |millis| start + Duration::from_millis(millis);
        let window = |remaining, millis| Window { limit: 2, remaining, reset: Duration::from_millis(millis) };
        assert_eq!(pace.count(2, None, at(0)), Ok(window(1, 1000)));
        assert_eq!(pace.count(2, None, at(300)), Ok(window(0, 700)));
        assert_eq!(pace.count(2, None, at(400)), Err(window(0, 600)));
        assert_eq!(pace.count(2, None, at(1000)), Ok(window(1, 1000)), "the next window");
        assert_eq!([0, 1, 600, 1000].map(|millis| whole_seconds(Duration::from_millis(millis))), [0, 1, 1, 1]);
    }

    #[test]
    fn a_pause_blocks_all_requests() {
        let (mut pace, start) = (Pace::default(), Instant::now());
        let at = |seconds| start + Duration::from_secs(seconds);
        let minute = Some(Duration::from_secs(60));
        assert!(pace.count(1, minute, at(0)).is_ok());
        for seconds in [0, 10, 59] {
            assert!(pace.count(1, minute, at(seconds)).is_err(), "{seconds}");
        }
        assert!(pace.count(1, minute, at(60)).is_ok());
    }
}
