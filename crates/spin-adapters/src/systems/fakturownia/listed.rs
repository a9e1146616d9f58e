//! Lists of documents, to compare them with those in the database.

use super::Fakturownia;
use super::answer;
use super::failure;
use super::link::link;
use super::object::{Object, amount, field, id_of, is_canceled, text_of};
use super::search::{MAX_PAGE, PER_PAGE};
use crate::config::table::INVOICES_OID_PREFIX;
use domain::EnrolmentId;
use domain::jobs::outbox::Failure;
use domain::model::check::{ListedDocument, Listing};
use domain::model::invoice::DocumentKind;
use domain::model::reason::FailureReason;

pub(super) async fn listed(account: &Fakturownia, listing: Listing<'_>) -> Result<Vec<ListedDocument>, Failure> {
    let unset = |error| Failure::Down { reason: FailureReason::from(&error), after: None };
    let prefix = INVOICES_OID_PREFIX.read().map_err(unset)?;
    let path = format!("/invoices.json?{}", query(listing));
    let reply = account.get_by(account.deadline.get(), MAX_PAGE, &path).await.map_err(failure::not_found_out)?;
    let documents = answer::documents(&reply)?;
    let documents = documents.iter().filter_map(|document| read(document.as_object()?, &prefix, &account.origin));
    Ok(documents.collect())
}

/// The parameters of README.md, "Dodatkowe parametry dostępne przy pobieraniu listy rekordów". The kinds are
/// those that this service issues.
fn query(listing: Listing<'_>) -> String {
    let which = match listing {
        Listing::Day(day, page) => format!("period=more&date_from={day}&date_to={day}&order=number&page={page}"),
        Listing::Ids(ids) => {
            let ids: Vec<_> = ids.iter().map(i64::to_string).collect();
            format!("period=all&invoice_ids={}&page=1", ids.join(","))
        }
    };
    format!("kinds%5B%5D=vat&kinds%5B%5D=correction&{which}&per_page={PER_PAGE}")
}

/// None for another kind, or without an id.
fn read(document: &Object, prefix: &str, origin: &str) -> Option<ListedDocument> {
    let kind = match field(document, "kind").as_str()? {
        "vat" => DocumentKind::Invoice,
        "correction" => DocumentKind::Correction,
        _ => return None,
    };
    let corrected = ["invoice_id", "from_invoice_id"].iter().find_map(|key| id_of(field(document, key)));
    Some(ListedDocument {
        vendor_id: id_of(field(document, "id")).filter(|id| *id > 0)?,
        kind,
        enrolment_id: field(document, "oid").as_str().and_then(|oid| enrolment_in(oid, kind, prefix)),
        corrects: corrected.filter(|_| kind == DocumentKind::Correction),
        number: text_of(field(document, "number")),
        url: link(field(document, "view_url"), field(document, "token"), origin),
        gross: amount(field(document, "price_gross")),
        currency: field(document, "currency").as_str().map(str::to_owned),
        canceled: is_canceled(document),
    })
}

/// The enrolment in an `oid` of this service: `<prefix>-<enrolment>-<reference>` or
/// `correction-<enrolment>-<invoice>…`.
fn enrolment_in(oid: &str, kind: DocumentKind, prefix: &str) -> Option<EnrolmentId> {
    let prefix = match kind {
        DocumentKind::Invoice => prefix,
        DocumentKind::Correction => "correction",
    };
    let (id, reference) = oid.strip_prefix(prefix)?.strip_prefix('-')?.split_once('-')?;
    let is_reference = reference.get(..16)?.bytes().all(|byte| byte.is_ascii_hexdigit());
    EnrolmentId::new(id.parse().ok()?).filter(|_| is_reference)
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::Balance;
    use serde_json::json;

    #[test]
    fn documents_are_asked_for_by_their_day_or_ids() {
        let kinds = "kinds%5B%5D=vat&kinds%5B%5D=correction";
        let day = "period=more&date_from=2026-02-01&date_to=2026-02-01&order=number&page=3&per_page=100";
        assert_eq!(query(Listing::Day("2026-02-01".parse().unwrap(), 3)), format!("{kinds}&{day}"));
        let ids = "period=all&invoice_ids=7,9&page=1&per_page=100";
        assert_eq!(query(Listing::Ids(&[7, 9])), format!("{kinds}&{ids}"));
    }

    #[test]
    fn an_oid_of_this_service_has_the_enrolment() {
        use DocumentKind::{Correction, Invoice};
        let reference = "0123456789abcdef";
        for (oid, kind, id) in [
            (format!("shop-7-{reference}"), Invoice, Some(7)),
            (format!("correction-7-{reference}"), Correction, Some(7)),
            (format!("correction-7-{reference}-19999-0"), Correction, Some(7)),
            (format!("other-7-{reference}"), Invoice, None),
            (format!("shop-{reference}"), Invoice, None),
            (format!("shop-0-{reference}"), Invoice, None),
            ("shop-7-1".to_owned(), Invoice, None),
            ("shop-7-0123456789abcdeż".to_owned(), Invoice, None),
            ("order 7".to_owned(), Invoice, None),
        ] {
            assert_eq!(enrolment_in(&oid, kind, "shop").map(EnrolmentId::get), id, "{oid}");
        }
    }

    #[test]
    fn a_document_is_read_in_every_form() {
        let read = |document: serde_json::Value| read(document.as_object().unwrap(), "shop", "https://a.example");
        let document = json!({"id": "7", "kind": "correction", "oid": null, "number": 5, "price_gross": "-1,5",
            "currency": "PLN", "token": "t", "from_invoice_id": "3", "cancelled": true});
        let found = read(document).unwrap();
        assert_eq!((found.vendor_id, found.corrects, found.gross), (7, Some(3), Some(Balance(-150))));
        assert_eq!((found.number.as_deref(), found.canceled, found.enrolment_id), (Some("5"), true, None));
        assert_eq!(found.url.as_deref(), Some("https://a.example/invoice/t"));
        for other in [json!({"id": 7, "kind": "proforma"}), json!({"kind": "vat"}), json!({"id": 0, "kind": "vat"})] {
            assert_eq!(read(other.clone()), None, "{other}");
        }
    }
}
