//! The correction as it is sent: to zero, with buyer and position as the invoice has them.

use super::answer::{Object, field};
use super::expected::Expected;
use super::invoice::Request;
use super::ksef::is_company;
use chrono::NaiveDate;
use domain::Balance;
use domain::job::Refund;
use domain::outbox::Failure;
use domain::terms::Terms;
use serde_json::{Map, Value, json};

/// What is taken over from the invoice.
const BUYER: [&str; 10] = [
    "buyer_company",
    "buyer_name",
    "buyer_first_name",
    "buyer_last_name",
    "buyer_email",
    "buyer_tax_no",
    "buyer_street",
    "buyer_post_code",
    "buyer_city",
    "buyer_country",
];

/// What the correction says where the caller gave no reason: "refund".
const REASON: &str = "Zwrot płatności";

/// The body of the request. The token goes into the body, where the vendor documents
/// it, and into no URL.
///
/// # Errors
///
/// Where the invoice has no position or several, which none that was issued from here
/// has.
pub(super) fn request(
    token: &str,
    asked: &Expected<'_>,
    terms: &Terms,
    refund: &Refund,
    invoice: &Object,
    issued_on: NaiveDate,
) -> Result<Vec<u8>, Failure> {
    let refused = || Failure::Refused { reason: "the invoice to be corrected has other positions".to_owned() };
    let [Value::Object(sold)] = field(invoice, "positions").as_array().map(Vec::as_slice).unwrap_or_default() else {
        return Err(refused());
    };
    let Balance(gross) = asked.gross;
    let position = |kind: &str, quantity: i32, gross: i64| {
        let mut position = Map::new();
        for key in ["name", "quantity_unit", "tax"] {
            if let Some(value) = sold.get(key).filter(|value| !value.is_null()) {
                position.insert(key.to_owned(), value.clone());
            }
        }
        position.insert("quantity".to_owned(), json!(quantity));
        position.insert("total_price_gross".to_owned(), json!(Balance(gross).to_string()));
        position.insert("kind".to_owned(), json!(kind));
        position
    };
    let mut corrected = position("correction", -1, gross);
    let before = position("correction_before", 1, -gross);
    let after = position("correction_after", 0, 0);
    corrected.insert("correction_before_attributes".to_owned(), Value::Object(before));
    corrected.insert("correction_after_attributes".to_owned(), Value::Object(after));

    let id = field(invoice, "id");
    let reason = refund.reason.as_ref().map_or(REASON, |reason| reason.as_str());
    let Value::Object(mut document) = json!({
        "kind": asked.kind(), "number": null, "correction_reason": reason,
        "invoice_id": id, "from_invoice_id": id, "oid": asked.oid,
        "issue_date": issued_on.to_string(), "sell_date": refund.refunded_on.to_string(),
        "payment_type": terms.payment_type, "payment_to_kind": "off", "currency": asked.currency, "lang": "pl",
        "positions": [corrected],
    }) else {
        return Err(refused());
    };
    if let Some(department_id) = &terms.department_id {
        document.insert("department_id".to_owned(), json!(department_id));
    }
    for key in BUYER {
        if let Some(value) = invoice.get(key).filter(|value| !value.is_null()) {
            document.insert(key.to_owned(), value.clone());
        }
    }
    let gov_save_and_send = terms.ksef.asks_for(is_company(invoice)).then_some(true);
    // Writing plain records to memory does not fail.
    Ok(serde_json::to_vec(&Request { api_token: token, gov_save_and_send, invoice: document }).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::invoice::{Content, IssuedInvoice, Order};
    use domain::note::Reason;
    use domain::terms::{Account, Currency, KsefPolicy, TaxWord};
    use domain::{EnrolmentId, Money};

    fn sent(invoice: &Value, reason: Option<&str>) -> Result<Value, Failure> {
        sent_under(KsefPolicy::Account, invoice, reason)
    }

    fn sent_under(ksef: KsefPolicy, invoice: &Value, reason: Option<&str>) -> Result<Value, Failure> {
        let refund = Refund {
            addressee: None,
            reason: reason.map(|reason| Reason::new(reason).unwrap()),
            refunded_on: "2026-01-31".parse().unwrap(),
        };
        let gross = Money::from_hundredths(19999).unwrap();
        let issued = IssuedInvoice { vendor_id: 5, gross, currency: "PLN".to_owned() };
        let order = Order {
            enrolment_id: EnrolmentId::new(7).unwrap(),
            content: Content::Correction(&refund, &issued),
            issued_on: "2026-02-01".parse().unwrap(),
        };
        let terms = Terms {
            account: Account::new("https://account.example"),
            prefix: "enrolment".to_owned(),
            department_id: None,
            tax: TaxWord::parse("8").unwrap().with(None, None).unwrap(),
            currency: Currency::parse("EUR").unwrap(),
            payment_type: "transfer".to_owned(),
            ksef,
        };
        let asked = Expected::new("enrolment-7-1", &terms, &order);
        request("t0ken", &asked, &terms, &refund, invoice.as_object().unwrap(), order.issued_on)
            .map(|body| serde_json::from_slice(&body).unwrap())
    }

    #[test]
    fn it_takes_back_what_the_invoice_says_whatever_the_terms_are_now() {
        let invoice = json!({
            "id": 5, "kind": "vat", "buyer_company": false, "buyer_name": "Ann Example", "buyer_tax_no": null,
            "buyer_email": "ann@example.com", "token": "x",
            "positions": [{"id": 9, "name": "Rust", "quantity": "1.0", "quantity_unit": "usł.", "tax": "23",
                "total_price_gross": "199.99"}],
        });
        assert_eq!(
            sent(&invoice, Some("moved")).unwrap(),
            json!({"api_token": "t0ken", "invoice": {
                "kind": "correction", "number": null, "correction_reason": "moved", "invoice_id": 5,
                "from_invoice_id": 5, "oid": "enrolment-7-1", "issue_date": "2026-02-01",
                "sell_date": "2026-01-31", "payment_type": "transfer", "payment_to_kind": "off",
                "currency": "PLN", "lang": "pl", "buyer_company": false, "buyer_name": "Ann Example",
                "buyer_email": "ann@example.com",
                "positions": [{
                    "name": "Rust", "quantity_unit": "usł.", "tax": "23", "kind": "correction", "quantity": -1,
                    "total_price_gross": "-199.99",
                    "correction_before_attributes": {"name": "Rust", "quantity_unit": "usł.", "tax": "23",
                        "kind": "correction_before", "quantity": 1, "total_price_gross": "199.99"},
                    "correction_after_attributes": {"name": "Rust", "quantity_unit": "usł.", "tax": "23",
                        "kind": "correction_after", "quantity": 0, "total_price_gross": "0.00"},
                }],
            }})
        );
        assert_eq!(sent(&invoice, None).unwrap()["invoice"]["correction_reason"], REASON);
    }

    #[test]
    fn ksef_is_asked_for_where_the_invoice_is_for_a_company() {
        for (policy, company, asked) in [
            (KsefPolicy::Account, true, json!(null)),
            (KsefPolicy::Companies, false, json!(null)),
            (KsefPolicy::Companies, true, json!(true)),
            (KsefPolicy::Always, false, json!(true)),
        ] {
            let invoice = json!({"id": 5, "buyer_company": company, "positions": [{"name": "Rust"}]});
            let sent = sent_under(policy, &invoice, None).unwrap();
            assert_eq!(sent["gov_save_and_send"], asked, "{policy:?} {company}");
        }
    }

    #[test]
    fn an_invoice_with_other_positions_is_for_a_person() {
        for positions in [json!(null), json!([]), json!([{}, {}]), json!(["x"])] {
            let refused = sent(&json!({"id": 5, "positions": positions}), None);
            assert!(matches!(refused, Err(Failure::Refused { .. })), "{positions}");
        }
    }
}
