use super::*;
use crate::fakes::start;

const SECOND: Duration = Duration::from_secs(1);

fn at(milliseconds: i64) -> DateTime<Utc> {
    start() + TimeDelta::milliseconds(milliseconds)
}

#[test]
fn a_system_that_asked_for_nothing_is_free() {
    let mut pace = Pace::default();
    assert!(pace.is_free(start()));
    assert_eq!((0..3).map(|_| pace.turn(None, "run", start())).collect::<Vec<_>>(), [Turn::In(Duration::ZERO); 3]);
}

#[test]
fn fakturownia_gets_60_requests_in_any_minute_at_most() {
    let mut pace = Pace::default();
    let mut begun = Vec::new();
    for milliseconds in (0..180_000).step_by(50) {
        while let Turn::In(Duration::ZERO) = pace.clone().turn(Some(Rate::INVOICES), "run", at(milliseconds)) {
            pace.turn(Some(Rate::INVOICES), "run", at(milliseconds));
            begun.push(milliseconds);
        }
    }
    assert_eq!(begun.iter().filter(|begin| **begin == 0).count(), 20);
    for first in &begun {
        let within = begun.iter().filter(|begin| (*first..first + 60_000).contains(begin)).count();
        assert!(within <= 60, "{within} from {first} ms on");
    }
    assert!((135..=140).contains(&begun.len()), "{} in three minutes", begun.len());
}

#[test]
fn one_run_at_a_time_asks_fakturownia_until_it_ends_or_dies() {
    let turn = |pace: &mut Pace, runner, milliseconds| pace.turn(Some(Rate::INVOICES), runner, at(milliseconds));
    let mut pace = Pace::default();
    assert_eq!(turn(&mut pace, "a", 0), Turn::In(Duration::ZERO));
    assert_eq!(turn(&mut pace, "b", 1), Turn::NotNow);
    pace.end("b");
    assert_eq!(turn(&mut pace, "b", 2), Turn::NotNow, "it did not have it");
    pace.end("a");
    assert_eq!(turn(&mut pace, "b", 3), Turn::In(Duration::ZERO));
    assert_eq!(turn(&mut pace, "a", 20_002), Turn::NotNow);
    assert_eq!(turn(&mut pace, "a", 20_003), Turn::In(Duration::ZERO), "b is dead");
}

#[test]
fn a_pace_that_was_asked_for_is_kept_by_all() {
    let mut pace = Pace::default();
    pace.slow_down(Some(SECOND), Some(SECOND / 2), start());
    assert!(!pace.is_free(at(2_000)));
    let waits = ["a", "b", "a"].map(|runner| pace.turn(None, runner, start()));
    assert_eq!(waits, [1000, 1525, 2050].map(|wait| Turn::In(Duration::from_millis(wait))));
    // Ten minutes later it is tried without.
    assert!(pace.is_free(at(600_000)));
}

#[test]
fn a_pace_that_is_not_said_is_looked_for() {
    let mut pace = Pace::default();
    let mut asked = |milliseconds| {
        pace.slow_down(None, None, at(milliseconds));
        pace.gap.as_millis()
    };
    // Those that were under way at the same time count once.
    assert_eq!([0, 100, 999, 2_000, 4_000, 6_000].map(&mut asked), [200, 200, 200, 300, 400, 500]);
    assert_eq!([10_000, 12_000].map(&mut asked), [625, 781]);
    assert_eq!((0..20).map(|number| asked(20_000 + number * 2_000)).max(), Some(5000));
    assert_eq!(asked(1_000_000), 200, "forgotten meanwhile");
}

#[test]
fn what_takes_too_long_is_left_for_a_later_run() {
    let mut pace = Pace::default();
    pace.leave_alone(Duration::from_secs(60), start());
    assert!(!pace.is_free(at(59_999)) && pace.is_free(at(60_000)));
    assert_eq!(pace.turn(None, "run", start()), Turn::NotNow);
    assert_eq!(pace.turn(None, "run", at(55_000)), Turn::In(Duration::from_secs(5)));
    pace.leave_alone(Duration::from_secs(1_000_000), start());
    assert_eq!(pace.free_at, start() + TimeDelta::days(1), "at most");
}

#[test]
fn a_system_that_leaves_doubts_is_asked_less_and_less_often() {
    let mut pace = Pace::default();
    let mut doubt = || {
        pace.doubt(0, start());
        (pace.free_at - start()).num_seconds().max(0)
    };
    let waits: Vec<_> = (0..11).map(|_| doubt()).collect();
    assert_eq!(waits, [0, 10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600]);
}
