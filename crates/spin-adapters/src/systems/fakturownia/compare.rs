//! Whether a document is the one that was asked for.

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
    let unsaid = |key: &str| met == Met::Created && field(document, key).is_null();
    match about {
        About::Buyer { name, email, tax_no } => {
            let text = |key: &str| text_of(field(document, key)).unwrap_or_default();
            let same_name = unsaid("buyer_name") || text("buyer_name").split_whitespace().eq(name.split_whitespace());
            let same_email = unsaid("buyer_email") || text("buyer_email").trim().eq_ignore_ascii_case(email.trim());
            let own_number = match tax_no {
                Some(tax_no) => {
                    let same = unsaid("buyer_tax_no") || nip(&text("buyer_tax_no")) == *tax_no;
                    // Without a kind it is a NIP (KSeF.md, "Dozwolone wartości").
                    same && is_empty(document, "buyer_tax_no_kind")
                }
                // The vendor fills in what is missing from another client of the same name
                // (KSeF.md, "uzupełnianie po nazwie").
                None => ["buyer_tax_no", "buyer_street", "buyer_post_code", "buyer_city"]
                    .iter()
                    .all(|key| is_empty(document, key)),
            };
            let company = field(document, "buyer_company");
            let same_company = company.is_null() || is_true(company) == tax_no.is_some();
            (!same_name || !same_email || !own_number || !same_company).then_some(Difference::Buyer)
        }
        About::Invoice { id, buyer } => {
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

/// A Polish tax number without what may be written before and between its digits.
fn nip(text: &str) -> String {
    let text: String = text.chars().filter(|own| !own.is_whitespace() && *own != '-').collect();
    let country = text.get(..2).filter(|country| country.eq_ignore_ascii_case("pl"));
    country.and_then(|_| text.get(2..)).unwrap_or(&text).to_owned()
}
