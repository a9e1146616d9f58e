//! Long outages of systems, and systems that ask for fewer requests.

use super::*;
use crate::model::event::EventKind;
use crate::model::reason::ReasonCode;
use chrono::{DateTime, TimeDelta, Utc};
use std::cell::{Cell, RefCell};
use std::time::Duration;

/// A week of runs, one every 20 seconds, in which each request fails.
fn a_week(world: &World, invoices: &impl Invoices, mail: &impl Mail) {
    let end = start() + TimeDelta::days(7);
    while world.env.now() < end {
        let counts = world.run_with(invoices, mail);
        assert_eq!(counts.given_up, 0);
        // Runs in between would find no due jobs.
        world.env.advance(TimeDelta::minutes(7));
    }
}

/// Runs until everything is delivered.
fn back_again(world: &World) {
    for _ in 0..20 {
        world.env.advance(TimeDelta::hours(1));
        world.run(Limits::RUN);
    }
    assert_eq!(world.held(), 0);
    assert!(world.store.outbox.borrow().iter().all(|row| row.done));
}

/// A system that fails each request with this failure.
struct Away(fn() -> Failure, Terms);

impl Away {
    fn failing(failure: fn() -> Failure) -> Self {
        Self(failure, crate::fakes::terms())
    }
}

impl Mail for Away {
    fn is_off(&self, _: MailKind) -> bool {
        false
    }

    fn repeats(&self) -> Repeats {
        Repeats::Sent
    }

    async fn send(&self, _: &crate::model::email::Email) -> Result<(), Failure> {
        Err(self.0())
    }

    async fn check(&self) -> Result<(), Failure> {
        Err(out_of_reach())
    }
}

impl Invoices for Away {
    fn account(&self) -> &Account {
        &self.1.account
    }

    fn terms(&self) -> Result<Terms, Unavailable> {
        Ok(self.1.clone())
    }

    async fn create(&self, _: &Order<'_>) -> Result<Created, Failure> {
        Err(self.0())
    }

    async fn find(&self, _: &Order<'_>) -> Result<Vec<Found>, Failure> {
        // A failed look-up does not make a job unknown.
        Err(out_of_reach())
    }

    async fn listed(
        &self,
        _: crate::model::check::Listing<'_>,
    ) -> Result<Vec<crate::model::check::ListedDocument>, Failure> {
        Err(out_of_reach())
    }

    async fn look_at_ksef(&self, _: i64) -> Result<crate::model::ksef::Look, Failure> {
        Err(out_of_reach())
    }

    async fn send_to_ksef(&self, _: i64) -> Result<crate::model::ksef::Look, Failure> {
        Err(out_of_reach())
    }

    fn limit_to(&self, _: Duration) {}
}

#[test]
fn a_week_without_fakturownia_loses_nothing() {
    for failure in [out_of_reach, silent] {
        let world = World::with_jobs(invoices(30));
        a_week(&world, &Away::failing(failure), &world.mail);
        back_again(&world);
        assert_eq!(world.invoices.ordered().len(), 30, "each once");
        assert_eq!(world.mail.sent.borrow().len(), 30);
    }
}

#[test]
fn a_week_without_the_relay_loses_nothing() {
    let world = World::with_jobs(mails(30));
    a_week(&world, &world.invoices, &Away::failing(out_of_reach));
    back_again(&world);
    assert_eq!(world.mail.sent.borrow().len(), 30, "each once");
}

#[test]
fn a_week_without_the_receiver_loses_nothing() {
    let mut world = World::with_jobs([]);
    world.webhooks.deaf = false;
    for _ in 0..30 {
        let id = world.store.add(Status::Active, PaymentStatus::Paid);
        let enrolment = world.store.record(usize::try_from(id.get()).unwrap() - 1).enrolment;
        world.store.happened(EventKind::Paid, &enrolment, (start(), None));
    }
    world.webhooks.script.borrow_mut().extend((0..2000).map(|_| Err(out_of_reach())));
    a_week(&world, &world.invoices, &world.mail);
    world.webhooks.script.borrow_mut().clear();
    world.webhooks.posted.borrow_mut().clear();
    back_again(&world);
    assert_eq!(world.webhooks.posted.borrow().len(), 30, "each once");
}

#[test]
fn a_relay_that_leaves_mails_unknown_is_paused_longer_each_time() {
    let world = World::with_jobs(mails(100));
    let mail = Away::failing(silent);
    let end = start() + TimeDelta::days(1);
    while world.env.now() < end {
        world.run_with(&world.invoices, &mail);
        world.env.advance(TimeDelta::minutes(2));
    }
    let doubtful = world.store.outbox.borrow().iter().filter(|row| row.job.unknown_since.is_some()).count();
    assert!((10..40).contains(&doubtful), "{doubtful} in a day");
    // A sent mail resets the pause.
    world.env.advance(TimeDelta::hours(1));
    world.run(Limits::RUN);
    assert_eq!(world.store.paces.borrow()["mail"].doubts, 0);
}

#[test]
fn a_system_that_asks_for_a_pause_gets_one_request_until_its_end() {
    let asked = || Failure::Down { reason: ReasonCode::ServerError.into(), after: Some(Duration::from_secs(600)) };
    for payloads in [invoices(30).collect::<Vec<_>>(), mails(30).collect()] {
        let world = World::with_jobs(payloads);
        world.invoices.create.borrow_mut().push_back(Err(asked()));
        world.mail.script.borrow_mut().push_back(Err(asked()));
        for _ in 0..30 {
            assert_eq!(world.run(Limits::RUN).delivered, 0);
            world.env.advance(TimeDelta::seconds(20));
        }
        assert_eq!(world.invoices.created.borrow().len() + world.mail.sent.borrow().len(), 1);
        assert_eq!(world.held(), 0);
        back_again(&world);
    }
}

/// A relay that accepts `most` mails in each second of the clock.
struct Paced<'a> {
    env: &'a Env,
    most: usize,
    says: Option<Duration>,
    taken: RefCell<Vec<DateTime<Utc>>>,
    refused: Cell<u32>,
}

impl<'a> Paced<'a> {
    fn new(env: &'a Env, says: Option<Duration>) -> Self {
        Self { env, most: 2, says, taken: RefCell::default(), refused: Cell::new(0) }
    }
}

impl Mail for Paced<'_> {
    fn is_off(&self, _: MailKind) -> bool {
        false
    }

    fn repeats(&self) -> Repeats {
        Repeats::Sent
    }

    async fn send(&self, _: &crate::model::email::Email) -> Result<(), Failure> {
        let now = self.env.now();
        let mut taken = self.taken.borrow_mut();
        if taken.iter().filter(|at| now - **at < TimeDelta::seconds(1)).count() >= self.most {
            self.refused.set(self.refused.get() + 1);
            let after = Some(Duration::from_secs(1));
            return Err(Failure::Paced { reason: ReasonCode::TooManyRequests.into(), after, gap: self.says });
        }
        taken.push(now);
        Ok(())
    }

    async fn check(&self) -> Result<(), Failure> {
        Ok(())
    }
}

#[test]
fn a_relay_with_a_limit_of_two_per_second_gets_forty_mails_in_a_run() {
    for (says, fewest, refused) in [(Some(Duration::from_millis(500)), 37, 1), (None, 34, 5)] {
        let world = World::with_jobs(mails(200));
        let mail = Paced::new(&world.env, says);
        let counts = world.run_with(&world.invoices, &mail);
        assert!((fewest..=42).contains(&counts.delivered), "{counts:?}");
        assert!(counts.put_off <= refused, "{counts:?}");
        assert_eq!((counts.given_up, world.held()), (0, 0));
        assert!(mail.refused.get() <= refused, "{}", mail.refused.get());

        // One run after the other, as by a schedule.
        while mail.taken.borrow().len() < 200 {
            world.run_with(&world.invoices, &mail);
        }
        let took = world.env.now() - start();
        assert!(took <= TimeDelta::seconds(110), "{took}");
        assert!(world.store.outbox.borrow().iter().all(|row| row.job.attempts <= 1), "it is not an attempt");
        assert!(mail.refused.get() <= refused, "{}", mail.refused.get());
    }
}

#[test]
fn a_system_that_accepts_nothing_waits_for_later_runs() {
    let world = World::with_jobs(mails(30));
    let paced = || Failure::Paced { reason: ReasonCode::TooManyRequests.into(), after: None, gap: None };
    world.mail.script.borrow_mut().extend((0..5).map(|_| Err(paced())));
    let counts = world.run(Limits::RUN);
    assert_eq!((counts.delivered, counts.given_up, world.mail.sent.borrow().len()), (0, 0, 5));
    assert!((1..=5).contains(&counts.put_off), "{counts:?}");
    assert_eq!(world.held(), 0);
    world.env.advance(TimeDelta::seconds(20));
    assert_eq!(world.run(Limits::RUN), Counts { delivered: 30, put_off: 0, given_up: 0 });
}

#[test]
fn a_system_that_asks_for_a_long_pause_waits_for_later_runs() {
    let world = World::with_jobs(mails(3));
    let after = Some(Duration::from_secs(60));
    let paced = Failure::Paced { reason: ReasonCode::TooManyRequests.into(), after, gap: None };
    world.mail.script.borrow_mut().push_back(Err(paced));
    assert_eq!(world.run(Limits::RUN), Counts { delivered: 0, put_off: 1, given_up: 0 });
    assert_eq!(world.env.now(), start(), "the run does not wait");
    world.env.advance(TimeDelta::seconds(50));
    assert_eq!((world.run(Limits::RUN), world.mail.sent.borrow().len()), (Counts::default(), 1));
    world.env.advance(TimeDelta::seconds(10));
    assert_eq!(world.run(Limits::RUN).delivered, 3);
}

#[test]
fn eight_runs_at_once_send_fakturownia_as_many_requests_as_one() {
    let world = World::with_jobs(invoices(192));
    let run = || async {
        let ports = world.ports(&world.directory, &world.invoices, &world.mail);
        deliver_due(&ports, Limits::RUN).await.unwrap()
    };
    block_on(futures::future::join_all((0..8).map(|_| run())));
    assert_eq!(world.held(), 0);
    let within = world.env.now() - start();
    let most = 20 + usize::try_from(within.num_milliseconds() / 1500).unwrap();
    let ordered = world.invoices.ordered().len();
    assert!((20..=most).contains(&ordered), "{ordered} in {within}");
}
