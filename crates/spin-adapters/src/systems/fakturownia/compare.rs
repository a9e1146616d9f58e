//! Whether a document is the one that was asked for.

use super::buyer::Buyer;
use super::expected::{About, Expected};
use super::object::{Object, amount, field, id_of, is_canceled, is_true, text_of};
use domain::model::invoice::Difference;
use serde_json::Value;

/// Where a document is met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Met {
    /// In the answer to the request for it. What that leaves out says nothing: the vendor
    /// does not document which fields it repeats.
    Created,
    /// In a list: whose it is must be certain, so what is not said counts as different.
    Listed,
}

/// What a document says otherwise than it was asked for.
pub(super) fn difference(document: &Object, asked: &Expected<'_>, met: Met) -> Option<Difference> {
    let unsaid = |key: &str| met == Met::Created && field(document, key).is_null();
    if field(document, "kind") != asked.kind() && !unsaid("kind") {
        Some(Difference::Kind)
    } else if is_canceled(document) {
        Some(Difference::Canceled)
    } else if let Some(difference) = other_subject(document, &asked.about, met) {
        Some(difference)
    } else if amount(field(document, "price_gross")) != Some(asked.gross) && !unsaid("price_gross") {
        Some(Difference::Amount)
    } else if field(document, "currency") != asked.currency && !unsaid("currency") {
        Some(Difference::Currency)
    } else {
        None
    }
}

fn other_subject(document: &Object, about: &About<'_>, met: Met) -> Option<Difference> {
    match about {
        About::Buyer(buyer) => (!is_buyer(document, buyer, met)).then_some(Difference::Buyer),
        About::Invoice { id, buyer, .. } => {
            let links = ["invoice_id", "from_invoice_id"].map(|key| field(document, key));
            let said = met == Met::Listed || links.iter().any(|link| !link.is_null());
            if said && !corrects(document, *id) {
                return Some(Difference::Corrects);
            }
            let same = |key: &&str| {
                let (own, invoiced) = (field(document, key), buyer.map(|buyer| field(buyer, key)));
                // What is empty may come as null.
                let text = |value| text_of(value).unwrap_or_default();
                own.is_null() || invoiced.is_none_or(|invoiced| text(own) == text(invoiced))
            };
            let same_buyer = ["buyer_name", "buyer_email", "buyer_tax_no"].iter().all(same);
            (!same_buyer).then_some(Difference::Buyer)
        }
    }
}

/// Whether the document has this buyer.
fn is_buyer(document: &Object, buyer: &Buyer<'_>, met: Met) -> bool {
    let unsaid = |key: &str| met == Met::Created && field(document, key).is_null();
    let text = |key: &str| text_of(field(document, key)).unwrap_or_default();
    let same_name =
        unsaid("buyer_name") || text("buyer_name").split_whitespace().eq(buyer.buyer_name.split_whitespace());
    let same_email = unsaid("buyer_email") || text("buyer_email").trim().eq_ignore_ascii_case(buyer.buyer_email.trim());
    let number = buyer.buyer_tax_no;
    let same_number = number.is_empty() || unsaid("buyer_tax_no") || is_number(&text("buyer_tax_no"), number);
    // Without a kind it is a NIP (KSeF.md, "Dozwolone wartości").
    let kind = text("buyer_tax_no_kind");
    let same_kind = number.is_empty() || ["", buyer.buyer_tax_no_kind].contains(&kind.trim());
    // The vendor fills in what is missing from another client of the same name (KSeF.md, "uzupełnianie po nazwie").
    let own = [
        ("buyer_tax_no", number),
        ("buyer_street", buyer.buyer_street),
        ("buyer_post_code", buyer.buyer_post_code),
        ("buyer_city", buyer.buyer_city),
    ];
    let not_filled_in = own.iter().all(|(key, sent)| !sent.is_empty() || is_empty(document, key));
    let company = field(document, "buyer_company");
    let same_company = company.is_null() || is_true(company) == buyer.buyer_company;
    same_name && same_email && same_number && same_kind && not_filled_in && same_company
}

/// Whether it is a correction of the invoice with this id.
pub(super) fn corrects(document: &Object, id: i64) -> bool {
    ["invoice_id", "from_invoice_id"].iter().any(|key| id_of(field(document, key)) == Some(id))
}

fn is_empty(document: &Object, key: &str) -> bool {
    match field(document, key) {
        Value::Null => true,
        value => text_of(value).is_some_and(|text| text.trim().is_empty()),
    }
}

/// Whether a tax number is that which was sent, with what may be written between its characters, and before a NIP.
fn is_number(text: &str, sent: &str) -> bool {
    let text: String = text.chars().filter(|own| !own.is_whitespace() && *own != '-').collect();
    let country = text.get(..2).filter(|country| country.eq_ignore_ascii_case("pl"));
    text == sent || country.and_then(|_| text.get(2..)) == Some(sent)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// Whether the document that was sent is that buyer's, with other fields.
    fn is(buyer: Buyer<'_>, changes: &Value) -> bool {
        let buyer = Buyer { buyer_name: "Acme".into(), buyer_email: "a@b", ..buyer };
        let mut document = json!(buyer).as_object().unwrap().clone();
        document.extend(changes.as_object().unwrap().clone());
        is_buyer(&document, &buyer, Met::Listed)
    }

    #[test]
    fn a_company_elsewhere_has_its_number_and_its_kind() {
        let company = |number, kind| Buyer {
            buyer_company: true,
            buyer_tax_no: number,
            buyer_tax_no_kind: kind,
            buyer_street: "A 1",
            buyer_city: "B",
            ..Buyer::default()
        };
        for same in [json!({}), json!({"buyer_tax_no_kind": null}), json!({"buyer_tax_no": "DE 123-456"})] {
            assert!(is(company("DE123456", "nip_ue"), &same), "{same}");
        }
        for other in [
            json!({"buyer_tax_no": "DE123457"}),
            json!({"buyer_tax_no": ""}),
            json!({"buyer_tax_no_kind": "other"}),
            json!({"buyer_post_code": "00-001"}),
            json!({"buyer_company": false}),
        ] {
            assert!(!is(company("DE123456", "nip_ue"), &other), "{other}");
        }
        assert!(is(company("", "empty"), &json!({"buyer_tax_no": null})));
        assert!(!is(company("", "empty"), &json!({"buyer_tax_no": "123"})), "filled in");
    }

    #[test]
    fn an_address_that_was_not_sent_is_of_another_buyer() {
        let person = |buyer_street, buyer_city| Buyer { buyer_street, buyer_city, ..Buyer::default() };
        assert!(is(person("A 1", "B"), &json!({"buyer_street": "ul. A 1", "buyer_city": "B"})));
        assert!(!is(person("A 1", "B"), &json!({"buyer_post_code": "00-001"})));
        assert!(!is(person("", ""), &json!({"buyer_street": "A 1"})));
    }
}
