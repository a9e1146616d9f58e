//! The books: the documents of a period.

use crate::json::to_vec;
use crate::paging;
use crate::position;
use crate::query::{Fault, Query};
use crate::wire::books::BookedDocumentList;
use crate::wire::check::DocumentCheck;
use crate::wire::words::fault;
use crate::{Problem, Reply};
use chrono::NaiveDate;
use domain::model::books::{BookedPage, BookedSum, Period};
use domain::model::check::Checked;
use domain::model::filter::Position;
use http::StatusCode;

/// A page of `GET /documents`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BooksPage {
    /// The days.
    pub period: Period,
    /// The last of the page before; `None` for the first page.
    pub after: Option<Position>,
    /// The maximum number of documents: 1 to 1000.
    pub limit: Option<u32>,
}

impl BooksPage {
    /// The maximum number of documents: 100 by default.
    #[must_use]
    pub fn limit(self) -> u32 {
        self.limit.unwrap_or(paging::DEFAULT_LIMIT)
    }
}

/// Parses the parameters `issued_from` and `issued_to` (days, both required), `limit` (1 to 1000)
/// and `after`.
///
/// # Errors
///
/// 400 with every fault.
pub fn books_page(query: &str) -> Result<BooksPage, Problem> {
    let mut query = Query::parse(query, &["issued_from", "issued_to", "limit", "after"]);
    let (from, to) = (query.required("issued_from", day), query.required("issued_to", day));
    let (limit, after) = (query.read("limit", paging::limit), query.read("after", position::read_timed));
    query.end()?;
    match from.zip(to).and_then(|(from, to)| Period::new(from, to)) {
        Some(period) => Ok(BooksPage { period, after, limit }),
        None => {
            let msg = format!("At most {} days from `issued_from` on are required", Period::MAX_DAYS);
            Err(Problem::invalid_parameter("issued_to", msg, fault::STRING_VALUE))
        }
    }
}

/// Parses the parameters `day`, which is required, and `page`, from 1.
///
/// # Errors
///
/// 400 with every fault.
pub fn check_page(query: &str) -> Result<(NaiveDate, u32), Problem> {
    /// More than a day can have.
    const MOST: u32 = 100_000;
    let mut query = Query::parse(query, &["day", "page"]);
    let asked = query.required("day", day);
    let page = query.read("page", |text| {
        let page = text
            .parse()
            .ok()
            .filter(|page| text.bytes().all(|byte| byte.is_ascii_digit()) && (1..=MOST).contains(page));
        page.ok_or_else(|| (format!("An integer from 1 to {MOST} is required"), fault::INT_RANGE))
    });
    Ok((query.end_with(asked)?, page.unwrap_or(1)))
}

/// 200 with a page of a day, compared.
#[must_use]
pub fn checked(day: NaiveDate, page: u32, checked: &Checked) -> Reply {
    Reply::json(StatusCode::OK, to_vec(&DocumentCheck::new(day, page, checked)))
}

/// A parser for a day.
fn day(text: &str) -> Result<NaiveDate, Fault> {
    crate::day::day(text).ok_or_else(|| ("A day such as 2026-01-01 is required".to_owned(), fault::STRING_VALUE))
}

/// 200 with a page of the books, with the sums if it is the first.
#[must_use]
pub fn books(page: &BookedPage, sums: Option<&[BookedSum]>) -> Reply {
    Reply::json(StatusCode::OK, to_vec(&BookedDocumentList::new(page, sums)))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use domain::model::books::Booked;
    use domain::model::chain::ChainNo;
    use domain::model::invoice::{Document, DocumentKind};
    use domain::model::ksef::{Ksef, KsefStatus};
    use domain::{Balance, EnrolmentId};
    use serde_json::{Value, json};

    pub(crate) fn period() -> Period {
        Period::new("2026-02-01".parse().unwrap(), "2026-02-28".parse().unwrap()).unwrap()
    }

    pub(crate) fn booked() -> Booked {
        let document = Document {
            kind: DocumentKind::Correction,
            chain_no: ChainNo::SECOND,
            vendor_id: Some(5),
            number: Some("K/1".to_owned()),
            url: Some("https://a.example/i".to_owned()),
            gross: Some(Balance(-123_450)),
            currency: Some("PLN".to_owned()),
            tax: Some("5.5".to_owned()),
            issued_on: "2026-02-01".parse().ok(),
            ksef: KsefStatus::new("ok").map(|status| Ksef { status, number: Some("525-1".to_owned()) }),
        };
        Booked { id: 3, enrolment_id: EnrolmentId::new(7).unwrap(), document }
    }

    #[test]
    fn a_check_has_a_day_and_a_page() {
        let day = "2026-02-01".parse().unwrap();
        assert_eq!(check_page("day=2026-02-01"), Ok((day, 1)));
        assert_eq!(check_page("page=7&day=2026-02-01"), Ok((day, 7)));
        for (query, name) in [
            ("", "day"),
            ("day=2026-02-30", "day"),
            ("day=2026-02-01&page=0", "page"),
            ("day=2026-02-01&page=+1", "page"),
            ("day=2026-02-01&page=100001", "page"),
            ("day=2026-02-01&limit=1", "limit"),
        ] {
            assert_eq!(check_page(query).unwrap_err().details[0].loc, [name], "{query}");
        }
    }

    #[test]
    fn both_days_are_required() {
        let days = "issued_from=2026-02-01&issued_to=2026-02-28";
        let page = BooksPage { period: period(), after: None, limit: None };
        assert_eq!(books_page(days), Ok(page));
        let after = Some(booked().position());
        assert_eq!(
            books_page(&format!("{days}&limit=5&after=1769904000-3")),
            Ok(BooksPage { after, limit: Some(5), ..page })
        );
        for (query, names) in [
            ("", &["issued_from", "issued_to"][..]),
            ("issued_to=2026-02-01", &["issued_from"]),
            ("issued_from=2026-02-01", &["issued_to"]),
            ("issued_from=x&issued_to=2026-2-1&after=5&limit=0", &["issued_from", "issued_to", "limit", "after"]),
            ("issued_from=2026-02-30&issued_to=%2B202-01-01", &["issued_from", "issued_to"]),
            ("issued_from=%2B12026-01-01&issued_to=-001-01-01", &["issued_from", "issued_to"]),
            ("issued_from=2026-02-02&issued_to=2026-02-01", &["issued_to"]),
            ("issued_from=2026-01-01&issued_to=2027-01-02", &["issued_to"]),
            ("issued_from=2026-01-01&issued_from=2026-01-01&issued_to=2026-01-02", &["issued_from"]),
            ("issued_from=2026-01-01&issued_to=2026-01-02&day=1", &["day"]),
        ] {
            let details = books_page(query).unwrap_err().details;
            let found: Vec<_> = details.iter().map(|detail| detail.loc.join(".")).collect();
            assert_eq!(found, names, "{query}");
        }
    }

    #[test]
    fn sums_are_on_the_first_page() {
        let sums = [BookedSum {
            currency: Some("PLN".to_owned()),
            kind: DocumentKind::Correction,
            documents: 1,
            gross: Balance(-123_450),
        }];
        let page = BookedPage { documents: vec![booked()], next: Some(booked().position()) };
        let body = |page: &BookedPage, sums| serde_json::from_slice::<Value>(&books(page, sums).body).unwrap();
        let document = json!({
            "enrolment_id": 7, "kind": "correction", "number": "K/1", "url": "https://a.example/i",
            "gross": "-1234.50", "currency": "PLN", "tax": "5.5", "issued_on": "2026-02-01",
            "ksef": {"status": "ok", "number": "525-1"},
        });
        let sum = json!({"currency": "PLN", "kind": "correction", "documents": 1, "gross": "-1234.50"});
        assert_eq!(body(&page, Some(&sums)), json!({"documents": [document], "sums": [sum], "next": "1769904000-3"}));
        let last = BookedPage { documents: Vec::new(), next: None };
        assert_eq!(body(&last, None), json!({"documents": [], "next": null}));
    }
}
