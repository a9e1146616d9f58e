//! The ports in memory, and sample values, for the tests of the use cases.

mod books;
mod erasure;
mod events;
mod keys;
mod mail_texts;
mod outbox;
mod outside;
mod resolutions;
mod seats;
mod store;

pub(crate) use outbox::Row;
pub(crate) use outside::{
    ChangeDuringLookup, Directory, FakeInvoices, FakeMail, FakeWebhooks, RECOGNISED, URL, issued, look,
};
pub(crate) use seats::HOLD_TIMES;
pub(crate) use store::FakeStore;

use crate::jobs::outbox::{AttemptOutcome, Failure, SystemAction};
use crate::jobs::{
    Correction, EnrolmentEmail, InvoiceData, Job, KsefNumber, Lease, MailContent, MailData, Payload, Purchase,
    Reference,
};
use crate::model::address::Address;
use crate::model::asked::Asked;
use crate::model::buyer::{Company, Recipient, Role, TaxId};
use crate::model::chain::ChainNo;
use crate::model::country::Country;
use crate::model::email::{Email, compose};
use crate::model::idempotency::IdempotencyKey;
use crate::model::invoice::{Document, DocumentKind};
use crate::model::language::Language;
use crate::model::link::Link;
use crate::model::mail::MailText;
use crate::model::metadata::Metadata;
use crate::model::note::{Addressee, MailTo, Note, Reason, Subject};
use crate::model::payment::Payment;
use crate::model::reason::ReasonCode;
use crate::model::refund::Refund;
use crate::model::resolution::{self, DocumentNumber, Resolution};
use crate::model::seats::{HoldTimes, SeenCourse};
use crate::model::terms::{Account, Billing, Currency, KsefPolicy, TaxWord, Terms};
use crate::model::window::Window;
use crate::ports::{Clock, Invoices, Journal, Mail, Ports, Random, Timer, Users};
use crate::ports::{Content, Order};
use crate::usecases::once::Done;
use crate::{
    Buyer, Course, CourseId, CourseTerms, Enrolment, EnrolmentId, Error, Money, NewEnrolment, System, Unavailable,
    Unusable, User, UserId,
};
use chrono::{DateTime, TimeDelta, Utc};
use std::cell::{Cell, RefCell};
use std::time::Duration;

pub(crate) fn start() -> DateTime<Utc> {
    "2026-06-01T12:00:00Z".parse().unwrap()
}

pub(crate) fn id(number: i64) -> EnrolmentId {
    EnrolmentId::new(number).unwrap()
}

pub(crate) fn money(text: &str) -> Money {
    Money::from_decimal(text).unwrap()
}

pub(crate) fn reason(text: &str) -> Option<Reason> {
    Some(Reason::new(text).unwrap())
}

pub(crate) fn user() -> User {
    User { language: Some(Language::English), ..User::new("Ann", "Example", "ann@example.com").unwrap() }
}

/// A company in Poland as the buyer.
pub(crate) fn company() -> Buyer {
    let tax_id = TaxId::new(None, "5252445767").unwrap();
    let company = Company { name: "Acme".to_owned(), tax_id, reverse_charge: false };
    Buyer { company: Some(company), address: address(None), recipient: None }
}

fn address(country: Option<Country>) -> Address {
    let [street, post_code, city] = ["Prosta 1", "00-001", "Warszawa"].map(|text| Some(text.to_owned()));
    Address { street, post_code, city, country }
}

/// The buyers that earlier releases did not know.
pub(crate) fn buyers() -> [Buyer; 8] {
    let country = |code: &str| Country::parse(code);
    let elsewhere = |code: &str, tax_no: Option<&str>, reverse_charge| {
        let tax_id = tax_no.map(|text| TaxId::new(country(code).as_ref(), text).unwrap()).unwrap_or_default();
        let company = Company { name: "Acme".to_owned(), tax_id, reverse_charge };
        Buyer { company: Some(company), address: address(country(code)), recipient: None }
    };
    let with = |tax_no: Option<&str>, role| {
        let tax_id = tax_no.map(|text| TaxId::of_recipient(None, text).unwrap()).unwrap_or_default();
        let recipient = Recipient { name: "School".to_owned(), tax_id, address: address(None), role };
        Buyer { recipient: Some(recipient), ..company() }
    };
    [
        Buyer { address: address(None), ..Buyer::default() },
        Buyer { address: address(country("US")), ..Buyer::default() },
        elsewhere("DE", Some("DE123456789"), true),
        elsewhere("DE", Some("DE123456789"), false),
        elsewhere("CH", Some("CHE123"), false),
        elsewhere("US", None, false),
        with(Some("5252445767-00001"), Role::LocalGovernment),
        with(None, Role::Recipient),
    ]
}

pub(crate) fn course(price: f64) -> Course {
    Course {
        name: Ok("Rust".to_owned()),
        price: Ok(Money::from_float(price).unwrap()),
        currency: Ok(None),
        tax: Ok(None),
        gtu_code: Ok(None),
        ends_at: Ok(None),
        seats: Ok(None),
        language: None,
        opens_at: Ok(None),
        closes_at: Ok(None),
    }
}

/// The terms of [`course`].
pub(crate) fn course_terms(price: f64) -> CourseTerms {
    course(price).terms(currency("PLN")).unwrap()
}

/// [`course`] as a request sees it, with this many seats.
pub(crate) fn seen_course(price: f64, limit: Option<u32>) -> SeenCourse {
    SeenCourse { terms: course_terms(price), limit, window: Window::default() }
}

/// A request to enrol without records.
pub(crate) fn new_enrolment(user_id: &str, course_id: i64) -> NewEnrolment {
    let (user_id, course_id) = (UserId::new(user_id).unwrap(), CourseId::new(course_id).unwrap());
    NewEnrolment {
        user_id,
        course_id,
        user: None,
        course: None,
        reference: None,
        metadata: Metadata::default(),
        pay_until: None,
    }
}

/// A payment without user, amount and buyer.
pub(crate) fn payment(number: i64) -> Payment {
    Payment {
        enrolment_id: id(number),
        user_id: None,
        amount: None,
        buyer: Buyer::default(),
        tax: None,
        reference: None,
        method: None,
        on: None,
    }
}

pub(crate) fn note(why: &str) -> Note {
    Note { enrolment_id: id(1), user_id: None, reason: reason(why) }
}

/// The billing of [`FakeInvoices`].
pub(crate) fn billing() -> Billing {
    Billing::Invoice(terms().into())
}

/// The terms of [`FakeInvoices`].
pub(crate) fn terms() -> Terms {
    Terms {
        account: Account::new("https://account.example"),
        prefix: "enrolment".to_owned(),
        department_id: None,
        tax: TaxWord::parse("23").unwrap().with(None, None).unwrap(),
        currency: currency("PLN"),
        gtu_code: None,
        payment_type: "transfer".to_owned(),
        ksef: KsefPolicy::Account,
    }
}

pub(crate) fn currency(code: &str) -> Currency {
    Currency::parse(code).unwrap()
}

pub(crate) fn purchase() -> Purchase {
    Purchase {
        customer: user(),
        buyer: Buyer::default(),
        course_name: "Rust".to_owned(),
        gross: money("199.99"),
        paid_on: start().date_naive(),
        reference: Reference(0xabc),
        terms: terms().into(),
        erased: false,
        rebilled: false,
    }
}

/// The look-up for the invoice of [`purchase`].
pub(crate) fn invoice_data() -> InvoiceData {
    InvoiceData {
        user_id: subject().user_id,
        course_id: subject().course_id,
        course: None,
        gross: Some(purchase().gross),
        buyer: Buyer::default(),
        paid_on: purchase().paid_on,
        reference: Reference(0xabc),
        terms: terms().into(),
        erased: false,
        rebilled: false,
    }
}

/// The user and the course of an enrolment without terms.
pub(crate) fn subject() -> Subject {
    Subject { user_id: UserId::new("user-1").unwrap(), course_id: CourseId::new(7).unwrap(), course: None }
}

/// The look-up of the recipient of a cancellation email.
pub(crate) fn mail_data() -> MailData {
    MailData { subject: subject(), mail: MailContent::Cancellation, reason: reason("moved") }
}

/// A resolution with or without a document's number and page.
pub(crate) fn resolution(number: Option<&str>, url: Option<&str>) -> Resolution {
    Resolution {
        note: resolution::Note::new("made manually").unwrap(),
        number: number.map(|number| DocumentNumber::new(number).unwrap()),
        url: url.map(|url| Link::new(url).unwrap()),
    }
}

/// A refund of all that is left.
pub(crate) fn whole_refund(note: Note) -> Refund {
    Refund { note, amount: None, cancel: None, reference: None }
}

pub(crate) fn correction() -> Correction {
    Correction {
        mail_to: MailTo::Known(Addressee { recipient: user(), course_name: "Rust".to_owned() }),
        reason: reason("moved"),
        refunded_on: start().date_naive(),
        amounts: None,
        rebilled: false,
    }
}

/// The invoice for [`purchase`], for enrolment 1.
pub(crate) fn invoice(vendor_id: i64) -> Document {
    let (purchase, issued_on) = (purchase(), start().date_naive());
    let (enrolment_id, content, chain_no) = (id(1), Content::Invoice(&purchase), ChainNo::FIRST);
    issued(&Order { enrolment_id, chain_no, content, issued_on, since: issued_on }, vendor_id)
}

/// The job's payload for the KSeF number of an invoice.
pub(crate) fn ksef_number() -> KsefNumber {
    KsefNumber {
        document: DocumentKind::Invoice,
        vendor_id: 9,
        erased: false,
        account: terms().account,
        unasked: false,
        withheld: None,
    }
}

pub(crate) fn enrolment_email() -> Payload {
    Payload::EnrolmentEmail(EnrolmentEmail { recipient: user(), course_name: "Rust".to_owned() })
}

/// The answer of a request, and the jobs to deliver after it.
pub(crate) fn parts(done: Result<Done, Error>) -> Result<(Enrolment, Vec<Job>), Error> {
    let Done { enrolment, jobs, failure } = done?;
    assert_eq!(failure, None);
    Ok((enrolment, jobs))
}

/// A request under a key.
pub(crate) fn under(text: &str) -> Asked {
    Asked { key: Some(key(text)), by: None }
}

pub(crate) fn key(text: &str) -> IdempotencyKey {
    IdempotencyKey::new(text).unwrap()
}

/// The email of a job.
pub(crate) fn composed(job: &Job) -> Result<Email, ReasonCode> {
    let message = match &job.payload {
        Payload::EnrolmentEmail(email) => email.message(),
        Payload::PaymentEmail(email) => email.message(),
        Payload::CancellationEmail(email) => email.message(),
        Payload::RefundEmail(email) => email.message(),
        Payload::NoticeEmail(email) => email.message(),
        other => panic!("no email: {other:?}"),
    };
    compose(&message, &MailText::built_in(message.kind, message.language()), job.mail_key())
}

pub(crate) fn lease() -> Lease {
    Lease { token: "mine".to_owned(), until: start() + Lease::LENGTH }
}

pub(crate) fn job(payload: Payload) -> Job {
    Job::new(id(1), None, payload, lease(), start())
}

/// A failure of one request.
pub(crate) fn later() -> Failure {
    Failure::Later { reason: ReasonCode::StillBeingSent.into(), after: None }
}

/// A failure of every request to the system.
pub(crate) fn out_of_reach() -> Failure {
    Failure::Down { reason: ReasonCode::ConnectionRefused.into(), after: None }
}

pub(crate) fn unknown() -> Failure {
    Failure::Unknown { reason: ReasonCode::Timeout.into(), after: None, whole_system: false }
}

/// The result for a system that is not reachable.
pub(crate) const DOWN: AttemptOutcome = AttemptOutcome::PutOff(SystemAction::Pause { after: None, unknown: false });

/// The result for a system that does not answer.
pub(crate) const SILENT: AttemptOutcome = AttemptOutcome::PutOff(SystemAction::Pause { after: None, unknown: true });

/// A timeout of the whole system.
pub(crate) fn silent() -> Failure {
    Failure::Unknown { reason: ReasonCode::Timeout.into(), after: None, whole_system: true }
}

pub(crate) fn refused() -> Failure {
    Failure::Refused { reason: ReasonCode::DocumentRefused.into() }
}

pub(crate) fn down(system: System) -> Unavailable {
    Unavailable::new(system, "timeout")
}

pub(crate) fn unusable(system: System) -> Unusable {
    Unusable { system, cause: "id is another".to_owned() }
}

/// Each failure of the users and courses services, and its error.
pub(crate) fn look_up_failures() -> [(Directory, Error); 4] {
    use System::{Courses, Users};
    let well = || Directory::with_price(1.0);
    [
        (Directory { user: Err(down(Users).into()), course: Ok(None) }, down(Users).into()),
        (Directory { course: Err(down(Courses).into()), ..well() }, down(Courses).into()),
        (Directory { user: Err(unusable(Users).into()), ..well() }, unusable(Users).into()),
        (Directory { course: Err(unusable(Courses).into()), ..well() }, unusable(Courses).into()),
    ]
}

/// A clock that moves only by [`Env::advance`] and by waiting, and random numbers that count up.
pub(crate) struct Env {
    now: Cell<DateTime<Utc>>,
    random: Cell<u64>,
    /// The error of a system that is `None` in [`Fakes`].
    unset: Unavailable,
    /// The language of mails, if neither the user nor the course has one.
    pub(crate) language: Cell<Language>,
    /// How long seats are held.
    pub(crate) times: Cell<HoldTimes>,
    /// The log.
    pub(crate) noted: RefCell<Vec<String>>,
}

impl Env {
    pub(crate) fn new() -> Self {
        let unset = Unavailable::new(System::Configuration, "not set");
        let language = Cell::new(Language::English);
        let times = Cell::new(HOLD_TIMES);
        Self { now: Cell::new(start()), random: Cell::new(0), unset, language, times, noted: RefCell::default() }
    }

    pub(crate) fn advance(&self, by: TimeDelta) {
        self.now.set(self.now.get() + by);
    }
}

impl Clock for Env {
    fn now(&self) -> DateTime<Utc> {
        self.now.get()
    }
}

/// The clock moves at once.
impl Timer for Env {
    async fn sleep(&self, duration: Duration) {
        self.now.set(self.now.get() + duration);
    }
}

impl Journal for Env {
    fn note(&self, what: &str, error: &Unavailable) {
        self.noted.borrow_mut().push(format!("{what}: {}", error.cause));
    }
}

impl Random for Env {
    fn random(&self) -> u64 {
        self.random.set(self.random.get() + 1);
        self.random.get()
    }
}

/// All ports in memory. A system that is `None` cannot be used.
pub(crate) struct Fakes<'a, U, I, M> {
    pub(crate) store: &'a FakeStore,
    pub(crate) users: &'a U,
    pub(crate) courses: &'a Directory,
    pub(crate) invoices: Option<&'a I>,
    pub(crate) mail: Option<&'a M>,
    pub(crate) webhooks: Option<&'a FakeWebhooks>,
    pub(crate) env: &'a Env,
}

/// The ports of a request that uses only the database and the users and courses services.
pub(crate) fn ports<'a, U>(
    store: &'a FakeStore,
    users: &'a U,
    courses: &'a Directory,
    env: &'a Env,
) -> Fakes<'a, U, FakeInvoices, FakeMail> {
    Fakes { store, users, courses, invoices: None, mail: None, webhooks: None, env }
}

impl<U: Users, I: Invoices, M: Mail> Ports for Fakes<'_, U, I, M> {
    type Database = FakeStore;
    type Users = U;
    type Courses = Directory;
    type Invoices = I;
    type Mail = M;
    type Webhooks = FakeWebhooks;
    type Environment = Env;

    fn store(&self) -> &FakeStore {
        self.store
    }

    fn users(&self) -> &U {
        self.users
    }

    fn courses(&self) -> &Directory {
        self.courses
    }

    fn invoices(&self) -> Result<&I, &Unavailable> {
        self.invoices.ok_or(&self.env.unset)
    }

    fn currency(&self) -> Result<Currency, Unavailable> {
        Ok(terms().currency)
    }

    /// Without an invoicing service no invoice is agreed on.
    fn billing(&self) -> Result<Billing, Unavailable> {
        self.invoices.map_or_else(
            || Ok(Billing::NoInvoice(terms().currency)),
            |invoices| Ok(Billing::Invoice(invoices.terms()?.into())),
        )
    }

    fn hold_times(&self) -> Result<HoldTimes, Unavailable> {
        Ok(self.env.times.get())
    }

    fn language(&self) -> Language {
        self.env.language.get()
    }

    fn mail(&self) -> Result<&M, &Unavailable> {
        self.mail.ok_or(&self.env.unset)
    }

    fn webhooks(&self) -> Result<&FakeWebhooks, &Unavailable> {
        self.webhooks.ok_or(&self.env.unset)
    }

    fn env(&self) -> &Env {
        self.env
    }
}
