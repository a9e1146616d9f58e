//! Requests and responses of the search.

use crate::json::to_vec;
use crate::query::Query;
use crate::wire::operators::Results;
use crate::wire::words::fault;
use crate::{Problem, Reply};
use domain::model::search::{SearchResults, SearchText};
use http::StatusCode;

/// Parses the required parameter `q`: 1 to 100 characters without blanks around them.
///
/// # Errors
///
/// 400 with every fault.
pub fn search_text(query: &str) -> Result<SearchText, Problem> {
    let mut query = Query::parse(query, &["q"]);
    let text = query.required("q", |text| {
        SearchText::new(text).ok_or_else(|| ("1 to 100 characters are required".to_owned(), fault::STRING_VALUE))
    });
    query.end_with(text)
}

/// 200 with the results.
#[must_use]
pub fn search_results(text: &SearchText, results: &SearchResults) -> Reply {
    Reply::json(StatusCode::OK, to_vec(&Results::new(text, results)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::EnrolmentId;
    use domain::model::search::{Found, FoundBy};
    use serde_json::{Value, json};

    #[test]
    fn a_text_is_required() {
        assert_eq!(search_text("q=+FV+1%2F2026").unwrap().as_str(), "FV 1/2026");
        for query in ["", "q=", "q=a&q=b", "q=a&x=1", "q=%00"] {
            assert_eq!(search_text(query).unwrap_err().status, 400, "{query}");
        }
    }

    #[test]
    fn an_email_address_that_is_not_found_has_a_hint() {
        let of = |text: &str, results: &SearchResults| -> Value {
            serde_json::from_slice(&search_results(&SearchText::new(text).unwrap(), results).body).unwrap()
        };
        let none = SearchResults::default();
        assert_eq!(of("x", &none), json!({"results": [], "more": false, "hint": null}));
        assert!(of("a@b.pl", &none)["hint"].as_str().unwrap().starts_with("E-mail addresses cannot be searched."));
        let id = EnrolmentId::new(7).unwrap();
        let found = vec![Found { by: FoundBy::InvoiceNumber, id, enrolment: None }];
        let results = SearchResults { found, more: true };
        let one = json!({"found_by": "invoice_number", "enrolment_id": 7, "enrolment": null});
        assert_eq!(of("a@b.pl", &results), json!({"results": [one], "more": true, "hint": null}));
    }
}
