//! How long a job waits before the next attempt, and after how many attempts it is dead.

use chrono::TimeDelta;
use std::time::Duration;

/// After this many attempts a job is dead: with the waits below, after about two and a half
/// days. The outage of a whole system does not count as an attempt.
pub const MAX_ATTEMPTS: u32 = 64;

const FIRST: Duration = Duration::from_secs(10);
const LONGEST: Duration = Duration::from_secs(3600);

/// The longest wait that another system can ask for (`Retry-After`).
pub const LONGEST_ASKED: Duration = Duration::from_secs(24 * 3600);

/// How long to wait after the `attempts`-th attempt failed (counted from 1). The wait doubles
/// from 10 s to an hour. `random` takes off up to a quarter, so that jobs that failed together
/// are not retried together. The result is at least what the other system asked for, up to
/// [`LONGEST_ASKED`].
#[must_use]
pub fn wait(attempts: u32, asked: Option<Duration>, random: u64) -> Duration {
    let doublings = attempts.saturating_sub(1).min(20);
    let full = FIRST.saturating_mul(1 << doublings).min(LONGEST);
    jittered(full, random).max(asked.unwrap_or_default().min(LONGEST_ASKED))
}

/// How long a job waits for another job or for a system that is down. `waited` is the time
/// since the job was created: the wait is a quarter of that, from 10 s to an hour. `random`
/// takes off up to a quarter. The result is at least what the other system asked for, up to
/// [`LONGEST_ASKED`]. Such waits are not limited in number and are not attempts.
#[must_use]
pub fn wait_for_others(waited: TimeDelta, asked: Option<Duration>, random: u64) -> Duration {
    let full = (waited.to_std().unwrap_or_default() / 4).clamp(FIRST, LONGEST);
    jittered(full, random).max(asked.unwrap_or_default().min(LONGEST_ASKED))
}

/// How long a job waits when its system asks for fewer requests: what the system asks for, up
/// to [`LONGEST_ASKED`], or one second if it does not say.
#[must_use]
pub fn wait_for_turn(asked: Option<Duration>) -> Duration {
    asked.unwrap_or(Duration::from_secs(1)).min(LONGEST_ASKED)
}

/// Takes off up to a quarter of `full`.
fn jittered(full: Duration, random: u64) -> Duration {
    let quarter = u64::try_from(full.as_millis()).unwrap_or(u64::MAX) / 4;
    full.saturating_sub(Duration::from_millis(random % (quarter + 1)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn doubles_up_to_an_hour() {
        let waits: Vec<_> = (0..=11).map(|n| wait(n, None, 0).as_secs()).collect();
        assert_eq!(waits, [10, 10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600, 3600]);
        assert_eq!(wait(u32::MAX, None, 0), LONGEST);
    }

    #[test]
    fn jitter_takes_off_up_to_a_quarter() {
        assert_eq!(wait(1, None, 2500), Duration::from_millis(7500));
        assert_eq!(wait(1, None, 2501), Duration::from_secs(10));
    }

    #[test]
    fn another_system_can_ask_for_a_longer_wait_up_to_a_day() {
        assert_eq!(wait(1, Some(Duration::from_secs(60)), 0), Duration::from_secs(60));
        assert_eq!(wait(1, Some(Duration::from_secs(1)), 0), Duration::from_secs(10));
        assert_eq!(wait(1, Some(Duration::from_secs(7200)), 0), Duration::from_secs(7200));
        assert_eq!(wait(1, Some(Duration::from_secs(1_000_000)), 0), LONGEST_ASKED);
    }

    #[test]
    fn waits_for_another_job_or_system_grow_with_the_age_of_the_job() {
        for (waited, wait) in [(-5, 10), (0, 10), (40, 10), (400, 100), (14_400, 3600), (1_000_000, 3600)] {
            assert_eq!(wait_for_others(TimeDelta::seconds(waited), None, 0).as_secs(), wait, "{waited}");
        }
        assert_eq!(wait_for_others(TimeDelta::zero(), None, 2500), Duration::from_millis(7500));
        for (asked, wait) in [(1, 10), (90, 90), (1_000_000, 86_400)] {
            let asked = Some(Duration::from_secs(asked));
            assert_eq!(wait_for_others(TimeDelta::zero(), asked, 0).as_secs(), wait, "{asked:?}");
        }
    }

    #[test]
    fn a_paced_job_waits_as_long_as_its_system_asks() {
        for (asked, seconds) in [(None, 1), (Some(0), 0), (Some(7), 7), (Some(1_000_000), 86_400)] {
            assert_eq!(wait_for_turn(asked.map(Duration::from_secs)).as_secs(), seconds, "{asked:?}");
        }
    }

    proptest! {
        #[test]
        fn a_wait_is_between_three_quarters_and_the_full_wait(attempts in 0_u32..200, random: u64) {
            let full = wait(attempts, None, 0);
            let jittered = wait(attempts, None, random);
            prop_assert!(jittered <= full && jittered >= full * 3 / 4);
        }
    }
}
