//! Waiting for a database that cannot take a request on yet: for how long, and
//! in which steps. It blocks the instance, which serves one request. The host
//! goes on with the other requests.

use super::DbError;
use domain::ports::Random as _;
use std::cell::Cell;
use std::time::{Duration, Instant};

/// Of what nothing has been done yet, tries again until `end` has come. Between
/// two tries it waits for a part of what `step` gives for the time waited so
/// far.
pub(super) fn until_taken_on<T>(
    mut attempt: impl FnMut() -> Result<T, DbError>,
    end: impl Fn(Instant) -> Instant,
    step: impl Fn(Duration) -> Duration,
) -> Result<T, DbError> {
    let mut began: Option<(Instant, Instant)> = None;
    loop {
        let result = attempt();
        if !matches!(result, Err(DbError::Busy(_))) {
            return result;
        }
        let now = Instant::now();
        let (begin, end) = *began.get_or_insert_with(|| (now, end(now)));
        let left = end.saturating_duration_since(now);
        if left.is_zero() {
            return result;
        }
        pause(jittered(step(now - begin), crate::Environment.random()).min(left));
    }
}

fn pause(duration: Duration) {
    if !duration.is_zero() {
        let nanoseconds = u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
        wasi::clocks::monotonic_clock::subscribe_duration(nanoseconds).block();
    }
}

/// Between half and all of `step`, so that those who wait do not come back at once.
fn jittered(step: Duration, random: u64) -> Duration {
    let half = u64::try_from(step.as_micros() / 2).unwrap_or(u64::MAX);
    Duration::from_micros(half.saturating_add(random % half.saturating_add(1)))
}

/// The steps in which a server without room is asked again: growing, for it has
/// enough to do.
pub(super) fn for_a_connection(waited: Duration) -> Duration {
    waited.clamp(Duration::from_millis(20), Duration::from_millis(100))
}

/// How long the locks of others may hold a request up, all of them together, and in which
/// steps a locked file is asked again.
#[derive(Debug)]
pub(crate) struct Request {
    began: Instant,
    answered: Cell<bool>,
}

impl Request {
    /// A caller waits so long for locks, from the request's beginning; it is to
    /// have its answer within 4 s.
    const LOCKS: Duration = Duration::from_secs(3);
    /// From this age on no caller waits for an answer: the request is a run.
    const ANSWERED: Duration = Duration::from_secs(4);
    /// What every transaction may wait. Several of them have to fit between the
    /// two above.
    const LEAST: Duration = Duration::from_millis(250);
    /// What each wait of the work after an answer may take. A mail whose end is not written
    /// down is in doubt, so it is worth more patience than a caller has.
    const AFTER: Duration = Duration::from_secs(15);

    pub(super) fn begin() -> Self {
        Self { began: Instant::now(), answered: Cell::new(false) }
    }

    /// The answer is out.
    pub(super) fn answered(&self) {
        self.answered.set(true);
    }

    /// When a wait for a lock that begins at `now` is to end.
    pub(super) fn end_of_wait(&self, now: Instant) -> Instant {
        if self.answered.get() {
            now + Self::AFTER
        } else if now.saturating_duration_since(self.began) < Self::ANSWERED {
            (self.began + Self::LOCKS).max(now + Self::LEAST)
        } else {
            now + Self::LOCKS
        }
    }

    /// How long to wait before a locked file is tried again. A try costs processor time that
    /// the holder of the lock needs: with steps of a few milliseconds 64 writers spend most of it
    /// on tries, and some are refused. Growing steps would let new requests overtake. A request
    /// that is near its limit tries more often, and work after an answer gives way to callers.
    pub(super) fn step(&self, waited: Duration) -> Duration {
        const USUAL: Duration = Duration::from_millis(40);
        const LATE: Duration = Duration::from_millis(15);
        const AFTER: Duration = Duration::from_millis(80);
        if self.answered.get() {
            AFTER
        } else if waited < Self::LOCKS * 2 / 3 {
            USUAL
        } else {
            LATE
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const MS: Duration = Duration::from_millis(1);

    #[test]
    fn a_request_waits_for_locks_so_that_its_answer_is_in_time() {
        let request = Request::begin();
        let wait = |age: Duration| request.end_of_wait(request.began + age) - request.began;
        assert_eq!(wait(Duration::ZERO), 3000 * MS);
        assert_eq!(wait(2000 * MS), 3000 * MS);
        assert_eq!(wait(3000 * MS), 3250 * MS);
        // One after the other, each as long as it may: still in time.
        let mut age = 3000 * MS;
        for _ in 0..3 {
            age = wait(age);
        }
        assert!(age < 4000 * MS, "{age:?}");
        // Runs, and then work after an answer.
        assert_eq!(wait(10_000 * MS), 13_000 * MS);
        request.answered();
        assert_eq!(wait(100 * MS), 15_100 * MS);
    }

    #[test]
    fn who_may_be_refused_soon_asks_most_often_and_work_after_an_answer_least() {
        let request = Request::begin();
        let steps = || [0, 1999, 2000, 2999].map(|waited| request.step(waited * MS));
        assert_eq!(steps(), [40 * MS, 40 * MS, 15 * MS, 15 * MS]);
        request.answered();
        assert_eq!(steps(), [80 * MS; 4]);
    }

    #[test]
    fn a_server_without_room_is_asked_less_and_less_often() {
        let steps = [0, 50, 80, 500].map(|waited| for_a_connection(waited * MS));
        assert_eq!(steps, [20 * MS, 50 * MS, 80 * MS, 100 * MS]);
    }

    #[test]
    fn what_is_taken_on_is_not_tried_again() {
        let mut tries = 0;
        let mut attempt = |result: Result<u8, DbError>| {
            until_taken_on(
                || {
                    tries += 1;
                    result.clone()
                },
                |now| now,
                for_a_connection,
            )
        };
        assert_eq!(attempt(Ok(1)), Ok(1));
        assert_eq!(attempt(Err(DbError::Deadlock)), Err(DbError::Deadlock));
        assert_eq!(attempt(Err(DbError::Busy("locked"))), Err(DbError::Busy("locked")), "no time is left");
        assert_eq!(tries, 3);
    }

    proptest! {
        #[test]
        fn jitter_stays_within_the_step(microseconds in 0_u64..1_000_000, random: u64) {
            let step = Duration::from_micros(microseconds);
            let jittered = jittered(step, random);
            prop_assert!(step / 2 <= jittered + Duration::from_micros(1) && jittered <= step);
        }
    }
}
