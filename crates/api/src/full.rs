//! Responses with enrolments in full.

use crate::json::{to_vec, write_day, write_money, write_or_null, write_text, write_time};
use crate::position::Next;
use crate::{Reply, reply, wire};
use domain::CourseTerms;
use domain::model::filter::Position;
use domain::model::full::{CanceledInFull, FullEnrolment, PaidInFull, RefundInFull};
use domain::model::gtu::GtuCode;
use domain::model::language::Language;
use domain::model::metadata::StoredMetadata;
use domain::model::note::Reason;
use domain::model::payment::PaymentMethod;
use domain::model::reference::PlatformReference;
use domain::model::terms::Tax;
use http::StatusCode;

/// Enough for an enrolment with terms and a cancellation.
const BYTES: usize = 640;

/// 200 with an enrolment in full.
#[must_use]
pub fn full(full: &FullEnrolment) -> Reply {
    let mut json = Vec::with_capacity(BYTES);
    write(full, &mut json);
    Reply::json(StatusCode::OK, json)
}

/// 200 with a page of enrolments in full. `next` is the last of them, if there are more.
#[must_use]
pub fn full_list(enrolments: &[FullEnrolment], next: Option<Position>) -> Reply {
    let mut json = Vec::with_capacity(32 + enrolments.len() * BYTES);
    json.extend_from_slice(b"{\"enrolments\":");
    write_array(enrolments, &mut json, write);
    json.extend_from_slice(b",\"next\":");
    json.extend(to_vec(&next.map(Next::from)));
    json.push(b'}');
    Reply::json(StatusCode::OK, json)
}

/// Writes the type of the same name in `wire::full`, which has its documentation.
fn write(full: &FullEnrolment, out: &mut Vec<u8>) {
    reply::write_open(&full.enrolment, out);
    out.extend_from_slice(b",\"reference\":");
    write_or_null(full.reference.as_ref().map(PlatformReference::as_str), out, write_text);
    out.extend_from_slice(b",\"metadata\":");
    let metadata = full.metadata.as_ref().map_or("{}", |StoredMetadata(json)| json);
    out.extend_from_slice(metadata.as_bytes());
    out.extend_from_slice(b",\"created_at\":");
    write_time(full.created_at, out);
    out.extend_from_slice(b",\"updated_at\":");
    write_time(full.updated_at, out);
    out.extend_from_slice(b",\"ends_at\":");
    write_or_null(full.ends_at, out, write_time);
    out.extend_from_slice(b",\"pay_until\":");
    write_or_null(full.pay_until, out, write_time);
    out.extend_from_slice(if full.lapsed { b",\"lapsed\":true" } else { b",\"lapsed\":false" });
    out.extend_from_slice(b",\"terms\":");
    write_or_null(full.terms.as_deref(), out, write_terms);
    out.extend_from_slice(b",\"paid\":");
    write_or_null(full.paid.as_ref(), out, write_paid);
    out.extend_from_slice(b",\"refunds\":");
    write_array(&full.refunds, out, write_refund);
    out.extend_from_slice(b",\"refunded\":");
    write_or_null(full.refunded(), out, write_money);
    out.extend_from_slice(b",\"canceled\":");
    write_or_null(full.canceled.as_ref(), out, write_canceled);
    out.push(b'}');
}

fn write_array<T>(values: &[T], out: &mut Vec<u8>, write: fn(&T, &mut Vec<u8>)) {
    out.push(b'[');
    for (place, value) in values.iter().enumerate() {
        if place > 0 {
            out.push(b',');
        }
        write(value, out);
    }
    out.push(b']');
}

fn write_terms(terms: &CourseTerms, out: &mut Vec<u8>) {
    let CourseTerms { name, price, currency, tax, gtu_code, language, ends_at, moved_to: _ } = terms;
    out.extend_from_slice(b"{\"name\":");
    write_text(name, out);
    out.extend_from_slice(b",\"price\":");
    write_money(*price, out);
    out.extend_from_slice(b",\"currency\":");
    write_text(currency.code(), out);
    out.extend_from_slice(b",\"tax\":");
    write_or_null(tax.as_ref().map(Tax::word), out, write_text);
    out.extend_from_slice(b",\"tax_exemption\":");
    write_or_null(tax.as_ref().and_then(Tax::exemption), out, write_text);
    out.extend_from_slice(b",\"gtu_code\":");
    write_or_null(gtu_code.as_ref().map(GtuCode::as_str), out, write_text);
    out.extend_from_slice(b",\"language\":");
    write_or_null(language.map(Language::code), out, write_text);
    out.extend_from_slice(b",\"end_date\":");
    write_or_null(*ends_at, out, write_time);
    out.push(b'}');
}

fn write_paid(paid: &PaidInFull, out: &mut Vec<u8>) {
    out.extend_from_slice(b"{\"amount\":");
    write_or_null(paid.amount, out, write_money);
    out.extend_from_slice(b",\"on\":");
    write_or_null(paid.on, out, write_day);
    out.extend_from_slice(b",\"reference\":");
    write_or_null(paid.reference.as_ref().map(PlatformReference::as_str), out, write_text);
    out.extend_from_slice(b",\"method\":");
    write_or_null(paid.method.as_ref().map(PaymentMethod::as_str), out, write_text);
    out.push(b'}');
}

fn write_refund(refund: &RefundInFull, out: &mut Vec<u8>) {
    out.extend_from_slice(b"{\"amount\":");
    write_or_null(refund.amount, out, write_money);
    out.extend_from_slice(b",\"at\":");
    write_time(refund.at, out);
    out.extend_from_slice(b",\"reference\":");
    write_or_null(refund.reference.as_ref().map(PlatformReference::as_str), out, write_text);
    out.push(b'}');
}

fn write_canceled(canceled: &CanceledInFull, out: &mut Vec<u8>) {
    out.extend_from_slice(b"{\"at\":");
    write_or_null(canceled.at, out, write_time);
    out.extend_from_slice(b",\"reason\":");
    write_or_null(canceled.reason.as_ref().map(Reason::as_str), out, write_text);
    out.extend_from_slice(b",\"by\":");
    write_or_null(wire::by(canceled.by.as_ref()), out, write_text);
    out.push(b'}');
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::model::asked::Author;
    use domain::model::terms::{Currency, Exemption, TaxWord};
    use domain::{CourseId, Enrolment, EnrolmentId, Money, PaymentStatus, Status, UserId};
    use serde_json::{Value, json};
    use std::rc::Rc;

    /// As it is written, which is as its type would be.
    fn written(full: &FullEnrolment) -> Value {
        let body = super::full(full).body;
        let typed: wire::full::FullEnrolment = serde_json::from_slice(&body).unwrap();
        assert_eq!(serde_json::to_vec(&typed).unwrap(), *body);
        serde_json::from_slice(&body).unwrap()
    }

    fn short() -> FullEnrolment {
        let at = "2026-06-01T12:00:00Z".parse().unwrap();
        FullEnrolment {
            enrolment: Enrolment {
                id: EnrolmentId::new(1).unwrap(),
                user_id: UserId::new("u").unwrap(),
                course_id: CourseId::new(7).unwrap(),
                status: Status::Active,
                payment_status: PaymentStatus::Pending,
                invoice_url: None,
            },
            reference: None,
            metadata: None,
            created_at: at,
            updated_at: at,
            ends_at: None,
            pay_until: None,
            lapsed: false,
            terms: None,
            paid: None,
            refunds: Vec::new(),
            canceled: None,
        }
    }

    #[test]
    fn what_did_not_happen_is_null() {
        let time = "2026-06-01T12:00:00.000Z";
        let expected = json!({
            "id": 1, "user_id": "u", "course_id": 7, "status": "active", "payment_status": "pending",
            "invoice_url": null, "reference": null, "metadata": {}, "created_at": time, "updated_at": time,
            "ends_at": null, "pay_until": null, "lapsed": false, "terms": null, "paid": null, "refunds": [], "refunded": "0.00",
            "canceled": null,
        });
        assert_eq!(written(&short()), expected);
        for (next, shown) in [(Some(Position { at: None, id: 1 }), json!(1)), (None, Value::Null)] {
            let page: Value = serde_json::from_slice(&full_list(&[short(), short()], next).body).unwrap();
            assert_eq!(page, json!({"enrolments": [expected, expected], "next": shown}));
        }
    }

    #[test]
    fn money_and_times_are_texts() {
        let at = "2026-06-02T12:00:00.25Z".parse().unwrap();
        let (amount, by) = (Money::from_decimal("149"), Some(Author("service_token".to_owned())));
        let metadata = Some(StoredMetadata(r#"{"row":"\"","seat":"A 7"}"#.to_owned()));
        let full = FullEnrolment {
            reference: Some(PlatformReference::new("ORDER/7").unwrap()),
            metadata,
            ends_at: Some(at),
            pay_until: Some(at),
            lapsed: true,
            terms: Some(Rc::new(CourseTerms {
                name: "Rust".to_owned(),
                price: amount.unwrap(),
                currency: Currency::parse("PLN").unwrap(),
                tax: Some(TaxWord::Exempt.with(Exemption::parse("art. 43"), None).unwrap()),
                gtu_code: None,
                language: None,
                ends_at: Some(at),
                moved_to: None,
            })),
            paid: Some(PaidInFull {
                amount,
                on: "2026-06-01".parse().ok(),
                reference: PlatformReference::new("pi_1").ok(),
                method: PaymentMethod::new("card").ok(),
            }),
            refunds: vec![RefundInFull { amount, at, reference: PlatformReference::new("re_1").ok() }],
            canceled: Some(CanceledInFull { at: Some(at), reason: Reason::new("ill").ok(), by }),
            ..short()
        };
        let (written, time) = (written(&full), "2026-06-02T12:00:00.250Z");
        assert_eq!(
            (&written["reference"], &written["metadata"]),
            (&json!("ORDER/7"), &json!({"seat": "A 7", "row": "\""}))
        );
        assert_eq!(
            written["terms"],
            json!({"name": "Rust", "price": "149.00", "currency": "PLN", "tax": "zw", "tax_exemption": "art. 43",
                "gtu_code": null, "language": null, "end_date": time})
        );
        assert_eq!(
            written["paid"],
            json!({"amount": "149.00", "on": "2026-06-01", "reference": "pi_1", "method": "card"})
        );
        assert_eq!(written["refunds"], json!([{"amount": "149.00", "at": time, "reference": "re_1"}]));
        assert_eq!((&written["refunded"], &written["pay_until"]), (&json!("149.00"), &json!(time)));
        assert_eq!(written["lapsed"], true);
        assert_eq!(written["canceled"], json!({"at": time, "reason": "ill", "by": "service"}));
    }
}
