//! The systems around the service.

use super::{FakeStore, course, out_of_reach, terms, unknown, user};
use crate::jobs::Payload;
use crate::jobs::outbox::Failure;
use crate::model::check::{ListedDocument, Listing};
use crate::model::email::Email;
use crate::model::invoice::{Created, Document, DocumentKind, Found, IssuedInvoice};
use crate::model::ksef::{Ksef, KsefStatus, Look};
use crate::model::mail::MailKind;
use crate::model::terms::{Account, Terms};
use crate::ports::{Content, Order};
use crate::ports::{Courses, Invoices, Mail, Repeats, Users, Webhook, Webhooks};
use crate::{Balance, Course, CourseId, LookUpError, Unavailable, User, UserId};
use chrono::TimeDelta;
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::time::Duration;

/// One user and one course, or failures.
#[derive(Clone)]
pub(crate) struct Directory {
    pub(crate) user: Result<Option<User>, LookUpError>,
    pub(crate) course: Result<Option<Course>, LookUpError>,
}

impl Directory {
    pub(crate) fn with_price(price: f64) -> Self {
        Self { user: Ok(Some(user())), course: Ok(Some(course(price))) }
    }

    pub(crate) fn with_seats(seats: Option<u32>) -> Self {
        Self { course: Ok(Some(Course { seats: Ok(seats), ..course(1.0) })), ..Self::with_price(1.0) }
    }

    /// The users service does not find the user.
    pub(crate) fn without_user(price: f64) -> Self {
        Self { user: Ok(None), ..Self::with_price(price) }
    }

    /// The courses service does not find the course.
    pub(crate) fn without_course() -> Self {
        Self { course: Ok(None), ..Self::with_price(1.0) }
    }

    pub(crate) fn empty() -> Self {
        Self { user: Ok(None), course: Ok(None) }
    }
}

impl Users for Directory {
    async fn user(&self, _: &UserId) -> Result<Option<User>, LookUpError> {
        self.user.clone()
    }
}

impl Courses for Directory {
    async fn course(&self, _: CourseId) -> Result<Option<Course>, LookUpError> {
        self.course.clone()
    }
}

/// A directory during whose look-up another request changes the database.
pub(crate) struct ChangeDuringLookup<'a>(pub(crate) &'a FakeStore, pub(crate) fn(&FakeStore));

impl Users for ChangeDuringLookup<'_> {
    async fn user(&self, _: &UserId) -> Result<Option<User>, LookUpError> {
        self.1(self.0);
        Ok(Some(user()))
    }
}

/// The next answers.
type Script<T> = RefCell<VecDeque<Result<T, Failure>>>;

/// An order to the invoicing service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Ordered {
    pub(crate) enrolment_id: i64,
    pub(crate) content: Payload,
    /// The invoice that a correction corrects.
    pub(crate) corrects: Option<IssuedInvoice>,
    pub(crate) issued_on: String,
}

/// Gives the scripted answers, then successful ones. Records the orders.
pub(crate) struct FakeInvoices {
    pub(crate) terms: Terms,
    /// The error for the terms, if any.
    pub(crate) unset: Option<Unavailable>,
    pub(crate) create: Script<Created>,
    pub(crate) find: Script<Vec<Found>>,
    pub(crate) created: RefCell<Vec<Ordered>>,
    pub(crate) looked_up: Cell<u32>,
    /// The answers of lists, and what was asked for.
    pub(crate) list: Script<Vec<ListedDocument>>,
    pub(crate) listings: RefCell<Vec<String>>,
    /// The answers about the state at KSeF.
    pub(crate) looks: Script<Look>,
    /// The documents that were sent to KSeF again.
    pub(crate) sent_again: RefCell<Vec<i64>>,
    /// The time limits that were set.
    pub(crate) budgets: RefCell<Vec<Duration>>,
}

pub(crate) const URL: &str = "https://account.example/invoice/abc";

/// The ordered document.
pub(crate) fn issued(order: &Order<'_>, vendor_id: i64) -> Document {
    let (kind, gross, tax) = match order.content {
        Content::Invoice(purchase) => {
            (DocumentKind::Invoice, purchase.gross.hundredths(), Some(purchase.terms.tax.word().to_owned()))
        }
        Content::Correction(correction, invoice) => {
            let less = correction.amounts.map_or(invoice.gross, |amounts| amounts.refunded());
            (DocumentKind::Correction, -less.hundredths(), invoice.tax.clone())
        }
    };
    Document {
        kind,
        chain_no: order.chain_no,
        vendor_id: Some(vendor_id),
        number: Some(format!("{vendor_id}/06/2026")),
        url: Some(URL.to_owned()),
        gross: Some(Balance(gross)),
        currency: Some("PLN".to_owned()),
        tax,
        issued_on: Some(order.issued_on),
        ksef: None,
    }
}

pub(crate) fn look(status: &str, number: Option<&str>) -> Look {
    let ksef = Ksef { status: KsefStatus::new(status).unwrap(), number: number.map(str::to_owned) };
    Look { ksef: Some(ksef), reasons: String::new(), duplicate: false }
}

impl Default for FakeInvoices {
    fn default() -> Self {
        Self {
            terms: terms(),
            unset: None,
            create: Script::default(),
            find: Script::default(),
            created: RefCell::default(),
            looked_up: Cell::default(),
            list: Script::default(),
            listings: RefCell::default(),
            looks: Script::default(),
            sent_again: RefCell::default(),
            budgets: RefCell::default(),
        }
    }
}

impl FakeInvoices {
    /// The enrolments with ordered documents.
    pub(crate) fn ordered(&self) -> Vec<i64> {
        self.created.borrow().iter().map(|asked| asked.enrolment_id).collect()
    }
}

impl Invoices for FakeInvoices {
    fn account(&self) -> &Account {
        &self.terms.account
    }

    fn terms(&self) -> Result<Terms, Unavailable> {
        self.unset.clone().map_or_else(|| Ok(self.terms.clone()), Err)
    }

    async fn create(&self, order: &Order<'_>) -> Result<Created, Failure> {
        let (content, corrects) = match order.content {
            Content::Invoice(purchase) => (Payload::Invoice(purchase.clone()), None),
            Content::Correction(refund, invoice) => (Payload::Correction(refund.clone()), Some(invoice.clone())),
        };
        let (enrolment_id, issued_on) = (order.enrolment_id.get(), order.issued_on.to_string());
        self.created.borrow_mut().push(Ordered { enrolment_id, content, corrects, issued_on });
        let scripted = self.create.borrow_mut().pop_front();
        let number = i64::try_from(self.created.borrow().len()).unwrap();
        scripted.unwrap_or_else(|| Ok(Created::Issued(issued(order, number).into())))
    }

    async fn find(&self, _: &Order<'_>) -> Result<Vec<Found>, Failure> {
        self.looked_up.set(self.looked_up.get() + 1);
        let scripted = self.find.borrow_mut().pop_front();
        scripted.unwrap_or(Ok(Vec::new()))
    }

    async fn listed(&self, listing: Listing<'_>) -> Result<Vec<ListedDocument>, Failure> {
        self.listings.borrow_mut().push(format!("{listing:?}"));
        self.list.borrow_mut().pop_front().unwrap_or(Ok(Vec::new()))
    }

    async fn look_at_ksef(&self, _: i64) -> Result<Look, Failure> {
        self.looks.borrow_mut().pop_front().unwrap_or_else(|| Ok(look("ok", Some("K1"))))
    }

    async fn send_to_ksef(&self, vendor_id: i64) -> Result<Look, Failure> {
        self.sent_again.borrow_mut().push(vendor_id);
        self.look_at_ksef(vendor_id).await
    }

    fn limit_to(&self, budget: Duration) {
        self.budgets.borrow_mut().push(budget);
    }
}

/// Gives the scripted answers, then successful ones. Records the events.
#[derive(Default)]
pub(crate) struct FakeWebhooks {
    pub(crate) deaf: bool,
    pub(crate) script: RefCell<VecDeque<Result<(), Failure>>>,
    pub(crate) posted: RefCell<Vec<i64>>,
}

impl Webhooks for FakeWebhooks {
    fn is_set(&self) -> bool {
        !self.deaf
    }

    async fn post(&self, webhook: &Webhook) -> Result<(), Failure> {
        self.posted.borrow_mut().push(webhook.event.id);
        self.script.borrow_mut().pop_front().unwrap_or(Ok(()))
    }
}

/// How long [`FakeMail`] recognises a mail.
pub(crate) const RECOGNISED: TimeDelta = TimeDelta::hours(1);

/// Gives the scripted answers, then successful ones. Records the mails.
#[derive(Default)]
pub(crate) struct FakeMail {
    pub(crate) forgetful: bool,
    pub(crate) script: RefCell<VecDeque<Result<(), Failure>>>,
    pub(crate) sent: RefCell<Vec<Email>>,
    /// Whether each request fails.
    pub(crate) down: Cell<bool>,
    pub(crate) looks: Cell<u32>,
    /// The kind that is not sent.
    pub(crate) off: Cell<Option<MailKind>>,
}

impl Mail for FakeMail {
    fn is_off(&self, kind: MailKind) -> bool {
        self.off.get() == Some(kind)
    }

    fn repeats(&self) -> Repeats {
        if self.forgetful { Repeats::Sent } else { Repeats::Recognised(RECOGNISED) }
    }

    async fn send(&self, email: &Email) -> Result<(), Failure> {
        if self.down.get() {
            return Err(unknown());
        }
        self.sent.borrow_mut().push(email.clone());
        let scripted = self.script.borrow_mut().pop_front();
        scripted.unwrap_or(Ok(()))
    }

    async fn check(&self) -> Result<(), Failure> {
        self.looks.set(self.looks.get() + 1);
        if self.down.get() { Err(out_of_reach()) } else { Ok(()) }
    }
}
