//! Requests and responses about seats and waiting lists.

use crate::json::to_vec;
use crate::paging::{self, Paging};
use crate::path::positive;
use crate::query::{self, Query};
use crate::wire::seats::{CourseSeats, WaitingEntry, WaitingList};
use crate::wire::words::fault;
use crate::{Problem, Reply};
use domain::CourseId;
use domain::model::seats::{SeatCount, Waiting};
use domain::ports::WaitingFilter;
use http::StatusCode;

/// The id of a course in a path segment: an integer from 1 to 2147483647 without a sign or a leading zero.
#[must_use]
pub fn course_id(segment: &str) -> Option<CourseId> {
    positive(segment).and_then(CourseId::new)
}

/// The id of an entry in a path segment: a positive integer without a leading zero.
#[must_use]
pub fn waiting_id(segment: &str) -> Option<i64> {
    positive(segment)
}

/// Parses the parameters `course_id` and `user_id`, at least one of them, `limit` (1 to 1000; 100 by
/// default) and `after` (an id).
///
/// # Errors
///
/// 400 with every fault.
pub fn waiting_page(query: &str) -> Result<(WaitingFilter, Paging), Problem> {
    let mut query = Query::parse(query, &["course_id", "user_id", "limit", "after"]);
    let course = query.read("course_id", query::course);
    let user = query.read("user_id", query::user);
    let paging = Paging::read(&mut query, paging::id("The id of an entry is required"));
    query.end()?;
    let filter = match (user, course) {
        (Some(user), Some(course)) => WaitingFilter::OfBoth(user, course),
        (Some(user), None) => WaitingFilter::OfUser(user),
        (None, Some(course)) => WaitingFilter::OfCourse(course),
        (None, None) => {
            let msg = "A course_id or a user_id is required";
            return Err(Problem::invalid_parameter("course_id", msg, fault::MISSING));
        }
    };
    Ok((filter, paging))
}

/// 200 with the seats of a course.
#[must_use]
pub fn seats(course: CourseId, count: &SeatCount) -> Reply {
    let SeatCount { limit, taken, held, waiting } = *count;
    let seats = CourseSeats { course_id: course.get(), limit, taken, held, free: count.free(), waiting };
    Reply::json(StatusCode::OK, to_vec(&seats))
}

/// 201 with a new entry, 200 with one that there is already.
#[must_use]
pub fn waiting((entry, new): &(Waiting, bool)) -> Reply {
    let status = if *new { StatusCode::CREATED } else { StatusCode::OK };
    Reply::json(status, to_vec(&WaitingEntry::from(entry)))
}

/// 200 with a page of at most `limit` entries.
#[must_use]
pub fn waiting_list(entries: &[Waiting], limit: u32) -> Reply {
    let next = entries.last().filter(|_| entries.len() >= limit as usize).map(|last| last.id);
    let waiting = entries.iter().map(WaitingEntry::from).collect();
    Reply::json(StatusCode::OK, to_vec(&WaitingList { waiting, next }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::UserId;

    #[test]
    fn a_list_needs_a_course_or_a_user() {
        let page = |query: &str| waiting_page(query).map(|(filter, paging)| (filter, paging.after(), paging.limit()));
        let (course, user) = (CourseId::new(7).unwrap(), UserId::new("u 1").unwrap());
        assert_eq!(page("course_id=7"), Ok((WaitingFilter::OfCourse(course), 0, 100)));
        assert_eq!(page("user_id=u+1&after=5&limit=2"), Ok((WaitingFilter::OfUser(user.clone()), 5, 2)));
        assert_eq!(page("user_id=u+1&course_id=7"), Ok((WaitingFilter::OfBoth(user, course), 0, 100)));
        for wrong in ["", "limit=5", "course_id=0", "user_id=", "course_id=7&page=1", "course_id=7&limit=1001"] {
            assert_eq!(page(wrong).unwrap_err().status, StatusCode::BAD_REQUEST, "{wrong}");
        }
    }

    #[test]
    fn ids_in_paths_are_plain_numbers() {
        assert_eq!((course_id("7").map(CourseId::get), waiting_id("70")), (Some(7), Some(70)));
        for other in ["", "0", "07", "+7", "7.0", "x", "99999999999999999999"] {
            assert_eq!((course_id(other), waiting_id(other)), (None, None), "{other}");
        }
        assert_eq!(course_id("2147483648"), None);
    }
}
