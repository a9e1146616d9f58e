use super::*;
use crate::json::to_vec;
use crate::{ListEnd, ListWriter, Pieces as _, list};
use chrono::DateTime;
use domain::model::filter::Position;
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

fn list_of(enrolments: &[domain::Enrolment], next: Option<Option<Position>>) -> EnrolmentList<'_> {
    EnrolmentList {
        enrolments: enrolments.iter().map(Enrolment::from).collect(),
        next: next.map(|next| next.map(Next::from)),
    }
}

fn end(next: Option<Option<Position>>) -> ListEnd {
    match next {
        None => ListEnd::Whole,
        Some(None) => ListEnd::LastPage,
        Some(Some(next)) => ListEnd::Page { next },
    }
}

proptest! {
    #[test]
    fn enrolments_are_written_like_their_types(
        enrolments in enrolments(),
        next: Option<Option<(Option<u32>, i64)>>,
        cut: usize,
    ) {
        let position = |(at, id): (Option<u32>, i64)| {
            Position { at: at.and_then(|at| DateTime::from_timestamp(at.into(), 0)), id }
        };
        let next = next.map(|next| next.map(position));
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
        pieces.extend(writer.end_with(last, end(next)));
        prop_assert_eq!(pieces, typed);
    }
}
