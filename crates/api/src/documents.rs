//! Documents on the wire.

use crate::json::to_vec;
use crate::query::parameters;
use crate::wire::{self, DocumentList};
use crate::{Problem, Reply};
use domain::invoice::Document;
use http::StatusCode;

/// The user that `?user_id=` names, if it names one.
///
/// # Errors
///
/// 400 with an empty one, or for a parameter that is given more than once.
pub fn optional_user_id(query: &str) -> Result<Option<String>, Problem> {
    let mut parameters = parameters(query)?.into_iter();
    match parameters.find(|(name, _)| name == "user_id") {
        Some((_, id)) if id.is_empty() => Err(Problem::missing_user_id()),
        found => Ok(found.map(|(_, id)| id.into_owned())),
    }
}

/// 200 with the documents of an enrolment.
#[must_use]
pub fn documents(documents: &[Document]) -> Reply {
    let documents = documents.iter().map(|document| wire::Document {
        kind: document.kind.as_str(),
        number: document.number.as_deref(),
        url: document.url.as_deref(),
        gross: document.gross.map(|gross| gross.to_string()),
        currency: document.currency.as_deref(),
        issued_on: document.issued_on.map(|day| day.to_string()),
        ksef: document
            .ksef
            .as_ref()
            .map(|ksef| wire::Ksef { status: ksef.status.as_str(), number: ksef.number.as_deref() }),
    });
    Reply::json(StatusCode::OK, to_vec(&DocumentList { documents: documents.collect() }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::Balance;
    use domain::invoice::DocumentKind;
    use domain::ksef::{Ksef, KsefStatus};
    use serde_json::{Value, json};

    #[test]
    fn the_user_may_be_named_or_not() {
        assert_eq!(optional_user_id("").unwrap(), None);
        assert_eq!(optional_user_id("a=1&user_id=u%20").unwrap().as_deref(), Some("u "));
        for query in ["user_id=", "user_id", "user_id=a&user_id=a", "a=1&a=2"] {
            assert_eq!(optional_user_id(query).unwrap_err().status.as_u16(), 400, "{query}");
        }
    }

    #[test]
    fn what_is_not_known_is_null() {
        let url = "https://a.example/i".to_owned();
        let correction = Document {
            kind: DocumentKind::Correction,
            vendor_id: Some(5),
            number: Some("K/1".to_owned()),
            url: None,
            gross: Some(Balance(-19999)),
            currency: Some("PLN".to_owned()),
            issued_on: "2026-02-01".parse().ok(),
            ksef: KsefStatus::new("processing").map(|status| Ksef { status, number: None }),
        };
        let reply = documents(&[Document::known_by_its_page(url.clone()), correction]);
        let body: Value = serde_json::from_slice(&reply.body).unwrap();
        assert_eq!(
            body,
            json!({"documents": [
                {"kind": "invoice", "number": null, "url": url, "gross": null, "currency": null, "issued_on": null,
                    "ksef": null},
                {"kind": "correction", "number": "K/1", "url": null, "gross": "-199.99", "currency": "PLN",
                    "issued_on": "2026-02-01", "ksef": {"status": "processing", "number": null}},
            ]})
        );
    }
}
