//! Tests after the load: systems that are down for more runs than a job has attempts, and a
//! relay without keys that takes each mail and answers with an error.

use crate::chaos::CALLERS;
use crate::chaos::ask::{Asker, Request};
use crate::chaos::load::enrol::{Enrolled, enrol};
use crate::chaos::service::Service;
use crate::chaos::trouble::Trouble;
use crate::drain::{Due, make_due};
use anyhow::{Result, ensure};
use fastrand::Rng;
use sandbox::{Fault, Sandbox, Target};
use serde_json::json;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};
use tests::TestDatabase;

/// More runs than a job has attempts.
const RUNS: usize = 80;

/// How many enrolments each case has.
const ENROLMENTS: usize = 6;

/// A course with a price and no limit.
const COURSE: i64 = 20;

/// Every other system is down for [`RUNS`] runs, with jobs for each. Then no job may be
/// dead. `check` compares the results with all others.
pub(crate) async fn long_outage(
    (asker, rng): (&Asker, &mut Rng),
    (service, database): (&Service, &TestDatabase),
    (sandbox, trouble): (&Sandbox, &Trouble),
) -> Result<()> {
    let asker = &asker.until(Instant::now() + Duration::from_secs(120));
    let dead = "SELECT kind, last_error FROM outbox WHERE state = 'dead'";
    let before = database.rows(dead).await?;
    let mut lives = Vec::new();
    for number in 0..ENROLMENTS {
        let user = format!("outage-{number}");
        if let Enrolled::Is(life) | Enrolled::Found(life) = enrol(asker, rng, CALLERS, &user, COURSE).await {
            lives.push(life);
        }
    }
    ensure!(lives.len() == ENROLMENTS, "{} of {ENROLMENTS} are enrolled though nothing fails", lives.len());
    // 401: the relay refuses the account, so no mail can have been sent.
    for (target, status) in
        [(Target::Users, 503), (Target::Courses, 503), (Target::Invoices, 503), (Target::Emails, 401)]
    {
        sandbox.fault(target, Fault::status(status), None);
    }
    trouble.receiver.fault(Target::Webhooks, Fault::status(503), None);
    for (number, life) in lives.iter_mut().enumerate() {
        let body = json!({"enrolment_id": life.id, "user_id": life.user});
        let (what, route) = crate::chaos::load::moves::by_number(number);
        let told = asker.until_done(rng, &Request::with(route, body, None)).await;
        life.steps.push(vec![told.step(what)]);
    }
    asker.seen().lives.append(&mut lives);
    for _ in 0..RUNS {
        run(service, database, 0).await?;
    }
    for row in database.rows(dead).await?.into_iter().filter(|row| !before.contains(row)) {
        asker.wrong(format!("dead after an outage: {}", row.join(" ")));
    }
    sandbox.clear_faults();
    trouble.receiver.clear_faults();
    Ok(())
}

/// A relay without keys takes each mail and answers 502, for [`RUNS`] runs. Returns the
/// faults: a customer with more than two copies, or with none.
pub(crate) async fn keyless_relay(
    (asker, rng): (&Asker, &mut Rng),
    (service, database): (&mut Service, &TestDatabase),
    sandbox: &Sandbox,
) -> Result<Vec<String>> {
    service.kill().await?;
    service.set("MAIL_PROVIDER", "postmark");
    service.start().await?;
    let asker = &asker.until(Instant::now() + Duration::from_secs(120));
    sandbox.fault(Target::EmailsSend, Fault::status_after(502), None);
    let before = sandbox.state().emails.len();
    let mut enrolled = 0;
    for number in 0..ENROLMENTS {
        let user = format!("keyless-{number}");
        enrolled += usize::from(matches!(enrol(asker, rng, CALLERS, &user, COURSE).await, Enrolled::Is(_)));
    }
    for _ in 0..RUNS {
        run(service, database, 180_000).await?;
    }
    sandbox.clear_faults();
    let mut copies: BTreeMap<String, usize> = BTreeMap::new();
    for mail in sandbox.state().emails.iter().skip(before) {
        *copies.entry(mail["To"].to_string()).or_default() += 1;
    }
    let mut wrong: Vec<_> = copies
        .iter()
        .filter(|(_, number)| **number > 2)
        .map(|(to, number)| format!("{number} copies of a mail to {to} by a relay without keys"))
        .collect();
    if (enrolled, copies.len()) != (ENROLMENTS, ENROLMENTS) {
        wrong.push(format!("of {ENROLMENTS} enrolled, {enrolled} were, and {} got a mail", copies.len()));
    }
    Ok(wrong)
}

/// One run. All jobs without a lease are due, no pace applies, and `unknown_since` is set
/// back by `back` milliseconds.
async fn run(service: &Service, database: &TestDatabase, back: u32) -> Result<()> {
    make_due(database, Due::Free, back).await?;
    ensure!(service.deliver().await? == 200, "the database is busy");
    Ok(())
}
