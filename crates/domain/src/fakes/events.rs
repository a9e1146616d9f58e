//! The database: events and their jobs.

use super::{FakeStore, Row, lease};
use crate::jobs::outbox::State;
use crate::jobs::{Job, Kind, Notification, Payload};
use crate::model::event::{Event, EventPage, Feed};
use crate::model::reason::ReasonCode;
use crate::ports::{EventQueue, Events, Webhook};
use crate::{EnrolmentId, System, Unavailable};
use chrono::{DateTime, Utc};

impl Events for FakeStore {
    async fn feed(&self, after: Option<i64>, limit: u32) -> Result<Feed, Unavailable> {
        self.check()?;
        let (events, removed) = (self.events.borrow(), self.removed.get());
        let from = after.unwrap_or(removed);
        let newest = events.last().map_or(0, |event| event.id);
        let page: Vec<_> = events.iter().filter(|event| event.id > from).take(limit as usize).cloned().collect();
        let next = page.last().map_or(from, |event| event.id);
        Ok(Feed { page: EventPage { events: page, next, more: next < newest }, removed, newest })
    }

    async fn history(&self, id: EnrolmentId) -> Result<Vec<Event>, Unavailable> {
        self.check()?;
        Ok(self.events.borrow().iter().filter(|event| event.enrolment.id == id).cloned().collect())
    }
}

impl EventQueue for FakeStore {
    async fn enqueue_events(&self, listening: bool, now: DateTime<Utc>) -> Result<(), Unavailable> {
        self.check()?;
        if self.events_unwritable.get() {
            return Err(Unavailable::new(System::Database, "duplicate key"));
        }
        let events = self.events.borrow().clone();
        for event in events.iter().filter(|event| event.id > self.last_enqueued.get()) {
            self.push_notice(event, now);
            if listening {
                let payload = Payload::Event(Notification { event_id: event.id });
                let job = Job { attempts: 0, ..Job::new(event.enrolment.id, None, payload, lease(), now) };
                self.insert(Row { job, due_at: now, leased: false, done: false, failed: None });
            }
        }
        self.last_enqueued.set(events.last().map_or(0, |event| event.id));
        Ok(())
    }

    async fn is_receiver_gone(&self) -> Result<bool, Unavailable> {
        self.check()?;
        let gone = |row: &Row| {
            row.job.payload.kind() == Kind::Event
                && row.dead()
                && row.reason().is_some_and(|reason| reason.code == ReasonCode::ReceiverGone)
        };
        Ok(self.outbox.borrow().iter().any(gone))
    }

    async fn webhook(&self, id: i64) -> Result<Option<Webhook>, Unavailable> {
        self.check()?;
        let event = self.events.borrow().iter().find(|event| event.id == id).cloned();
        Ok(event.map(|event| Webhook { event, document: None }))
    }

    async fn earlier_undelivered(&self, id: EnrolmentId, event_id: i64) -> Result<Option<State>, Unavailable> {
        self.check()?;
        let earlier = |row: &Row| match row.job.payload {
            Payload::Event(Notification { event_id: other }) => {
                row.job.enrolment_id == id && other < event_id && !row.done
            }
            _ => false,
        };
        let outbox = self.outbox.borrow();
        let earlier: Vec<_> = outbox.iter().filter(|row| earlier(row)).collect();
        let state = if earlier.iter().any(|row| row.dead()) { State::Dead } else { State::Due };
        Ok((!earlier.is_empty()).then_some(state))
    }

    async fn wake_next_event(&self, id: EnrolmentId, now: DateTime<Utc>) -> Result<(), Unavailable> {
        self.check()?;
        let is_waiting = |row: &&mut Row| {
            row.job.enrolment_id == id && row.job.payload.kind() == Kind::Event && !row.leased && row.due_at > now
        };
        self.outbox.borrow_mut().iter_mut().filter(is_waiting).for_each(|row| row.due_at = now);
        Ok(())
    }
}
