use super::*;
use crate::fakes::{
    DOWN, Directory, Env, FakeInvoices, FakeMail, FakeStore, Fakes, company, down, money, note, parts, payment, under,
    whole_refund,
};
use crate::jobs::{Kind, Lease};
use crate::model::invoice::DocumentKind;
use crate::model::reason::ReasonCode;
use crate::model::refund::Refund;
use crate::ports::Outbox as _;
use crate::usecases::deliver::deliver;
use crate::usecases::pay::record_payment;
use crate::usecases::refund::refund;
use crate::{Balance, Buyer, PaymentStatus, Status, System};
use futures::executor::block_on;
use proptest::prelude::*;
use std::cell::RefCell;

/// An enrolment and the systems around it.
struct World {
    store: FakeStore,
    env: Env,
    directory: RefCell<Directory>,
    invoices: FakeInvoices,
    mail: FakeMail,
}

impl World {
    /// A payment of 149, whose invoice gets this answer, by default a success.
    fn paid(answer: Option<crate::jobs::outbox::Failure>) -> Self {
        let world = Self {
            store: FakeStore::default(),
            env: Env::new(),
            directory: RefCell::new(Directory::with_price(149.0)),
            invoices: FakeInvoices::default(),
            mail: FakeMail::default(),
        };
        world.store.add(Status::Active, PaymentStatus::Pending);
        world.invoices.create.borrow_mut().extend(answer.map(Err));
        world.with(|ports| block_on(record_payment(ports, Asked::default(), &payment(1)))).unwrap();
        world
    }

    fn with<T>(&self, work: impl FnOnce(&Fakes<'_, Directory, FakeInvoices, FakeMail>) -> T) -> T {
        let Self { store, env, directory, invoices, mail } = self;
        let directory = directory.borrow();
        work(&Fakes {
            store,
            users: &directory,
            courses: &directory,
            invoices: Some(invoices),
            mail: Some(mail),
            webhooks: None,
            env,
        })
    }

    fn rebill(&self, asked: Asked) -> Result<(Enrolment, Vec<Job>), Error> {
        let rebilling = Rebilling { note: note("wrong buyer"), buyer: company(), tax: None };
        self.with(|ports| parts(block_on(rebill(ports, asked, &rebilling))))
    }

    fn refund(&self, amount: &str, reference: &str) -> Result<Enrolment, Error> {
        let reference = crate::model::reference::PlatformReference::new(reference).ok();
        let refunded = Refund { amount: Some(money(amount)), reference, ..whole_refund(note("-")) };
        self.with(|ports| parts(block_on(refund(ports, Asked::default(), &refunded)))).map(|(enrolment, _)| enrolment)
    }

    /// Delivers what is due, again and again, until all is done or dead.
    fn deliver(&self) {
        for round in 0.. {
            assert!(round < 100, "{:?}", self.store.outbox.borrow());
            if self.store.outbox.borrow().iter().all(|row| row.done || row.dead() || self.waits_for_dead(row)) {
                return;
            }
            self.env.advance(chrono::TimeDelta::minutes(10));
            let now = self.env.now();
            let lease = Lease { token: format!("{now}"), until: now + Lease::LENGTH };
            for job in block_on(self.store.claim(&lease, Kind::ALL, 20, now)).unwrap().jobs {
                self.with(|ports| block_on(deliver(ports, &job))).unwrap();
            }
        }
    }

    fn waits_for_dead(&self, row: &crate::fakes::Row) -> bool {
        row.reason() == Some(&ReasonCode::InvoiceNotIssued.into())
            && self.store.outbox.borrow().iter().any(|row| row.dead())
    }

    /// Kind, place and total of each document.
    fn documents(&self) -> Vec<(DocumentKind, u32, String)> {
        let documents = self.store.documents.borrow();
        let parts = |document: &crate::model::invoice::Document| {
            (document.kind, document.chain_no.get(), document.gross.unwrap().to_string())
        };
        documents.iter().map(|(_, document)| parts(document)).collect()
    }

    fn keys(&self) -> Vec<String> {
        self.store.outbox.borrow().iter().map(|row| row.job.key.as_str().to_owned()).collect()
    }

    /// The buyers of the ordered invoices.
    fn buyers(&self) -> Vec<Buyer> {
        let created = self.invoices.created.borrow();
        let buyer = |payload: &Payload| match payload {
            Payload::Invoice(purchase) => Some(purchase.buyer.clone()),
            _ => None,
        };
        created.iter().filter_map(|ordered| buyer(&ordered.content)).collect()
    }
}

use DocumentKind::{Correction as Corrected, Invoice};

#[test]
fn an_issued_invoice_is_corrected_to_zero_and_a_new_one_follows() {
    let world = World::paid(None);
    let (enrolment, jobs) = world.rebill(Asked::default()).unwrap();
    assert_eq!((enrolment.status, jobs.len()), (Status::Active, 2));
    world.deliver();
    let expected = [(Invoice, 1, "149.00"), (Corrected, 2, "-149.00"), (Invoice, 3, "149.00")];
    assert_eq!(world.documents(), expected.map(|(kind, place, gross)| (kind, place, gross.to_owned())));
    assert_eq!(world.buyers(), [Buyer::default(), company()]);
    let events: Vec<_> = world.store.events.borrow().iter().map(|event| event.kind).collect();
    use EventKind::{Invoiced, Paid, Rebilled};
    assert_eq!(events, [Paid, Invoiced, Rebilled, EventKind::Corrected, Invoiced]);
    assert!(world.keys().contains(&"payment_email:1:3".to_owned()), "a mail has the new link");
    assert!(!world.keys().iter().any(|key| key.starts_with("refund_email")), "and nothing is refunded");
}

#[test]
fn a_refused_invoice_gets_the_new_buyer() {
    let world = World::paid(Some(crate::fakes::refused()));
    assert!(world.store.row(0).dead());
    assert_eq!(world.rebill(Asked::default()).unwrap().1, []);
    world.deliver();
    assert_eq!(world.documents(), [(Invoice, 1, "149.00".to_owned())]);
    assert_eq!(world.buyers(), [Buyer::default(), company()]);
}

#[test]
fn an_invoice_that_may_exist_is_waited_for() {
    let world = World::paid(Some(crate::fakes::unknown()));
    world.rebill(Asked::default()).unwrap();
    world.deliver();
    assert_eq!(world.documents().iter().map(|own| own.1).collect::<Vec<_>>(), [1, 2, 3]);
    assert_eq!(world.buyers(), [Buyer::default(), Buyer::default(), company()]);
}

#[test]
fn what_is_left_is_billed_and_a_later_refund_corrects_the_new_invoice() {
    let world = World::paid(None);
    world.refund("49", "r1").unwrap();
    world.rebill(Asked::default()).unwrap();
    world.refund("30", "r2").unwrap();
    world.deliver();
    let gross: Vec<_> = world.documents().into_iter().map(|own| own.2).collect();
    assert_eq!(gross, ["149.00", "-49.00", "-100.00", "100.00", "-30.00"]);
    let created = world.invoices.created.borrow();
    let corrects: Vec<_> = created.iter().filter_map(|own| own.corrects.as_ref()).map(|own| own.vendor_id).collect();
    assert_eq!(corrects, [1, 1, 4]);
}

#[test]
fn a_payment_without_an_invoice_or_without_a_rest_cannot_be_billed_anew() {
    let world = World::paid(None);
    world.store.edit(0, |record| record.invoices_provider = Some(InvoicesProvider::NoInvoices));
    assert_eq!(world.rebill(Asked::default()), Err(Error::NothingBilled));
    let flask = World::paid(None);
    flask.store.documents.borrow_mut().clear();
    assert_eq!(flask.rebill(Asked::default()), Err(Error::NothingBilled));
    let refunded = World::paid(None);
    refunded.refund("149", "r").unwrap();
    assert_eq!(refunded.rebill(Asked::default()), Err(Error::AlreadyRefunded));
    let unknown = World::paid(None);
    unknown.store.edit(0, |record| record.paid = None);
    assert_eq!(unknown.rebill(Asked::default()), Err(Error::AmountNotKnown));
    let pending = World::paid(None);
    pending.store.edit(0, |record| record.enrolment.payment_status = PaymentStatus::Pending);
    assert_eq!(pending.rebill(Asked::default()), Err(Error::NotPaid));
}

#[test]
fn an_invoice_with_another_tax_than_is_agreed_on_needs_the_tax() {
    let world = World::paid(None);
    world.store.documents.borrow_mut()[0].1.tax = Some("8".to_owned());
    assert_eq!(world.rebill(Asked::default()), Err(Error::TaxNeeded));
    let tax = crate::model::terms::TaxWord::parse("8").unwrap().with(None, None).ok();
    let rebilling = Rebilling { note: note("-"), buyer: company(), tax: tax.clone() };
    world.with(|ports| block_on(rebill(ports, Asked::default(), &rebilling))).unwrap();
    world.deliver();
    let created = world.invoices.created.borrow();
    let Payload::Invoice(purchase) = &created.last().unwrap().content else { panic!("an invoice") };
    assert_eq!(Some(purchase.terms.tax.clone()), tax);
}

#[test]
fn if_the_users_service_fails_the_data_is_looked_up_later_and_a_missing_user_is_an_error() {
    let world = World::paid(None);
    *world.directory.borrow_mut() = Directory::without_user(149.0);
    assert_eq!(world.rebill(Asked::default()), Err(Error::UserGone));
    world.directory.borrow_mut().user = Err(down(System::Users).into());
    let (_, jobs) = world.rebill(Asked::default()).unwrap();
    assert_eq!(jobs[1].key.as_str(), "invoice_data:1:3");
    assert_eq!(world.with(|ports| block_on(deliver(ports, &jobs[1]))).unwrap().0, DOWN);
    *world.directory.borrow_mut() = Directory::with_price(149.0);
    world.deliver();
    assert_eq!(world.documents().len(), 3);
}

#[test]
fn once_for_each_key() {
    let world = World::paid(None);
    let first = world.rebill(under("k")).unwrap().0;
    assert_eq!(world.rebill(under("k")).map(|(enrolment, jobs)| (enrolment, jobs.len())), Ok((first, 0)));
    assert_eq!((world.keys().len(), world.store.record(0).reason), (4, None));
}

/// What happens to an enrolment and to its documents.
#[derive(Clone, Copy, Debug)]
enum Step {
    Refund(u32),
    Rebill,
    /// The next request for a document has this outcome.
    Refuse,
    Lose,
    Deliver,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        (1..6000_u32).prop_map(Step::Refund),
        Just(Step::Rebill),
        Just(Step::Refuse),
        Just(Step::Lose),
        Just(Step::Deliver),
    ]
}

impl World {
    /// The total of the documents that are issued, owed or refused.
    fn billed(&self) -> i64 {
        let issued = self.store.documents.borrow();
        let issued = issued.iter().map(|(_, document)| document.gross.map_or(0, |Balance(gross)| gross));
        let outbox = self.store.outbox.borrow();
        let owed = outbox.iter().filter(|row| !row.done).map(|row| match &row.job.payload {
            Payload::Invoice(purchase) => purchase.gross.hundredths(),
            Payload::Correction(Correction { amounts: Some(amounts), .. }) => -amounts.refunded().hundredths(),
            _ => 0,
        });
        issued.chain(owed).sum()
    }
}

proptest! {
    /// The documents of an enrolment, issued, owed or refused, always sum up to its payment without the
    /// refunds. In the end they are issued one after the other.
    #[test]
    fn documents_sum_up_to_what_is_left(steps in proptest::collection::vec(step(), 0..12)) {
        let world = World::paid(None);
        let mut refunded = 0;
        for (number, step) in steps.into_iter().enumerate() {
            match step {
                Step::Refund(hundredths) => {
                    let amount = Money::from_hundredths(hundredths.into()).unwrap();
                    let result = world.refund(&amount.to_string(), &format!("r{number}"));
                    refunded += if result.is_ok() { amount.hundredths() } else { 0 };
                }
                Step::Rebill => drop(world.rebill(Asked::default())),
                Step::Refuse => world.invoices.create.borrow_mut().push_back(Err(crate::fakes::refused())),
                Step::Lose => world.invoices.create.borrow_mut().push_back(Err(crate::fakes::unknown())),
                Step::Deliver => world.deliver(),
            }
            prop_assert_eq!(world.billed(), 14900 - refunded);
        }
        world.invoices.create.borrow_mut().clear();
        for row in world.store.outbox.borrow_mut().iter_mut().filter(|row| row.dead()) {
            (row.failed, row.job.attempts) = (None, 0);
        }
        world.deliver();
        prop_assert_eq!(world.billed(), 14900 - refunded);
        let documents = world.documents();
        let places: Vec<_> = documents.iter().map(|own| own.1).collect();
        prop_assert!(places.is_sorted(), "{:?}", documents);
        prop_assert!(world.store.outbox.borrow().iter().all(|row| row.done));
    }
}
