//! The outbox.

use super::{FakeStore, id, lease, start};
use crate::jobs::outbox::FailedAttempt;
use crate::jobs::{Finished, Job, Kind, Lease, ManualDocument, Payload, Released, Target};
use crate::model::chain::ChainNo;
use crate::model::invoice::{Document, DocumentKind};
use crate::model::pace::Pace;
use crate::model::reason::FailureReason;
use crate::ports::{Claimed, Outbox, Paces};
use crate::{EnrolmentId, System, Unavailable};
use chrono::{DateTime, Utc};
use std::cell::RefCell;

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

    /// Why the last attempt failed.
    pub(crate) fn reason(&self) -> Option<&FailureReason> {
        self.failed.as_ref().map(|failed| match failed {
            FailedAttempt::PutOff { reason, .. }
            | FailedAttempt::Snoozed { reason, .. }
            | FailedAttempt::GivenUp { reason } => reason,
        })
    }
}

impl FakeStore {
    /// Adds a job that is due now and has no lease.
    pub(crate) fn enqueue(&self, enrolment: i64, payload: Payload) {
        let job = Job { attempts: 0, ..Job::new(id(enrolment), None, payload, lease(), start()) };
        self.insert(Row { job, due_at: start(), leased: false, done: false, failed: None });
    }

    pub(crate) fn row(&self, index: usize) -> Row {
        self.outbox.borrow()[index].clone()
    }

    /// The enrolments and kinds of all jobs, also of those that are done.
    pub(crate) fn jobs(&self) -> Vec<(i64, Kind)> {
        self.outbox.borrow().iter().map(|row| (row.job.enrolment_id.get(), row.job.payload.kind())).collect()
    }

    pub(crate) fn push(
        &self,
        (enrolment_id, place): (EnrolmentId, Option<ChainNo>),
        jobs: &[Payload],
        lease: &Lease,
        now: DateTime<Utc>,
    ) -> Vec<Job> {
        let places = std::iter::successors(place, |place| Some(place.next())).map(Some);
        let push = |(payload, place): (&Payload, Option<ChainNo>)| {
            let job = Job::new(enrolment_id, place, payload.clone(), lease.clone(), now);
            self.insert(Row { job: job.clone(), due_at: now, leased: true, done: false, failed: None });
            job
        };
        jobs.iter().zip(places.chain(std::iter::repeat(None))).map(push).collect()
    }

    pub(super) fn insert(&self, row: Row) {
        let mut outbox = self.outbox.borrow_mut();
        assert!(outbox.iter().all(|other| other.job.key != row.job.key), "{:?} has two jobs", row.job.key);
        outbox.push(row);
    }

    fn check_job(&self, job: &Job, refused: &[&RefCell<Vec<i64>>]) -> Result<(), Unavailable> {
        self.check()?;
        let id = job.enrolment_id.get();
        if refused.iter().any(|list| list.borrow().contains(&id)) {
            return Err(Unavailable::new(System::Database, "value too long"));
        }
        Ok(())
    }

    /// Writes the event of a document, and the page of an invoice to its enrolment.
    fn publish(
        &self,
        id: EnrolmentId,
        (kind, place): (DocumentKind, ChainNo),
        url: Option<&String>,
        now: DateTime<Utc>,
    ) {
        let mut enrolments = self.enrolments.borrow_mut();
        let own = enrolments.iter_mut().map(|(record, _)| &mut record.enrolment).find(|own| own.id == id);
        let Some(enrolment) = own else { return };
        if kind == DocumentKind::Invoice && url.is_some() {
            enrolment.invoice_url = url.cloned();
        }
        self.happened(kind.event(), enrolment, (now, None));
        self.events.borrow_mut().last_mut().unwrap().document = Some(place);
    }

    fn held(&self, job: &Job, change: impl FnOnce(&mut Row)) -> bool {
        let mut outbox = self.outbox.borrow_mut();
        let key = |job: &Job| (job.key.clone(), job.lease.token.clone());
        let row = outbox.iter_mut().find(|row| key(&row.job) == key(job));
        row.map(change).is_some()
    }
}

fn release(kept: &mut Document, Released { vendor_id, url, replaced_by, .. }: &Released) {
    assert_eq!(kept.vendor_id, Some(*vendor_id));
    kept.url.clone_from(url);
    if let Some(ManualDocument { number }) = replaced_by {
        *kept = Document { vendor_id: None, number: number.clone(), issued_on: None, ksef: None, ..kept.clone() };
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
        if let Some(document) = finished.document.as_ref().or(finished.kept.as_ref()) {
            self.documents.borrow_mut().push((job.enrolment_id, document.clone()));
        }
        if let Some(document) = &finished.document {
            self.publish(job.enrolment_id, (document.kind, document.chain_no), document.url.as_ref(), now);
        }
        if let Some(released) = &finished.released {
            let mut documents = self.documents.borrow_mut();
            let kept =
                documents.iter_mut().filter(|(of, kept)| *of == job.enrolment_id && kept.chain_no == released.chain_no);
            kept.for_each(|(_, kept)| release(kept, released));
            self.publish(job.enrolment_id, (released.kind, released.chain_no), released.url.as_ref(), now);
        }
        let place = Some(job.key.chain_no());
        for payload in &finished.later {
            let job = Job { attempts: 0, ..Job::new(job.enrolment_id, place, payload.clone(), job.lease.clone(), now) };
            self.insert(Row { job, due_at: now + Finished::LATER, leased: false, done: false, failed: None });
        }
        Ok(Some(self.push((job.enrolment_id, place), &finished.jobs, &job.lease, now)))
    }

    async fn record_failure(&self, job: &Job, failed: &FailedAttempt, _: DateTime<Utc>) -> Result<(), Unavailable> {
        self.check_job(job, &[&self.unwritable])?;
        self.held(job, |row| {
            row.leased = false;
            row.failed = Some(failed.clone());
            match failed {
                FailedAttempt::PutOff { due_at, unknown_since, .. } => {
                    (row.due_at, row.job.unknown_since) = (*due_at, *unknown_since);
                }
                FailedAttempt::Snoozed { due_at, .. } => {
                    row.due_at = *due_at;
                    row.job.attempts -= 1;
                }
                FailedAttempt::GivenUp { .. } => {}
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

impl Paces for FakeStore {
    async fn pace(&self, system: Target, now: DateTime<Utc>) -> Result<(Pace, DateTime<Utc>), Unavailable> {
        self.check()?;
        Ok((self.paces.borrow().get(system.pace_name()).cloned().unwrap_or_default(), now))
    }

    async fn change_pace<T>(
        &self,
        system: Target,
        now: DateTime<Utc>,
        change: impl Fn(&mut Pace, DateTime<Utc>) -> T,
    ) -> Result<T, Unavailable> {
        self.check()?;
        Ok(change(self.paces.borrow_mut().entry(system.pace_name()).or_default(), now))
    }
}
