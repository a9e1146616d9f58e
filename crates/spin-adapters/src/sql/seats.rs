//! The seats of courses: the tables `course_seats` and `waiting`.
//!
//! A transaction holds the row of a course while it counts, takes or gives away seats of the course, or changes
//! its list. What it does for many enrolments is a few statements, whatever their number.

mod lapse;
mod list;
mod moving;
mod offer;
mod standing;

pub(super) use offer::offer_free;
pub(super) use standing::{is_ready, lock, see, see_if_known, standing};

use super::enrolments::row::to_json;
use super::{Columns, Sql, Store, unreadable};
use crate::config::Target;
use chrono::{DateTime, Utc};
use domain::model::asked::Author;
use domain::model::seats::{NewWaiting, SeatCount, SeenCourse, Standing, Waiting};
use domain::ports::change::Record;
use domain::ports::{Commit, Move, Moved, Seats, Settled, WaitingFilter};
use domain::{CourseId, Enrolment, Error, Kept, Unavailable};
use std::slice;

/// It reads no index of a generated column, see `offer.rs`.
const COUNT: Sql = Sql {
    mysql: "SELECT /* replica */
                   (SELECT seats FROM course_seats WHERE course_id = ?),
                   (SELECT COUNT(*)
                    FROM enrolments FORCE INDEX (ix_enrolments_course_status)
                    WHERE course_id = ? AND status IN ('ACTIVE', 'COMPLETED')),
                   (SELECT COUNT(*)
                    FROM enrolments FORCE INDEX (ix_enrolments_course_status)
                    WHERE course_id = ? AND status = 'ACTIVE' AND payment_status <> 'PAID' AND pay_until IS NOT NULL),
                   (SELECT COUNT(*) FROM waiting WHERE course_id = ?)",
    sqlite: "SELECT /* replica */
                    (SELECT seats FROM course_seats WHERE course_id = ?),
                    (SELECT COUNT(*) FROM enrolments WHERE course_id = ? AND status IN ('ACTIVE', 'COMPLETED')),
                    (SELECT COUNT(*)
                     FROM enrolments
                     WHERE course_id = ? AND status = 'ACTIVE' AND payment_status <> 'PAID' AND pay_until IS NOT NULL),
                    (SELECT COUNT(*) FROM waiting WHERE course_id = ?)",
};

impl Store {
    /// Whether one transaction can change many courses. SQLite has one writer at a time, and a commit costs it
    /// more than the rows of a small course.
    fn takes_courses_at_once(&self) -> bool {
        matches!(self.target, Target::Sqlite)
    }
}

impl Seats for Store {
    async fn seats(&self, course: CourseId) -> Result<SeatCount, Unavailable> {
        self.read(|connection| {
            let id = course.get().into();
            let row = connection.query(COUNT, &[id, id, id, id])?.into_iter().next().ok_or_else(unreadable)?;
            let mut columns = Columns::new(row);
            Ok(SeatCount {
                limit: standing::limit(columns.optional_int()?)?,
                taken: columns.int()?,
                held: columns.int()?,
                waiting: columns.int()?,
            })
        })
    }

    async fn wait(&self, new: &NewWaiting, seen: &SeenCourse, now: DateTime<Utc>) -> Result<(Waiting, bool), Error> {
        let user = new.user.as_ref().map(to_json);
        self.transaction(|connection| list::add(connection, new, user.as_deref(), seen, now))?
    }

    async fn waiting(&self, filter: &WaitingFilter, after: i64, limit: u32) -> Result<Vec<Waiting>, Unavailable> {
        self.read(|connection| list::list(connection, filter, after, limit))
    }

    async fn leave(&self, id: i64) -> Result<bool, Unavailable> {
        self.transaction(|connection| list::remove(connection, id))
    }

    async fn lapse(&self, now: DateTime<Utc>, by: Option<&Author>, limit: u32) -> Result<Settled, Unavailable> {
        let over = self.transaction(|connection| lapse::over(connection, now, limit))?;
        let mut all = Settled::default();
        for chosen in over.chunk_by(|one, next| self.takes_courses_at_once() || one.0 == next.0) {
            all += self.transaction(|connection| lapse::lapse(connection, chosen, (now, by)))?;
        }
        Ok(all)
    }

    async fn waited_for(&self, after: i64) -> Result<Vec<(CourseId, Standing)>, Unavailable> {
        self.read(|connection| standing::waited_for(connection, after))
    }

    async fn offer(&self, mut courses: &[CourseId], now: DateTime<Utc>) -> Result<u32, Unavailable> {
        let mut all = 0;
        while let Some((first, _)) = courses.split_first() {
            let at_once = if self.takes_courses_at_once() { courses } else { slice::from_ref(first) };
            let (offered, done) = self.transaction(|connection| {
                at_once.iter().try_for_each(|course| lock(connection, *course))?;
                offer::offer_each(connection, at_once, now)
            })?;
            all += offered;
            courses = courses.get(done..).unwrap_or_default();
        }
        Ok(all)
    }

    async fn clear(&self, course: CourseId) -> Result<(), Unavailable> {
        self.transaction(|connection| {
            lock(connection, course)?;
            list::clear(connection, course)
        })
    }

    async fn move_to(
        &self,
        own: &Move<'_>,
        commit: &Commit<'_>,
        transition: impl Fn(&Record, &Kept) -> Result<Moved, Error>,
    ) -> Result<Enrolment, Error> {
        self.transaction(|connection| moving::move_to(connection, own, commit, &transition))?
    }
}
