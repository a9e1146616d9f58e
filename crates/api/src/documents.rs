//! Responses with documents.

use crate::Reply;
use crate::json::to_vec;
use crate::wire::{self, DocumentList};
use domain::model::invoice::Document;
use http::StatusCode;

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
        ksef: document.ksef.as_ref().map(wire::Ksef::from),
    });
    Reply::json(StatusCode::OK, to_vec(&DocumentList { documents: documents.collect() }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::Balance;
    use domain::model::chain::ChainNo;
    use domain::model::invoice::DocumentKind;
    use domain::model::ksef::{Ksef, KsefStatus};
    use serde_json::{Value, json};

    #[test]
    fn unknown_fields_are_null() {
        let url = "https://a.example/i".to_owned();
        let correction = Document {
            kind: DocumentKind::Correction,
            chain_no: ChainNo::SECOND,
            vendor_id: Some(5),
            number: Some("K/1".to_owned()),
            url: None,
            gross: Some(Balance(-19999)),
            currency: Some("PLN".to_owned()),
            tax: Some("23".to_owned()),
            issued_on: "2026-02-01".parse().ok(),
            ksef: KsefStatus::new("processing").map(|status| Ksef { status, number: None }),
        };
        let reply = documents(&[Document::from_page(url.clone()), correction]);
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
