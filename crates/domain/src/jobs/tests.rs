use super::*;
use crate::fakes::{
    buyers, company, correction, course_terms, id, invoice_data, ksef_number, lease, mail_data, money, purchase,
    reason, start, user,
};
use crate::model::invoice::DocumentKind;
use crate::model::language::Language;
use crate::model::note::{Addressee, MailTo, Reason, Subject};
use crate::{CourseId, Money, User, UserId};
use proptest::prelude::*;
use std::collections::BTreeSet;

/// At least one payload of each kind, with and without each optional field.
fn payloads(recipient: &User, text: &str, why: Option<Reason>) -> Vec<Payload> {
    let (recipient, course_name) = (recipient.clone(), text.to_owned());
    let url = Some(format!("https://a.example/{text}"));
    let purchase = Purchase { customer: recipient.clone(), course_name: course_name.clone(), ..purchase() };
    let refund = Correction {
        mail_to: MailTo::Known(Addressee { recipient: recipient.clone(), course_name: course_name.clone() }),
        reason: why.clone(),
        ..correction()
    };
    let email = DocumentEmail::of(refund.email(url.clone()).unwrap());
    let withheld = Some(Withheld { url: url.clone(), email });
    let (pay_until, moved_at) = (Some(start()), Some(start()));
    let notice = Notice { topic: Topic::Move, pay_until, moved_at, reason: why.clone() };
    let mut payloads = vec![
        Payload::EnrolmentEmail(EnrolmentEmail { recipient: recipient.clone(), course_name: course_name.clone() }),
        Payload::Invoice(Purchase { reference: Reference(0), ..purchase.clone() }),
        Payload::Invoice(Purchase { reference: Reference(u64::MAX), gross: Money::MAX, ..purchase.clone() }),
        Payload::Invoice(Purchase { buyer: company(), ..purchase.clone() }),
        purchase.email(None),
        purchase.email(url.clone()),
        Payload::InvoiceData(invoice_data()),
        Payload::InvoiceData(InvoiceData { gross: None, buyer: company(), erased: true, ..invoice_data() }),
        Payload::Invoice(Purchase { erased: true, ..purchase.clone() }),
        refund.email(None).unwrap(),
        refund.email(url).unwrap(),
        Payload::Correction(refund.clone()),
        Payload::Correction(Correction { mail_to: MailTo::NoRecipient, reason: None, ..refund.clone() }),
        Payload::Correction(Correction { mail_to: MailTo::NotKnownYet(mail_data().subject), ..refund }),
        Payload::MailData(MailData { reason: why.clone(), ..mail_data() }),
        Payload::MailData(MailData {
            mail: MailContent::Refund { correction_url: None, amounts: None },
            ..mail_data()
        }),
        Payload::MailData(MailData {
            mail: MailContent::Payment { paid: purchase.paid() },
            reason: None,
            ..mail_data()
        }),
        Payload::Notice(notice.clone()),
        Payload::Notice(Notice::new(Topic::Lapse, None)),
        Payload::NoticeEmail(NoticeEmail {
            to: Addressee { recipient: recipient.clone(), course_name: course_name.clone() },
            notice,
        }),
        Payload::CancellationEmail(CancellationEmail { recipient, course_name, reason: why }),
        Payload::Event(Notification { event_id: i64::MAX }),
        Payload::KsefNumber(ksef_number()),
        Payload::KsefNumber(
            KsefNumber { document: DocumentKind::Correction, vendor_id: i64::MAX, ..ksef_number() }.erased(),
        ),
        Payload::KsefNumber(KsefNumber { withheld, unasked: true, ..ksef_number() }),
    ];
    for buyer in buyers() {
        payloads.push(Payload::InvoiceData(InvoiceData { buyer: buyer.clone(), ..invoice_data() }));
        payloads.push(Payload::Invoice(Purchase { buyer, ..purchase.clone() }));
    }
    payloads
}

fn round_trip(payload: &Payload) {
    let json = serde_json::to_string(payload).unwrap();
    let back = Payload::deserialize(payload.kind(), &mut serde_json::Deserializer::from_str(&json)).unwrap();
    assert_eq!(back, *payload);
}

#[test]
fn every_payload_is_read_as_it_was_written() {
    let (first_name, last_name) = ("Ż\"\\\n".to_owned(), "<b>".to_owned());
    let user = User { first_name, last_name, language: None, ..user() };
    for why in [None, reason("too few <people>")] {
        payloads(&user, "Rust", why).iter().for_each(round_trip);
    }
}

proptest! {
    #[test]
    fn a_payload_with_any_text_is_read_as_it_was_written(
        (text, why) in any::<(String, String)>(),
        (first_name, last_name, email) in any::<(String, String, String)>(),
        (hundredths, number, reference) in (0..=9_999_999_999_i64, 1..=2_147_483_647_i64, any::<u64>()),
    ) {
        let user = User { first_name, last_name, email, language: Some(Language::Polish), ..user() };
        payloads(&user, &text, Some(Reason::stored(why))).iter().for_each(round_trip);
        let (gross, user_id) = (Money::from_hundredths(hundredths), UserId::stored(text));
        let (course_id, reference) = (CourseId::new(number).unwrap(), Reference(reference));
        let course = Some(course_terms(1.0).into());
        let subject = Subject { user_id: user_id.clone(), course_id, course: course.clone() };
        round_trip(&Payload::MailData(MailData { subject, ..mail_data() }));
        round_trip(&Payload::InvoiceData(InvoiceData { gross, user_id, course_id, course, reference, ..invoice_data() }));
    }
}

#[test]
fn mails_have_the_form_of_version_1() {
    let person = r#"{"first_name":"Ann","last_name":"Example","email":"ann@example.com","language":"en"}"#;
    let paid = r#","invoice_url":null,"paid":{"hundredths":19999,"currency":"PLN","on":"2026-06-01"}"#;
    let (recipient, course_name) = (user(), "Rust".to_owned());
    let canceled = CancellationEmail { recipient, course_name, reason: reason("moved") };
    let refunded = correction().email(None).unwrap();
    let linked = correction().email(Some("https://a.example/k".to_owned())).unwrap();
    for (payload, rest) in [
        (Payload::EnrolmentEmail(EnrolmentEmail { recipient: user(), course_name: "Rust".to_owned() }), ""),
        (purchase().email(None), paid),
        (Payload::CancellationEmail(CancellationEmail { reason: None, ..canceled.clone() }), r#","reason":null"#),
        (Payload::CancellationEmail(canceled), r#","reason":"moved""#),
        (refunded, r#","reason":"moved","correction_url":null"#),
        (linked, r#","reason":"moved","correction_url":"https://a.example/k""#),
    ] {
        let json = serde_json::to_string(&payload).unwrap();
        assert_eq!(json, format!(r#"{{"recipient":{person},"course_name":"Rust"{rest}}}"#));
    }
}

#[test]
fn words_and_keys_follow_their_rules() {
    let words: BTreeSet<_> = Kind::ALL.iter().map(|kind| kind.word()).collect();
    assert_eq!(words.len(), Kind::ALL.len());
    for kind in Kind::ALL {
        assert_eq!(Kind::from_word(kind.word()), Some(*kind));
        assert!(kind.word().len() <= 32 && kind.word().bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'));
        assert_eq!(kind.to_string(), kind.word());
    }
    assert_eq!((Kind::from_word("later"), Kind::from_word("")), (None, None));
    let key = crate::fakes::enrolment_email().key(EnrolmentId::new(2_147_483_647).unwrap(), None);
    assert_eq!(key.as_str(), "enrolment_email:2147483647");
    for payload in payloads(&user(), "Rust", None) {
        let key = payload.key(EnrolmentId::new(2_147_483_647).unwrap(), ChainNo::new(4_294_967_295));
        assert!(key.as_str().len() <= 64 && key.as_str().is_ascii());
    }
}

#[test]
fn the_words_never_change() {
    let words: Vec<_> = Kind::ALL.iter().map(|kind| kind.word()).collect();
    let expected = [
        "enrolment_email",
        "invoice",
        "payment_email",
        "invoice_data",
        "correction",
        "cancellation_email",
        "refund_email",
        "event",
        "ksef_number",
        "mail_data",
        "notice",
        "notice_email",
    ];
    assert_eq!(words, expected);
}

#[test]
fn the_newest_version_is_the_highest_that_a_payload_has() {
    let payloads = payloads(&user(), "Rust", reason("why"));
    assert!(Kind::ALL.iter().all(|kind| payloads.iter().any(|payload| payload.kind() == *kind)));
    assert!(payloads.iter().all(|payload| payload.version() >= 1));
    let later = Job::new(id(1), ChainNo::new(3), correction().email(None).unwrap(), lease(), start());
    let versions = payloads.iter().map(Payload::version).chain([later.version()]);
    assert_eq!(versions.max(), Some(Kind::NEWEST_VERSION));
}

/// Release 0.1.0 wrote no language and wrote in English; it ignores the language of a job.
#[test]
fn only_a_mail_in_polish_is_left_to_this_release() {
    let in_language = |language| User { language, ..user() };
    let polish = in_language(Some(Language::Polish));
    for payload in payloads(&polish, "Rust", None) {
        let is_mail = payload.kind().target() == Target::Mail;
        assert!(payload.version() == 2 || !is_mail, "{payload:?}");
    }
    assert_eq!(
        Payload::Invoice(Purchase { customer: polish, ..purchase() }).version(),
        1,
        "the invoice is more urgent"
    );
    let email = Purchase { customer: in_language(None), ..purchase() }.email(None);
    let Payload::PaymentEmail(before) = &email else { panic!("a mail") };
    assert_eq!((email.version(), before.message().language()), (1, Language::English));
    let json = serde_json::to_string(&PaymentEmail { paid: None, ..before.clone() }).unwrap();
    let person = r#"{"first_name":"Ann","last_name":"Example","email":"ann@example.com"}"#;
    assert_eq!(json, format!(r#"{{"recipient":{person},"course_name":"Rust","invoice_url":null}}"#));
}

#[test]
fn every_kind_has_a_system() {
    assert!(Kind::ALL.iter().all(|kind| Target::ALL.contains(&kind.target())));
    assert_eq!(Target::ALL.map(|target| target.kinds().len()).iter().sum::<usize>(), Kind::ALL.len());
}

#[test]
fn each_system_has_its_kinds() {
    assert_eq!(Target::Records.kinds(), [Kind::InvoiceData, Kind::MailData, Kind::Notice]);
    assert_eq!(Target::Invoices.kinds(), [Kind::Invoice, Kind::Correction]);
    let mails =
        [Kind::EnrolmentEmail, Kind::PaymentEmail, Kind::CancellationEmail, Kind::RefundEmail, Kind::NoticeEmail];
    assert_eq!(Target::Mail.kinds(), mails);
    assert_eq!(Target::Webhooks.kinds(), [Kind::Event]);
    assert_eq!(Target::Ksef.kinds(), [Kind::KsefNumber]);
}

#[test]
fn a_payment_leads_to_an_invoice_or_to_the_mail_alone() {
    let invoice_data = InvoiceData { buyer: company(), ..invoice_data() };
    let job = |gross: &str| invoice_data.job(user(), "Rust".to_owned(), money(gross));
    let (gross, buyer) = (money("149"), company());
    assert_eq!(job("149"), Some(Payload::Invoice(Purchase { gross, buyer, ..purchase() })));
    let nothing = Purchase { gross: money("0"), ..purchase() };
    assert_eq!(job("0"), Some(nothing.email(None)));
}

#[test]
fn one_enrolment_can_have_several_mails_without_a_recipient() {
    let refund = MailData { mail: MailContent::Refund { correction_url: None, amounts: None }, ..mail_data() };
    let payment = MailData { mail: MailContent::Payment { paid: None }, ..mail_data() };
    let keys = [mail_data(), payment, refund].map(|mail_data| Payload::MailData(mail_data).key(id(7), None));
    let expected = ["mail_data:7:cancellation", "mail_data:7:payment", "mail_data:7:refund"];
    assert_eq!(keys.map(|key| key.as_str().to_owned()), expected);
}

#[test]
fn a_key_has_a_place_in_the_chain_that_is_not_the_usual_one() {
    let place = |number| ChainNo::new(number);
    let key = |payload: &Payload, place| payload.key(id(7), place);
    let (invoice, corrected) = (Payload::Invoice(purchase()), Payload::Correction(correction()));
    let refund_mail = MailData { mail: MailContent::Refund { correction_url: None, amounts: None }, ..mail_data() };
    let number = KsefNumber { document: DocumentKind::Correction, ..ksef_number() };
    for (payload, number, expected) in [
        (&invoice, 1, "invoice:7"),
        (&invoice, 3, "invoice:7:3"),
        (&corrected, 2, "correction:7"),
        (&corrected, 4, "correction:7:4"),
        (&correction().email(None).unwrap(), 2, "refund_email:7"),
        (&correction().email(None).unwrap(), 3, "refund_email:7:3"),
        (&Payload::MailData(refund_mail), 3, "mail_data:7:refund:3"),
        (&Payload::KsefNumber(ksef_number()), 3, "ksef_number:invoice:7:3"),
        (&Payload::KsefNumber(number), 2, "ksef_number:correction:7"),
    ] {
        let key = key(payload, place(number));
        assert_eq!((key.as_str(), Some(key.chain_no())), (expected, place(number)));
    }
    assert_eq!(key(&corrected, None).chain_no(), ChainNo::SECOND);
}
