use super::*;
use crate::fakes::{course_terms, start};

const DAY: TimeDelta = TimeDelta::days(1);

fn standing(limit: Option<u32>, taken: u32, waited_for: bool) -> Standing {
    Standing { limit, taken, waited_for, window: Window::default() }
}

#[test]
fn a_seat_is_free_below_the_limit_and_for_those_who_wait_first() {
    use Claim::{Enrol, LatePayment, Offer};
    for (standing, enrol, offer) in [
        (standing(None, 0, false), Ok(u32::MAX), Ok(u32::MAX)),
        (standing(None, 7, true), Err(Error::CourseFull), Ok(u32::MAX)),
        (standing(Some(2), 1, false), Ok(1), Ok(1)),
        (standing(Some(2), 2, false), Err(Error::CourseFull), Err(Error::CourseFull)),
        (standing(Some(2), 3, false), Err(Error::CourseFull), Err(Error::CourseFull)),
        (standing(Some(9), 2, true), Err(Error::CourseFull), Ok(7)),
        (standing(Some(0), 0, false), Err(Error::CourseFull), Err(Error::CourseFull)),
    ] {
        assert_eq!(standing.seats_for(Enrol, start()), enrol, "{standing:?}");
        assert_eq!(standing.seats_for(LatePayment, start()), enrol, "{standing:?}");
        assert_eq!(standing.seats_for(Offer, start()), offer, "{standing:?}");
    }
}

#[test]
fn outside_of_the_window_only_a_late_payment_gets_a_seat_until_the_end() {
    let (before, after) = (Some(start() - DAY), Some(start() + DAY));
    for (window, closed, late) in [
        (Window { opens_at: after, ..Window::default() }, Closed::NotYet(start() + DAY), true),
        (Window { closes_at: before, ..Window::default() }, Closed::Since(start() - DAY), true),
        (Window { ends_at: before, closes_at: before, ..Window::default() }, Closed::Over(start() - DAY), false),
    ] {
        let standing = Standing { window, ..standing(Some(2), 1, false) };
        for claim in [Claim::Enrol, Claim::Offer] {
            assert_eq!(standing.seats_for(claim, start()), Err(Error::CourseClosed(closed)));
        }
        assert_eq!(standing.seats_for(Claim::LatePayment, start()).is_ok(), late, "{closed:?}");
    }
}

#[test]
fn free_seats_are_never_below_zero() {
    let count = |limit, taken| SeatCount { limit, taken, held: 0, waiting: 0 }.free();
    assert_eq!([count(None, 5), count(Some(5), 3), count(Some(5), 6)], [None, Some(2), Some(0)]);
}

#[test]
fn a_seat_is_held_until_a_time_in_the_next_365_days() {
    let check = |after: TimeDelta| check_pay_until(start() + after, start()).is_ok();
    assert!(check(TimeDelta::milliseconds(1)) && check(DAY * 365));
    assert!(!check(TimeDelta::zero()) && !check(-DAY) && !check(DAY * 365 + TimeDelta::milliseconds(1)));
}

#[test]
fn an_offer_is_held_and_reminded_of_unless_the_course_is_free() {
    let hours = |hours: u64| Duration::from_secs(hours * 60 * 60);
    let times = HoldTimes { seats: None, offers: hours(48), remind_before: Some(hours(24)) };
    let until = start() + DAY * 2;
    assert_eq!(times.of_offer(&course_terms(1.0), start()), Some(until));
    assert_eq!(times.of_offer(&course_terms(0.0), start()), None);
    assert_eq!(times.reminder_after(until, start()), Some(DAY));
    assert_eq!(times.reminder_after(until, start() + DAY), None, "it would be late");
    assert_eq!(HoldTimes { remind_before: None, ..times }.reminder_after(until, start()), None);
}
