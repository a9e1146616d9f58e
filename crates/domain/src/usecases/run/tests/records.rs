//! Payments without an invoice, and corrections.

use super::*;
use crate::fakes::invoice_data;

fn records(number: usize) -> impl Iterator<Item = Payload> {
    std::iter::repeat_with(|| Payload::InvoiceData(invoice_data())).take(number)
}

impl World {
    fn kinds(&self) -> Vec<Kind> {
        self.store.jobs().into_iter().map(|(_, kind)| kind).collect()
    }

    fn undone(&self) -> Vec<Kind> {
        let outbox = self.store.outbox.borrow();
        outbox.iter().filter(|row| !row.done).map(|row| row.job.payload.kind()).collect()
    }
}

#[test]
fn a_user_who_is_found_again_gets_the_invoice_and_mail_in_the_same_run() {
    let world = World::with_jobs(records(1));
    assert_eq!(world.run(Limits::RUN), Counts { delivered: 3, put_off: 0, given_up: 0 });
    assert_eq!(world.kinds(), [Kind::InvoiceData, Kind::Invoice, Kind::PaymentEmail]);
    assert_eq!((world.invoices.ordered(), world.mail.sent.borrow().len()), (vec![1], 1));
    assert_eq!((world.held(), world.undone()), (0, vec![]));
    assert_eq!(world.run(Limits::RUN), Counts::default(), "nothing is left");
}

#[test]
fn for_a_free_course_the_mail_follows_at_once() {
    let mut world =
        World::with_jobs([Payload::InvoiceData(crate::jobs::InvoiceData { gross: None, ..invoice_data() })]);
    world.directory = Directory::with_price(0.0);
    assert_eq!(world.run(Limits::RUN), Counts { delivered: 2, put_off: 0, given_up: 0 });
    assert_eq!((world.invoices.ordered(), world.mail.sent.borrow().len()), (vec![], 1));
    assert_eq!((world.held(), world.undone()), (0, vec![]));
}

#[test]
fn a_silent_users_service_delays_no_invoice_or_mail() {
    // All payments without an invoice are due longer than the rest.
    let world = World::with_jobs(mails(30).chain(invoices(10)).chain(records(60)));
    world.last_first();
    let silent = Slow::new(&world, 10, false);
    let counts = world.try_run(&silent, &world.invoices, &world.mail, Limits::RUN).unwrap();
    assert_eq!(counts, Counts { delivered: 50, put_off: 1, given_up: 0 });
    assert_eq!((silent.asked.get(), world.invoices.ordered().len()), (1, 10));
    assert_eq!(world.mail.sent.borrow().len(), 40, "also those of the invoices");
    assert_eq!(world.held(), 0);
    let untried: Vec<_> = (40..99).map(|index| world.store.row(index)).collect();
    assert!(untried.iter().all(|row| row.job.attempts == 0 && row.failed.is_none()));
    assert!(untried.windows(2).all(|pair| pair[0].due_at > pair[1].due_at), "the order is kept");

    // The service works again: the jobs that are due longest are delivered, with those that follow.
    world.env.advance(chrono::TimeDelta::minutes(1));
    assert_eq!(world.run(Limits::RUN).delivered, 90);
}

#[test]
fn a_missing_user_delays_no_other_job() {
    let mut world = World::with_jobs(records(3).chain(mails(1)));
    world.directory = Directory::without_user(1.0);
    assert_eq!(world.run(Limits::RUN), Counts { delivered: 1, put_off: 3, given_up: 0 });
    assert_eq!((world.held(), world.undone()), (0, vec![Kind::InvoiceData; 3]));
    assert!((0..3).all(|index| world.store.row(index).job.attempts == 0));
}

#[test]
fn a_run_has_a_limit_of_look_ups() {
    let world = World::with_jobs(records(5));
    let limits = limits(|target| if target == Target::Records { 2 } else { 0 });
    assert_eq!(world.run(limits).delivered, 6, "jobs that follow do not count");
    assert_eq!(world.held(), 0);
    assert_eq!(world.run(Limits::RUN).delivered, 9);
}

#[test]
fn a_following_invoice_is_given_back_if_its_system_is_paused() {
    let world = World::with_jobs(invoices(1).chain(records(2)));
    world.invoices.create.borrow_mut().push_back(Err(silent()));
    assert_eq!(world.run(Limits::RUN), Counts { delivered: 2, put_off: 1, given_up: 0 });
    assert_eq!((world.invoices.ordered(), world.held()), (vec![1], 0));
    for index in [3, 4] {
        let row = world.store.row(index);
        assert_eq!((row.job.payload.kind(), row.job.attempts, row.due_at), (Kind::Invoice, 0, start()));
    }
    assert_eq!(world.run(Limits::RUN).delivered, 4);
}

#[test]
fn a_following_mail_is_given_back_if_its_relay_is_paused() {
    let world = World::with_jobs(mails(1).chain(records(2)));
    world.mail.script.borrow_mut().push_back(Err(silent()));
    assert_eq!(world.run(Limits::RUN), Counts { delivered: 4, put_off: 1, given_up: 0 });
    assert_eq!((world.mail.sent.borrow().len(), world.held()), (1, 0));
    assert_eq!(world.undone(), [Kind::EnrolmentEmail, Kind::PaymentEmail, Kind::PaymentEmail]);
    assert_eq!(world.run(Limits::RUN).delivered, 2);
}

#[test]
fn jobs_that_follow_after_the_end_of_the_run_are_given_back() {
    let world = World::with_jobs(records(3));
    let slow = Slow::new(&world, 20, true);
    let counts = world.try_run(&slow, &world.invoices, &world.mail, Limits::RUN).unwrap();
    assert_eq!((counts.delivered, world.held()), (1, 0));
    assert_eq!(world.kinds().len(), 4);
    assert!(world.invoices.ordered().is_empty());
    assert_eq!(world.run(Limits::RUN).delivered, 8);
}

#[test]
fn a_look_up_whose_result_cannot_be_stored_stops_no_other() {
    let world = World::with_jobs(records(5));
    world.store.unwritable.borrow_mut().push(2);
    assert_eq!(world.run(Limits::RUN), Counts { delivered: 12, put_off: 1, given_up: 0 });
    assert_eq!(world.held(), 1, "until its lease ends");
}

#[test]
fn a_correction_is_delivered_after_its_invoice() {
    let world = World::with_jobs(invoices(1));
    world.store.enqueue(1, Payload::Correction(correction()));
    world.last_first();
    assert_eq!(world.run(Limits::RUN), Counts { delivered: 2, put_off: 1, given_up: 0 });
    world.env.advance(chrono::TimeDelta::seconds(10));
    assert_eq!(world.run(Limits::RUN), Counts { delivered: 2, put_off: 0, given_up: 0 });
    let kinds: Vec<_> = world.invoices.created.borrow().iter().map(|asked| asked.content.kind()).collect();
    assert_eq!(kinds, [Kind::Invoice, Kind::Correction]);
    assert_eq!(world.mail.sent.borrow().len(), 2);
    assert_eq!((world.held(), world.undone()), (0, vec![]));
}

#[test]
fn a_refund_before_the_user_is_found_again_is_corrected_in_the_end() {
    let mut world = World::with_jobs(records(1));
    world.store.enqueue(1, Payload::Correction(correction()));
    world.directory = Directory::empty();
    for _ in 0..100 {
        world.env.advance(chrono::TimeDelta::hours(1));
        assert_eq!(world.run(Limits::RUN), Counts { delivered: 0, put_off: 2, given_up: 0 });
    }
    world.directory = Directory::with_price(1.0);
    for _ in 0..2 {
        world.env.advance(chrono::TimeDelta::hours(1));
        world.run(Limits::RUN);
    }
    let mails = [Kind::InvoiceData, Kind::Correction, Kind::Invoice, Kind::PaymentEmail, Kind::RefundEmail];
    assert_eq!((world.kinds(), world.undone()), (mails.to_vec(), vec![]));
}
