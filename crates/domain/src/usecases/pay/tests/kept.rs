//! A payment of an enrolment that has the terms of its course.

use super::*;
use crate::fakes::{course, course_terms, down};
use crate::model::terms::TaxWord;
use crate::{Course, CourseTerms, Kept, User};

/// An enrolment with these terms. The courses service does not answer.
fn sold(terms: &CourseTerms, user: Option<User>) -> (FakeStore, Directory) {
    let store = pending();
    store.kept.borrow_mut().insert(1, Kept { user, terms: Some(terms.clone()), ..Kept::default() });
    (store, Directory { course: Err(down(System::Courses).into()), ..Directory::with_price(1.0) })
}

#[test]
fn name_and_price_are_those_of_the_enrolment() {
    let (store, directory) = sold(&course_terms(149.5), None);
    let (_, jobs) = pay_with(&store, &directory, &payment(1)).unwrap();
    assert_eq!(
        (of_payment(&jobs), store.record(0).paid),
        (vec![&invoice("149.50", Buyer::default())], Some(money("149.5")))
    );
    let (store, directory) = sold(&course_terms(149.5), None);
    let (_, jobs) = pay_with(&store, &directory, &over("100")).unwrap();
    assert_eq!(of_payment(&jobs), [&invoice("100", Buyer::default())]);
    let (store, directory) = sold(&course_terms(0.0), None);
    assert_eq!(of_payment(&pay_with(&store, &directory, &payment(1)).unwrap().1), [&mail_alone("Rust")]);
}

#[test]
fn currency_tax_and_gtu_code_are_those_of_the_enrolment() {
    let tax = TaxWord::parse("8").unwrap().with(None, None).unwrap();
    let gtu_code = crate::model::gtu::GtuCode::parse("GTU_12");
    let yen = Course {
        currency: Ok(Some(currency("JPY"))),
        tax: Ok(Some(tax.clone())),
        gtu_code: Ok(gtu_code.clone()),
        ..course(149.0)
    };
    let (store, directory) = sold(&yen.terms(currency("JPY")).unwrap(), None);
    assert_eq!(pay_with(&store, &directory, &over("99.50")).unwrap_err(), Error::Decimals(currency("JPY")));
    let (_, jobs) = pay_with(&store, &directory, &payment(1)).unwrap();
    let [Payload::Invoice(purchase)] = of_payment(&jobs)[..] else { panic!("{jobs:?}") };
    let agreed = Terms { currency: currency("JPY"), tax, gtu_code, ..terms() };
    assert_eq!((&*purchase.terms, jobs[0].payload.version()), (&agreed, 2));
}

#[test]
fn a_user_who_is_looked_up_later_needs_no_course_either() {
    let terms = course_terms(149.5);
    let (store, directory) = sold(&terms, None);
    let directory = Directory { user: Err(down(System::Users).into()), ..directory };
    let (_, jobs) = pay_with(&store, &directory, &payment(1)).unwrap();
    let Payload::InvoiceData(look_up) = lookup_job(Some("149.50")) else { panic!("a look-up") };
    let expected = Payload::InvoiceData(InvoiceData { course: Some(terms.into()), ..look_up });
    assert_eq!((of_payment(&jobs), jobs[0].payload.version()), (vec![&expected], 2));
}

#[test]
fn a_stored_user_is_not_looked_up() {
    let eve = User { first_name: "Eve".to_owned(), ..user() };
    let (store, directory) = sold(&course_terms(149.5), Some(eve.clone()));
    let directory = Directory { user: Err(down(System::Users).into()), ..directory };
    let (_, jobs) = pay_with(&store, &directory, &payment(1)).unwrap();
    let [Payload::Invoice(purchase)] = of_payment(&jobs)[..] else { panic!("{jobs:?}") };
    assert_eq!(purchase.customer, eve);
}
