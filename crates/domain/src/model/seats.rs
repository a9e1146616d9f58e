//! The seats of a course: who gets one, and until when.

use crate::model::course_terms::CourseTerms;
use crate::model::note::Note;
use crate::model::window::{Closed, Window};
use crate::{Course, CourseId, EnrolmentId, Error, User, UserId};
use chrono::{DateTime, Days, SubsecRound as _, TimeDelta, Utc};
use std::time::Duration;

/// A course as a request sees it. The newest one is stored, so that a run can go by it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenCourse {
    /// Its terms.
    pub terms: CourseTerms,
    /// How many enrolments that are not canceled it can have; `None` means no limit.
    pub limit: Option<u32>,
    /// When it takes enrolments.
    pub window: Window,
}

/// What asks for a seat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claim {
    /// A user enrols, or is moved here.
    Enrol,
    /// A payment for an enrolment that lapsed.
    LatePayment,
    /// The users who wait.
    Offer,
}

/// How the seats of a course stand, while no other transaction can take or free one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// How many there are; `None` means no limit.
    pub limit: Option<u32>,
    /// How many are taken. It can be lower than that if there is no limit.
    pub taken: u32,
    /// Whether a user waits.
    pub waited_for: bool,
    /// When the course takes enrolments.
    pub window: Window,
}

impl Standing {
    /// How many seats a claim can have now, at least one. Only this function decides who gets a seat.
    ///
    /// # Errors
    ///
    /// [`Error::CourseClosed`], or [`Error::CourseFull`], also while another user waits.
    pub fn seats_for(&self, claim: Claim, now: DateTime<Utc>) -> Result<u32, Error> {
        match (claim, self.window.check(now)) {
            // The seat was sold in time.
            (Claim::LatePayment, Ok(()) | Err(Closed::NotYet(_) | Closed::Since(_))) | (_, Ok(())) => {}
            (_, Err(closed)) => return Err(Error::CourseClosed(closed)),
        }
        if claim != Claim::Offer && self.waited_for {
            return Err(Error::CourseFull);
        }
        match self.limit.map_or(u32::MAX, |limit| limit.saturating_sub(self.taken)) {
            0 => Err(Error::CourseFull),
            free => Ok(free),
        }
    }
}

/// The seats of a course, for display.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeatCount {
    /// How many there are; `None` means no limit.
    pub limit: Option<u32>,
    /// How many enrolments are not canceled.
    pub taken: i64,
    /// How many of them are not paid and end without a payment.
    pub held: i64,
    /// How many users wait.
    pub waiting: i64,
}

impl SeatCount {
    /// How many are free; `None` means no limit.
    #[must_use]
    pub fn free(&self) -> Option<i64> {
        self.limit.map(|limit| (i64::from(limit) - self.taken).max(0))
    }
}

/// A user who waits for a seat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// The id of the entry, from 1. A lower id waits longer.
    pub id: i64,
    /// The course.
    pub course_id: CourseId,
    /// The user.
    pub user_id: UserId,
    /// The place in the list of the course, from 1.
    pub position: i64,
    /// Since when.
    pub since: DateTime<Utc>,
}

/// A request to wait for a seat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewWaiting {
    /// The user.
    pub user_id: UserId,
    /// The record of the user, if the request has it.
    pub user: Option<User>,
    /// The course.
    pub course_id: CourseId,
}

/// A request to hold a seat until another time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extension {
    /// The enrolment.
    pub enrolment_id: EnrolmentId,
    /// The user, if the caller names one. Another user's enrolment counts as not found.
    pub user_id: Option<UserId>,
    /// The new time.
    pub pay_until: DateTime<Utc>,
}

/// A request to move an enrolment to another course.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moving {
    /// The enrolment, and why it is moved.
    pub note: Note,
    /// The other course.
    pub course_id: CourseId,
    /// Its record, if the request has it: then it is not looked up.
    pub course: Option<Course>,
}

/// How long seats are held that are not paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HoldTimes {
    /// After an enrolment; `None` means without an end.
    pub seats: Option<Duration>,
    /// After an offer.
    pub offers: Duration,
    /// How long before the end a reminder is sent, if one is.
    pub remind_before: Option<Duration>,
}

impl HoldTimes {
    /// Until when an offer at this time holds its seat; `None` in a free course.
    #[must_use]
    pub fn of_offer(&self, terms: &CourseTerms, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        (!terms.price.is_zero()).then(|| later(now, self.offers))
    }

    /// How long after `now` the reminder of this time is due. `None` if there is none, or it would come too
    /// late.
    #[must_use]
    pub fn reminder_after(&self, pay_until: DateTime<Utc>, now: DateTime<Utc>) -> Option<TimeDelta> {
        let before = TimeDelta::from_std(self.remind_before?).ok()?;
        Some(pay_until - now - before).filter(|after| *after > TimeDelta::zero())
    }
}

/// A time to the millisecond, as it is stored.
#[must_use]
pub fn to_millisecond(time: DateTime<Utc>) -> DateTime<Utc> {
    time.trunc_subsecs(3)
}

/// A time after `now`, to the millisecond.
#[must_use]
pub fn later(now: DateTime<Utc>, after: Duration) -> DateTime<Utc> {
    let time = TimeDelta::from_std(after).ok().and_then(|after| now.checked_add_signed(after));
    to_millisecond(time.unwrap_or(now))
}

/// Checks that a seat can be held until this time.
///
/// # Errors
///
/// [`Error::PayUntil`] if it is not in the future, or more than 365 days ahead.
pub fn check_pay_until(pay_until: DateTime<Utc>, now: DateTime<Utc>) -> Result<(), Error> {
    let latest = now.checked_add_days(Days::new(365)).unwrap_or(now);
    if pay_until > now && pay_until <= latest { Ok(()) } else { Err(Error::PayUntil) }
}

#[cfg(test)]
mod tests;
