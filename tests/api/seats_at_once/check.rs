//! The rules for seats, after the requests of a round.
//!
//! Whatever takes or frees a seat of a course holds the course, so the events of a course are in the order in
//! which that happened.

use super::round::{Asked, Round, What};
use std::collections::{BTreeMap, BTreeSet, HashMap};

struct Event {
    id: i64,
    enrolment: i64,
    kind: String,
    user: String,
    course: i64,
    has_seat: bool,
}

/// What the database has of the courses of a round.
struct Found {
    events: Vec<Event>,
    /// Course and status of each enrolment.
    rows: HashMap<i64, (i64, String)>,
    /// Course and user of each place on a list.
    waiting: BTreeMap<i64, (i64, String)>,
}

async fn find(round: &Round<'_>) -> Found {
    let Round { app, course, other, .. } = round;
    let rows = async |columns: &str, table: &str| {
        let sql = format!("SELECT {columns} FROM {table} WHERE course_id IN ({course}, {other}) ORDER BY id");
        app.database.rows(&sql).await.unwrap()
    };
    let number = |text: &str| text.parse::<i64>().unwrap();
    let event = |row: Vec<String>| Event {
        id: number(&row[0]),
        enrolment: number(&row[1]),
        kind: row[2].trim_start_matches("enrolment.").to_owned(),
        user: row[3].clone(),
        course: number(&row[4]),
        has_seat: row[5] != "CANCELED" && row[2] != "enrolment.deleted",
    };
    let events = rows("id, enrolment_id, kind, user_id, course_id, status", "events").await;
    let enrolments = rows("id, course_id, status", "enrolments").await;
    let waiting = rows("id, course_id, user_id", "waiting").await;
    Found {
        events: events.into_iter().map(event).collect(),
        rows: enrolments.into_iter().map(|row| (number(&row[0]), (number(&row[1]), row[2].clone()))).collect(),
        waiting: waiting.into_iter().map(|row| (number(&row[0]), (number(&row[1]), row[2].clone()))).collect(),
    }
}

/// All rules, after a run of the expiry. No request is active.
pub(super) async fn all(round: &Round<'_>) {
    round.app.idle().await;
    let found = find(round).await;
    within_the_limits(round, &found);
    all_have_their_events(round, &found);
    offers_are_in_order(round, &found);
    no_place_is_lost(round, &found);
    no_user_overtakes(round, &found);
    no_seat_is_free_while_somebody_waits(round, &found).await;
    late_payments(round, &found).await;
}

/// Follows the seats from event to event.
fn within_the_limits(round: &Round<'_>, found: &Found) {
    let mut seats: BTreeMap<i64, (i64, &str)> = BTreeMap::new();
    // Until the first lapses the course has no limit.
    let first = found.events.iter().rev().find(|event| event.kind == "lapsed" && event.user.starts_with("late-"));
    let first = first.map_or(0, |event| event.id);
    for event in &found.events {
        if event.has_seat {
            seats.insert(event.enrolment, (event.course, &event.user));
        } else {
            seats.remove(&event.enrolment);
        }
        for (course, limit) in [(round.course, round.limit()), (round.other, round.other_limit)] {
            let taken = seats.values().filter(|(own, _)| *own == course).count();
            assert!(taken <= limit || event.id <= first, "{taken} seats of {course} after event {}", event.id);
        }
        let users: BTreeSet<_> = seats.values().collect();
        assert_eq!(users.len(), seats.len(), "a user has two seats in a course after event {}", event.id);
    }
}

/// The newest event of each enrolment shows it as it is.
fn all_have_their_events(round: &Round<'_>, found: &Found) {
    let newest: HashMap<i64, &Event> = found.events.iter().map(|event| (event.enrolment, event)).collect();
    for (id, (course, status)) in &found.rows {
        let event = newest.get(id).unwrap_or_else(|| panic!("round {}: {id} has no event", round.number));
        assert_eq!((event.course, event.has_seat), (*course, status != "CANCELED"), "{id} after {}", event.kind);
    }
    for (id, event) in newest {
        assert_eq!(found.rows.contains_key(&id), event.kind != "deleted", "{id} after {}", event.kind);
    }
    for (course, user) in found.waiting.values() {
        let has_seat = |row: &(i64, String)| row.0 == *course && row.1 != "CANCELED";
        let enrolled = found.events.iter().any(|event| {
            event.user == *user && event.course == *course && found.rows.get(&event.enrolment).is_some_and(has_seat)
        });
        assert!(!enrolled, "{user} waits for {course}, and has a seat in it");
    }
}

/// The place on the list of each user who waited, by course and user, and when the answer came.
fn places(asked: &[Asked]) -> BTreeMap<(i64, &str), (i64, u64)> {
    let waits = asked.iter().filter(|asked| asked.what == What::Wait && asked.status == 201);
    waits.map(|asked| ((asked.course, asked.user.as_str()), (asked.id, asked.until))).collect()
}

/// Each offer goes to the lowest place of those who wait at that time.
fn offers_are_in_order(round: &Round<'_>, found: &Found) {
    let asked = round.asked();
    let places = places(&asked);
    for course in [round.course, round.other] {
        let offers = found.events.iter().filter(|event| event.kind == "offered" && event.course == course);
        let offered: Vec<i64> =
            offers.filter_map(|event| Some(places.get(&(course, event.user.as_str()))?.0)).collect();
        assert!(offered.is_sorted(), "round {}: offers for {course} in the order {offered:?}", round.number);
        let next = found.waiting.iter().find(|(_, (own, _))| *own == course).map(|(id, _)| *id);
        let last = offered.last().copied();
        assert!(next.is_none() || last < next, "{next:?} waits for {course}, and {last:?} has an offer");
    }
}

/// Who waited still waits, has an offer, or has left.
fn no_place_is_lost(round: &Round<'_>, found: &Found) {
    let asked = round.asked();
    for ((course, user), (place, _)) in places(&asked) {
        let offered =
            found.events.iter().any(|event| event.kind == "offered" && event.course == course && event.user == user);
        let left = asked.iter().any(|asked| asked.what == What::Leave && asked.user == user && asked.status == 204);
        // The answer may have been lost.
        let unknown = round.in_trouble.get() && user.starts_with("leave-");
        let states = [found.waiting.contains_key(&place), offered, left].into_iter().filter(|is| *is).count();
        assert!(states == 1 || unknown && states == 0, "{user} waited for {course}: {states} ends");
    }
}

/// No seat was taken by another user between the answer to one who waits and the end of that wait.
fn no_user_overtakes(round: &Round<'_>, found: &Found) {
    let asked = round.asked();
    let taking = |event: &Event| {
        let what = match event.kind.as_str() {
            "created" => What::Enrol,
            "paid" => What::PayLate,
            "moved" => What::Move,
            _ => return None,
        };
        let is_it = |asked: &&Asked| asked.what == what && asked.user == event.user && asked.status < 300;
        asked.iter().find(|asked| is_it(asked) && asked.course == event.course).cloned()
    };
    for event in &found.events {
        let Some(taking) = taking(event) else { continue };
        for ((course, user), (place, told)) in places(&asked) {
            if course != event.course || told > taking.since {
                continue;
            }
            let is_offer = |own: &&Event| own.kind == "offered" && own.user == user && own.course == course;
            let offered = found.events.iter().find(is_offer).map(|event| event.id);
            let left =
                asked.iter().find(|asked| asked.what == What::Leave && asked.user == user).map(|asked| asked.since);
            let waits = match offered {
                Some(offer) => offer > event.id,
                None => found.waiting.contains_key(&place) || left.is_some_and(|left| left > taking.until),
            };
            assert!(!waits, "{} took a seat of {course} while {user} waited: {taking:?}", event.user);
        }
    }
}

async fn no_seat_is_free_while_somebody_waits(round: &Round<'_>, found: &Found) {
    for course in [round.course, round.other] {
        let seats = round.app.get(&format!("/courses/{course}/seats")).await.json();
        let waiting = found.waiting.values().filter(|(own, _)| *own == course).count();
        assert_eq!(seats["waiting"], waiting, "{seats}");
        assert!(waiting == 0 || seats["free"] == 0, "round {}: {seats}", round.number);
    }
}

/// A late payment is recorded with a seat, or not at all.
async fn late_payments(round: &Round<'_>, found: &Found) {
    let app = round.app;
    let asked = round.asked();
    for (user, id) in round.late() {
        let answer = asked.iter().find(|asked| asked.what == What::PayLate && asked.user == *user);
        let recorded = app.count(&format!("payments WHERE enrolment_id = {id}")).await;
        // A reservation that could not be removed ends by itself.
        let keys = format!("idempotency WHERE idempotency_key = 'late-{id}' AND outcome IS NOT NULL");
        let keys = app.count(&keys).await;
        let events = found.events.iter().filter(|event| event.enrolment == *id).map(|event| event.kind.as_str());
        let events: Vec<_> = events.filter(|kind| *kind != "invoiced").collect();
        let state = (app.state_of(*id).await, recorded, events);
        match answer.map(|answer| answer.status) {
            Some(200) => {
                assert_eq!(state, ("ACTIVE PAID".into(), 1, vec!["created", "lapsed", "paid"]), "{user}");
                assert_eq!(keys, 1, "{user}");
            }
            Some(409) => {
                assert_eq!(state, ("CANCELED PENDING".into(), 0, vec!["created", "lapsed"]), "{user}");
                assert_eq!(keys, 0, "{user}");
            }
            // Without an answer it is one of both.
            _ => assert_eq!((state.0 == "ACTIVE PAID", state.2.contains(&"paid")), (recorded == 1, recorded == 1)),
        }
    }
}
