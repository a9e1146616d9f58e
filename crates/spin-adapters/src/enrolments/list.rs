//! Lists of enrolments by what they have in common.
//!
//! Each is a walk along one index from an id on, at most [`WALK`] rows of it. What else
//! is asked for is looked at here, so that no list reads more than that, however rare
//! what it asks for is.

use super::row::read;
use crate::database::{Columns, Connection, DbError, Param, Sql};
use crate::enums;
use domain::Enrolment;
use domain::find::{Filter, Listed};

/// The most rows that one list reads.
const WALK: u32 = 1000;

/// The optimizer would at times walk the primary key in the hope of finding enough soon.
macro_rules! along {
    ($index:literal, $condition:literal) => {
        Sql {
            mysql: select!("FORCE INDEX (", $index, ") WHERE ", $condition, "id > ? ORDER BY id LIMIT ?"),
            sqlite: select!("WHERE ", $condition, "id > ? ORDER BY id LIMIT ?"),
        }
    };
}

const ALL: Sql = along!("PRIMARY", "");
const BY_USER: Sql = along!("ix_enrolments_user_id", "user_id = ? AND ");
const BY_COURSE: Sql = along!("ix_enrolments_course_id", "course_id = ? AND ");
const BY_COURSE_AND_STATUS: Sql = along!("ix_enrolments_course_status", "course_id = ? AND status = ? AND ");
const BY_STATUS: Sql = along!("ix_enrolments_active", "status = ? AND ");
const BY_PAYMENT: Sql = along!("ix_enrolments_payment", "payment_status = ? AND ");

/// Enrolments above `after` that `filter` lets through.
pub(super) fn list(connection: &Connection, filter: &Filter, after: i64, limit: u32) -> Result<Listed, DbError> {
    let (sql, mut row, exact) = walk(filter);
    // One more than asked for shows whether there are more.
    let rows = if exact { limit.saturating_add(1) } else { WALK.max(limit.saturating_add(1)) };
    row.extend([Param::from(after), Param::from(i64::from(rows))]);
    let walked = match connection.query(sql, &row) {
        // A user id that the table cannot hold is nobody's.
        Err(DbError::NotStorable) => Vec::new(),
        result => result?,
    };
    let walked = walked.into_iter().map(|row| read(&mut Columns::new(row))).collect::<Result<Vec<_>, _>>()?;
    Ok(page(walked, filter, limit, rows))
}

/// The index to walk, what it is walked by, and whether nearly all on the way is wanted.
fn walk(filter: &Filter) -> (Sql, Vec<Param<'_>>, bool) {
    let Filter { user_id, course_id, status, payment_status } = filter;
    let (status_word, payment_word) = (status.map(enums::of_status), payment_status.map(enums::of_payment));
    match (user_id, course_id, status_word, payment_word) {
        (Some(user), course, status, payment) => {
            (BY_USER, vec![user.as_str().into()], course.is_none() && status.is_none() && payment.is_none())
        }
        (None, Some(course), Some(status), payment) => {
            (BY_COURSE_AND_STATUS, vec![course.get().into(), status.into()], payment.is_none())
        }
        (None, Some(course), None, payment) => (BY_COURSE, vec![course.get().into()], payment.is_none()),
        (None, None, Some(status), payment) => (BY_STATUS, vec![status.into()], payment.is_none()),
        (None, None, None, Some(payment)) => (BY_PAYMENT, vec![payment.into()], true),
        (None, None, None, None) => (ALL, Vec::new(), true),
    }
}

/// What is wanted of `walked`, which has `rows` rows unless there are no more.
fn page(walked: Vec<Enrolment>, filter: &Filter, limit: u32, rows: u32) -> Listed {
    let (limit, full) = (limit as usize, walked.len() >= rows as usize);
    let last = walked.last().map(|enrolment| enrolment.id.get());
    let mut enrolments: Vec<_> = walked.into_iter().filter(|enrolment| filter.lets_through(enrolment)).collect();
    if enrolments.len() > limit {
        enrolments.truncate(limit);
        let next = enrolments.last().map(|enrolment| enrolment.id.get());
        return Listed { enrolments, next };
    }
    Listed { enrolments, next: last.filter(|_| full) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{CourseId, EnrolmentId, PaymentStatus, Status, UserId};

    fn enrolment(id: i64) -> Enrolment {
        Enrolment {
            id: EnrolmentId::new(id).unwrap(),
            user_id: UserId::new(if id % 2 == 0 { "even" } else { "odd" }).unwrap(),
            course_id: CourseId::new(1).unwrap(),
            status: Status::Active,
            payment_status: PaymentStatus::Pending,
            invoice_url: None,
        }
    }

    fn listed(ids: &[i64], user: Option<&str>, limit: u32, rows: u32) -> (Vec<i64>, Option<i64>) {
        let filter = Filter { user_id: user.map(|id| UserId::new(id).unwrap()), ..Filter::default() };
        let walked = ids.iter().map(|id| enrolment(*id)).collect();
        let Listed { enrolments, next } = page(walked, &filter, limit, rows);
        (enrolments.iter().map(|enrolment| enrolment.id.get()).collect(), next)
    }

    #[test]
    fn a_page_goes_on_after_its_last_row() {
        assert_eq!(listed(&[], None, 2, 3), (vec![], None));
        assert_eq!(listed(&[1, 2], None, 2, 3), (vec![1, 2], None));
        assert_eq!(listed(&[1, 2, 5], None, 2, 3), (vec![1, 2], Some(2)));
    }

    #[test]
    fn a_walk_without_anything_wanted_goes_on_all_the_same() {
        assert_eq!(listed(&[1, 3, 5], Some("even"), 2, 3), (vec![], Some(5)));
        assert_eq!(listed(&[1, 3], Some("even"), 2, 3), (vec![], None));
        assert_eq!(listed(&[1, 2, 4, 6], Some("even"), 2, 4), (vec![2, 4], Some(4)));
        assert_eq!(listed(&[2, 3, 4, 5], Some("even"), 2, 4), (vec![2, 4], Some(5)));
        // Where user ids are not compared exactly.
        assert_eq!(listed(&[2, 3], Some("EVEN"), 2, 3), (vec![], None));
    }
}
