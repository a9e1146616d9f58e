//! The database: retries and resolutions.

use super::{FakeStore, Row};
use crate::jobs::outbox::{DeadJobs, FailedAttempt, JobSummary, RetryResult, State};
use crate::jobs::{Finished, Job, JobId};
use crate::model::asked::Author;
use crate::model::invoice::newest_invoice;
use crate::model::resolution::StoredResolution;
use crate::ports::{Documents as _, Outbox as _, Resolutions};
use crate::ports::{JobToResolve, JobToRetry, NewResolution, ResolveError, Retries, Retry};
use crate::{EnrolmentId, Unavailable};

fn state(row: &Row) -> State {
    match row {
        Row { done: true, .. } => State::Done,
        row if row.dead() => State::Dead,
        Row { job: Job { unknown_since: Some(_), .. }, .. } => State::Unknown,
        _ => State::Due,
    }
}

fn summary(id: JobId, row: &Row) -> JobSummary {
    JobSummary {
        id,
        enrolment_id: row.job.enrolment_id,
        kind: row.job.payload.kind().word().to_owned(),
        state: state(row),
        attempts: row.job.attempts,
        due_at: None,
        reason: None,
        created_at: row.job.created_at,
    }
}

impl Retries for FakeStore {
    async fn retry(&self, id: JobId, decide: impl Fn(&JobToRetry) -> Retry) -> Result<RetryResult, Unavailable> {
        self.check()?;
        let place = usize::try_from(id.0).unwrap() - 1;
        let Some(row) = self.outbox.borrow().get(place).cloned() else { return Ok(RetryResult::NotFound) };
        let (kind, held) = (Some(row.job.payload.kind()), row.leased);
        let retry = decide(&JobToRetry { kind, state: state(&row), taken: held, held });
        if let Retry::Due { stays_unknown } = retry {
            let row = &mut self.outbox.borrow_mut()[place];
            (row.failed, row.job.attempts) = (None, 0);
            row.job.unknown_since = row.job.unknown_since.filter(|_| stays_unknown);
        }
        Ok(retry.result(summary(id, &self.row(place))))
    }

    async fn retry_dead(&self, jobs: &DeadJobs, stay_unknown: bool) -> Result<u64, Unavailable> {
        self.check()?;
        let mut number = 0;
        for row in self.outbox.borrow_mut().iter_mut().filter(|row| row.job.payload.kind() == jobs.kind) {
            let Some(FailedAttempt::GivenUp { reason }) = &row.failed else { continue };
            if jobs.reason.is_none_or(|wanted| wanted == reason.code) {
                (row.failed, row.job.attempts) = (None, 0);
                row.job.unknown_since = row.job.unknown_since.filter(|_| stay_unknown);
                number += 1;
            }
        }
        Ok(number)
    }
}

/// A job's id is its position, from 1.
impl Resolutions for FakeStore {
    async fn resolve(
        &self,
        id: JobId,
        new: &NewResolution<'_>,
        decide: impl Fn(&JobToResolve) -> Result<Finished, ResolveError>,
    ) -> Result<(JobSummary, Vec<Job>), ResolveError> {
        self.check()?;
        let place = usize::try_from(id.0).unwrap() - 1;
        let row = self.outbox.borrow().get(place).cloned().ok_or(ResolveError::NotFound)?;
        let of_enrolment = self.documents(row.job.enrolment_id).await?;
        let enrolments = self.enrolments.borrow().clone();
        let record = enrolments.iter().map(|(record, _)| record).find(|r| r.enrolment.id == row.job.enrolment_id);
        let to_resolve = JobToResolve {
            kind: Some(row.job.payload.kind()),
            payload: Some(row.job.payload.clone()),
            chain_no: row.job.key.chain_no(),
            state: state(&row),
            held_until: row.leased.then_some(row.job.lease.until),
            invoice: newest_invoice(of_enrolment, row.job.key.chain_no()),
            paid: record.and_then(|record| record.paid),
            user_id: record.map(|record| record.enrolment.user_id.clone()),
        };
        let finished = decide(&to_resolve)?;
        let job = Job { lease: new.lease.clone(), ..row.job };
        self.outbox.borrow_mut()[place].job = job.clone();
        let following = self.finish(&job, &finished, new.now).await?.unwrap();
        let resolved = StoredResolution {
            kind: job.payload.kind().word().to_owned(),
            note: to_resolve.kept_note(new.resolution).to_owned(),
            settled_by: new.settled_by.map(|Author(name)| name.clone()),
            settled_at: new.now,
        };
        self.resolved.borrow_mut().push((job.enrolment_id, resolved));
        let summary = summary(id, &self.row(place));
        Ok((summary, following))
    }

    async fn resolutions(&self, id: EnrolmentId) -> Result<Vec<StoredResolution>, Unavailable> {
        self.check()?;
        Ok(self.resolved.borrow().iter().filter(|(of, _)| *of == id).map(|(_, resolved)| resolved.clone()).collect())
    }
}
