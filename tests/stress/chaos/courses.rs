//! The courses of the sandbox.

use fastrand::Rng;
use sandbox::Sandbox;
use serde_json::json;

/// A course that ends soon after each request for it: its enrolments will be completed.
pub(crate) const ENDED: i64 = 6;

const FREE: i64 = 2;
const CHEAP: i64 = 9;
const SMALL: i64 = 13;

/// The courses with few seats, and their number.
pub(crate) const SEATS: [(i64, usize); 4] = [(10, 10), (11, 1), (12, 0), (SMALL, 3)];

/// The courses without a limit.
pub(crate) const ROOMY: [i64; 10] = [FREE, ENDED, CHEAP, 20, 21, 22, 23, 24, 25, 26];

/// Courses of one price between which users move, and in which seats are held for a short time.
const ALIKE: [i64; 8] = [10, 11, SMALL, 20, 21, 22, 23, 24];

pub(crate) fn is_alike(course: i64) -> bool {
    ALIKE.contains(&course)
}

/// Another of these courses.
pub(crate) fn any_alike_but(rng: &mut Rng, course: i64) -> i64 {
    let others: Vec<_> = ALIKE.into_iter().filter(|other| *other != course).collect();
    rng.choice(others).unwrap_or(SMALL)
}

/// Adds the course that the sandbox does not have.
pub(crate) fn prepare(sandbox: &Sandbox) {
    for (course, seats) in SEATS {
        sandbox.set_course(course, json!({"max_participants": seats}));
    }
}

pub(crate) fn any_roomy(rng: &mut Rng) -> i64 {
    rng.choice(ROOMY).unwrap_or(ENDED)
}

pub(crate) fn any_small(rng: &mut Rng) -> i64 {
    rng.choice(SEATS).map_or(SMALL, |(course, _)| course)
}

pub(crate) fn is_small(course: i64) -> bool {
    SEATS.iter().any(|(small, _)| *small == course)
}

pub(crate) fn has_seats(course: i64) -> bool {
    SEATS.iter().any(|(small, seats)| *small == course && *seats > 0)
}

/// The prices that a course has at times, in hundredths, the lowest first.
pub(crate) fn prices(course: i64) -> [i64; 2] {
    match course {
        FREE => [0, 0],
        CHEAP => [1, 1],
        25 | 26 => [19999, 24999],
        _ => [19999, 19999],
    }
}

/// Changes the price of a course.
pub(crate) fn change_a_price(rng: &mut Rng, sandbox: &Sandbox) {
    let (course, price) = (rng.choice([25, 26]).unwrap_or(25), rng.choice(["199.99", "249.99"]).unwrap_or("199.99"));
    sandbox.set_course(course, json!({"price": price}));
}
