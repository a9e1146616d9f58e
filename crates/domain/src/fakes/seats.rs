//! The database: seats of courses, and waiting lists.

use super::Row;
use super::store::FakeStore;
use crate::jobs::{Job, Notice, Payload, Topic};
use crate::model::asked::Author;
use crate::model::event::{Event, EventKind};
use crate::model::seats::{Claim, HoldTimes, NewWaiting, SeatCount, SeenCourse, Standing, Waiting};
use crate::ports::change::{Cancellation, Later, Record};
use crate::ports::{Commit, Move, Moved, Seats, Settled, WaitingFilter};
use crate::{CourseId, Enrolment, Error, Kept, PaymentStatus, Status, Unavailable, User, UserId};
use chrono::{DateTime, TimeDelta, Utc};
use std::time::Duration;

/// Seats are held without an end, and offers for two days.
pub(crate) const HOLD_TIMES: HoldTimes =
    HoldTimes { seats: None, offers: Duration::from_secs(2 * 24 * 60 * 60), remind_before: None };

impl FakeStore {
    /// How the seats of a course stand by what was seen last.
    pub(super) fn standing(&self, course: CourseId) -> Standing {
        let enrolments = self.enrolments.borrow();
        let taken = enrolments.iter().map(|(record, _)| &record.enrolment);
        let taken = taken.filter(|e| e.course_id == course && e.status != Status::Canceled).count();
        let (seen, waiting) = (self.courses.borrow(), self.waiting.borrow());
        let seen = seen.get(&course.get());
        Standing {
            limit: seen.and_then(|seen| seen.limit),
            taken: u32::try_from(taken).unwrap(),
            waited_for: waiting.iter().any(|(entry, _)| entry.course_id == course),
            window: seen.map(|seen| seen.window.clone()).unwrap_or_default(),
        }
    }

    /// Stores a course as it is seen, and offers the seats that it has more.
    pub(super) fn see(&self, course: CourseId, seen: &SeenCourse, now: DateTime<Utc>) -> Standing {
        self.courses.borrow_mut().insert(course.get(), seen.clone());
        self.offer_free(course, now);
        self.standing(course)
    }

    /// Whether a user has an enrolment in a course that is not canceled.
    pub(super) fn is_enrolled(&self, user: &UserId, course: CourseId) -> bool {
        let enrolments = self.enrolments.borrow();
        enrolments
            .iter()
            .map(|(record, _)| &record.enrolment)
            .any(|e| e.user_id == *user && e.course_id == course && e.status != Status::Canceled)
    }

    /// Offers the free seats of a course.
    pub(super) fn offer_free(&self, course: CourseId, now: DateTime<Utc>) -> u32 {
        let mut offered = 0;
        let Some(seen) = self.courses.borrow().get(&course.get()).cloned() else { return 0 };
        while self.standing(course).seats_for(Claim::Offer, now).is_ok() {
            let place = self.waiting.borrow().iter().position(|(entry, _)| entry.course_id == course);
            let Some(place) = place else { break };
            let (Waiting { user_id, .. }, user) = self.waiting.borrow_mut().remove(place);
            let id = self.add(Status::Active, PaymentStatus::Pending);
            let pay_until = HOLD_TIMES.of_offer(&seen.terms, now);
            let mut enrolments = self.enrolments.borrow_mut();
            let (record, ends_at) = enrolments.last_mut().unwrap();
            (record.enrolment.user_id, record.enrolment.course_id) = (user_id, course);
            (record.pay_until, *ends_at) = (pay_until, seen.terms.ends_at);
            let kept = Kept { user, terms: Some(seen.terms.clone()), pay_until, lapsed: false };
            self.kept.borrow_mut().insert(id.get(), kept);
            if pay_until.is_some() {
                self.happened(EventKind::Offered, &record.enrolment, (now, None));
            } else {
                self.happened(EventKind::Created, &record.enrolment, (now, None));
                self.push_later(id, (Payload::Notice(Notice::new(Topic::Enrolment, None)), TimeDelta::zero()), now);
            }
            offered += 1;
        }
        offered
    }

    /// The mail that follows from an event, unless the enrolment is deleted.
    pub(super) fn push_notice(&self, event: &Event, now: DateTime<Utc>) {
        let id = event.enrolment.id;
        let pay_until = match self.enrolments.borrow().iter().find(|(record, _)| record.enrolment.id == id) {
            Some((record, _)) => record.pay_until,
            None => return,
        };
        let notice = match event.kind {
            EventKind::Lapsed => Notice::new(Topic::Lapse, None),
            EventKind::Offered => Notice::new(Topic::Offer, pay_until),
            _ => return,
        };
        self.push_later(id, (Payload::Notice(notice), TimeDelta::zero()), now);
    }

    /// Adds a job without a lease.
    pub(super) fn push_later(&self, id: crate::EnrolmentId, (payload, after): Later, now: DateTime<Utc>) {
        let job = Job::new(id, None, payload, super::lease(), now);
        self.insert(Row { job, due_at: now + after, leased: false, done: false, failed: None });
    }

    fn entry(&self, place: usize) -> Waiting {
        let waiting = self.waiting.borrow();
        let entry = &waiting[place].0;
        let before = waiting[..=place].iter().filter(|(other, _)| other.course_id == entry.course_id).count();
        Waiting { position: i64::try_from(before).unwrap(), ..entry.clone() }
    }
}

impl Seats for FakeStore {
    async fn seats(&self, course: CourseId) -> Result<SeatCount, Unavailable> {
        self.check()?;
        let Standing { limit, taken, .. } = self.standing(course);
        let enrolments = self.enrolments.borrow();
        let held = enrolments.iter().filter(|(record, _)| record.enrolment.course_id == course && is_held(record));
        let waiting = self.waiting.borrow();
        let waiting = waiting.iter().filter(|(entry, _)| entry.course_id == course);
        let (held, waiting) = (i64::try_from(held.count()).unwrap(), i64::try_from(waiting.count()).unwrap());
        Ok(SeatCount { limit, taken: taken.into(), held, waiting })
    }

    async fn wait(&self, new: &NewWaiting, seen: &SeenCourse, now: DateTime<Utc>) -> Result<(Waiting, bool), Error> {
        self.check()?;
        let NewWaiting { user_id, user, course_id } = new;
        let standing = self.see(*course_id, seen, now);
        if self.is_enrolled(user_id, *course_id) {
            return Err(Error::AlreadyEnrolled);
        }
        let own = |(entry, _): &(Waiting, Option<User>)| entry.user_id == *user_id && entry.course_id == *course_id;
        let place = self.waiting.borrow().iter().position(own);
        if let Some(place) = place {
            return Ok((self.entry(place), false));
        }
        match standing.seats_for(Claim::Enrol, now) {
            Err(Error::CourseFull) => {}
            Err(closed) => return Err(closed),
            Ok(_) => return Err(Error::SeatFree),
        }
        self.last_entry.set(self.last_entry.get() + 1);
        let (id, user_id) = (self.last_entry.get(), user_id.clone());
        let entry = Waiting { id, course_id: *course_id, user_id, position: 0, since: now };
        self.waiting.borrow_mut().push((entry, user.clone()));
        let last = self.waiting.borrow().len() - 1;
        Ok((self.entry(last), true))
    }

    async fn waiting(&self, filter: &WaitingFilter, after: i64, limit: u32) -> Result<Vec<Waiting>, Unavailable> {
        self.check()?;
        let number = self.waiting.borrow().len();
        let wanted = (0..number).map(|place| self.entry(place)).filter(|entry| match filter {
            WaitingFilter::OfCourse(course) => entry.course_id == *course,
            WaitingFilter::OfUser(user) => entry.user_id == *user,
            WaitingFilter::OfBoth(user, course) => entry.user_id == *user && entry.course_id == *course,
        });
        Ok(wanted.filter(|entry| entry.id > after).take(limit as usize).collect())
    }

    async fn leave(&self, id: i64) -> Result<bool, Unavailable> {
        self.check()?;
        let before = self.waiting.borrow().len();
        self.waiting.borrow_mut().retain(|(entry, _)| entry.id != id);
        Ok(self.waiting.borrow().len() < before)
    }

    async fn lapse(&self, now: DateTime<Utc>, by: Option<&Author>, limit: u32) -> Result<Settled, Unavailable> {
        self.check()?;
        let (mut lapsed, mut courses) = (0, Vec::new());
        for (record, _) in self.enrolments.borrow_mut().iter_mut() {
            if is_over(record, now) && lapsed < limit {
                record.enrolment.status = Status::Canceled;
                (record.lapsed, record.canceled) = (true, Some(Cancellation { at: now, by: None }));
                self.happened(EventKind::Lapsed, &record.enrolment, (now, by));
                courses.push(record.enrolment.course_id);
                lapsed += 1;
            }
        }
        Ok(Settled { lapsed, offered: courses.into_iter().map(|course| self.offer_free(course, now)).sum() })
    }

    async fn waited_for(&self, after: i64) -> Result<Vec<(CourseId, Standing)>, Unavailable> {
        self.check()?;
        let mut courses: Vec<_> = self.waiting.borrow().iter().map(|(entry, _)| entry.course_id).collect();
        courses.retain(|course| course.get() > after);
        courses.sort_unstable();
        courses.dedup();
        Ok(courses.into_iter().map(|course| (course, self.standing(course))).collect())
    }

    async fn offer(&self, courses: &[CourseId], now: DateTime<Utc>) -> Result<u32, Unavailable> {
        self.check()?;
        Ok(courses.iter().map(|course| self.offer_free(*course, now)).sum())
    }

    async fn clear(&self, course: CourseId) -> Result<(), Unavailable> {
        self.check()?;
        self.waiting.borrow_mut().retain(|(entry, _)| entry.course_id != course);
        Ok(())
    }

    async fn move_to(
        &self,
        own: &Move<'_>,
        commit: &Commit<'_>,
        transition: impl Fn(&Record, &Kept) -> Result<Moved, Error>,
    ) -> Result<Enrolment, Error> {
        self.check()?;
        self.check_reserved(commit.reservation)?;
        let (id, from, now) = (own.enrolment.id, own.enrolment.course_id, commit.now);
        let target = self.see(own.to, own.course, now);
        let place = self.enrolments.borrow().iter().position(|(record, _)| record.enrolment.id == id);
        let place = place.ok_or(Error::NotFound)?;
        let (record, kept) = (self.record(place), self.kept_of(id).unwrap_or_default());
        record.check_still(own.enrolment)?;
        let Moved { terms, pay_until } = transition(&record, &kept)?;
        if self.is_enrolled(&record.enrolment.user_id, own.to) {
            return Err(Error::AlreadyEnrolled);
        }
        target.seats_for(Claim::Enrol, now)?;
        self.edit(place, |record| (record.enrolment.course_id, record.pay_until) = (own.to, pay_until));
        self.enrolments.borrow_mut()[place].1 = own.course.terms.ends_at;
        self.kept.borrow_mut().entry(id.get()).or_default().terms = terms.or(kept.terms);
        let moved = self.record(place).enrolment;
        self.answer(commit, &moved);
        self.happened(EventKind::Moved, &moved, (now, commit.by));
        let notice = Notice { topic: Topic::Move, pay_until: None, moved_at: Some(now), reason: own.reason.cloned() };
        self.push_later(id, (Payload::Notice(notice), TimeDelta::zero()), now);
        self.offer_free(from, now);
        Ok(moved)
    }
}

fn is_held(record: &Record) -> bool {
    let Enrolment { status, payment_status, .. } = record.enrolment;
    record.pay_until.is_some() && status == Status::Active && payment_status != PaymentStatus::Paid
}

fn is_over(record: &Record, now: DateTime<Utc>) -> bool {
    is_held(record) && record.pay_until.is_some_and(|until| until <= now)
}
