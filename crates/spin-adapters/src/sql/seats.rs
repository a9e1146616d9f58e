//! The seats of courses: the tables `course_seats` and `waiting`.
//!
//! A transaction holds the row of a course while it counts, takes or frees seats of the course. What it does
//! for many enrolments is a few statements, whatever their number. The rows that these name stay the same
//! between them, because whatever adds or removes one holds the row of the course as well.

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

/// It reads no index of a virtual column, see `events/bulk.rs`.
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
                    (SELECT COUNT(*) FROM enrolments WHERE course_id = ? AND unpaid_until IS NOT NULL),
                    (SELECT COUNT(*) FROM waiting WHERE course_id = ?)",
};

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

    async fn courses_to_lapse(&self, now: DateTime<Utc>) -> Result<Vec<CourseId>, Unavailable> {
        self.transaction(|connection| lapse::courses(connection, now))
    }

    async fn lapse(
        &self,
        courses: &[CourseId],
        now: DateTime<Utc>,
        by: Option<&Author>,
        limit: u32,
    ) -> Result<Settled, Unavailable> {
        // SQLite has one writer at a time, and a commit costs it more than the rows of a small course.
        let at_once = if matches!(self.target, Target::Sqlite) { courses.len().max(1) } else { 1 };
        let mut all = Settled::default();
        for courses in courses.chunks(at_once) {
            all += self.transaction(|connection| lapse::lapse(connection, courses, (now, by), limit))?;
        }
        Ok(all)
    }

    async fn waited_for(&self, after: i64) -> Result<Vec<(CourseId, Standing)>, Unavailable> {
        self.read(|connection| standing::waited_for(connection, after))
    }

    async fn offer(&self, course: CourseId, now: DateTime<Utc>) -> Result<u32, Unavailable> {
        self.transaction(|connection| {
            lock(connection, course)?;
            offer_free(connection, course, now)
        })
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
