//! Records in the request take the place of look-ups, then and later.

use super::*;
use crate::fakes::{course, course_terms, currency, down, money, payment, user, whole_refund};
use crate::jobs::{Kind, Payload};
use crate::usecases::erase::erase;
use crate::usecases::pay::record_payment;
use crate::usecases::refund::refund;
use crate::{Course, System, User};

/// Neither of the two services answers.
fn silent() -> Directory {
    Directory { user: Err(down(System::Users).into()), course: Err(down(System::Courses).into()) }
}

fn eve() -> User {
    User { language: Some(Language::English), ..User::new("Eve", "", "eve@example.com").unwrap() }
}

/// Another user and course than [`Directory`] has.
fn with_records() -> NewEnrolment {
    let course = Course { name: Ok("Wasm".to_owned()), ..course(5.0) };
    NewEnrolment { user: Some(eve()), course: Some(course), ..new_enrolment("u", 7) }
}

#[test]
fn what_is_sent_is_not_looked_up() {
    let store = FakeStore::default();
    let (_, job) = enrol_new(&store, &silent(), &with_records()).unwrap();
    let Payload::EnrolmentEmail(email) = job.payload else { panic!("{:?}", job.payload) };
    assert_eq!((email.recipient, email.course_name.as_str()), (eve(), "Wasm"));
    let kept = store.kept.borrow()[&1].clone();
    assert_eq!((kept.user, kept.terms), (Some(eve()), with_records().course.unwrap().terms(currency("PLN")).ok()));
}

#[test]
fn what_is_not_sent_is_looked_up() {
    let (only_user, only_course) = (
        NewEnrolment { course: None, ..with_records() },
        NewEnrolment { user: None, user_id: UserId::new("v").unwrap(), ..with_records() },
    );
    let (store, directory) = (FakeStore::default(), Directory::with_price(1.0));
    for (new, recipient, name, kept) in [(only_user, eve(), "Rust", Some(eve())), (only_course, user(), "Wasm", None)] {
        assert_eq!(number(enrol_new(&store, &silent(), &new)), Err(first_down(&new)));
        let (enrolment, job) = enrol_new(&store, &directory, &new).unwrap();
        let Payload::EnrolmentEmail(email) = job.payload else { panic!("{:?}", job.payload) };
        assert_eq!((email.recipient, email.course_name.as_str()), (recipient, name));
        assert_eq!(store.kept.borrow()[&enrolment.id.get()].user, kept, "a record that is looked up is not stored");
    }
    assert_eq!(store.kept.borrow()[&1].terms, Some(course_terms(1.0)));
}

fn first_down(new: &NewEnrolment) -> Error {
    down(if new.user.is_none() { System::Users } else { System::Courses }).into()
}

#[test]
fn seats_and_end_of_a_sent_course_count() {
    let store = FakeStore::default();
    let course = Course { seats: Ok(Some(1)), ends_at: Ok(Some(start() + SECOND)), ..course(5.0) };
    for (user, result) in [("a", Ok(1)), ("b", Err(Error::CourseFull))] {
        let new = NewEnrolment { course: Some(course.clone()), user: Some(eve()), ..new_enrolment(user, 7) };
        assert_eq!(number(enrol_new(&store, &silent(), &new)), result);
    }
    assert_eq!(store.enrolments.borrow()[0].1, Some(start() + SECOND));
}

#[test]
fn the_price_needs_the_decimals_of_its_currency() {
    let yen = Course { currency: Ok(Some(currency("JPY"))), ..course(149.5) };
    let sent = NewEnrolment { course: Some(yen.clone()), ..with_records() };
    let store = FakeStore::default();
    assert_eq!(number(enrol_new(&store, &silent(), &sent)), Err(Error::PriceDecimals(currency("JPY"))));
    let directory = Directory { course: Ok(Some(yen)), ..Directory::with_price(1.0) };
    assert!(matches!(number(enrol_user(&store, &directory, "u")), Err(Error::Unusable(_))), "not the caller's mistake");
}

#[test]
fn later_mails_and_invoices_need_no_look_up() {
    for refunded in [true, false] {
        let store = FakeStore::default();
        enrol_new(&store, &silent(), &with_records()).unwrap();
        let (env, directory, note) = (Env::new(), silent(), note("moved"));
        let ports = ports(&store, &directory, &directory, &env);
        block_on(record_payment(&ports, Asked::default(), &payment(1))).unwrap();
        let kind = if refunded { Kind::RefundEmail } else { Kind::CancellationEmail };
        let result = if refunded {
            block_on(refund(&ports, Asked::default(), &whole_refund(note.clone())))
        } else {
            block_on(cancel(&ports, Asked::default(), &note))
        };
        result.unwrap();
        assert_eq!(store.record(0).paid, Some(money("5")));
        assert_eq!(store.jobs(), [(1, Kind::PaymentEmail), (1, kind)]);
        for row in store.outbox.borrow().iter() {
            let json = serde_json::to_string(&row.job.payload).unwrap();
            assert!(json.contains("eve@example.com") && json.contains("Wasm"), "{json}");
        }
    }
}

#[test]
fn an_erasure_and_a_deletion_remove_the_record() {
    let store = FakeStore::default();
    enrol_new(&store, &silent(), &with_records()).unwrap();
    let (_, other) = (enrol_user(&store, &Directory::with_price(1.0), "v").unwrap(), id(2));
    block_on(erase(&store, &Env::new(), &UserId::new("u").unwrap())).unwrap();
    let kept = store.kept.borrow()[&1].clone();
    assert!(kept.user.is_none() && kept.terms.is_some(), "terms are not about a person");
    block_on(remove(&store, &Env::new(), other, None)).unwrap();
    assert_eq!(store.kept.borrow().len(), 1);
}
