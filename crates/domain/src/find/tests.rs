use super::*;
use crate::fakes::FakeStore;
use crate::{PaymentStatus, Status};
use futures::executor::block_on;

#[test]
fn finds_by_number() {
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
