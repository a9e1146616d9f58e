//! When a course takes enrolments.

use chrono::{DateTime, Utc};

/// When a course takes enrolments.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Window {
    /// When enrolling begins; `None` means that it has begun.
    pub opens_at: Option<DateTime<Utc>>,
    /// When enrolling ends, if before the course.
    pub closes_at: Option<DateTime<Utc>>,
    /// When the course ends.
    pub ends_at: Option<DateTime<Utc>>,
}

/// Why a course takes no enrolments now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closed {
    /// Enrolling begins at this time.
    NotYet(DateTime<Utc>),
    /// Enrolling ended at this time.
    Since(DateTime<Utc>),
    /// The course ended at this time.
    Over(DateTime<Utc>),
}

impl Window {
    /// Checks that the course takes enrolments at a time. Each of the times is the first moment of what it
    /// begins.
    ///
    /// # Errors
    ///
    /// Why it takes none. That the course is over comes first, then that enrolling has ended.
    pub fn check(&self, now: DateTime<Utc>) -> Result<(), Closed> {
        let reached = |time: &DateTime<Utc>| *time <= now;
        if let Some(end) = self.ends_at.filter(reached) {
            Err(Closed::Over(end))
        } else if let Some(end) = self.closes_at.filter(reached) {
            Err(Closed::Since(end))
        } else if let Some(begin) = self.opens_at.filter(|time| !reached(time)) {
            Err(Closed::NotYet(begin))
        } else {
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fakes::start;
    use chrono::TimeDelta;

    /// This number of milliseconds after the start.
    fn at(milliseconds: i64) -> DateTime<Utc> {
        start() + TimeDelta::milliseconds(milliseconds)
    }

    fn window(opens: Option<i64>, closes: Option<i64>, ends: Option<i64>) -> Window {
        Window { opens_at: opens.map(at), closes_at: closes.map(at), ends_at: ends.map(at) }
    }

    #[test]
    fn a_course_without_times_is_always_open() {
        for now in [-1_000_000_000, 0, 1_000_000_000] {
            assert_eq!(Window::default().check(at(now)), Ok(()));
        }
    }

    #[test]
    fn each_time_begins_with_its_first_millisecond() {
        let (opens, closes, ends) =
            (window(Some(0), None, None), window(None, Some(0), None), window(None, None, Some(0)));
        for (now, expected) in [
            (-1, [Err(Closed::NotYet(at(0))), Ok(()), Ok(())]),
            (0, [Ok(()), Err(Closed::Since(at(0))), Err(Closed::Over(at(0)))]),
            (1, [Ok(()), Err(Closed::Since(at(0))), Err(Closed::Over(at(0)))]),
        ] {
            assert_eq!([&opens, &closes, &ends].map(|window| window.check(at(now))), expected, "{now}");
        }
    }

    #[test]
    fn with_all_times_the_last_one_reached_is_named() {
        let window = window(Some(10), Some(20), Some(30));
        for (now, expected) in [
            (9, Err(Closed::NotYet(at(10)))),
            (10, Ok(())),
            (19, Ok(())),
            (20, Err(Closed::Since(at(20)))),
            (29, Err(Closed::Since(at(20)))),
            (30, Err(Closed::Over(at(30)))),
        ] {
            assert_eq!(window.check(at(now)), expected, "{now}");
        }
    }

    #[test]
    fn the_end_of_the_course_comes_before_the_others() {
        for (opens, closes, ends, expected) in [
            (1, 0, 0, Closed::Over(at(0))),
            (1, 1, 0, Closed::Over(at(0))),
            (1, 0, 1, Closed::Since(at(0))),
            (0, 0, 1, Closed::Since(at(0))),
            (1, 1, 1, Closed::NotYet(at(1))),
        ] {
            assert_eq!(window(Some(opens), Some(closes), Some(ends)).check(at(0)), Err(expected));
        }
    }
}
