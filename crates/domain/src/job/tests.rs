use super::*;
use crate::{Money, User};
use std::collections::BTreeSet;

#[test]
fn every_payload_comes_back_as_it_was() {
    let user = User { first_name: "Ż\"\\\n".to_owned(), last_name: "<b>".to_owned(), email: "a@b".to_owned() };
    let course_name = "Rust".to_owned();
    let invoice = |reference| {
        Payload::Invoice(Purchase {
            buyer: user.clone(),
            course_name: "Rust".to_owned(),
            gross: Money::from_hundredths(19999).unwrap(),
            paid_on: "2026-02-01".parse().unwrap(),
            reference,
        })
    };
    let email = |invoice_url| {
        Payload::PaymentEmail(PaymentEmail { recipient: user.clone(), course_name: course_name.clone(), invoice_url })
    };
    for payload in [
        Payload::EnrolmentEmail(EnrolmentEmail { recipient: user.clone(), course_name: course_name.clone() }),
        invoice(None),
        invoice(Some(InvoiceReference(0))),
        invoice(Some(InvoiceReference(u64::MAX))),
        email(None),
        email(Some("https://a".to_owned())),
    ] {
        let json = serde_json::to_string(&payload).unwrap();
        let back = Payload::deserialize(payload.kind(), &mut serde_json::Deserializer::from_str(&json)).unwrap();
        assert_eq!(back, payload);
    }
}

#[test]
fn words_keys_and_versions() {
    let words: BTreeSet<_> = Kind::ALL.iter().map(|kind| kind.word()).collect();
    assert_eq!(words.len(), Kind::ALL.len());
    for kind in Kind::ALL {
        assert_eq!(Kind::from_word(kind.word()), Some(*kind));
        assert!(kind.word().len() <= 32 && kind.word().bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'));
        assert!((1..=Kind::NEWEST_VERSION).contains(&kind.version()));
    }
    assert_eq!(Kind::ALL.iter().map(|kind| kind.version()).max(), Some(Kind::NEWEST_VERSION));
    assert_eq!((Kind::from_word("later"), Kind::from_word("")), (None, None));
    let key = crate::fakes::enrolment_email().key(EnrolmentId::new(2_147_483_647).unwrap());
    assert_eq!(key.as_str(), "enrolment_email:2147483647");
}

#[test]
fn each_system_has_its_kinds() {
    assert_eq!(Target::Invoices.kinds(), [Kind::Invoice]);
    assert_eq!(Target::Mail.kinds(), [Kind::EnrolmentEmail, Kind::PaymentEmail]);
}
