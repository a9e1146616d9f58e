use super::*;
use crate::Error;
use crate::System;
use crate::fakes::{
    DOWN, Directory, company, course_terms, down, id, invoice_data, look_up_failures, mail_data, money, purchase,
    reason, start, unusable, user,
};
use crate::jobs::outbox::AttemptOutcome;
use crate::jobs::outbox::FailedAttempt;
use crate::jobs::{CancellationEmail, MailContent, Purchase};
use crate::model::note::Subject;
use crate::usecases::deliver::Delivered;
use crate::usecases::deliver::tests::{PUT_OFF, World};
use chrono::TimeDelta;

fn looking_up(invoice_data: InvoiceData, directory: Directory) -> World {
    World { directory, ..World::new(Payload::InvoiceData(invoice_data)) }
}

/// The next job when both are found.
fn next_job(invoice_data: InvoiceData, price: f64) -> Payload {
    let world = looking_up(invoice_data, Directory::with_price(price));
    let (outcome, delivered) = world.deliver();
    let Delivered { url, jobs } = delivered.unwrap();
    assert_eq!((outcome, url, world.store.row(0).done), (AttemptOutcome::Delivered, None, true));
    let [job] = <[Job; 1]>::try_from(jobs).unwrap();
    assert_eq!((job.enrolment_id, &job.lease.token), (id(1), &world.store.row(0).job.lease.token));
    job.payload
}

fn nothing_paid() -> Payload {
    Purchase { gross: money("0"), ..purchase() }.email(None)
}

#[test]
fn an_invoice_follows_when_both_are_found() {
    assert_eq!(next_job(invoice_data(), 1.0), Payload::Invoice(purchase()));
    let buyer = company();
    let invoice = Payload::Invoice(Purchase { buyer: buyer.clone(), ..purchase() });
    assert_eq!(next_job(InvoiceData { buyer, ..invoice_data() }, 1.0), invoice);
}

#[test]
fn the_course_of_an_enrolment_with_terms_is_not_looked_up() {
    let course = Some(Box::new(course_terms(149.0)));
    let subject = Subject { course: course.clone(), ..crate::fakes::subject() };
    for directory in [Directory::without_course(), look_up_failures().into_iter().nth(1).unwrap().0] {
        let invoice = InvoiceData { course: course.clone(), ..invoice_data() };
        let mail = MailData { subject: subject.clone(), ..mail_data() };
        for (payload, next) in [
            (Payload::InvoiceData(invoice), Payload::Invoice(purchase())),
            (
                Payload::MailData(mail),
                mail_data().email(Addressee { recipient: user(), course_name: "Rust".to_owned() }),
            ),
        ] {
            let world = World { directory: directory.clone(), ..World::new(payload) };
            assert_eq!(world.deliver().1.unwrap().jobs[0].payload, next);
        }
    }
}

#[test]
fn without_an_amount_the_price_counts() {
    let unsaid = InvoiceData { gross: None, ..invoice_data() };
    let invoice = Payload::Invoice(Purchase { gross: money("149"), ..purchase() });
    assert_eq!(next_job(unsaid.clone(), 149.0), invoice);
    assert_eq!(next_job(unsaid, 0.0), nothing_paid());
}

#[test]
fn it_waits_until_both_are_found_and_has_a_reason() {
    let no_user = || FailureReason::from(ReasonCode::UserNotFound);
    for (directory, reason) in [
        (Directory::without_user(1.0), no_user()),
        (Directory::without_course(), ReasonCode::CourseNotFound.with(7)),
        (Directory::empty(), no_user()),
    ] {
        let mut world = looking_up(invoice_data(), directory);
        for _ in 0..200 {
            assert_eq!(world.deliver(), (PUT_OFF, None));
            let row = world.store.row(0);
            assert_eq!((row.job.attempts, row.job.unknown_since, row.reason()), (0, None, Some(&reason)));
            assert!(matches!(row.failed, Some(FailedAttempt::Snoozed { due_at, .. }) if due_at == row.due_at));
            world.env.advance(TimeDelta::hours(1));
        }
        world.directory = Directory::with_price(1.0);
        assert_eq!(world.deliver().0, AttemptOutcome::Delivered);
        assert_eq!(world.store.row(1).job.payload, Payload::Invoice(purchase()), "with the day of the payment");
        assert!(world.untouched());
    }
}

#[test]
fn an_unreachable_service_is_paused() {
    for (directory, reason) in [
        (
            Directory { user: Err(down(System::Users).into()), ..Directory::with_price(1.0) },
            ReasonCode::UsersUnavailable.with("timeout"),
        ),
        (
            Directory { course: Err(down(System::Courses).into()), ..Directory::with_price(1.0) },
            ReasonCode::CoursesUnavailable.with("timeout"),
        ),
        // This is reported although the other service finds nothing.
        (
            Directory { course: Err(down(System::Courses).into()), ..Directory::empty() },
            ReasonCode::CoursesUnavailable.with("timeout"),
        ),
        (
            Directory { user: Err(down(System::Users).into()), ..Directory::empty() },
            ReasonCode::UsersUnavailable.with("timeout"),
        ),
    ] {
        let world = looking_up(invoice_data(), directory);
        let (outcome, delivered) = world.deliver();
        let row = world.store.row(0);
        assert_eq!((outcome, delivered), (DOWN, None));
        assert_eq!((row.job.attempts, row.job.unknown_since, row.reason()), (0, None, Some(&reason)));
        assert!(matches!(row.failed, Some(FailedAttempt::Snoozed { .. })), "without a limit");
    }
}

#[test]
fn it_waits_while_an_answer_cannot_be_used() {
    let well = || Directory::with_price(1.0);
    for (directory, reason) in [
        (
            Directory { user: Err(unusable(System::Users).into()), ..well() },
            ReasonCode::UsersUnusable.with("id is another"),
        ),
        (
            Directory { course: Err(unusable(System::Courses).into()), ..well() },
            ReasonCode::CoursesUnusable.with("id is another"),
        ),
    ] {
        let world = looking_up(invoice_data(), directory);
        assert_eq!(world.deliver(), (PUT_OFF, None));
        let row = world.store.row(0);
        assert_eq!((row.job.attempts, row.reason()), (0, Some(&reason)));
        assert!(matches!(row.failed, Some(FailedAttempt::Snoozed { .. })) && row.due_at > start());
    }
}

fn reason_of(error: &Error) -> FailureReason {
    match error {
        Error::Unavailable(error) => error.into(),
        Error::Unusable(error) => error.into(),
        other => panic!("{other}"),
    }
}

fn addressing(directory: Directory) -> World {
    World { directory, ..World::new(Payload::MailData(mail_data())) }
}

#[test]
fn a_mail_waits_for_its_recipient_without_a_limit() {
    for (directory, error) in look_up_failures() {
        let mut world = addressing(directory);
        for _ in 0..200 {
            assert!(matches!(world.deliver(), (AttemptOutcome::PutOff { .. }, None)));
            let row = world.store.row(0);
            assert_eq!((row.job.attempts, row.job.unknown_since), (0, None));
            assert_eq!(row.reason(), Some(&reason_of(&error)));
            world.env.advance(TimeDelta::hours(1));
        }
        world.directory = Directory::with_price(1.0);
        let [job] = <[Job; 1]>::try_from(world.deliver().1.unwrap().jobs).unwrap();
        let (recipient, course_name) = (user(), "Rust".to_owned());
        let email = CancellationEmail { recipient, course_name, reason: reason("moved") };
        assert_eq!(job.payload, Payload::CancellationEmail(email));
    }
}

#[test]
fn a_mail_about_a_payment_has_no_link() {
    let payment = MailData { mail: MailContent::Payment { paid: purchase().paid() }, reason: None, ..mail_data() };
    let world = World::new(Payload::MailData(payment));
    let [job] = <[Job; 1]>::try_from(world.deliver().1.unwrap().jobs).unwrap();
    assert_eq!(job.payload, purchase().email(None));
}

#[test]
fn a_missing_user_gets_no_mail() {
    for directory in [Directory::without_user(1.0), Directory::empty()] {
        let world = addressing(directory);
        let (outcome, delivered) = world.deliver();
        assert_eq!((outcome, delivered.unwrap().jobs), (AttemptOutcome::Delivered, Vec::new()));
        assert!(world.store.row(0).done);
    }
}

#[test]
fn if_nothing_was_paid_nothing_waits_for_a_missing_user() {
    let free = || InvoiceData { gross: Some(money("0")), ..invoice_data() };
    assert_eq!(next_job(free(), 149.0), nothing_paid());
    let world = looking_up(free(), Directory::without_user(1.0));
    assert_eq!(world.deliver().1.unwrap().jobs, Vec::new());
    let world = looking_up(free(), Directory { user: Err(down(System::Users).into()), ..Directory::with_price(1.0) });
    assert_eq!(world.deliver(), (DOWN, None));
}
