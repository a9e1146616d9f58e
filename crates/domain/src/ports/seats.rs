//! The seats of courses, and the lists of those who wait for one.

use super::Commit;
use super::change::Record;
use crate::model::asked::Author;
use crate::model::note::Reason;
use crate::model::seats::{NewWaiting, SeatCount, SeenCourse, Standing, Waiting};
use crate::{CourseId, CourseTerms, Enrolment, Error, Kept, Unavailable, UserId};
use chrono::{DateTime, Utc};
use std::ops::AddAssign;

/// What a run did about seats.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Settled {
    /// How many enrolments lapsed.
    pub lapsed: u32,
    /// How many users who waited are enrolled.
    pub offered: u32,
}

impl AddAssign for Settled {
    fn add_assign(&mut self, other: Self) {
        self.lapsed += other.lapsed;
        self.offered += other.offered;
    }
}

/// Which entries of waiting lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WaitingFilter {
    /// Those of a course.
    OfCourse(CourseId),
    /// Those of a user.
    OfUser(UserId),
    /// That of a user in a course.
    OfBoth(UserId, CourseId),
}

/// A move to another course.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Move<'a> {
    /// The enrolment, as it was looked up.
    pub enrolment: &'a Enrolment,
    /// The other course.
    pub to: CourseId,
    /// It, as it is seen.
    pub course: &'a SeenCourse,
    /// Why, if a reason was given.
    pub reason: Option<&'a Reason>,
}

/// What a move writes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moved {
    /// The terms from now on.
    pub terms: Option<CourseTerms>,
    /// Until when the seat is held without a payment.
    pub pay_until: Option<DateTime<Utc>>,
}

/// The seats of courses. Each method that changes something is one transaction, unless it says otherwise.
pub trait Seats {
    /// How the seats of a course stand, for display: a replica of the database may answer.
    ///
    /// # Errors
    ///
    /// When the database fails; the same below.
    async fn seats(&self, course: CourseId) -> Result<SeatCount, Unavailable>;

    /// Puts a user on the list of a course that is full. Returns the entry, and whether it is new. The course
    /// is stored as it is seen, also after an error.
    ///
    /// # Errors
    ///
    /// [`Error::AlreadyEnrolled`], [`Error::SeatFree`], [`Error::CourseClosed`], [`Error::UserIdNotStorable`],
    /// [`Error::NotYet`], [`Error::Unavailable`].
    async fn wait(&self, new: &NewWaiting, seen: &SeenCourse, now: DateTime<Utc>) -> Result<(Waiting, bool), Error>;

    /// Up to `limit` entries with an id above `after`, in the order of ids.
    ///
    /// # Errors
    ///
    /// As for [`Seats::seats`].
    async fn waiting(&self, filter: &WaitingFilter, after: i64, limit: u32) -> Result<Vec<Waiting>, Unavailable>;

    /// Removes an entry. Returns whether there was one.
    ///
    /// # Errors
    ///
    /// As for [`Seats::seats`].
    async fn leave(&self, id: i64) -> Result<bool, Unavailable>;

    /// Cancels up to `limit` enrolments that are not paid and whose time is over, the earliest first, and offers
    /// the seats. Each gets an event by this author, and a mail. On a server a transaction changes those of one
    /// course, so that it holds up no other. If none lapses, none is left that another transaction does not
    /// change now.
    ///
    /// # Errors
    ///
    /// As for [`Seats::seats`]. What was committed until then stays.
    async fn lapse(&self, now: DateTime<Utc>, by: Option<&Author>, limit: u32) -> Result<Settled, Unavailable>;

    /// How the seats of some courses with an id above `after` stand for which users wait, in the order of ids.
    ///
    /// # Errors
    ///
    /// As for [`Seats::seats`].
    async fn waited_for(&self, after: i64) -> Result<Vec<(CourseId, Standing)>, Unavailable>;

    /// Offers the free seats of courses, in the order of their ids, to those who wait longest, in transactions as
    /// above. Returns how many.
    ///
    /// # Errors
    ///
    /// As for [`Seats::seats`]. What was committed until then stays.
    async fn offer(&self, courses: &[CourseId], now: DateTime<Utc>) -> Result<u32, Unavailable>;

    /// Removes all who wait for a course.
    ///
    /// # Errors
    ///
    /// As for [`Seats::seats`].
    async fn clear(&self, course: CourseId) -> Result<(), Unavailable>;

    /// Moves an enrolment to another course, as `transition` says, and offers the seat that it leaves. The
    /// other course is stored as it is seen, also after an error.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`], [`Error::AlreadyEnrolled`], [`Error::CourseClosed`], [`Error::CourseFull`],
    /// [`Error::NotYet`], [`Error::Unavailable`], and the errors of `transition`.
    async fn move_to(
        &self,
        own: &Move<'_>,
        commit: &Commit<'_>,
        transition: impl Fn(&Record, &Kept) -> Result<Moved, Error>,
    ) -> Result<Enrolment, Error>;
}
