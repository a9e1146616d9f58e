use super::*;
use crate::fakes::{Env, FakeStore, start};
use crate::{PaymentStatus, Status};
use chrono::TimeDelta;
use futures::executor::block_on;

#[test]
fn completes_each_ended_enrolment_once() {
    let store = FakeStore::default();
    for (status, ends_in) in [
        (Status::Active, Some(0)),
        (Status::Active, Some(1)),
        (Status::Active, None),
        (Status::Canceled, Some(-1)),
        (Status::Completed, Some(-1)),
    ] {
        store.add(status, PaymentStatus::Pending);
        store.enrolments.borrow_mut().last_mut().unwrap().1 = ends_in.map(|s| start() + TimeDelta::seconds(s));
    }
    let env = Env::new();
    let completed = block_on(expire_batch(&store, &env, None)).unwrap();
    assert_eq!(completed.iter().map(|e| e.id.get()).collect::<Vec<_>>(), [1]);
    assert!(block_on(expire_batch(&store, &env, None)).unwrap().is_empty());
    assert_eq!(*store.ended.borrow(), [(Schedule::Expiry, start()); 2]);
    env.advance(TimeDelta::seconds(1));
    assert_eq!(block_on(expire(&store, &env)).unwrap(), 1);
}

#[test]
fn continues_until_nothing_is_left() {
    let store = FakeStore::default();
    for _ in 0..2 * BATCH + 1 {
        store.add(Status::Active, PaymentStatus::Pending);
        store.enrolments.borrow_mut().last_mut().unwrap().1 = Some(start());
    }
    assert_eq!(block_on(expire(&store, &Env::new())).unwrap(), 2 * BATCH as usize + 1);
    assert_eq!(store.ended.borrow().len(), 1, "once, at the end");
    store.down.set(true);
    block_on(expire(&store, &Env::new())).unwrap_err();
}
