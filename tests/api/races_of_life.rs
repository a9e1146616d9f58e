//! Many callers at once: for few seats, and for the whole life of one enrolment.

use crate::races::rounds;
use crate::refunded::pending_jobs;
use futures::future::{join, join_all, join4};
use sandbox::Target;
use sandbox::fault::Named;
use serde_json::{Value, json};
use std::cell::Cell;
use tests::{Answer, TestApp};

crate::cases![
    no_course_is_overbooked,
    free_seats_are_taken_again,
    one_user_has_one_seat,
    the_results_fit_one_order_of_events,
];

const SEATS: usize = 10;
const ASKING: usize = 50;

/// The course of a round.
fn course(app: &TestApp, round: usize) -> i64 {
    let course = 1000 + i64::try_from(round).unwrap();
    app.sandbox.set_course(course, json!({"max_participants": SEATS}));
    course
}

async fn taken(app: &TestApp, course: i64) -> usize {
    let sql = format!("SELECT COUNT(*) FROM enrolments WHERE course_id = {course} AND status <> 'CANCELED'");
    app.value(&sql).await.parse().unwrap()
}

/// Awaits `work`, and looks again and again until it ends.
pub(crate) async fn looking<T>(work: impl Future<Output = T>, look: impl AsyncFn()) -> T {
    let over = Cell::new(false);
    let work = async {
        let result = work.await;
        over.set(true);
        result
    };
    let watch = async {
        while !over.get() {
            look().await;
            tokio::task::yield_now().await;
        }
    };
    join(work, watch).await.0
}

/// Awaits `work`, and counts the taken seats again and again until it ends.
async fn watched<T>(app: &TestApp, course: i64, work: impl Future<Output = T>) -> T {
    let look = async || {
        let taken = taken(app, course).await;
        assert!(taken <= SEATS, "{taken} in {course}");
    };
    looking(work, look).await
}

fn id(answer: &Answer) -> i64 {
    answer.json()["id"].as_i64().unwrap()
}

fn is_full(answer: &Answer) -> bool {
    (answer.status, answer.error().as_str()) == (409, "course_full")
}

async fn no_course_is_overbooked(app: TestApp) {
    for round in 0..rounds().div_ceil(2) {
        let course = course(&app, round);
        let users: Vec<_> = (0..ASKING).map(|user| format!("user-{round}-{user}")).collect();
        // On a busy machine some wait longer for the course than they may.
        let enrol = async |user| crate::until_available(async || app.enrol(user, course).await).await;
        let answers = watched(&app, course, join_all(users.iter().map(|user| enrol(user)))).await;
        let enrolled = answers.iter().filter(|answer| answer.status == 201).count();
        let refused = answers.iter().filter(|answer| is_full(answer)).count();
        assert_eq!((enrolled, refused), (SEATS, ASKING - SEATS), "round {round}");
        assert_eq!(taken(&app, course).await, SEATS);
    }
    app.idle().await;
    assert_eq!(app.sandbox.state().emails.len(), SEATS * rounds().div_ceil(2));
}

/// Some users cancel at once; the refused users ask again in the end.
async fn free_seats_are_taken_again(app: TestApp) {
    for round in 0..rounds().div_ceil(2) {
        let course = course(&app, round);
        let come_and_go = async |user: usize| {
            let answer = app.enrol(&format!("user-{round}-{user}"), course).await;
            if answer.status != 201 {
                assert!(is_full(&answer), "round {round}: {}", answer.text);
                return Some(user);
            }
            match user % 3 {
                0 => assert_eq!(app.cancel(id(&answer)).await.status, 200),
                1 => assert_eq!(app.call("DELETE", &format!("/{}", id(&answer))).await.status, 204),
                _ => {}
            }
            None
        };
        let refused = watched(&app, course, join_all((0..ASKING).map(come_and_go))).await;
        let refused: Vec<_> = refused.into_iter().flatten().collect();
        let free = SEATS - taken(&app, course).await;
        let again = refused.iter().map(async |user| app.enrol(&format!("user-{round}-{user}"), course).await);
        let answers = watched(&app, course, join_all(again)).await;
        let enrolled = answers.iter().filter(|answer| answer.status == 201).count();
        assert_eq!(enrolled, free.min(refused.len()), "round {round}: of {} for {free}", refused.len());
        assert_eq!(answers.iter().filter(|answer| is_full(answer)).count(), refused.len() - enrolled);
        assert_eq!(taken(&app, course).await, SEATS - free + enrolled);
    }
}

/// A user who enrols fifty times and cancels in between never has two seats.
async fn one_user_has_one_seat(app: TestApp) {
    for round in 0..rounds().div_ceil(4) {
        let course = course(&app, round);
        let user = format!("user-{round}");
        let come_and_go = async |_| {
            let answer = app.enrol(&user, course).await;
            match answer.status {
                201 => assert_eq!(app.cancel(id(&answer)).await.status, 200),
                status => assert_eq!((status, answer.error().as_str()), (409, "conflict"), "{}", answer.text),
            }
        };
        let open = format!("SELECT COUNT(*) FROM enrolments WHERE course_id = {course} AND status = 'ACTIVE'");
        let look = async || assert!(app.value(&open).await.parse::<usize>().unwrap() <= 1, "round {round}");
        looking(join_all((0..ASKING).map(come_and_go)), look).await;
        assert_eq!(taken(&app, course).await, 0);
        app.enrolled(&user, course).await;
    }
}

/// The answers to a payment, a refund and a cancellation in one possible order.
const ORDERS: [(&str, [u16; 3]); 4] = [
    ("paid, refunded", [200, 200, 409]),
    ("paid, canceled, refunded", [200, 200, 200]),
    ("paid, canceled", [200, 409, 200]),
    ("canceled", [409, 409, 200]),
];

/// All three at once for one enrolment. Returns the answers.
async fn race(app: &TestApp, round: usize, id: i64) -> [u16; 3] {
    let paid = Cell::new(0);
    let pay = async {
        let answer = app.pay(id).await;
        paid.set(answer.status);
        answer.status
    };
    let refund = async {
        loop {
            let over = paid.get() != 0;
            let answer = app.refund(id).await;
            let early = answer.json()["message"] == "Enrolment is not paid";
            // In every other round a refund that is too early is repeated, so that it meets
            // an invoice that is being issued.
            if !early || over || round.is_multiple_of(2) {
                return answer.status;
            }
        }
    };
    let cancel = async {
        // In some rounds the cancellation waits for the payment.
        while round % 4 == 1 && !app.state_of(id).await.ends_with(" PAID") {
            tokio::task::yield_now().await;
        }
        app.cancel(id).await.status
    };
    let cron = async {
        if round.is_multiple_of(3) {
            app.cron("delivery-cron").await;
        }
    };
    let (paid, refunded, canceled, ()) = join4(pay, refund, cancel, cron).await;
    [paid, refunded, canceled]
}

async fn the_results_fit_one_order_of_events(app: TestApp) {
    let mut raced = Vec::new();
    let mut seen = ORDERS.map(|(order, _)| (order, 0));
    // Fewer rounds do not try every order.
    for round in 0..rounds().max(12) {
        let user = format!("user-{round}");
        let id = app.enrolled(&user, 1).await;
        if round % 5 == 2 {
            app.sandbox.fault(Target::InvoicesCreate, Named::ResetAfter, Some(1));
        }
        let answers = race(&app, round, id).await;
        let order = ORDERS.iter().position(|(_, order)| *order == answers);
        seen[order.unwrap_or_else(|| panic!("round {round}: {answers:?} is no order of events"))].1 += 1;
        raced.push((id, user, answers));
    }
    app.sandbox.clear_faults();
    // A run follows thirty documents, and a correction waits for its invoice.
    for _ in 0..3 + rounds() / 10 {
        app.deliver_all().await;
    }
    assert_eq!(pending_jobs(&app).await, json!([]), "{seen:?}");
    let state = app.sandbox.state();
    for (id, user, [paid, refunded, canceled]) in raced {
        let own = |prefix: &str, documents: &[Value]| -> Vec<Value> {
            let start = format!("{prefix}-{id}-");
            let is_own = |document: &&Value| document["oid"].as_str().unwrap().starts_with(&start);
            documents.iter().filter(is_own).cloned().collect()
        };
        let (invoices, corrections) = (own("enrolment", &state.invoices), own("correction", &state.corrections));
        let times = |status| usize::from(status == 200);
        assert_eq!((invoices.len(), corrections.len()), (times(paid), times(refunded)), "{user}");
        let listed: Vec<_> = app.documents(id).await.iter().map(|document| document["number"].clone()).collect();
        let issued: Vec<_> = invoices.iter().chain(&corrections).map(|document| document["number"].clone()).collect();
        assert_eq!(listed, issued, "{user}");
        for correction in &corrections {
            assert_eq!(correction["from_invoice_id"], invoices[0]["id"], "{user}");
        }
        let mails = app.subjects(&user);
        for (subject, sent) in [
            ("Your course payment confirmation", times(paid)),
            ("Your course payment is refunded", times(refunded)),
            ("Your course enrolment is canceled", times(canceled)),
        ] {
            assert_eq!(mails.iter().filter(|mail| *mail == subject).count(), sent, "{user}: {mails:?}");
        }
        // The confirmation may have been dropped.
        let confirmed = mails.iter().filter(|mail| *mail == "Course enrolment confirmation").count();
        assert!(confirmed <= 1 && mails.len() == confirmed + times(paid) + times(refunded) + times(canceled));
        let payment = if paid == 200 { "PAID" } else { "PENDING" };
        assert_eq!(app.state_of(id).await, format!("CANCELED {payment}"), "{user}");
        let refund = app.value(&format!("SELECT refunded_at IS NOT NULL FROM enrolments WHERE id = {id}")).await;
        assert_eq!(refund, times(refunded).to_string(), "{user}");
    }
}
