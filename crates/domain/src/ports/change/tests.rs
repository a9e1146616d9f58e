//! Every state and every transition.

use super::*;
use crate::fakes::{FakeStore, correction, enrolment_email, id, money, note, purchase, reason, start, whole_refund};
use crate::jobs::Correction;
use crate::model::event::EventKind;
use crate::model::note::Note;
use crate::model::refund::{Amounts, Refund};
use crate::usecases::cancel::canceled;
use crate::usecases::expire::completed;
use crate::usecases::fail::failed;
use crate::usecases::pay::paid;
use crate::usecases::refund::refunded;
use crate::usecases::remove::removed;
use crate::{PaymentStatus, Status};
use chrono::TimeDelta;
use proptest::prelude::*;

/// An enrolment with all fields that its state allows.
fn record(status: Status, payment_status: PaymentStatus, is_refunded: bool) -> Record {
    let store = FakeStore::default();
    store.add(status, payment_status);
    store.edit(0, |record| {
        record.reason = reason("before");
        record.refunded_at = is_refunded.then(|| start() - TimeDelta::days(1));
        if payment_status == PaymentStatus::Paid {
            record.paid = Some(money("149.00"));
            record.enrolment.invoice_url = Some("https://account.example/invoice/before".to_owned());
        }
    });
    store.record(0)
}

fn day() -> NaiveDate {
    start().date_naive()
}

fn cancellation() -> Cancellation {
    Cancellation { at: start(), by: Some(Author("ann".to_owned())) }
}

/// The result of a transition: a new state, no change, or an error.
type To = Result<Option<(Status, PaymentStatus)>, Error>;

#[test]
fn every_transition_of_every_state() {
    use Error::{AlreadyPaid, AlreadyRefunded, NotPaid};
    use PaymentStatus::{Failed, Paid, Pending};
    use Status::{Active, Canceled, Completed};
    let to = |status, payment_status| -> To { Ok(Some((status, payment_status))) };
    let same = || -> To { Ok(None) };
    let is_canceled = || -> To { Err(Error::Canceled) };
    let has_ended = || -> To { Err(Error::Completed) };
    #[rustfmt::skip]
    let table = [
        // status, payment, refunded |  paid               canceled                failed                 refunded                completed
        (Active,    Pending, false,  [to(Active, Paid),    to(Canceled, Pending),  to(Active, Failed),    Err(NotPaid),           to(Completed, Pending)]),
        (Active,    Failed,  false,  [to(Active, Paid),    to(Canceled, Failed),   same(),                Err(NotPaid),           to(Completed, Failed)]),
        (Active,    Paid,    false,  [Err(AlreadyPaid),    to(Canceled, Paid),     Err(AlreadyPaid),      to(Canceled, Paid),     to(Completed, Paid)]),
        (Completed, Pending, false,  [to(Completed, Paid), has_ended(),            to(Completed, Failed), Err(NotPaid),           same()]),
        (Completed, Failed,  false,  [to(Completed, Paid), has_ended(),            same(),                Err(NotPaid),           same()]),
        (Completed, Paid,    false,  [Err(AlreadyPaid),    has_ended(),            Err(AlreadyPaid),      to(Completed, Paid),    same()]),
        (Completed, Paid,    true,   [Err(AlreadyPaid),    has_ended(),            Err(AlreadyPaid),      Err(AlreadyRefunded),   same()]),
        (Canceled,  Pending, false,  [is_canceled(),       is_canceled(),          is_canceled(),         Err(NotPaid),           same()]),
        (Canceled,  Failed,  false,  [is_canceled(),       is_canceled(),          is_canceled(),         Err(NotPaid),           same()]),
        (Canceled,  Paid,    false,  [Err(AlreadyPaid),    is_canceled(),          Err(AlreadyPaid),      to(Canceled, Paid),     same()]),
        (Canceled,  Paid,    true,   [Err(AlreadyPaid),    is_canceled(),          Err(AlreadyPaid),      Err(AlreadyRefunded),   same()]),
    ];
    for (status, payment_status, is_refunded, [if_paid, if_canceled, if_failed, if_refunded, if_completed]) in table {
        let state = format!("{status:?} {payment_status:?} {is_refunded}");
        let before = record(status, payment_status, is_refunded);
        // `edit` makes the other changes of the row.
        let change = |to: To, event, edit: &dyn Fn(&mut Record), job: Option<Payload>, withdrawn: &'static [Kind]| {
            let Some((status, payment_status)) = to? else {
                return Ok(Change::none());
            };
            let mut after = before.clone();
            (after.enrolment.status, after.enrolment.payment_status) = (status, payment_status);
            edit(&mut after);
            Ok(Change {
                after: After::Changed(after),
                event: Some(event),
                jobs: job.into_iter().collect(),
                withdrawn,
                ..Change::none()
            })
        };

        for job in [None, Some(Payload::Invoice(purchase()))] {
            for gross in [None, Some(money("99.50"))] {
                // The reason of an earlier failed payment is removed.
                for provider in [InvoicesProvider::Fakturownia, InvoicesProvider::NoInvoices] {
                    let is_paid = |after: &mut Record| {
                        (after.paid, after.paid_on) = (gross, Some(day()));
                        (after.invoices_provider, after.reason) = (Some(provider), None);
                    };
                    let expected = change(if_paid.clone(), EventKind::Paid, &is_paid, job.clone(), &[]);
                    assert_eq!(
                        paid((&before, false), gross, day(), provider, None, job.as_ref()),
                        expected,
                        "{state} paid"
                    );
                }
            }
        }
        let confirmation: &[_] = &[Kind::EnrolmentEmail];
        for why in [None, reason("after")] {
            let note = Note { reason: why.clone(), ..note("-") };
            let says_why = |after: &mut Record| after.reason.clone_from(&why);
            let is_canceled = |after: &mut Record| {
                says_why(after);
                after.canceled = Some(cancellation());
            };
            for job in [None, Some(enrolment_email())] {
                let expected =
                    change(if_canceled.clone(), EventKind::Canceled, &is_canceled, job.clone(), confirmation);
                assert_eq!(canceled(&before, &note, &cancellation(), job.as_ref()), expected, "{state} canceled");
            }

            let expected = change(if_failed.clone(), EventKind::PaymentFailed, &says_why, None, &[]);
            assert_eq!(failed(&before, &note), expected, "{state} failed");

            // The reason of a cancellation stays.
            let is_refunded = |after: &mut Record| {
                match status {
                    Status::Active => is_canceled(after),
                    Status::Completed => says_why(after),
                    Status::Canceled => {}
                }
                (after.refunded_at, after.refunded) = (Some(start()), Some(money("149.00")));
                after.chain_end = Some(ChainNo::SECOND);
            };
            let withdrawn = if status == Active { confirmation } else { &[] };
            let amounts = Some(Amounts { before: money("149.00"), after: money("0"), currency: None });
            let expected = change(
                if_refunded.clone(),
                EventKind::Refunded,
                &is_refunded,
                Some(Payload::Correction(Correction { amounts, ..correction() })),
                withdrawn,
            );
            let recorded = RecordedRefund { reference: None, amount: Some(money("149.00")) };
            let expected = expected.map(|change| match change.event {
                Some(_) => change.with_refund(recorded).at(ChainNo::SECOND),
                None => change,
            });
            let refund = whole_refund(note);
            let result = refunded(&before, &refund, (&correction(), None), &cancellation(), false);
            assert_eq!(result, expected, "{state} refunded");
        }
        let expected = Change {
            after: After::Deleted,
            event: Some(EventKind::Deleted),
            withdrawn: confirmation,
            ..Change::none()
        };
        assert_eq!(removed(&before), Ok(expected), "{state} removed");

        let expected = change(if_completed, EventKind::Completed, &|_| {}, None, &[]);
        let ended = completed(before.enrolment.clone());
        let ended = ended.map(|enrolment| Record { enrolment, ..before.clone() });
        assert_eq!(
            Ok(ended.map_or_else(Change::none, |after| Change::to(after, EventKind::Completed))),
            expected,
            "{state} completed"
        );
    }
}

/// A transition of an enrolment.
#[derive(Clone, Copy, Debug)]
enum Step {
    Pay(Option<i64>),
    Cancel,
    Fail,
    Refund(Option<i64>, Option<bool>),
    Complete,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        proptest::option::of(0..3_i64).prop_map(Step::Pay),
        Just(Step::Cancel),
        Just(Step::Fail),
        (proptest::option::of(0..3_i64), proptest::option::of(any::<bool>()))
            .prop_map(|(amount, cancel)| Step::Refund(amount, cancel)),
        Just(Step::Complete),
    ]
}

fn take(step: Step, record: &Record) -> Transition {
    let email = enrolment_email();
    match step {
        Step::Pay(amount) => {
            let amount = amount.and_then(Money::from_hundredths);
            paid((record, false), amount, day(), InvoicesProvider::Fakturownia, None, Some(&email))
        }
        Step::Cancel => canceled(record, &note("why"), &cancellation(), Some(&email)),
        Step::Fail => failed(record, &note("why")),
        Step::Refund(amount, cancel) => {
            let amount = amount.and_then(Money::from_hundredths);
            let refund = Refund { amount, cancel, ..whole_refund(note("why")) };
            refunded(record, &refund, (&correction(), None), &cancellation(), true)
        }
        Step::Complete => {
            let after = completed(record.enrolment.clone()).map(|enrolment| Record { enrolment, ..record.clone() });
            Ok(after.map_or_else(Change::none, |after| Change::to(after, EventKind::Completed)))
        }
    }
}

proptest! {
    /// For any sequence of transitions: no state is reverted, no payment happens twice, no more is
    /// refunded than was paid, each refund has its place in the chain, and after the last one nothing is
    /// left.
    #[test]
    fn no_transition_reverts_a_state(steps in proptest::collection::vec(step(), 0..12)) {
        let mut record = record(Status::Active, PaymentStatus::Pending, false);
        let (mut payments, mut refunds) = (0, Vec::new());
        for step in steps {
            let Ok(change) = take(step, &record) else { continue };
            let After::Changed(after) = change.after else { continue };
            payments += usize::from(matches!(step, Step::Pay(_)));
            prop_assert_eq!(change.refund.is_some(), matches!(step, Step::Refund(..)));
            if let Some(refund) = change.refund {
                prop_assert_eq!(change.place, ChainNo::new(i64::try_from(refunds.len()).unwrap() + 2));
                refunds.push(refund.amount);
            }
            prop_assert!(record.enrolment.status == Status::Active || after.enrolment.status == record.enrolment.status);
            let paid = |record: &Record| record.enrolment.payment_status == PaymentStatus::Paid;
            prop_assert!(paid(&after) || !paid(&record));
            prop_assert!(record.paid.is_none() || after.paid == record.paid);
            prop_assert!(after.refunded_at.is_some() || record.refunded_at.is_none());
            prop_assert_eq!(after.enrolment.id, id(1));
            record = after;
        }
        prop_assert!(payments <= 1 && (payments == 1 || refunds.is_empty()));
        let sum = refunds.iter().map(|amount| amount.map(Money::hundredths)).sum::<Option<i64>>();
        if let (Some(paid), Some(sum)) = (record.paid, sum) {
            let left = paid.hundredths() - sum;
            prop_assert!(left >= 0);
            let nothing_left = record.left() == Ok(Left::Nothing);
            prop_assert_eq!(nothing_left, left == 0 && !refunds.is_empty());
        }
    }
}
