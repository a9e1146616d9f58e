//! The database: enrolments and documents.

use super::Row;
use super::keys::Key;
use crate::jobs::{Job, JobId, Kind, KsefNumber};
use crate::model::asked::Author;
use crate::model::chain::ChainNo;
use crate::model::event::{Event, EventKind};
use crate::model::filter::{Filter, Listed, Position};
use crate::model::full::{CanceledInFull, FullEnrolment, PaidInFull, RefundInFull};
use crate::model::invoice::{Document, DocumentKind, InvoiceState, IssuedInvoice, newest_invoice};
use crate::model::ksef::Ksef;
use crate::model::language::Language;
use crate::model::mail::{MailKind, TextVersion};
use crate::model::pace::Pace;
use crate::model::payment::ReferredPayment;
use crate::model::reference::PlatformReference;
use crate::model::refund::RecordedRefund;
use crate::model::resolution::StoredResolution;
use crate::model::seats::{Claim, SeenCourse, Waiting};
use crate::model::terms::Account;
use crate::ports::change::{Addition, After, Record, SeatChange, Transition};
use crate::ports::{Billed, Commit, Documents, Enrolments, OwedInvoice, Rebillings, Retention, Schedule, Schedules};
use crate::{CourseId, Enrolment, EnrolmentId, Error, Kept, Money, NewEnrolment, PaymentStatus, Status, System};
use crate::{Unavailable, User, UserId};
use chrono::{DateTime, Utc};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

/// The tables in memory.
#[derive(Default)]
pub(crate) struct FakeStore {
    /// Each with the end of its course.
    pub(crate) enrolments: RefCell<Vec<(Record, Option<DateTime<Utc>>)>>,
    /// What is stored with an enrolment for later jobs, by its id.
    pub(crate) kept: RefCell<BTreeMap<i64, Kept>>,
    pub(crate) documents: RefCell<Vec<(EnrolmentId, Document)>>,
    pub(crate) outbox: RefCell<Vec<Row>>,
    pub(crate) keys: RefCell<Vec<Key>>,
    pub(crate) events: RefCell<Vec<Event>>,
    pub(crate) resolved: RefCell<Vec<(EnrolmentId, StoredResolution)>>,
    pub(crate) down: Cell<bool>,
    /// Whether the replica does not have any row.
    pub(crate) behind: Cell<bool>,
    /// Events up to this id may be pruned.
    pub(crate) removed: Cell<i64>,
    /// Whether documents cannot be read.
    pub(crate) documents_unreadable: Cell<bool>,
    /// Whether user ids are kept in ASCII.
    pub(crate) ascii: Cell<bool>,
    /// Whether a canceled enrolment blocks a new one, as in the table of the Flask service.
    pub(crate) in_the_way: Cell<bool>,
    /// Enrolments whose jobs cannot be written as finished.
    pub(crate) unfinishable: RefCell<Vec<i64>>,
    /// Enrolments whose jobs cannot be written at all.
    pub(crate) unwritable: RefCell<Vec<i64>>,
    /// Whether jobs for events cannot be written.
    pub(crate) events_unwritable: Cell<bool>,
    /// The texts of mails that operators wrote, oldest first.
    pub(crate) texts: RefCell<Vec<((MailKind, Language), TextVersion)>>,
    /// By the name of the pace.
    pub(crate) paces: RefCell<BTreeMap<&'static str, Pace>>,
    /// The runs that ended.
    pub(crate) ended: RefCell<Vec<(Schedule, DateTime<Utc>)>>,
    /// The time limit of the last pruning.
    pub(crate) pruned: Cell<Option<DateTime<Utc>>>,
    pub(crate) payments: RefCell<Vec<(EnrolmentId, ReferredPayment)>>,
    pub(crate) refunds: RefCell<Vec<(EnrolmentId, RecordedRefund)>>,
    /// Courses as they were seen last, by their id.
    pub(super) courses: RefCell<BTreeMap<i64, SeenCourse>>,
    /// Those who wait, oldest first.
    pub(crate) waiting: RefCell<Vec<(Waiting, Option<User>)>>,
    pub(super) last_entry: Cell<i64>,
    last_id: Cell<i64>,
    /// The id of the last event with a job.
    pub(super) last_enqueued: Cell<i64>,
}

impl FakeStore {
    pub(crate) fn add(&self, status: Status, payment_status: PaymentStatus) -> EnrolmentId {
        self.last_id.set(self.last_id.get() + 1);
        let id = super::id(self.last_id.get());
        let enrolment = Enrolment {
            id,
            user_id: UserId::new(format!("user-{id}")).unwrap(),
            course_id: CourseId::new(7).unwrap(),
            status,
            payment_status,
            invoice_url: None,
        };
        let record = Record {
            enrolment,
            paid: None,
            paid_on: None,
            invoices_provider: None,
            refunded_at: None,
            refunded: None,
            chain_end: None,
            canceled: None,
            reason: None,
            pay_until: None,
            lapsed: false,
        };
        self.enrolments.borrow_mut().push((record, None));
        id
    }

    pub(crate) fn record(&self, index: usize) -> Record {
        self.enrolments.borrow()[index].0.clone()
    }

    pub(crate) fn edit(&self, index: usize, edit: impl FnOnce(&mut Record)) {
        edit(&mut self.enrolments.borrow_mut()[index].0);
    }

    /// Writes an event.
    pub(crate) fn happened(
        &self,
        kind: EventKind,
        enrolment: &Enrolment,
        (occurred_at, by): (DateTime<Utc>, Option<&Author>),
    ) {
        let mut events = self.events.borrow_mut();
        let id = i64::try_from(events.len()).unwrap() + 1;
        events.push(Event { id, kind, occurred_at, by: by.cloned(), document: None, enrolment: enrolment.clone() });
    }

    /// An enrolment in full, without the fields that have no use here.
    fn in_full(&self, record: &Record, ends_at: Option<DateTime<Utc>>) -> FullEnrolment {
        let Record { enrolment, paid: amount, paid_on: on, refunded_at, canceled, reason, .. } = record.clone();
        let refund = |at| RefundInFull { amount, at, reference: None };
        let (at, by) = canceled.map_or((None, None), |canceled| (Some(canceled.at), canceled.by));
        FullEnrolment {
            terms: self.kept.borrow().get(&enrolment.id.get()).and_then(|kept| kept.terms.clone()).map(Rc::new),
            paid: (enrolment.payment_status == PaymentStatus::Paid).then(|| {
                let payments = self.payments.borrow();
                let payment = payments.iter().find(|(id, _)| *id == enrolment.id).map(|(_, payment)| payment.clone());
                let (reference, method) = payment.map_or((None, None), |payment| (payment.reference, payment.method));
                PaidInFull { amount, on, reference, method }
            }),
            refunds: refunded_at.into_iter().map(refund).collect(),
            canceled: (enrolment.status == Status::Canceled).then_some(CanceledInFull { at, reason, by }),
            reference: None,
            metadata: None,
            created_at: super::start(),
            updated_at: super::start(),
            ends_at,
            pay_until: record.pay_until,
            lapsed: record.lapsed,
            enrolment,
        }
    }

    pub(super) fn check(&self) -> Result<(), Unavailable> {
        if self.down.get() { Err(Unavailable::new(System::Database, "down")) } else { Ok(()) }
    }

    /// What is stored with an enrolment.
    pub(crate) fn kept_of(&self, id: EnrolmentId) -> Option<Kept> {
        let enrolments = self.enrolments.borrow();
        let (record, _) = enrolments.iter().find(|(record, _)| record.enrolment.id == id)?;
        let kept = self.kept.borrow().get(&id.get()).cloned().unwrap_or_default();
        Some(Kept { pay_until: record.pay_until, lapsed: record.lapsed, ..kept })
    }

    /// Whether a canceled enrolment of the user is in the way.
    fn is_in_the_way(&self, new: &NewEnrolment) -> bool {
        let enrolments = self.enrolments.borrow();
        let mut of_both = enrolments.iter().map(|(record, _)| &record.enrolment);
        self.in_the_way.get() && of_both.any(|e| e.course_id == new.course_id && e.user_id == new.user_id)
    }
}

impl Enrolments for FakeStore {
    async fn get(&self, id: EnrolmentId) -> Result<Option<Enrolment>, Unavailable> {
        self.check()?;
        if self.behind.get() {
            return Ok(None);
        }
        self.get_current(id).await
    }

    async fn payment(
        &self,
        reference: &PlatformReference,
    ) -> Result<Option<(EnrolmentId, ReferredPayment)>, Unavailable> {
        self.check()?;
        let payments = self.payments.borrow();
        Ok(payments.iter().find(|(_, payment)| payment.reference.as_ref() == Some(reference)).cloned())
    }

    async fn refund(
        &self,
        reference: &PlatformReference,
    ) -> Result<Option<(EnrolmentId, RecordedRefund)>, Unavailable> {
        self.check()?;
        let refunds = self.refunds.borrow();
        Ok(refunds.iter().find(|(_, refund)| refund.reference.as_ref() == Some(reference)).cloned())
    }

    async fn get_full(&self, id: EnrolmentId) -> Result<Option<FullEnrolment>, Unavailable> {
        self.check()?;
        let enrolments = self.enrolments.borrow();
        let row = enrolments.iter().find(|(record, _)| record.enrolment.id == id);
        Ok(row.map(|(record, ends_at)| self.in_full(record, *ends_at)))
    }

    async fn get_current(&self, id: EnrolmentId) -> Result<Option<Enrolment>, Unavailable> {
        self.check()?;
        Ok(self.enrolments.borrow().iter().map(|(record, _)| &record.enrolment).find(|e| e.id == id).cloned())
    }

    async fn get_kept(&self, id: EnrolmentId) -> Result<Option<(Enrolment, Kept)>, Unavailable> {
        let enrolment = self.get_current(id).await?;
        Ok(enrolment.zip(self.kept_of(id)))
    }

    async fn active(&self, after: i64, limit: u32) -> Result<Vec<Enrolment>, Unavailable> {
        let filter = Filter { status: Some(Status::Active), ..Filter::default() };
        Ok(self.list(&filter, Position { at: None, id: after }, limit).await?.enrolments)
    }

    async fn list(&self, filter: &Filter, after: Position, limit: u32) -> Result<Listed, Unavailable> {
        self.check()?;
        let enrolments = self.enrolments.borrow();
        let wanted = enrolments.iter().map(|(record, _)| &record.enrolment).filter(|e| e.id.get() > after.id);
        let mut wanted: Vec<_> = wanted.filter(|e| filter.matches(e)).cloned().collect();
        let more = wanted.len() > limit as usize;
        wanted.truncate(limit as usize);
        let next = wanted.last().filter(|_| more).map(|last| Position { at: None, id: last.id.get() });
        Ok(Listed { enrolments: wanted, next })
    }

    async fn list_full(
        &self,
        filter: &Filter,
        after: Position,
        limit: u32,
    ) -> Result<Listed<FullEnrolment>, Unavailable> {
        let Listed { enrolments, next } = self.list(filter, after, limit).await?;
        let mut full = Vec::new();
        for enrolment in enrolments {
            full.extend(self.get_full(enrolment.id).await?);
        }
        Ok(Listed { enrolments: full, next })
    }

    async fn add(&self, addition: &Addition, commit: &Commit<'_>) -> Result<(Enrolment, Vec<Job>), Error> {
        self.check()?;
        self.check_reserved(commit.reservation)?;
        let NewEnrolment { user_id, course_id, user, .. } = &addition.new;
        if self.ascii.get() && !user_id.as_str().is_ascii() {
            return Err(Error::UserIdNotStorable);
        }
        if addition.pay_until.is_some() && self.in_the_way.get() {
            return Err(Error::NotYet);
        }
        let enrolled = self.is_enrolled(user_id, *course_id);
        let standing = self.see(*course_id, &addition.course, commit.now);
        standing.seats_for(Claim::Enrol, commit.now).map_err(|none| match enrolled {
            true => Error::AlreadyEnrolled,
            false => none,
        })?;
        if enrolled {
            return Err(Error::AlreadyEnrolled);
        }
        if self.is_in_the_way(&addition.new) {
            return Err(Error::CanceledInTheWay);
        }
        let id = self.add(Status::Active, PaymentStatus::Pending);
        let mut enrolments = self.enrolments.borrow_mut();
        let (Record { enrolment, pay_until, .. }, ends_at) = enrolments.last_mut().unwrap();
        (enrolment.user_id, enrolment.course_id) = (user_id.clone(), *course_id);
        (*ends_at, *pay_until) = (addition.course.terms.ends_at, addition.pay_until);
        let kept = Kept { user: user.clone(), terms: Some(addition.course.terms.clone()), ..Kept::default() };
        self.kept.borrow_mut().insert(id.get(), kept);
        self.answer(commit, enrolment);
        self.happened(EventKind::Created, enrolment, (commit.now, commit.by));
        if let Some(later) = addition.later.clone() {
            self.push_later(id, later, commit.now);
        }
        Ok((enrolment.clone(), self.push((id, None), &addition.jobs, &commit.lease, commit.now)))
    }

    async fn change(
        &self,
        id: EnrolmentId,
        commit: &Commit<'_>,
        transition: impl Fn(&Record) -> Transition,
    ) -> Result<(Enrolment, Vec<Job>), Error> {
        self.check()?;
        self.check_reserved(commit.reservation)?;
        let enrolments = self.enrolments.borrow();
        let index = enrolments.iter().position(|(record, _)| record.enrolment.id == id).ok_or(Error::NotFound)?;
        let before = enrolments[index].0.clone();
        let change = transition(&before)?;
        let seat = change.seat(&before);
        drop(enrolments);
        if seat == SeatChange::Taken {
            assert_eq!(commit.course, Some(before.enrolment.course_id), "the course is not locked");
            if self.is_enrolled(&before.enrolment.user_id, before.enrolment.course_id) {
                return Err(Error::AlreadyEnrolled);
            }
            self.standing(before.enrolment.course_id).seats_for(Claim::LatePayment, commit.now)?;
        }
        let mut enrolments = self.enrolments.borrow_mut();
        if let Some((JobId(place), payload)) = change.replaced {
            let row = &mut self.outbox.borrow_mut()[usize::try_from(place).unwrap() - 1];
            (row.job.payload, row.job.attempts, row.due_at, row.failed) = (payload, 0, commit.now, None);
        }
        if let Some(payment) = change.payment {
            let mut payments = self.payments.borrow_mut();
            let taken =
                payments.iter().find(|(_, other)| other.reference.is_some() && other.reference == payment.reference);
            if let Some((id, _)) = taken {
                return Err(Error::PaymentRecorded(*id));
            }
            payments.push((id, payment));
        }
        if let Some(refund) = change.refund {
            let mut refunds = self.refunds.borrow_mut();
            let taken =
                refunds.iter().find(|(_, other)| other.reference.is_some() && other.reference == refund.reference);
            if let Some((id, _)) = taken {
                return Err(Error::RefundRecorded(*id));
            }
            refunds.push((id, refund));
        }
        let enrolment = match change.after {
            After::Same => enrolments[index].0.enrolment.clone(),
            After::Changed(changed) => {
                enrolments[index].0 = changed;
                enrolments[index].0.enrolment.clone()
            }
            After::Deleted => {
                self.kept.borrow_mut().remove(&id.get());
                enrolments.remove(index).0.enrolment
            }
        };
        self.answer(commit, &enrolment);
        if let Some(event) = change.event {
            self.happened(event, &enrolment, (commit.now, commit.by));
        }
        let withdrawn =
            |row: &Row| row.job.enrolment_id == id && change.withdrawn.contains(&row.job.payload.kind()) && !row.done;
        self.outbox.borrow_mut().retain(|row| !withdrawn(row));
        drop(enrolments);
        if let Some(later) = change.later {
            self.push_later(id, later, commit.now);
        }
        if seat == SeatChange::Freed {
            assert_eq!(commit.course, Some(before.enrolment.course_id), "the course is not locked");
            self.offer_free(before.enrolment.course_id, commit.now);
        }
        Ok((enrolment, self.push((id, change.place), &change.jobs, &commit.lease, commit.now)))
    }

    async fn complete_ended(
        &self,
        now: DateTime<Utc>,
        by: Option<&Author>,
        limit: u32,
        transition: impl Fn(Enrolment) -> Option<Enrolment>,
    ) -> Result<Vec<Enrolment>, Unavailable> {
        self.check()?;
        let mut completed = Vec::new();
        for (Record { enrolment, .. }, ends_at) in self.enrolments.borrow_mut().iter_mut() {
            if completed.len() < limit as usize
                && ends_at.is_some_and(|end| end <= now)
                && let Some(changed) = transition(enrolment.clone())
            {
                *enrolment = changed;
                self.happened(EventKind::Completed, enrolment, (now, by));
                completed.push(enrolment.clone());
            }
        }
        Ok(completed)
    }
}

impl Documents for FakeStore {
    async fn documents(&self, id: EnrolmentId) -> Result<Vec<Document>, Unavailable> {
        self.check()?;
        if self.documents_unreadable.get() {
            return Err(Unavailable::new(System::Database, "no such table"));
        }
        let documents = self.documents.borrow();
        Ok(documents.iter().filter(|(of, _)| *of == id).map(|(_, document)| document.clone()).collect())
    }

    async fn invoice_state(&self, id: EnrolmentId, place: ChainNo) -> Result<InvoiceState, Unavailable> {
        let documents = self.documents(id).await?;
        let is_document = |row: &Row| row.job.payload.kind().document().is_some();
        let is_earlier = |row: &Row| row.job.enrolment_id == id && row.job.key.chain_no() < place;
        if self.outbox.borrow().iter().any(|row| is_document(row) && is_earlier(row) && !row.done) {
            return Ok(InvoiceState::NotIssued);
        }
        if let Some(invoice) = newest_invoice(documents, place) {
            let outbox = self.outbox.borrow();
            let is_number = |row: &&Row| row.job.payload.kind() == Kind::KsefNumber && row.job.enrolment_id == id;
            let number = outbox.iter().filter(is_number).find(|row| row.job.key.chain_no() == invoice.chain_no);
            return Ok(match number {
                Some(row) if row.dead() => InvoiceState::NotAccepted,
                Some(row) if !row.done => InvoiceState::NotNumbered,
                _ => identified(invoice).map_or(InvoiceState::Unidentified, InvoiceState::Issued),
            });
        }
        let linked = self.get(id).await?.is_some_and(|enrolment| enrolment.invoice_url.is_some());
        let outbox = self.outbox.borrow();
        let mut jobs = outbox.iter().filter(|row| row.job.enrolment_id == id);
        Ok(if !linked && jobs.any(|row| row.job.payload.kind() == Kind::PaymentEmail) {
            InvoiceState::None
        } else {
            InvoiceState::Unidentified
        })
    }

    async fn set_ksef(&self, id: EnrolmentId, number: &KsefNumber, ksef: &Ksef) -> Result<(), Unavailable> {
        self.documents(id).await?;
        let mut documents = self.documents.borrow_mut();
        let own = documents.iter_mut().filter(|(of, own)| *of == id && own.kind == number.document);
        own.for_each(|(_, own)| own.ksef = Some(ksef.clone()));
        Ok(())
    }
}

impl Retention for FakeStore {
    async fn prune_before(&self, before: DateTime<Utc>) -> Result<(), Unavailable> {
        self.check()?;
        self.pruned.set(Some(before));
        Ok(())
    }
}

impl Schedules for FakeStore {
    async fn run_ended(&self, schedule: Schedule, now: DateTime<Utc>) -> Result<(), Unavailable> {
        self.check()?;
        self.ended.borrow_mut().push((schedule, now));
        Ok(())
    }
}

/// The invoice, if it has all fields that its correction needs.
fn identified(invoice: Document) -> Option<IssuedInvoice> {
    let gross = Money::from_hundredths(invoice.gross?.0)?;
    Some(IssuedInvoice {
        vendor_id: invoice.vendor_id?,
        gross,
        currency: invoice.currency?,
        tax: invoice.tax,
        account: invoice.url.as_deref().and_then(Account::of_page),
        issued_on: invoice.issued_on,
        ksef_number: invoice.ksef.and_then(|ksef| ksef.number),
    })
}

impl Rebillings for FakeStore {
    async fn rebill(
        &self,
        id: EnrolmentId,
        commit: &Commit<'_>,
        transition: impl Fn(&Record, &Billed) -> Transition,
    ) -> Result<(Enrolment, Vec<Job>), Error> {
        let documents = self.documents(id).await?;
        let is_owed = |row: &Row| {
            let kind = row.job.payload.kind();
            row.job.enrolment_id == id && !row.done && kind.document() == Some(DocumentKind::Invoice)
        };
        let outbox = self.outbox.borrow().clone();
        let owed = outbox.iter().enumerate().rfind(|(_, row)| is_owed(row)).map(|(place, row)| OwedInvoice {
            id: JobId(i64::try_from(place).unwrap() + 1),
            payload: Some(row.job.payload.clone()),
            may_exist: row.leased || row.job.unknown_since.is_some(),
        });
        let billed = Billed::new(owed, documents);
        self.change(id, commit, |record| transition(record, &billed)).await
    }
}
