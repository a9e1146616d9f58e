use super::*;
use crate::json::to_vec;
use crate::{ListEnd, ListWriter, list};
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
        let (first, last) = enrolments.split_at(cut % (enrolments.len() + 1));
        let mut writer = ListWriter::default();
        let mut pieces = writer.piece(first);
        pieces.extend(writer.end(last, end(next)));
        prop_assert_eq!(pieces, typed);
    }
}
