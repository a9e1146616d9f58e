use super::*;
use crate::fakes::id;
use crate::model::event::EventKind;
use crate::model::reason::ReasonCode;

/// A number of events of a number of enrolments, in turns.
fn with_events(events: usize, enrolments: usize) -> World {
    let mut world = World::with_jobs([]);
    world.webhooks.deaf = false;
    let ids: Vec<_> = (0..enrolments).map(|_| world.store.add(Status::Active, PaymentStatus::Paid)).collect();
    for number in 0..events {
        let enrolment = world.store.record(number % ids.len()).enrolment;
        world.store.happened(EventKind::Paid, &enrolment, (start(), None));
    }
    world
}

fn posted(world: &World) -> Vec<i64> {
    world.webhooks.posted.borrow().clone()
}

#[test]
fn each_event_is_posted_once() {
    let world = with_events(45, 3);
    assert_eq!(world.run(Limits::RUN), Counts { delivered: 45, put_off: 0, given_up: 0 });
    assert_eq!(posted(&world), (1..=45).collect::<Vec<_>>());
    assert_eq!(world.run(Limits::RUN), Counts::default());
}

#[test]
fn an_event_waits_for_earlier_events_of_its_enrolment() {
    let world = with_events(6, 2);
    world.webhooks.script.borrow_mut().push_back(Err(later()));
    // Event 1 of the first enrolment fails, so 3 and 5 wait. All events of the second are posted.
    assert_eq!(world.run(Limits::RUN), Counts { delivered: 3, put_off: 3, given_up: 0 });
    assert_eq!(posted(&world), [1, 2, 4, 6]);
    world.env.advance(chrono::TimeDelta::seconds(10));
    // The next event is due when it is delivered.
    assert_eq!(world.run(Limits::RUN).delivered + world.run(Limits::RUN).delivered, 3);
    assert_eq!(posted(&world), [1, 2, 4, 6, 1, 3, 5]);
}

#[test]
fn an_event_is_due_when_the_earlier_one_is_delivered() {
    let world = with_events(2, 1);
    world.webhooks.script.borrow_mut().push_back(Err(later()));
    world.run(Limits::RUN);
    world.store.outbox.borrow_mut()[1].due_at = world.env.now() + chrono::TimeDelta::hours(1);
    world.env.advance(chrono::TimeDelta::seconds(10));
    world.run(Limits::RUN);
    world.run(Limits::RUN);
    assert_eq!(posted(&world), [1, 1, 2]);
}

#[test]
fn a_receiver_that_is_gone_gets_nothing_until_a_person_retries() {
    let world = with_events(3, 3);
    world.webhooks.script.borrow_mut().push_back(Err(Failure::Refused { reason: ReasonCode::ReceiverGone.into() }));
    assert_eq!(world.run(Limits::RUN), Counts { delivered: 0, put_off: 0, given_up: 1 });
    world.env.advance(chrono::TimeDelta::days(1));
    world.run(Limits::RUN);
    assert_eq!(posted(&world), [1]);
    assert_eq!(world.held(), 0);
    // An operator retries the job.
    world.store.outbox.borrow_mut()[0].failed = None;
    assert_eq!(world.run(Limits::RUN).delivered, 3);
    assert_eq!(posted(&world), [1, 1, 2, 3]);
}

#[test]
fn a_failure_to_create_jobs_for_events_stops_no_other_job() {
    let world = with_events(3, 3);
    (1..=3).for_each(|number| world.store.enqueue(number, enrolment_email()));
    world.store.events_unwritable.set(true);
    assert_eq!(world.run(Limits::RUN).delivered, 3);
    assert_eq!(world.env.noted.take(), ["events: duplicate key"]);
    world.store.events_unwritable.set(false);
    assert_eq!(world.run(Limits::RUN).delivered, 3);
}

#[test]
fn an_event_behind_a_dead_one_has_that_reason() {
    let world = with_events(2, 1);
    world.webhooks.script.borrow_mut().push_back(Err(refused()));
    assert_eq!(world.run(Limits::RUN), Counts { delivered: 0, put_off: 1, given_up: 1 });
    let outbox = world.store.outbox.borrow();
    let waits = outbox.iter().find_map(|row| match &row.failed {
        Some(crate::jobs::outbox::FailedAttempt::Snoozed { reason, .. }) => Some(reason.clone()),
        _ => None,
    });
    assert_eq!(waits, Some(ReasonCode::EarlierEventDead.into()));
}

#[test]
fn events_without_a_receiver_are_never_posted() {
    let mut world = with_events(3, 1);
    world.webhooks.deaf = true;
    world.run(Limits::RUN);
    world.webhooks.deaf = false;
    let enrolment = world.store.record(0).enrolment;
    world.store.happened(EventKind::Canceled, &enrolment, (start(), None));
    assert_eq!(world.run(Limits::RUN).delivered, 1);
    assert_eq!(posted(&world), [4]);
}

#[test]
fn many_events_do_not_delay_other_jobs() {
    let world = with_events(5_000, 50);
    world.run(limits(|_| 0));
    world.env.advance(chrono::TimeDelta::days(1));
    for number in 1..=10 {
        world.store.enqueue(number, enrolment_email());
        world.store.enqueue(number + 10, Payload::Invoice(purchase()));
    }
    // Due later than all events.
    for row in world.store.outbox.borrow_mut().iter_mut().rev().take(20) {
        row.due_at = world.env.now();
    }
    world.run(limits(|_| 100));
    assert_eq!(posted(&world).len(), 100);
    assert_eq!((world.mail.sent.borrow().len(), world.invoices.created.borrow().len()), (20, 10));
}

#[test]
fn jobs_for_events_wait_while_there_is_no_receiver() {
    let mut world = with_events(30, 30);
    world.run(limits(|_| 0));
    world.webhooks.deaf = true;
    world.env.advance(chrono::TimeDelta::days(1));
    // More than one claim takes.
    (0..30).for_each(|number| world.store.enqueue(number + 1, enrolment_email()));
    assert_eq!(world.run(Limits::RUN).delivered, 30);
    assert_eq!((posted(&world).len(), world.held()), (0, 0));
}

#[test]
fn a_silent_receiver_delays_no_other_job() {
    let world = with_events(30, 30);
    (0..10).for_each(|number| world.store.enqueue(number + 1, enrolment_email()));
    world.webhooks.script.borrow_mut().push_back(Err(silent()));
    assert_eq!(world.run(Limits::RUN), Counts { delivered: 10, put_off: 1, given_up: 0 });
    assert_eq!((posted(&world).len(), world.held()), (1, 0));
}

#[test]
fn a_pruned_event_is_not_posted() {
    let world = with_events(2, 1);
    world.run(limits(|_| 0));
    world.store.events.borrow_mut().remove(0);
    assert_eq!(world.run(Limits::RUN).delivered, 2);
    assert_eq!(posted(&world), [2]);
    assert!(world.store.jobs().iter().all(|job| *job == (id(1).get(), crate::jobs::Kind::Event)));
}
