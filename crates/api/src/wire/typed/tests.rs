use super::*;
use crate::json::to_vec;
use crate::{ListEnd, ListWriter, list, parse_new_enrolment, parse_note, parse_payment, parse_resolution};
use domain::{CourseId, EnrolmentId, PaymentStatus, Status, UserId};
use proptest::option;
use proptest::prelude::*;

/// Enrolments whose texts include all characters that JSON escapes.
fn enrolments() -> impl Strategy<Value = Vec<domain::Enrolment>> {
    let status = prop_oneof![Just(Status::Active), Just(Status::Canceled), Just(Status::Completed)];
    let payment = prop_oneof![Just(PaymentStatus::Pending), Just(PaymentStatus::Paid), Just(PaymentStatus::Failed)];
    let one = (1..=i32::MAX, text(), 1..=i32::MAX, status, payment, option::of(text())).prop_map(
        |(id, user_id, course_id, status, payment_status, invoice_url)| domain::Enrolment {
            id: EnrolmentId::new(id.into()).unwrap(),
            user_id: UserId::stored(user_id),
            course_id: CourseId::new(course_id.into()).unwrap(),
            status,
            payment_status,
            invoice_url,
        },
    );
    prop::collection::vec(one, 0..5)
}

fn text() -> impl Strategy<Value = String> {
    "[ -~\\x00-\\x20\"\\\\\u{7f}\u{2028}żó🐢]{0,40}"
}

fn list_of(enrolments: &[domain::Enrolment], next: Option<Option<i64>>) -> EnrolmentList<'_> {
    EnrolmentList { enrolments: enrolments.iter().map(Enrolment::from).collect(), next }
}

fn end(next: Option<Option<i64>>) -> ListEnd {
    match next {
        None => ListEnd::Whole,
        Some(None) => ListEnd::LastPage,
        Some(Some(next)) => ListEnd::Page { next },
    }
}

proptest! {
    #[test]
    fn enrolments_are_written_like_their_types(enrolments in enrolments(), next: Option<Option<i64>>, cut: usize) {
        for enrolment in &enrolments {
            let typed = to_vec(&Enrolment::from(enrolment));
            prop_assert_eq!(&*crate::enrolment(enrolment).body, &typed);
            prop_assert_eq!(&*crate::created(enrolment).body, &typed);
        }
        let typed = to_vec(&list_of(&enrolments, next));
        prop_assert_eq!(&*list(&enrolments, end(next)).body, &typed);
        if let Some(next) = next {
            let EnrolmentList { enrolments: listed, .. } = list_of(&enrolments, None);
            prop_assert_eq!(&typed, &to_vec(&EnrolmentPage { enrolments: listed, next }));
        }
        let (first, last) = enrolments.split_at(cut % (enrolments.len() + 1));
        let mut writer = ListWriter::default();
        let mut pieces = writer.piece(first);
        pieces.extend(writer.end(last, end(next)));
        prop_assert_eq!(pieces, typed);
        let EnrolmentList { enrolments: typed, .. } = list_of(&enrolments, None);
        prop_assert_eq!(&*list(&enrolments, ListEnd::Whole).body, to_vec(&Enrolments { enrolments: typed }));
    }

    #[test]
    fn bodies_are_parsed_like_their_types(id in 1..=i32::MAX, user in "[a-z\"\\\\ żó🐢]{0,63}u", has_user: bool) {
        let id = i64::from(id);
        let new = parse_new_enrolment(&to_vec(&NewEnrolment { course_id: id, user_id: &user })).unwrap();
        prop_assert_eq!((new.course_id.get(), new.user_id.as_str()), (id, user.as_str()));
        let user = has_user.then_some(user.as_str());
        let typed = Payment { enrolment_id: id, user_id: user, amount: None, buyer: None };
        let payment = parse_payment(&to_vec(&typed)).unwrap();
        prop_assert_eq!((payment.enrolment_id.get(), payment.user_id.as_ref().map(UserId::as_str)), (id, user));
        let note = parse_note(&to_vec(&Note { enrolment_id: id, user_id: user, reason: user })).unwrap();
        prop_assert_eq!((note.enrolment_id.get(), note.user_id.as_ref().map(UserId::as_str)), (id, user));
        prop_assert_eq!(note.reason.as_ref().map(|reason| reason.as_str()), user.map(str::trim));
    }

    #[test]
    fn payments_are_parsed_like_their_type(amount in "[0-9]{1,8}\\.[0-9]{2}", name in "[a-zż]{1,255}") {
        let tax_no = "PL525-244-57-67";
        let buyer = Company { name: &name, tax_no, street: "Prosta 1", post_code: "00-001", city: "Warszawa" };
        let typed = Payment { enrolment_id: 1, user_id: None, amount: Some(&amount), buyer: Some(buyer) };
        let payment = parse_payment(&to_vec(&typed)).unwrap();
        prop_assert_eq!(payment.amount, domain::Money::from_decimal(&amount));
        let buyer = payment.buyer.unwrap();
        prop_assert_eq!((buyer.name, buyer.tax_no.as_str()), (name, "5252445767"));
    }

    #[test]
    fn resolutions_are_parsed_like_their_type(text in "[a-z][a-zż\\n]{0,40}[a-z]", all: bool) {
        let (number, url) = (all.then_some("7/2026"), all.then_some("https://a.example/i"));
        let read = parse_resolution(&to_vec(&Resolution { note: &text, number, url })).unwrap();
        prop_assert_eq!(read.note.as_str(), text);
        prop_assert_eq!(read.number.as_ref().map(|number| number.as_str()), number);
        prop_assert_eq!(read.url.as_ref().map(|url| url.as_str()), url);
    }
}
