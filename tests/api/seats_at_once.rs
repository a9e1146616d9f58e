//! Many callers at once for the seats of a course: every round has courses of its own, asks for fifty things at
//! once, and checks each rule for seats while they run and after them.

mod check;
mod kills;
mod mix;
mod requests;
mod round;
mod watch;

use crate::races::rounds;
use mix::Mix;
use round::Round;
use std::collections::BTreeMap;
use tests::TestApp;

pub(crate) use kills::cases as kills;

crate::cases![
    never_more_than_the_limit,
    no_seat_is_free_while_somebody_waits,
    no_user_overtakes,
    what_moves_is_always_in_one_course,
    a_late_payment_is_recorded_with_a_seat_only,
];

/// All rounds of a case with this mix.
async fn all_rounds(app: &TestApp, mix: Mix) {
    assert_eq!(mix.requests(), 50);
    let mut answers = BTreeMap::new();
    for number in 0..rounds().max(FEWEST) {
        let round = Round::prepare(app, number, mix).await;
        watch::seats(&round, round.all_at_once()).await;
        round.run().await;
        check::all(&round).await;
        round.look_again().await;
        check::all(&round).await;
        for (answer, times) in round.answers() {
            *answers.entry(answer).or_insert(0) += times;
        }
    }
    report(&answers);
    no_request_failed(app);
}

/// On a machine that is busy a request may wait for a lock or a look-up for too long, and a cancellation may meet a move of
/// the same enrolment. A deadlock is the service's own business.
fn no_request_failed(app: &TestApp) {
    let allowed = ["lock wait timed out", "database: locked", "moved in between", "users: timeout", "courses: timeout"];
    let output = app.app.captured_output();
    let failed = output.lines().filter(|line| line.contains("\"status\":503"));
    let others: Vec<_> = failed.filter(|line| !allowed.iter().any(|cause| line.contains(cause))).collect();
    assert!(others.is_empty(), "{others:#?}");
}

/// Prints the answers of a long run.
fn report(answers: &BTreeMap<String, usize>) {
    if std::env::var_os("RACE_ROUNDS").is_some() {
        let lines: Vec<_> = answers.iter().map(|(answer, times)| format!("  {answer}: {times}")).collect();
        println!("{} requests\n{}", answers.values().sum::<usize>(), lines.join("\n"));
    }
}

/// One round does not try much.
const FEWEST: usize = 2;

async fn never_more_than_the_limit(app: TestApp) {
    let mix =
        Mix { enrol: 26, wait: 4, cancel: 4, delete: 2, refund: 2, late: 3, enter: 3, run: 3, raise: 3, ..Mix::NONE };
    all_rounds(&app, mix).await;
}

async fn no_seat_is_free_while_somebody_waits(app: TestApp) {
    let mix = Mix {
        enrol: 5,
        wait: 14,
        leave: 5,
        cancel: 5,
        delete: 3,
        refund: 2,
        late: 2,
        enter: 3,
        quit: 3,
        run: 5,
        raise: 3,
        ..Mix::NONE
    };
    all_rounds(&app, mix).await;
}

async fn no_user_overtakes(app: TestApp) {
    let mix =
        Mix { enrol: 14, wait: 14, leave: 2, cancel: 3, delete: 2, late: 3, enter: 4, run: 3, raise: 5, ..Mix::NONE };
    all_rounds(&app, mix).await;
}

async fn what_moves_is_always_in_one_course(app: TestApp) {
    let mix = Mix {
        enrol: 6,
        wait: 4,
        cancel: 2,
        refund: 2,
        delete: 2,
        enter: 6,
        quit: 7,
        twice: 6,
        run: 4,
        raise: 5,
        ..Mix::NONE
    };
    all_rounds(&app, mix).await;
}

async fn a_late_payment_is_recorded_with_a_seat_only(app: TestApp) {
    let mix =
        Mix { late: 16, again: 4, enrol: 6, wait: 2, cancel: 6, delete: 4, refund: 2, run: 5, raise: 5, ..Mix::NONE };
    all_rounds(&app, mix).await;
}
