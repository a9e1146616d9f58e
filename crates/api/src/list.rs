//! Lists of enrolments: pages, and JSON that is written in pieces.

use crate::json::to_vec;
use crate::paging::{self, DEFAULT_LIMIT, Paging};
use crate::position::{self, Next};
use crate::query::{self, Fault, Query};
use crate::reply;
use crate::wire::words::fault;
use crate::{Problem, Reply, View};
use chrono::{DateTime, Utc};
use domain::model::filter::{Filter, Position};
use domain::model::reference::PlatformReference;
use domain::ports::Settled;
use domain::{Enrolment, PaymentStatus, Status};
use http::StatusCode;

/// Parses the optional parameters `limit` (1 to 1000) and `after` (an id, or 0).
///
/// # Errors
///
/// 400 with every fault.
pub fn active_page(query: &str) -> Result<Paging, Problem> {
    let mut query = Query::parse(query, &["limit", "after"]);
    let Paging { after, limit } = Paging::read(&mut query, paging::enrolment);
    query.end()?;
    // A request with `after` gets a page, and one without parameters everything.
    Ok(Paging { after, limit: limit.or(after.map(|_| 1000)) })
}

/// A page of `GET /`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnrolmentsPage {
    /// Which enrolments.
    pub filter: Filter,
    /// The last of the page before.
    pub after: Position,
    /// The maximum number of enrolments: 1 to 1000.
    pub limit: u32,
    /// How much of each.
    pub view: View,
}

/// Parses the optional parameters `user_id`, `course_id`, `status`, `payment_status`, `reference`,
/// `created_from`, `created_to`, `updated_from`, `limit` (1 to 1000; 100 by default), `after` and
/// `view`.
///
/// # Errors
///
/// 400 with every fault.
pub fn enrolments_page(query: &str) -> Result<EnrolmentsPage, Problem> {
    const NAMES: [&str; 11] = [
        "user_id",
        "course_id",
        "status",
        "payment_status",
        "reference",
        "created_from",
        "created_to",
        "updated_from",
        "limit",
        "after",
        View::NAME,
    ];
    let mut query = Query::parse(query, &NAMES);
    let filter = Filter {
        user_id: query.read("user_id", query::user),
        course_id: query.read("course_id", query::course),
        status: query.read("status", word(Status::ALL, Status::as_str)),
        payment_status: query.read("payment_status", word(PaymentStatus::ALL, PaymentStatus::as_str)),
        reference: query.read("reference", |text| {
            PlatformReference::new(text).map_err(|invalid| (format!("A reference {invalid}"), fault::STRING_VALUE))
        }),
        created_from: query.read("created_from", time),
        created_to: query.read("created_to", time),
        updated_from: query.read("updated_from", time),
    };
    let after = query.read("after", position::read).unwrap_or_default();
    let limit = query.read("limit", paging::limit).unwrap_or(DEFAULT_LIMIT);
    let view = View::read(&mut query);
    query.end().map(|()| EnrolmentsPage { filter, after, limit, view })
}

/// A parser for a time with a zone.
fn time(text: &str) -> Result<DateTime<Utc>, Fault> {
    let time = DateTime::parse_from_rfc3339(text).map(|time| time.to_utc());
    time.map_err(|_| ("A time such as 2026-01-01T00:00:00Z is required".to_owned(), fault::STRING_VALUE))
}

/// A parser for the name of one of these values.
fn word<T: Copy, const N: usize>(all: [T; N], as_str: fn(T) -> &'static str) -> impl FnOnce(&str) -> Result<T, Fault> {
    move |text| {
        let found = all.into_iter().find(|value| as_str(*value) == text);
        found.ok_or_else(|| (format!("One of {} is required", all.map(as_str).join(", ")), fault::ENUM))
    }
}

/// What follows the elements of a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ListEnd {
    /// Nothing: the list has no pages.
    #[default]
    Whole,
    /// `"lapsed"` and `"offered"`: what a run did with seats.
    Settled(Settled),
    /// `"next": null`: this is the last page.
    LastPage,
    /// `"next"`: there is another page.
    Page {
        /// The last enrolment of this page.
        next: Position,
    },
}

/// A list that is written in pieces, so that the memory for it does not grow with its length.
pub trait Pieces {
    /// What is listed.
    type Item;

    /// 200 without its body.
    fn head(&self) -> Reply;

    /// The next piece.
    fn piece(&mut self, items: &[Self::Item]) -> Vec<u8>;

    /// The last piece.
    fn last(&mut self, items: &[Self::Item]) -> Vec<u8>;
}

/// Writes `{"enrolments": [...]}` in pieces.
#[derive(Debug, Default)]
pub struct ListWriter {
    end: ListEnd,
    begun: bool,
    /// Whether an element was written, so that a comma precedes the next one.
    filled: bool,
}

impl ListWriter {
    /// A list with this end.
    #[must_use]
    pub fn ending(end: ListEnd) -> Self {
        Self { end, ..Self::default() }
    }

    /// The last piece of the list.
    pub(crate) fn end_with(&mut self, enrolments: &[Enrolment], end: ListEnd) -> Vec<u8> {
        let mut piece = self.piece(enrolments);
        match end {
            ListEnd::Whole => piece.extend_from_slice(b"]}"),
            ListEnd::Settled(Settled { lapsed, offered }) => {
                piece.extend(format!("],\"lapsed\":{lapsed},\"offered\":{offered}}}").into_bytes());
            }
            ListEnd::LastPage => piece.extend_from_slice(b"],\"next\":null}"),
            ListEnd::Page { next } => {
                piece.extend_from_slice(b"],\"next\":");
                piece.extend(to_vec(&Next::from(next)));
                piece.push(b'}');
            }
        }
        piece
    }
}

impl Pieces for ListWriter {
    type Item = Enrolment;

    fn head(&self) -> Reply {
        Reply::json(StatusCode::OK, Vec::new())
    }

    fn piece(&mut self, enrolments: &[Enrolment]) -> Vec<u8> {
        // Enough for an enrolment with a link to its invoice.
        let mut piece = Vec::with_capacity(16 + enrolments.len() * 224);
        if !self.begun {
            piece.extend_from_slice(b"{\"enrolments\":[");
            self.begun = true;
        }
        for enrolment in enrolments {
            if self.filled {
                piece.push(b',');
            }
            reply::write(enrolment, &mut piece);
            self.filled = true;
        }
        piece
    }

    fn last(&mut self, enrolments: &[Enrolment]) -> Vec<u8> {
        self.end_with(enrolments, self.end)
    }
}

/// 200 with a list.
#[must_use]
pub fn list(enrolments: &[Enrolment], end: ListEnd) -> Reply {
    Reply::json(StatusCode::OK, ListWriter::default().end_with(enrolments, end))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reply::tests::sample;
    use domain::{CourseId, UserId};

    #[test]
    fn a_request_without_parameters_gets_all() {
        for (query, after, limit) in [
            ("", None, None),
            ("limit=1000&after=5", Some(5), Some(1000)),
            ("after=0", Some(0), Some(1000)),
            ("limit=1", None, Some(1)),
            ("limit=1.0&after=5.00", Some(5), Some(1)),
        ] {
            assert_eq!(active_page(query).unwrap(), Paging { after, limit }, "{query}");
        }
    }

    #[test]
    fn invalid_pages_are_refused() {
        for query in [
            "limit=0",
            "limit=1001",
            "limit=",
            "limit=x",
            "limit=+1",
            "limit=1.5",
            "limit=1.",
            "limit=.0",
            "limit=99999999999999999999",
        ] {
            assert_eq!(active_page(query).unwrap_err().details[0].loc, ["limit"], "{query}");
        }
        for query in ["after=-1", "after=", "after=x", "after=2147483648", "after=1&limit=1&after=1"] {
            assert_eq!(active_page(query).unwrap_err().details[0].loc, ["after"], "{query}");
        }
    }

    #[test]
    fn filters_are_all_optional() {
        let none = EnrolmentsPage { filter: Filter::default(), after: id(0), limit: 100, view: View::Short };
        assert_eq!(enrolments_page(""), Ok(none));
        let query = "user_id=u+&course_id=7&status=canceled&payment_status=paid&reference=ORDER%2F7&after=5&limit=2\
                     &view=full&created_from=2026-01-01T00:00:00Z&created_to=2026-02-01T01:00:00.5%2B01:00\
                     &updated_from=2026-01-02t00:00:00z";
        let time = |text: &str| text.parse().ok();
        let filter = Filter {
            user_id: Some(UserId::new("u ").unwrap()),
            course_id: CourseId::new(7),
            status: Some(Status::Canceled),
            payment_status: Some(PaymentStatus::Paid),
            reference: Some(PlatformReference::new("ORDER/7").unwrap()),
            created_from: time("2026-01-01T00:00:00Z"),
            created_to: time("2026-02-01T00:00:00.5Z"),
            updated_from: time("2026-01-02T00:00:00Z"),
        };
        assert_eq!(enrolments_page(query), Ok(EnrolmentsPage { filter, after: id(5), limit: 2, view: View::Full }));
        let at = DateTime::from_timestamp(1_767_225_600, 0);
        assert_eq!(enrolments_page("after=1767225600-7").unwrap().after, Position { at, id: 7 });
    }

    #[test]
    fn faults_of_a_filter_are_reported() {
        for (query, name) in [
            ("user_id=", "user_id"),
            ("user_id=%00", "user_id"),
            ("course_id=0", "course_id"),
            ("course_id=2147483648", "course_id"),
            ("course_id=x", "course_id"),
            ("status=ACTIVE", "status"),
            ("status=", "status"),
            ("payment_status=refunded", "payment_status"),
            ("reference=", "reference"),
            ("reference=a+b", "reference"),
            ("view=all", "view"),
            ("limit=1001", "limit"),
            ("userid=u", "userid"),
            ("after=-1", "after"),
            ("after=1-", "after"),
            ("after=1-1-1", "after"),
            ("after=12345678901-1", "after"),
            ("created_from=2026-01-01", "created_from"),
            ("created_from=2026-01-01T00:00:00", "created_from"),
            ("created_to=2026-01-01T00:00:00+01:00", "created_to"),
            ("updated_from=", "updated_from"),
            ("status=active&status=active", "status"),
        ] {
            assert_eq!(enrolments_page(query).unwrap_err().details[0].loc, [name], "{query}");
        }
    }

    fn id(id: i64) -> Position {
        Position { at: None, id }
    }

    fn written(pieces: &[usize], end: ListEnd) -> serde_json::Value {
        let mut list = ListWriter::default();
        let mut json = Vec::new();
        let (last, before) = pieces.split_last().unwrap();
        for count in before {
            json.extend(list.piece(&vec![sample(); *count]));
        }
        json.extend(list.end_with(&vec![sample(); *last], end));
        serde_json::from_slice(&json).unwrap()
    }

    #[test]
    fn pieces_make_one_list() {
        assert_eq!(written(&[0], ListEnd::Whole), serde_json::json!({"enrolments": []}));
        let settled = ListEnd::Settled(Settled { lapsed: 2, offered: 1 });
        assert_eq!(written(&[0], settled), serde_json::json!({"enrolments": [], "lapsed": 2, "offered": 1}));
        assert_eq!(written(&[0, 0, 1], ListEnd::Whole)["enrolments"].as_array().unwrap().len(), 1);
        assert_eq!(written(&[2, 0], ListEnd::Whole)["enrolments"].as_array().unwrap().len(), 2);
        assert_eq!(written(&[2, 1], ListEnd::Whole)["enrolments"].as_array().unwrap().len(), 3);
        assert_eq!(written(&[1], ListEnd::LastPage).get("next"), Some(&serde_json::Value::Null));
        assert_eq!(written(&[1], ListEnd::Page { next: id(7) })["next"], 7);
        let next = Position { at: DateTime::from_timestamp(1_767_225_600, 0), id: 7 };
        assert_eq!(written(&[1], ListEnd::Page { next })["next"], "1767225600-7");
    }
}
