use super::*;
use crate::fakes::{Directory, Env, FakeStore, id, new_enrolment, note, ports, start};
use crate::jobs::{Kind, Payload, Topic};
use crate::model::asked::Asked;
use crate::model::event::EventKind;
use crate::model::note::Note;
use crate::ports::{EventQueue as _, WaitingFilter};
use crate::usecases::cancel::cancel;
use crate::usecases::enrol::enrol;
use crate::usecases::expire::settle;
use crate::usecases::remove::remove;
use crate::{CourseId, EnrolmentId, PaymentStatus, Status, UserId};
use chrono::TimeDelta;
use futures::executor::block_on;

struct World {
    store: FakeStore,
    env: Env,
    directory: Directory,
}

impl World {
    /// A course with this many seats. All are taken.
    fn full(seats: u32) -> Self {
        let world =
            Self { store: FakeStore::default(), env: Env::new(), directory: Directory::with_seats(Some(seats)) };
        (0..seats).for_each(|place| world.enrol(&format!("first-{place}")).unwrap());
        world
    }

    fn with_seats(self, seats: Option<u32>) -> Self {
        Self { directory: Directory::with_seats(seats), ..self }
    }

    fn enrol(&self, user: &str) -> Result<(), Error> {
        let ports = ports(&self.store, &self.directory, &self.directory, &self.env);
        block_on(enrol(&ports, Asked::default(), &new_enrolment(user, 7))).map(drop)
    }

    fn wait(&self, user: &str) -> Result<(i64, bool), Error> {
        let ports = ports(&self.store, &self.directory, &self.directory, &self.env);
        let new = NewWaiting { user_id: user_id(user), user: None, course_id: course() };
        block_on(wait(&ports, &new, None)).map(|(entry, new)| (entry.position, new))
    }

    fn cancel(&self, enrolment: i64) {
        let ports = ports(&self.store, &self.directory, &self.directory, &self.env);
        let note = Note { enrolment_id: id(enrolment), ..note("-") };
        block_on(cancel(&ports, Asked::default(), &note)).unwrap();
    }

    /// The users with a seat.
    fn seated(&self) -> Vec<String> {
        let enrolments = self.store.enrolments.borrow();
        let active = enrolments.iter().filter(|(record, _)| record.enrolment.status == Status::Active);
        active.map(|(record, _)| record.enrolment.user_id.as_str().to_owned()).collect()
    }

    fn waiting(&self) -> Vec<String> {
        let waiting = self.store.waiting.borrow();
        waiting.iter().map(|(entry, _)| entry.user_id.as_str().to_owned()).collect()
    }

    fn last_events(&self, number: usize) -> Vec<(i64, EventKind)> {
        let events = self.store.events.borrow();
        events[events.len() - number..].iter().map(|event| (event.enrolment.id.get(), event.kind)).collect()
    }
}

fn user_id(user: &str) -> UserId {
    UserId::new(user).unwrap()
}

fn course() -> CourseId {
    CourseId::new(7).unwrap()
}

#[test]
fn users_wait_for_a_full_course_only_and_once() {
    let world = World::full(1);
    assert_eq!(world.enrol("a"), Err(Error::CourseFull));
    assert_eq!([world.wait("a"), world.wait("b"), world.wait("a")], [Ok((1, true)), Ok((2, true)), Ok((1, false))]);
    assert_eq!(world.wait("first-0"), Err(Error::AlreadyEnrolled));
    let free = World::full(1).with_seats(Some(2));
    assert_eq!(free.wait("a"), Err(Error::SeatFree));
    assert_eq!(World::full(1).with_seats(None).wait("a"), Err(Error::SeatFree));
}

#[test]
fn a_user_or_a_course_that_is_not_found_is_told() {
    let world = World { directory: Directory::without_user(1.0), ..World::full(1) };
    assert_eq!(world.wait("a"), Err(Error::UserNotFound));
    let world = World { directory: Directory::without_course(), ..World::full(1) };
    assert_eq!(world.wait("a"), Err(Error::CourseNotFound(course())));
}

#[test]
fn who_waits_longest_gets_the_seat_and_holds_it_for_two_days() {
    let world = World::full(1);
    for user in ["a", "b"] {
        world.wait(user).unwrap();
    }
    world.cancel(1);
    assert_eq!((world.seated(), world.waiting()), (vec!["a".to_owned()], vec!["b".to_owned()]));
    assert_eq!(world.last_events(2), [(1, EventKind::Canceled), (2, EventKind::Offered)]);
    assert_eq!(world.store.record(1).pay_until, Some(start() + TimeDelta::days(2)));
    assert_eq!(world.enrol("c"), Err(Error::CourseFull), "b comes first");
    block_on(remove(&world.store, &world.env, id(2), None)).unwrap();
    assert_eq!((world.seated(), world.waiting()), (vec!["b".to_owned()], vec![]));
    let topics = |rows: &[crate::fakes::Row]| {
        let notice = |row: &crate::fakes::Row| match &row.job.payload {
            Payload::Notice(notice) => Some((row.job.enrolment_id.get(), notice.topic)),
            _ => None,
        };
        rows.iter().filter_map(notice).collect::<Vec<_>>()
    };
    assert_eq!(topics(&world.store.outbox.borrow()), []);
    block_on(world.store.enqueue_events(false, start())).unwrap();
    assert_eq!(topics(&world.store.outbox.borrow()), [(3, Topic::Offer)], "the other one is deleted");
}

#[test]
fn in_a_free_course_it_is_simply_an_enrolment() {
    let mut world = World::full(1);
    world.directory.course.as_mut().unwrap().as_mut().unwrap().price = Ok(crate::Money::from_hundredths(0).unwrap());
    world.wait("a").unwrap();
    world.cancel(1);
    assert_eq!(world.last_events(1), [(2, EventKind::Created)]);
    assert_eq!(world.store.record(1).pay_until, None);
    assert!(world.store.jobs().contains(&(2, Kind::Notice)));
}

#[test]
fn a_raised_limit_gives_seats_whatever_the_request_gets() {
    let world = World::full(1);
    for user in ["a", "b", "c"] {
        world.wait(user).unwrap();
    }
    let world = world.with_seats(Some(3));
    assert_eq!(world.enrol("d"), Err(Error::CourseFull), "c comes first");
    assert_eq!(
        (world.seated(), world.waiting()),
        (["first-0", "a", "b"].map(str::to_owned).to_vec(), vec!["c".to_owned()])
    );
    let world = world.with_seats(Some(5));
    assert_eq!(world.enrol("d"), Ok(()), "after c");
    assert_eq!(world.seated(), ["first-0", "a", "b", "c", "d"]);
    let world = World::full(1);
    world.wait("a").unwrap();
    let world = world.with_seats(None);
    assert_eq!((world.enrol("b"), world.waiting()), (Ok(()), vec![]));
}

#[test]
fn an_offer_that_is_not_paid_goes_to_the_next() {
    let world = World::full(1);
    for user in ["a", "b"] {
        world.wait(user).unwrap();
    }
    world.cancel(1);
    world.env.advance(TimeDelta::days(2));
    let settled = block_on(settle(&world.store, &world.env, None)).unwrap();
    assert_eq!((settled.lapsed, settled.offered), (1, 1));
    assert_eq!((world.seated(), world.waiting()), (vec!["b".to_owned()], vec![]));
    assert_eq!(world.last_events(2), [(2, EventKind::Lapsed), (3, EventKind::Offered)]);
    assert!(world.store.record(1).lapsed);
    assert_eq!(block_on(settle(&world.store, &world.env, None)).unwrap().lapsed, 0);
}

#[test]
fn a_run_offers_what_is_free_and_empties_the_list_of_a_course_that_is_over() {
    let mut world = World::full(1);
    world.wait("a").unwrap();
    // The release before frees a seat without an offer.
    world.store.edit(0, |record| record.enrolment.status = Status::Canceled);
    assert_eq!(block_on(settle(&world.store, &world.env, None)).unwrap().offered, 1);
    assert_eq!(world.seated(), ["a"]);
    world.directory.course.as_mut().unwrap().as_mut().unwrap().ends_at = Ok(Some(start() + TimeDelta::days(1)));
    world.wait("b").unwrap();
    world.env.advance(TimeDelta::days(1));
    assert_eq!(block_on(settle(&world.store, &world.env, None)).unwrap().offered, 0);
    assert_eq!(world.waiting(), Vec::<String>::new());
}

#[test]
fn no_seat_is_offered_while_enrolling_is_closed() {
    let mut world = World::full(1);
    world.directory.course.as_mut().unwrap().as_mut().unwrap().closes_at = Ok(Some(start() + TimeDelta::hours(1)));
    world.wait("a").unwrap();
    world.env.advance(TimeDelta::hours(1));
    world.cancel(1);
    assert_eq!(block_on(settle(&world.store, &world.env, None)).unwrap().offered, 0);
    assert_eq!((world.seated(), world.waiting()), (vec![], vec!["a".to_owned()]));
    assert!(matches!(world.wait("b"), Err(Error::CourseClosed(_))));
}

#[test]
fn a_user_can_leave_the_list() {
    let world = World::full(1);
    world.wait("a").unwrap();
    world.wait("b").unwrap();
    let filter = WaitingFilter::OfBoth(user_id("a"), course());
    let entries = block_on(world.store.waiting(&filter, 0, 100)).unwrap();
    assert_eq!(block_on(leave(&world.store, entries[0].id)), Ok(()));
    assert_eq!(block_on(leave(&world.store, entries[0].id)), Err(Error::NotWaiting));
    assert_eq!(world.wait("b"), Ok((1, false)));
}

#[test]
fn seats_are_counted() {
    let world = World::full(2);
    world.wait("a").unwrap();
    world.store.edit(0, |record| record.pay_until = Some(start()));
    let count = block_on(world.store.seats(course())).unwrap();
    assert_eq!((count.limit, count.taken, count.held, count.free(), count.waiting), (Some(2), 2, 1, Some(0), 1));
    world.store.edit(0, |record| record.enrolment.payment_status = PaymentStatus::Paid);
    assert_eq!(block_on(world.store.seats(course())).unwrap().held, 0);
    let unknown = block_on(world.store.seats(CourseId::new(9).unwrap())).unwrap();
    assert_eq!((unknown.limit, unknown.free()), (None, None));
    assert_eq!(EnrolmentId::new(1), Some(id(1)));
}
