use super::*;
use crate::fakes::start;

const SECOND: Duration = Duration::from_secs(1);

fn at(milliseconds: i64) -> DateTime<Utc> {
    start() + TimeDelta::milliseconds(milliseconds)
}

#[test]
fn a_system_without_a_pace_is_free() {
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
fn one_run_at_a_time_uses_fakturownia_until_it_ends_or_dies() {
    let turn = |pace: &mut Pace, runner, milliseconds| pace.turn(Some(Rate::INVOICES), runner, at(milliseconds));
    let mut pace = Pace::default();
    assert_eq!(turn(&mut pace, "a", 0), Turn::In(Duration::ZERO));
    assert_eq!(turn(&mut pace, "b", 1), Turn::NotNow);
    pace.end("b");
    assert_eq!(turn(&mut pace, "b", 2), Turn::NotNow, "run b has no turn to end");
    pace.end("a");
    assert_eq!(turn(&mut pace, "b", 3), Turn::In(Duration::ZERO));
    assert_eq!(turn(&mut pace, "a", 20_002), Turn::NotNow);
    assert_eq!(turn(&mut pace, "a", 20_003), Turn::In(Duration::ZERO), "b is dead");
}

#[test]
fn a_run_that_waits_for_its_turn_keeps_the_next_ones() {
    let mut pace = Pace::default();
    pace.pause(SECOND * 5, start());
    assert_eq!(pace.turn(Some(Rate::INVOICES), "a", start()), Turn::In(SECOND * 5));
    assert_eq!(pace.turn(Some(Rate::INVOICES), "b", at(24_999)), Turn::NotNow);
    assert_eq!(pace.turn(Some(Rate::INVOICES), "b", at(25_000)), Turn::In(Duration::ZERO));
}

#[test]
fn a_longer_gap_that_fakturownia_asks_for_wins() {
    let mut pace = Pace::default();
    pace.slow_down(Some(SECOND), Some(SECOND * 2), start());
    let waits: [_; 3] = std::array::from_fn(|_| pace.turn(Some(Rate::INVOICES), "a", at(1_000)));
    assert_eq!(waits, [0, 2100, 4200].map(|wait| Turn::In(Duration::from_millis(wait))));
}

#[test]
fn all_runs_follow_the_pace_that_a_system_asks_for() {
    let mut pace = Pace::default();
    pace.slow_down(Some(SECOND), Some(SECOND / 2), start());
    assert!(!pace.is_free(at(2_000)));
    let waits = ["a", "b", "a"].map(|runner| pace.turn(None, runner, start()));
    assert_eq!(waits, [1000, 1525, 2050].map(|wait| Turn::In(Duration::from_millis(wait))));
    // After ten minutes the pace is forgotten.
    assert!(pace.is_free(at(600_000)));
}

#[test]
fn without_a_given_pace_longer_gaps_are_tried() {
    let mut pace = Pace::default();
    let mut asked = |milliseconds| {
        pace.slow_down(None, None, at(milliseconds));
        pace.gap.as_millis()
    };
    // Answers to requests that were in progress at the same time count once.
    assert_eq!([0, 100, 1_099, 2_099, 4_000, 6_000].map(&mut asked), [200, 200, 200, 300, 400, 500]);
    assert_eq!([10_000, 12_000].map(&mut asked), [625, 781]);
    assert_eq!((0..20).map(|number| asked(20_000 + number * 2_000)).max(), Some(5000));
    assert_eq!(asked(1_000_000), 200, "the pace was forgotten");
}

#[test]
fn a_turn_that_is_too_late_is_for_a_later_run() {
    let mut pace = Pace::default();
    pace.pause(Duration::from_secs(60), start());
    assert!(!pace.is_free(at(59_999)) && pace.is_free(at(60_000)));
    assert_eq!(pace.turn(None, "run", start()), Turn::NotNow);
    assert_eq!(pace.turn(None, "run", at(55_000)), Turn::In(Duration::from_secs(5)));
    pace.pause(Duration::from_secs(1_000_000), start());
    assert_eq!(pace.free_at, start() + TimeDelta::days(1), "at most");
}

#[test]
fn a_system_that_leaves_jobs_unknown_is_paused_longer_each_time() {
    let mut pace = Pace::default();
    let mut doubt = || {
        pace.record_unknown(0, start());
        (pace.free_at - start()).num_seconds().max(0)
    };
    let waits: Vec<_> = (0..11).map(|_| doubt()).collect();
    assert_eq!(waits, [0, 10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600]);
}
