//! The database: erasing a user.

use super::{FakeStore, Row};
use crate::jobs::{Kind, Payload, Target};
use crate::ports::{ErasedJob, Pseudonym};
use crate::ports::{Erasure, OfUser};
use crate::{EnrolmentId, Unavailable, UserId};

/// A page of one enrolment.
fn first(ids: impl Iterator<Item = EnrolmentId>, after: i64) -> OfUser {
    let id = ids.filter(|id| id.get() > after).min();
    OfUser { enrolments: id.into_iter().collect(), next: id.map(EnrolmentId::get) }
}

impl Erasure for FakeStore {
    async fn enrolments_of(&self, user_id: &UserId, after: i64) -> Result<OfUser, Unavailable> {
        self.check()?;
        let enrolments = self.enrolments.borrow();
        let own = enrolments.iter().map(|(record, _)| &record.enrolment).filter(|own| own.user_id == *user_id);
        Ok(first(own.map(|own| own.id), after))
    }

    async fn enrolments_with_events_of(&self, user_id: &UserId, after: i64) -> Result<OfUser, Unavailable> {
        self.check()?;
        let events = self.events.borrow();
        let own = events.iter().map(|event| &event.enrolment).filter(|own| own.user_id == *user_id);
        Ok(first(own.map(|own| own.id), after))
    }

    async fn replace(
        &self,
        pseudonym: &Pseudonym<'_>,
        enrolments: &[EnrolmentId],
        erased: impl Fn(Kind, Option<&Payload>) -> ErasedJob,
    ) -> Result<(), Unavailable> {
        self.check()?;
        let own = |id: &EnrolmentId| enrolments.contains(id);
        for (record, _) in self.enrolments.borrow_mut().iter_mut().filter(|(record, _)| own(&record.enrolment.id)) {
            record.enrolment.user_id.clone_from(&pseudonym.instead);
            record.reason = None;
            if let Some(kept) = self.kept.borrow_mut().get_mut(&record.enrolment.id.get()) {
                kept.user = None;
            }
        }
        for event in self.events.borrow_mut().iter_mut().filter(|event| own(&event.enrolment.id)) {
            event.enrolment.user_id.clone_from(&pseudonym.instead);
        }
        for (_, resolved) in self.resolved.borrow_mut().iter_mut().filter(|(id, _)| own(id)) {
            resolved.note.clear();
        }
        for row in self.outbox.borrow_mut().iter_mut().filter(|row| own(&row.job.enrolment_id) && !row.done) {
            match erased(row.job.payload.kind(), Some(&row.job.payload)) {
                ErasedJob::Unchanged | ErasedJob::Emptied => {}
                ErasedJob::Withdrawn => (row.done, row.leased) = (true, false),
                ErasedJob::Replaced(payload) => take_over(row, *payload, pseudonym),
            }
        }
        Ok(())
    }

    async fn forget_requests_of(&self, _: &UserId) -> Result<bool, Unavailable> {
        self.check()?;
        Ok(false)
    }
}

fn take_over(row: &mut Row, payload: Payload, pseudonym: &Pseudonym<'_>) {
    if row.leased {
        row.leased = false;
        row.due_at = pseudonym.now;
        row.job.lease.token.clear();
        if payload.kind().target() == Target::Invoices {
            row.job.unknown_since.get_or_insert(pseudonym.now);
        }
    }
    row.job.payload = payload;
}
