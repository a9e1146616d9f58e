//! Responses with enrolments in full.

use crate::Reply;
use crate::json::to_vec;
use crate::position::Next;
use crate::wire::full::{self as wire, FullEnrolmentList};
use domain::model::filter::Position;
use domain::model::full::FullEnrolment;
use http::StatusCode;

/// 200 with an enrolment in full.
#[must_use]
pub fn full(full: &FullEnrolment) -> Reply {
    Reply::json(StatusCode::OK, to_vec(&wire::FullEnrolment::from(full)))
}

/// 200 with a page of enrolments in full. `next` is the last of them, if there are more.
#[must_use]
pub fn full_list(enrolments: &[FullEnrolment], next: Option<Position>) -> Reply {
    let enrolments = enrolments.iter().map(wire::FullEnrolment::from).collect();
    Reply::json(StatusCode::OK, to_vec(&FullEnrolmentList { enrolments, next: next.map(Next::from) }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::model::asked::Author;
    use domain::model::full::{CanceledInFull, PaidInFull, RefundInFull};
    use domain::model::metadata::Metadata;
    use domain::model::note::Reason;
    use domain::model::payment::PaymentMethod;
    use domain::model::reference::PlatformReference;
    use domain::model::terms::{Currency, Exemption, TaxWord};
    use domain::{CourseId, CourseTerms, Enrolment, EnrolmentId, Money, PaymentStatus, Status, UserId};
    use serde_json::{Value, json};

    fn written(full: &FullEnrolment) -> Value {
        serde_json::from_slice(&super::full(full).body).unwrap()
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
            metadata: Metadata::default(),
            created_at: at,
            updated_at: at,
            ends_at: None,
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
            "ends_at": null, "pay_until": null, "terms": null, "paid": null, "refunds": [], "refunded": "0.00",
            "canceled": null,
        });
        assert_eq!(written(&short()), expected);
        let page = full_list(&[short()], Some(Position { at: None, id: 1 }));
        let page: Value = serde_json::from_slice(&page.body).unwrap();
        assert_eq!(page, json!({"enrolments": [expected], "next": 1}));
    }

    #[test]
    fn money_and_times_are_texts() {
        let at = "2026-06-02T12:00:00.25Z".parse().unwrap();
        let (amount, by) = (Money::from_decimal("149"), Some(Author("service_token".to_owned())));
        let mut metadata = Metadata::default();
        metadata.insert("seat", "A 7").unwrap();
        let full = FullEnrolment {
            reference: Some(PlatformReference::new("ORDER/7").unwrap()),
            metadata,
            ends_at: Some(at),
            terms: Some(CourseTerms {
                name: "Rust".to_owned(),
                price: amount.unwrap(),
                currency: Currency::parse("PLN").unwrap(),
                tax: Some(TaxWord::Exempt.with(Exemption::parse("art. 43"), None).unwrap()),
                gtu_code: None,
                language: None,
                ends_at: Some(at),
            }),
            paid: Some(PaidInFull {
                amount,
                on: "2026-06-01".parse().ok(),
                reference: PlatformReference::new("pi_1").ok(),
                method: PaymentMethod::new("card").ok(),
            }),
            refunds: vec![RefundInFull { amount, at }],
            canceled: Some(CanceledInFull { at: Some(at), reason: Reason::new("ill").ok(), by }),
            ..short()
        };
        let (written, time) = (written(&full), "2026-06-02T12:00:00.250Z");
        assert_eq!((&written["reference"], &written["metadata"]), (&json!("ORDER/7"), &json!({"seat": "A 7"})));
        assert_eq!(
            written["terms"],
            json!({"name": "Rust", "price": "149.00", "currency": "PLN", "tax": "zw", "tax_exemption": "art. 43",
                "gtu_code": null, "language": null, "end_date": time})
        );
        assert_eq!(
            written["paid"],
            json!({"amount": "149.00", "on": "2026-06-01", "reference": "pi_1", "method": "card"})
        );
        assert_eq!(written["refunds"], json!([{"amount": "149.00", "at": time}]));
        assert_eq!(written["refunded"], "149.00");
        assert_eq!(written["canceled"], json!({"at": time, "reason": "ill", "by": "service"}));
    }
}
