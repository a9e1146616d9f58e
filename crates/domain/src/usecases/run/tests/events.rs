use super::*;
use crate::fakes::id;
use crate::model::event::EventKind;
use crate::model::reason::ReasonCode;

/// So many events of so many enrolments, one after the other in turns.
fn telling(events: usize, enrolments: usize) -> World {
    let mut world = World::owing([]);
    world.webhooks.deaf = false;
    let ids: Vec<_> = (0..enrolments).map(|_| world.store.add(Status::Active, PaymentStatus::Paid)).collect();
    for number in 0..events {
        let enrolment = world.store.record(number % ids.len()).enrolment;
        world.store.happened(EventKind::Paid, &enrolment, start());
    }
    world
}

fn posted(world: &World) -> Vec<i64> {
    world.webhooks.posted.borrow().clone()
}

#[test]
fn everything_that_happened_is_told_once() {
    let world = telling(45, 3);
    assert_eq!(world.run(Limits::RUN), Counts { delivered: 45, put_off: 0, given_up: 0 });
    assert_eq!(posted(&world), (1..=45).collect::<Vec<_>>());
    assert_eq!(world.run(Limits::RUN), Counts::default());
}

#[test]
fn the_next_event_of_an_enrolment_waits_for_the_one_before() {
    let world = telling(6, 2);
    world.webhooks.script.borrow_mut().push_back(Err(later()));
    // Of the first enrolment 1 fails, and 3 and 5 wait; of the second all go out.
    assert_eq!(world.run(Limits::RUN), Counts { delivered: 3, put_off: 3, given_up: 0 });
    assert_eq!(posted(&world), [1, 2, 4, 6]);
    world.env.advance(chrono::TimeDelta::seconds(10));
    // What waited for it is due once it is delivered.
    assert_eq!(world.run(Limits::RUN).delivered + world.run(Limits::RUN).delivered, 3);
    assert_eq!(posted(&world), [1, 2, 4, 6, 1, 3, 5]);
}

#[test]
fn what_waited_for_an_event_is_due_once_that_is_told() {
    let world = telling(2, 1);
    world.webhooks.script.borrow_mut().push_back(Err(later()));
    world.run(Limits::RUN);
    world.store.outbox.borrow_mut()[1].due_at = world.env.now() + chrono::TimeDelta::hours(1);
    world.env.advance(chrono::TimeDelta::seconds(10));
    world.run(Limits::RUN);
    world.run(Limits::RUN);
    assert_eq!(posted(&world), [1, 1, 2]);
}

#[test]
fn a_receiver_that_is_gone_is_told_nothing_until_a_person_says_so() {
    let world = telling(3, 3);
    world.webhooks.script.borrow_mut().push_back(Err(Failure::Refused { reason: ReasonCode::ReceiverGone.into() }));
    assert_eq!(world.run(Limits::RUN), Counts { delivered: 0, put_off: 0, given_up: 1 });
    world.env.advance(chrono::TimeDelta::days(1));
    world.run(Limits::RUN);
    assert_eq!(posted(&world), [1]);
    assert_eq!(world.held(), 0);
    // As an operator's retry does.
    world.store.outbox.borrow_mut()[0].failed = None;
    assert_eq!(world.run(Limits::RUN).delivered, 3);
    assert_eq!(posted(&world), [1, 1, 2, 3]);
}

#[test]
fn events_that_cannot_be_written_down_hold_nothing_else_up() {
    let world = telling(3, 3);
    (1..=3).for_each(|number| world.store.enqueue(number, enrolment_email()));
    world.store.events_unwritable.set(true);
    assert_eq!(world.run(Limits::RUN).delivered, 3);
    assert_eq!(world.env.noted.take(), ["events: duplicate key"]);
    world.store.events_unwritable.set(false);
    assert_eq!(world.run(Limits::RUN).delivered, 3);
}

#[test]
fn what_waits_behind_a_dead_event_says_so() {
    let world = telling(2, 1);
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
fn what_happened_while_nobody_listened_is_not_told() {
    let mut world = telling(3, 1);
    world.webhooks.deaf = true;
    world.run(Limits::RUN);
    world.webhooks.deaf = false;
    let enrolment = world.store.record(0).enrolment;
    world.store.happened(EventKind::Canceled, &enrolment, start());
    assert_eq!(world.run(Limits::RUN).delivered, 1);
    assert_eq!(posted(&world), [4]);
}

#[test]
fn what_others_are_owed_has_its_turn_however_many_events_there_are() {
    let world = telling(5_000, 50);
    world.run(limits(|_| 0));
    world.env.advance(chrono::TimeDelta::days(1));
    for number in 1..=10 {
        world.store.enqueue(number, enrolment_email());
        world.store.enqueue(number + 10, Payload::Invoice(purchase()));
    }
    // Less due than all the events.
    for row in world.store.outbox.borrow_mut().iter_mut().rev().take(20) {
        row.due_at = world.env.now();
    }
    world.run(limits(|_| 100));
    assert_eq!(posted(&world).len(), 100);
    assert_eq!((world.mail.sent.borrow().len(), world.invoices.created.borrow().len()), (20, 10));
}

#[test]
fn events_that_are_owed_already_are_left_alone_while_nobody_listens() {
    let mut world = telling(30, 30);
    world.run(limits(|_| 0));
    world.webhooks.deaf = true;
    world.env.advance(chrono::TimeDelta::days(1));
    // So many that more is asked for.
    (0..30).for_each(|number| world.store.enqueue(number + 1, enrolment_email()));
    assert_eq!(world.run(Limits::RUN).delivered, 30);
    assert_eq!((posted(&world).len(), world.held()), (0, 0));
}

#[test]
fn a_silent_receiver_holds_no_other_back() {
    let world = telling(30, 30);
    (0..10).for_each(|number| world.store.enqueue(number + 1, enrolment_email()));
    world.webhooks.script.borrow_mut().push_back(Err(silent()));
    assert_eq!(world.run(Limits::RUN), Counts { delivered: 10, put_off: 1, given_up: 0 });
    assert_eq!((posted(&world).len(), world.held()), (1, 0));
}

#[test]
fn an_event_that_was_pruned_is_nobodys_news() {
    let world = telling(2, 1);
    world.run(limits(|_| 0));
    world.store.events.borrow_mut().remove(0);
    assert_eq!(world.run(Limits::RUN).delivered, 2);
    assert_eq!(posted(&world), [2]);
    assert!(world.store.jobs().iter().all(|job| *job == (id(1).get(), crate::jobs::Kind::Event)));
}
