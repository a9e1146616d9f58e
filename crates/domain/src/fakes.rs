//! The ports in memory, for the tests of the use cases.

use crate::NewEnrolment;
use crate::change::Addition;
use crate::change::Transition;
use crate::email::Email;
use crate::idempotency::{Begun, Fingerprint, IdempotencyKey, Outcome, RESERVED, Reservation};
use crate::invoice::{Created, Found, Invoice};
use crate::job::{EnrolmentEmail, Finished, InvoiceReference, Job, Kind, Lease, Payload, Purchase};
use crate::outbox::{FailedAttempt, Failure};
use crate::ports::{
    Answer, Claimed, Clock, Commit, Courses, Enrolments, IdempotencyKeys, Invoices, Mail, Outbox, Random, Repeats,
    Services, Users,
};
use crate::{
    Course, CourseId, Enrolment, EnrolmentId, Error, LookUpError, Money, PaymentStatus, Status, System, Unavailable,
    User, UserId,
};
use chrono::{DateTime, TimeDelta, Utc};
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;
use std::time::Duration;

pub(crate) fn start() -> DateTime<Utc> {
    "2026-06-01T12:00:00Z".parse().unwrap()
}

pub(crate) fn user() -> User {
    User { first_name: "Ann".to_owned(), last_name: "Example".to_owned(), email: "ann@example.com".to_owned() }
}

pub(crate) fn course(price: f64) -> Course {
    Course { name: "Rust".to_owned(), price: Money::from_float(price).unwrap(), ends_at: None }
}

pub(crate) fn purchase() -> Purchase {
    Purchase {
        buyer: user(),
        course_name: "Rust".to_owned(),
        gross: Money::from_float(199.99).unwrap(),
        paid_on: start().date_naive(),
        reference: Some(InvoiceReference(0xabc)),
    }
}

pub(crate) fn enrolment_email() -> Payload {
    Payload::EnrolmentEmail(EnrolmentEmail { recipient: user(), course_name: "Rust".to_owned() })
}

pub(crate) fn lease() -> Lease {
    Lease { token: "mine".to_owned(), until: start() + Lease::LENGTH }
}

pub(crate) fn job(payload: Payload) -> Job {
    Job::new(EnrolmentId::new(1).unwrap(), payload, lease(), start())
}

pub(crate) fn later(whole_system: bool) -> Failure {
    Failure::Later { reason: "later".to_owned(), after: None, whole_system }
}

pub(crate) fn unknown() -> Failure {
    Failure::Unknown { reason: "timeout".to_owned(), after: None, whole_system: false }
}

/// A time-out.
pub(crate) fn silent() -> Failure {
    Failure::Unknown { reason: "timeout".to_owned(), after: None, whole_system: true }
}

pub(crate) fn refused() -> Failure {
    Failure::Refused { reason: "refused".to_owned() }
}

/// A clock that stands until it is moved, and random numbers that count up.
pub(crate) struct Env {
    now: Cell<DateTime<Utc>>,
    random: Cell<u64>,
}

impl Env {
    pub(crate) fn new() -> Self {
        Self { now: Cell::new(start()), random: Cell::new(0) }
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

impl Random for Env {
    fn random(&self) -> u64 {
        self.random.set(self.random.get() + 1);
        self.random.get()
    }
}

/// What a use case asks, of these fakes.
pub(crate) fn services<'a, U>(
    store: &'a FakeStore,
    users: &'a U,
    courses: &'a Directory,
    env: &'a Env,
) -> Services<'a, FakeStore, U, Directory, Env> {
    Services { store, users, courses, env }
}

/// One user and one course, or trouble.
pub(crate) struct Directory {
    pub(crate) user: Result<Option<User>, LookUpError>,
    pub(crate) course: Result<Option<Course>, LookUpError>,
}

impl Directory {
    pub(crate) fn with_price(price: f64) -> Self {
        Self { user: Ok(Some(user())), course: Ok(Some(course(price))) }
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

/// What is answered next; clones have it in common.
type Script<T> = Rc<RefCell<VecDeque<Result<T, Failure>>>>;

/// Answers as scripted, then well; remembers what it was asked.
#[derive(Clone, Default)]
pub(crate) struct FakeInvoices {
    pub(crate) create: Script<Created>,
    pub(crate) find: Script<Vec<Found>>,
    pub(crate) created: Rc<RefCell<Vec<(i64, String)>>>,
    pub(crate) looked_up: Rc<Cell<u32>>,
    /// Of those who waited.
    pub(crate) budgets: Rc<RefCell<Vec<Duration>>>,
}

pub(crate) const URL: &str = "https://account.example/invoice/abc";

impl Invoices for FakeInvoices {
    async fn create(&self, invoice: &Invoice<'_>) -> Result<Created, Failure> {
        self.created.borrow_mut().push((invoice.enrolment_id.get(), invoice.issued_on.to_string()));
        let scripted = self.create.borrow_mut().pop_front();
        scripted.unwrap_or(Ok(Created::Issued { url: Some(URL.to_owned()) }))
    }

    async fn find(&self, _: &Invoice<'_>) -> Result<Vec<Found>, Failure> {
        self.looked_up.set(self.looked_up.get() + 1);
        let scripted = self.find.borrow_mut().pop_front();
        scripted.unwrap_or(Ok(Vec::new()))
    }

    fn within(&self, budget: Duration) -> Self {
        self.budgets.borrow_mut().push(budget);
        self.clone()
    }
}

/// How long [`FakeMail`] recognises a mail.
pub(crate) const RECOGNISED: TimeDelta = TimeDelta::hours(1);

/// Answers as scripted, then well; remembers what it sent.
#[derive(Default)]
pub(crate) struct FakeMail {
    pub(crate) forgetful: bool,
    pub(crate) script: RefCell<VecDeque<Result<(), Failure>>>,
    pub(crate) sent: RefCell<Vec<Email>>,
}

impl Mail for FakeMail {
    fn repeats(&self) -> Repeats {
        if self.forgetful { Repeats::Sent } else { Repeats::Recognised(RECOGNISED) }
    }

    async fn send(&self, email: &Email) -> Result<(), Failure> {
        self.sent.borrow_mut().push(email.clone());
        let scripted = self.script.borrow_mut().pop_front();
        scripted.unwrap_or(Ok(()))
    }
}

/// A row of the outbox in [`FakeStore`].
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) job: Job,
    pub(crate) due_at: DateTime<Utc>,
    pub(crate) leased: bool,
    pub(crate) done: bool,
    pub(crate) failed: Option<FailedAttempt>,
}

impl Row {
    pub(crate) fn dead(&self) -> bool {
        matches!(self.failed, Some(FailedAttempt::GivenUp { .. }))
    }
}

/// A row of the idempotency keys in [`FakeStore`].
#[derive(Clone, Debug)]
pub(crate) struct Key {
    pub(crate) reservation: Reservation,
    pub(crate) fingerprint: Fingerprint,
    pub(crate) since: DateTime<Utc>,
    pub(crate) outcome: Option<Outcome>,
    pub(crate) concluded: bool,
}

/// The tables in memory.
#[derive(Default)]
pub(crate) struct FakeStore {
    pub(crate) enrolments: RefCell<Vec<(Enrolment, Option<DateTime<Utc>>)>>,
    pub(crate) outbox: RefCell<Vec<Row>>,
    pub(crate) keys: RefCell<Vec<Key>>,
    pub(crate) down: Cell<bool>,
    /// Whether user ids are kept in ASCII.
    pub(crate) ascii: Cell<bool>,
    /// Enrolments whose jobs cannot be written as finished.
    pub(crate) unfinishable: RefCell<Vec<i64>>,
    /// Enrolments of whose jobs nothing can be written at all.
    pub(crate) unwritable: RefCell<Vec<i64>>,
}

impl FakeStore {
    pub(crate) fn add(&self, status: Status, payment_status: PaymentStatus) -> EnrolmentId {
        let id = EnrolmentId::new(i64::try_from(self.enrolments.borrow().len()).unwrap() + 1).unwrap();
        let enrolment = Enrolment {
            id,
            user_id: UserId::new(format!("user-{id}")).unwrap(),
            course_id: CourseId::new(7).unwrap(),
            status,
            payment_status,
            invoice_url: None,
        };
        self.enrolments.borrow_mut().push((enrolment, None));
        id
    }

    /// Adds a job that is due now and that nobody holds.
    pub(crate) fn owe(&self, enrolment: i64, payload: Payload) {
        let mut outbox = self.outbox.borrow_mut();
        let job = Job { attempts: 0, ..Job::new(EnrolmentId::new(enrolment).unwrap(), payload, lease(), start()) };
        outbox.push(Row { job, due_at: start(), leased: false, done: false, failed: None });
    }

    pub(crate) fn row(&self, index: usize) -> Row {
        self.outbox.borrow()[index].clone()
    }

    fn check(&self) -> Result<(), Unavailable> {
        if self.down.get() { Err(Unavailable::new(System::Database, "down")) } else { Ok(()) }
    }

    fn check_job(&self, job: &Job, refused: &[&RefCell<Vec<i64>>]) -> Result<(), Unavailable> {
        self.check()?;
        let id = job.enrolment_id.get();
        if refused.iter().any(|list| list.borrow().contains(&id)) {
            return Err(Unavailable::new(System::Database, "value too long"));
        }
        Ok(())
    }

    /// Fails if the reservation was lost.
    fn check_reserved(&self, reservation: Option<&Reservation>) -> Result<(), Unavailable> {
        let keys = self.keys.borrow();
        let held = |reservation: &Reservation| keys.iter().any(|k| k.reservation == *reservation && !k.concluded);
        if reservation.is_none_or(held) { Ok(()) } else { Err(Unavailable::new(System::Database, "taken over")) }
    }

    fn note(&self, commit: &Commit<'_>, enrolment: &Enrolment) {
        let mut keys = self.keys.borrow_mut();
        for key in keys.iter_mut().filter(|key| Some(&key.reservation) == commit.reservation) {
            (key.outcome, key.concluded) = (Some(Ok(enrolment.clone())), commit.answer == Answer::Final);
        }
    }

    fn push(&self, enrolment_id: EnrolmentId, jobs: &[Payload], commit: &Commit<'_>) -> Vec<Job> {
        let Commit { lease, now, .. } = commit;
        let mut outbox = self.outbox.borrow_mut();
        let push = |payload: &Payload| {
            let job = Job::new(enrolment_id, payload.clone(), lease.clone(), *now);
            outbox.push(Row { job: job.clone(), due_at: *now, leased: true, done: false, failed: None });
            job
        };
        jobs.iter().map(push).collect()
    }

    fn held(&self, job: &Job, change: impl FnOnce(&mut Row)) -> bool {
        let mut outbox = self.outbox.borrow_mut();
        let key = |job: &Job| (job.key.clone(), job.lease.token.clone());
        let row = outbox.iter_mut().find(|row| key(&row.job) == key(job));
        row.map(change).is_some()
    }
}

impl Enrolments for FakeStore {
    async fn get(&self, id: EnrolmentId) -> Result<Option<Enrolment>, Unavailable> {
        self.check()?;
        Ok(self.enrolments.borrow().iter().map(|(e, _)| e).find(|e| e.id == id).cloned())
    }

    async fn active(&self, after: i64, limit: u32) -> Result<Vec<Enrolment>, Unavailable> {
        self.check()?;
        let enrolments = self.enrolments.borrow();
        let active = enrolments.iter().map(|(e, _)| e).filter(|e| e.status == Status::Active && e.id.get() > after);
        Ok(active.take(limit as usize).cloned().collect())
    }

    async fn add(&self, addition: &Addition, commit: &Commit<'_>) -> Result<(Enrolment, Vec<Job>), Error> {
        self.check()?;
        self.check_reserved(commit.reservation)?;
        let NewEnrolment { user_id, course_id } = &addition.new;
        if self.ascii.get() && !user_id.as_str().is_ascii() {
            return Err(Error::UserIdNotStorable);
        }
        if self.enrolments.borrow().iter().any(|(e, _)| e.user_id == *user_id && e.course_id == *course_id) {
            return Err(Error::AlreadyEnrolled);
        }
        let id = self.add(Status::Active, PaymentStatus::Pending);
        let mut enrolments = self.enrolments.borrow_mut();
        let (enrolment, ends_at) = enrolments.last_mut().unwrap();
        (enrolment.user_id, enrolment.course_id) = (user_id.clone(), *course_id);
        *ends_at = addition.course_ends_at;
        self.note(commit, enrolment);
        Ok((enrolment.clone(), self.push(id, &addition.jobs, commit)))
    }

    async fn change(
        &self,
        id: EnrolmentId,
        commit: &Commit<'_>,
        transition: impl Fn(&Enrolment) -> Transition,
    ) -> Result<(Enrolment, Vec<Job>), Error> {
        self.check()?;
        self.check_reserved(commit.reservation)?;
        let mut enrolments = self.enrolments.borrow_mut();
        let index = enrolments.iter().position(|(e, _)| e.id == id).ok_or(Error::NotFound)?;
        let change = transition(&enrolments[index].0)?;
        let enrolment = match change.enrolment {
            Some(changed) => {
                enrolments[index].0 = changed.clone();
                changed
            }
            None => enrolments.remove(index).0,
        };
        self.note(commit, &enrolment);
        let withdrawn =
            |row: &Row| row.job.enrolment_id == id && change.withdrawn.contains(&row.job.payload.kind()) && !row.done;
        self.outbox.borrow_mut().retain(|row| !withdrawn(row));
        Ok((enrolment, self.push(id, &change.jobs, commit)))
    }

    async fn complete_ended(
        &self,
        now: DateTime<Utc>,
        limit: u32,
        transition: impl Fn(Enrolment) -> Option<Enrolment>,
    ) -> Result<Vec<Enrolment>, Unavailable> {
        self.check()?;
        let mut completed = Vec::new();
        for (enrolment, ends_at) in self.enrolments.borrow_mut().iter_mut() {
            if completed.len() < limit as usize
                && ends_at.is_some_and(|end| end <= now)
                && let Some(changed) = transition(enrolment.clone())
            {
                *enrolment = changed;
                completed.push(enrolment.clone());
            }
        }
        Ok(completed)
    }
}

impl Outbox for FakeStore {
    async fn claim(
        &self,
        lease: &Lease,
        kinds: &[Kind],
        limit: u32,
        now: DateTime<Utc>,
    ) -> Result<Claimed, Unavailable> {
        self.check()?;
        let mut outbox = self.outbox.borrow_mut();
        let mut due: Vec<_> = outbox
            .iter_mut()
            .filter(|row| !row.done && !row.dead() && row.due_at <= now)
            .filter(|row| !row.leased || row.job.lease.until <= now)
            .filter(|row| kinds.contains(&row.job.payload.kind()))
            .collect();
        due.sort_by_key(|row| row.due_at);
        due.truncate(limit as usize);
        let take = |row: &mut Row| {
            if row.leased {
                row.job.unknown_since.get_or_insert(row.job.lease.until);
            }
            row.leased = true;
            row.job.attempts += 1;
            row.job.due_at = row.due_at;
            row.job.lease = lease.clone();
            row.job.clone()
        };
        let jobs: Vec<_> = due.into_iter().map(take).collect();
        Ok(Claimed { more: jobs.len() == limit as usize, jobs })
    }

    async fn finish(
        &self,
        job: &Job,
        finished: &Finished,
        now: DateTime<Utc>,
    ) -> Result<Option<Vec<Job>>, Unavailable> {
        self.check_job(job, &[&self.unfinishable, &self.unwritable])?;
        if !self.held(job, |row| (row.done, row.leased) = (true, false)) {
            return Ok(None);
        }
        for (enrolment, _) in self.enrolments.borrow_mut().iter_mut().filter(|(e, _)| e.id == job.enrolment_id) {
            if let Some(url) = &finished.invoice_url {
                enrolment.invoice_url = Some(url.clone());
            }
        }
        let commit = Commit { lease: job.lease.clone(), reservation: None, answer: Answer::Final, now };
        Ok(Some(self.push(job.enrolment_id, &finished.jobs, &commit)))
    }

    async fn record_failure(&self, job: &Job, failed: &FailedAttempt, _: DateTime<Utc>) -> Result<(), Unavailable> {
        self.check_job(job, &[&self.unwritable])?;
        self.held(job, |row| {
            row.leased = false;
            row.failed = Some(failed.clone());
            if let FailedAttempt::PutOff { due_at, unknown_since, .. } = failed {
                (row.due_at, row.job.unknown_since) = (*due_at, *unknown_since);
            }
        });
        Ok(())
    }

    async fn release(&self, jobs: &[Job]) -> Result<(), Unavailable> {
        self.check()?;
        for job in jobs {
            self.held(job, |row| {
                row.leased = false;
                row.due_at = job.due_at;
                row.job.attempts -= 1;
            });
        }
        Ok(())
    }
}

impl IdempotencyKeys for FakeStore {
    async fn begin(
        &self,
        key: &IdempotencyKey,
        fingerprint: &Fingerprint,
        token: &str,
        now: DateTime<Utc>,
    ) -> Result<Begun, Unavailable> {
        self.check()?;
        let reservation = Reservation { key: key.clone(), token: token.to_owned() };
        let mut keys = self.keys.borrow_mut();
        let Some(found) = keys.iter_mut().find(|found| found.reservation.key == *key) else {
            let new = Key {
                reservation: reservation.clone(),
                fingerprint: fingerprint.clone(),
                since: now,
                outcome: None,
                concluded: false,
            };
            keys.push(new);
            return Ok(Begun::Reserved(reservation));
        };
        if found.fingerprint != *fingerprint {
            return Ok(Begun::KeyReused);
        }
        if !found.concluded && now < found.since + RESERVED {
            return Ok(Begun::InProgress);
        }
        Ok(match &found.outcome {
            Some(outcome) => {
                found.concluded = true;
                Begun::Answered(Box::new(outcome.clone()))
            }
            None => {
                (found.reservation, found.since) = (reservation.clone(), now);
                Begun::Reserved(reservation)
            }
        })
    }

    async fn conclude(&self, reservation: &Reservation, outcome: &Outcome) -> Result<bool, Unavailable> {
        self.check()?;
        let mut keys = self.keys.borrow_mut();
        let held = keys.iter_mut().find(|key| key.reservation == *reservation && !key.concluded);
        Ok(held.map(|key| (key.outcome, key.concluded) = (Some(outcome.clone()), true)).is_some())
    }

    async fn abandon(&self, reservation: &Reservation) -> Result<(), Unavailable> {
        self.check()?;
        self.keys.borrow_mut().retain(|key| key.reservation != *reservation || key.outcome.is_some());
        Ok(())
    }

    async fn prune(&self, before: DateTime<Utc>) -> Result<(), Unavailable> {
        self.check()?;
        self.keys.borrow_mut().retain(|key| key.since >= before);
        Ok(())
    }
}
