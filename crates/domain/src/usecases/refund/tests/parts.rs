//! Refunds of a part of a payment.

use super::*;
use crate::fakes::{course_terms, currency};
use crate::model::reference::PlatformReference;
use crate::{CourseTerms, Kept};

/// A paid enrolment whose terms are known, and what a refund of a part of it does.
struct Parts {
    store: FakeStore,
    env: Env,
    directory: Directory,
}

impl Parts {
    fn new(paid: Option<&str>) -> Self {
        let store = store(Status::Active, paid);
        store.kept.borrow_mut().insert(1, Kept { terms: Some(course_terms(149.0)), ..Kept::default() });
        Self { store, env: Env::new(), directory: Directory::with_price(149.0) }
    }

    fn refund(&self, asked: Asked, amount: Option<&str>, reference: Option<&str>) -> Result<Enrolment, Error> {
        self.cancel(asked, amount, reference, None).map(|(enrolment, _)| enrolment)
    }

    fn cancel(
        &self,
        asked: Asked,
        amount: Option<&str>,
        reference: Option<&str>,
        cancel: Option<bool>,
    ) -> Result<(Enrolment, Vec<Job>), Error> {
        let ports = ports(&self.store, &self.directory, &self.directory, &self.env);
        let reference = reference.map(|reference| PlatformReference::new(reference).unwrap());
        let reported = Refund { amount: amount.map(money), cancel, reference, ..whole_refund(note("moved")) };
        parts(block_on(refund(&ports, asked, &reported)))
    }

    fn keys(&self) -> Vec<String> {
        self.store.outbox.borrow().iter().map(|row| row.job.key.as_str().to_owned()).collect()
    }
}

#[test]
fn a_payment_is_refunded_in_parts_until_nothing_is_left() {
    let world = Parts::new(Some("149"));
    let mut before = money("149");
    for (number, (amount, left)) in [("49", "100"), ("0.01", "99.99"), ("99.99", "0")].into_iter().enumerate() {
        let (enrolment, jobs) =
            world.cancel(Asked::default(), Some(amount), Some(&format!("r{number}")), None).unwrap();
        let status = if left == "0" { Status::Canceled } else { Status::Active };
        assert_eq!((enrolment.status, enrolment.payment_status), (status, PaymentStatus::Paid));
        let Payload::Correction(correction) = &jobs[0].payload else { panic!("a correction") };
        let (after, currency) = (money(left), Some(currency("PLN")));
        assert_eq!(correction.amounts, Some(Amounts { before, after, currency }));
        assert_eq!(
            (jobs[0].version() == 3, jobs[0].key.chain_no().get() as usize),
            (number > 0 || left != "0", number + 2)
        );
        before = after;
    }
    assert_eq!(world.keys(), ["correction:1", "correction:1:3", "correction:1:4"]);
    for amount in [None, Some("1")] {
        assert_eq!(world.refund(Asked::default(), amount, Some("r9")), Err(Error::AlreadyRefunded));
    }
    assert_eq!(world.store.refunds.borrow().len(), 3);
}

#[test]
fn without_an_amount_all_that_is_left_is_refunded() {
    let world = Parts::new(Some("149"));
    world.refund(Asked::default(), Some("49"), Some("r1")).unwrap();
    world.refund(Asked::default(), None, None).unwrap();
    let refunds = world.store.refunds.borrow();
    assert_eq!(
        refunds.iter().map(|(_, refund)| refund.amount).collect::<Vec<_>>(),
        [Some(money("49")), Some(money("100"))]
    );
    assert_eq!(world.store.record(0).refunded, Some(money("149")));
}

#[test]
fn no_more_is_refunded_than_is_left_and_nothing_is_no_refund() {
    let world = Parts::new(Some("149"));
    for amount in ["0", "149.01"] {
        let refunded = world.refund(Asked::default(), Some(amount), Some("r1"));
        assert_eq!(refunded, Err(Error::RefundAmount(money("149"))));
    }
    world.refund(Asked::default(), Some("100"), Some("r1")).unwrap();
    assert_eq!(world.refund(Asked::default(), Some("49.01"), Some("r2")), Err(Error::RefundAmount(money("49"))));
    let free = Parts::new(Some("0"));
    assert_eq!(free.refund(Asked::default(), Some("0.01"), Some("r1")), Err(Error::NothingPaid));
    free.refund(Asked::default(), None, None).unwrap();
    let unknown = Parts::new(None);
    assert_eq!(unknown.refund(Asked::default(), Some("1"), Some("r1")), Err(Error::AmountNotKnown));
    unknown.refund(Asked::default(), None, None).unwrap();
    assert_eq!(unknown.store.record(0).left(), Ok(Left::Nothing));
}

#[test]
fn a_refund_of_a_part_must_be_recognised_when_it_is_repeated() {
    let world = Parts::new(Some("149"));
    assert_eq!(world.refund(Asked::default(), Some("49"), None), Err(Error::RefundNotRepeatable));
    world.refund(under("k"), Some("49"), None).unwrap();
    world.refund(under("k"), Some("49"), None).unwrap();
    assert_eq!(world.store.record(0).refunded, Some(money("49")));
    // All that is left is refunded once in any case.
    world.refund(Asked::default(), Some("100"), None).unwrap();
    assert_eq!(world.keys().len(), 2);
}

#[test]
fn a_reference_is_recorded_once_in_all() {
    let world = Parts::new(Some("149"));
    world.store.add(Status::Active, PaymentStatus::Paid);
    let first = world.refund(Asked::default(), Some("49"), Some("r1")).unwrap();
    for amount in [Some("49"), None] {
        assert_eq!(world.refund(under("k"), amount, Some("r1")), Ok(first.clone()), "{amount:?}");
        assert_eq!(world.refund(under("k"), amount, Some("r1")), Ok(first.clone()), "the answer is stored");
        world.store.keys.borrow_mut().clear();
    }
    let recorded = Err(Error::RefundRecorded(id(1)));
    assert_eq!(world.refund(Asked::default(), Some("50"), Some("r1")), recorded);
    let ports = ports(&world.store, &world.directory, &world.directory, &world.env);
    let reference = PlatformReference::new("r1").ok();
    let other = Refund { reference, ..whole_refund(Note { enrolment_id: id(2), ..note("-") }) };
    assert_eq!(parts(block_on(refund(&ports, Asked::default(), &other))).map(|(enrolment, _)| enrolment), recorded);
    assert_eq!((world.keys().len(), world.store.refunds.borrow().len()), (1, 1));
}

#[test]
fn a_refund_cancels_if_nothing_is_left_or_as_it_says() {
    for (amount, cancel, status) in [
        ("49", None, Status::Active),
        ("49", Some(true), Status::Canceled),
        ("149", None, Status::Canceled),
        ("149", Some(false), Status::Active),
    ] {
        let world = Parts::new(Some("149"));
        world.store.enqueue(1, enrolment_email());
        let (enrolment, _) = world.cancel(Asked::default(), Some(amount), Some("r1"), cancel).unwrap();
        assert_eq!(enrolment.status, status, "{amount} {cancel:?}");
        assert_eq!(world.store.record(0).canceled.is_some(), status == Status::Canceled);
        let withdrawn = !world.keys().contains(&"enrolment_email:1".to_owned());
        assert_eq!(withdrawn, status == Status::Canceled, "its confirmation");
        let events: Vec<_> = world.store.events.borrow().iter().map(|event| event.kind).collect();
        assert_eq!(events, [EventKind::Refunded]);
    }
}

#[test]
fn an_amount_has_as_many_decimals_as_its_currency() {
    let world = Parts::new(Some("149"));
    let yen = CourseTerms { currency: currency("JPY"), ..course_terms(149.0) };
    world.store.kept.borrow_mut().insert(1, Kept { terms: Some(yen), ..Kept::default() });
    assert_eq!(world.refund(Asked::default(), Some("1.50"), Some("r1")), Err(Error::Decimals(currency("JPY"))));
    world.refund(Asked::default(), Some("1"), Some("r1")).unwrap();
}
