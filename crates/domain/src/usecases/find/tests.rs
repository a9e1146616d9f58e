mod full;

use super::*;
use crate::CourseId;
use crate::UserId;
use crate::fakes::{FakeStore, URL, id, invoice};
use crate::model::filter::{Filter, Listed, Order, Position};
use crate::{Balance, PaymentStatus, Status};
use futures::executor::block_on;

#[test]
fn finds_by_id() {
    let store = FakeStore::default();
    let id = store.add(Status::Active, PaymentStatus::Pending);
    assert_eq!(block_on(find(&store, id)).unwrap().id, id);
    store.enrolments.borrow_mut().clear();
    assert_eq!(block_on(find(&store, id)), Err(Error::NotFound));
}

#[test]
fn another_users_enrolment_is_not_found() {
    let store = FakeStore::default();
    let id = store.add(Status::Active, PaymentStatus::Pending);
    assert_eq!(block_on(find_of_user(&store, id, "user-1")).unwrap().id, id);
    for other in ["USER-1", "user-1 ", "user-2", "", "user-1\0"] {
        assert_eq!(block_on(find_of_user(&store, id, other)), Err(Error::NotFound), "{other:?}");
    }
}

/// An invoice and its correction.
fn both() -> [Document; 2] {
    let correction = Document { kind: DocumentKind::Correction, gross: Some(Balance(-19_999)), ..invoice(2) };
    [invoice(1), correction]
}

/// Enrolment 1 with or without a link, and its documents.
fn store(invoice_url: Option<&str>, documents: impl IntoIterator<Item = Document>) -> FakeStore {
    let store = FakeStore::default();
    store.add(Status::Active, PaymentStatus::Paid);
    store.edit(0, |record| record.enrolment.invoice_url = invoice_url.map(str::to_owned));
    store.documents.borrow_mut().extend(documents.into_iter().map(|document| (id(1), document)));
    store
}

#[test]
fn documents_are_listed_oldest_first() {
    let [invoice, correction] = both();
    let store = store(Some(URL), both());
    store.documents.borrow_mut().push((id(2), invoice.clone()));
    let documents = block_on(documents(&store, id(1), None)).unwrap();
    assert_eq!(documents, [invoice, correction]);
    assert_eq!(documents[1].gross.unwrap().to_string(), "-199.99");
}

#[test]
fn an_invoice_of_the_flask_service_has_only_its_page() {
    let [_, correction] = both();
    let known = Document::from_page("https://a.example/i".to_owned());
    assert_eq!((known.kind, known.url.as_deref()), (DocumentKind::Invoice, Some("https://a.example/i")));
    let told = |store: FakeStore| block_on(documents(&store, id(1), None)).unwrap();
    assert_eq!(told(store(known.url.as_deref(), [])), std::slice::from_ref(&known));
    assert_eq!(told(store(known.url.as_deref(), [correction.clone()])), [known, correction]);
    assert_eq!(told(store(None, [])), []);
}

#[test]
fn documents_of_another_users_enrolment_are_not_found() {
    let store = store(Some(URL), both());
    let told = |number, user| block_on(documents(&store, id(number), user)).map(|documents| documents.len());
    assert_eq!(told(1, Some("user-1")), Ok(2));
    for other in ["user-2", "", "USER-1"] {
        assert_eq!(told(1, Some(other)), Err(Error::NotFound));
    }
    assert_eq!((told(2, None), told(2, Some("user-1"))), (Err(Error::NotFound), Err(Error::NotFound)));
    store.documents_unreadable.set(true);
    assert!(matches!(told(1, None), Err(Error::Unavailable(_))));
}

#[test]
fn an_enrolment_has_to_match_all_fields_of_a_filter() {
    let store = FakeStore::default();
    store.add(Status::Active, PaymentStatus::Paid);
    let enrolment = store.record(0).enrolment;
    let Enrolment { user_id, course_id, status, payment_status, .. } = enrolment.clone();
    let user_id = Some(user_id);
    let (course_id, status, payment_status) = (Some(course_id), Some(status), Some(payment_status));
    let all = Filter { user_id, course_id, status, payment_status, ..Filter::default() };
    assert!(Filter::default().matches(&enrolment) && all.matches(&enrolment));

    let user = |id: &str| Some(UserId::new(id).unwrap());
    for other in ["USER-1", "user-1 ", "user-2"] {
        assert!(!Filter { user_id: user(other), ..all.clone() }.matches(&enrolment));
    }
    for other in [
        Filter { course_id: CourseId::new(8), ..all.clone() },
        Filter { status: Some(Status::Canceled), ..all.clone() },
        Filter { status: Some(Status::Completed), ..all.clone() },
        Filter { payment_status: Some(PaymentStatus::Pending), ..all.clone() },
        Filter { payment_status: Some(PaymentStatus::Failed), ..all },
        Filter { course_id: CourseId::new(8), ..Filter::default() },
        Filter { user_id: user("user-2"), ..Filter::default() },
    ] {
        assert!(!other.matches(&enrolment), "{other:?}");
    }
}

#[test]
fn the_order_is_that_of_the_time_asked_for() {
    let (at, none) = (chrono::DateTime::from_timestamp(1, 0), Filter::default());
    let created = Filter { created_from: at, updated_from: at, ..none.clone() };
    assert_eq!((none.order(), created.order()), (Order::Id, Order::Created));
    assert_eq!(Filter { created_to: at, ..none.clone() }.order(), Order::Created);
    assert_eq!(Filter { updated_from: at, user_id: UserId::new("u").ok(), ..none }.order(), Order::Updated);
}

#[test]
fn pages_follow_the_order_of_ids() {
    let store = FakeStore::default();
    for number in 1..=5 {
        store.add(if number == 2 { Status::Canceled } else { Status::Active }, PaymentStatus::Pending);
    }
    let filter = Filter { status: Some(Status::Active), ..Filter::default() };
    let page = |after, limit| {
        let Listed { enrolments, next } =
            block_on(store.list(&filter, Position { at: None, id: after }, limit)).unwrap();
        (enrolments.iter().map(|enrolment| enrolment.id.get()).collect::<Vec<_>>(), next.map(|next| next.id))
    };
    assert_eq!((page(0, 2), page(3, 2)), ((vec![1, 3], Some(3)), (vec![4, 5], None)));
    assert_eq!((page(5, 2), page(0, 4)), ((vec![], None), (vec![1, 3, 4, 5], None)));
}

#[test]
fn decisions_do_not_use_a_replica() {
    let store = FakeStore::default();
    let id = store.add(Status::Active, PaymentStatus::Pending);
    store.behind.set(true);
    assert_eq!(block_on(find(&store, id)), Err(Error::NotFound));
    assert_eq!(block_on(find_current(&store, id)), Ok(store.record(0).enrolment));
}
