use super::*;
use crate::fakes::{Directory, id, look_up_failures, start};
use crate::jobs::outbox::AttemptOutcome;
use crate::jobs::{Job, Topic};
use crate::usecases::deliver::tests::World;
use crate::{PaymentStatus, Status, UserId};
use chrono::TimeDelta;

/// A seat that is held, and a notice about it.
fn held(topic: Topic) -> World {
    let world = World::new(Payload::Notice(Notice::new(topic, Some(start()))));
    world.store.edit(0, |record| {
        (record.enrolment.payment_status, record.pay_until) = (PaymentStatus::Pending, Some(start()));
    });
    world
}

/// The job of the mail, under the lease of the notice.
fn email(world: &World) -> Job {
    let (outcome, delivered) = world.deliver();
    assert_eq!(outcome, AttemptOutcome::Delivered);
    let [job] = <[Job; 1]>::try_from(delivered.unwrap().jobs).unwrap();
    job
}

/// No mail follows, and the notice is done.
fn is_dropped(world: &World) -> bool {
    let (outcome, delivered) = world.deliver();
    outcome == AttemptOutcome::Delivered && delivered.unwrap().jobs.is_empty() && world.store.row(0).done
}

#[test]
fn the_mail_follows_and_is_sent() {
    let world = held(Topic::Offer);
    let job = email(&world);
    assert_eq!((job.key.as_str(), job.enrolment_id), ("notice_email:1:offer", id(1)));
    assert_eq!(world.deliver_job(&job).0, AttemptOutcome::Delivered);
    let sent = world.mail.sent.borrow();
    assert_eq!(sent.iter().map(|email| email.subject.as_str()).collect::<Vec<_>>(), ["A seat in your course is free"]);
    assert!(sent[0].text.contains("1 June 2026, 14:00 CEST"), "{}", sent[0].text);
}

#[test]
fn what_is_not_true_any_more_is_not_sent() {
    for change in [
        (|record| record.enrolment.payment_status = PaymentStatus::Paid) as fn(&mut crate::ports::change::Record),
        |record| record.enrolment.status = Status::Canceled,
        |record| record.pay_until = Some(start() + TimeDelta::hours(1)),
    ] {
        let world = held(Topic::Reminder);
        world.store.edit(0, change);
        assert!(is_dropped(&world));
        // Between the two jobs as well.
        let world = held(Topic::Reminder);
        let job = email(&world);
        world.store.edit(0, change);
        assert_eq!(world.deliver_job(&job).0, AttemptOutcome::Delivered);
        assert!(world.mail.sent.borrow().is_empty());
    }
}

#[test]
fn an_erased_unknown_or_deleted_one_gets_none() {
    let world = held(Topic::Offer);
    world.store.edit(0, |record| record.enrolment.user_id = UserId::erased(1, 2));
    assert!(is_dropped(&world));
    let world = World { directory: Directory::without_user(1.0), ..held(Topic::Offer) };
    assert!(is_dropped(&world));
    let world = held(Topic::Offer);
    world.store.enrolments.borrow_mut().clear();
    assert!(is_dropped(&world));
}

#[test]
fn it_waits_for_the_users_and_courses_services() {
    for (directory, _) in look_up_failures() {
        let world = World { directory, ..held(Topic::Offer) };
        let (outcome, delivered) = world.deliver();
        assert!(outcome != AttemptOutcome::Delivered && delivered.is_none());
        assert!(!world.store.row(0).done);
    }
    let world = held(Topic::Offer);
    let job = email(&world);
    world.store.down.set(true);
    world.try_deliver(&job).unwrap_err();
    assert!(world.mail.sent.borrow().is_empty());
}
