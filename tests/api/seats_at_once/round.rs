//! One round: its courses and its users before the requests, and what they asked for.

use super::mix::{DUE, Mix};
use crate::holds::in_minutes;
use futures::future::join_all;
use serde_json::json;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use tests::{Answer, TestApp};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum What {
    Enrol,
    Wait,
    Leave,
    Cancel,
    Delete,
    Refund,
    PayLate,
    Move,
    Run,
}

/// A request and its answer, and when they were sent.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    pub(super) what: What,
    pub(super) user: String,
    pub(super) course: i64,
    pub(super) since: u64,
    pub(super) until: u64,
    pub(super) status: u16,
    pub(super) error: String,
    /// Of the enrolment or of the place on the list.
    pub(super) id: i64,
}

pub(super) struct Round<'a> {
    pub(super) app: &'a TestApp,
    pub(super) number: usize,
    pub(super) mix: Mix,
    /// The courses, and how many seats each has at most until now.
    pub(super) course: i64,
    pub(super) other: i64,
    pub(super) limit: Cell<usize>,
    pub(super) other_limit: usize,
    /// Counts requests and answers.
    clock: Cell<u64>,
    asked: RefCell<Vec<Asked>>,
    /// The enrolments by the start of their user's name.
    ids: BTreeMap<&'static str, Vec<(String, i64)>>,
    /// Whether answers are lost.
    pub(super) in_trouble: Cell<bool>,
}

/// Users that have one seat all the time, in one of the two courses.
pub(super) fn only_moves(user: &str) -> bool {
    user.starts_with("quit-") || user.starts_with("enter-")
}

/// Enrols a user, as often as the service asks to try again. Returns the id.
async fn enrolled(app: &TestApp, user: &str, course: i64, pay_until: Option<String>) -> i64 {
    let mut body = json!({"course_id": course, "user_id": user});
    if let Some(time) = pay_until {
        body["pay_until"] = time.into();
    }
    let answer = crate::until_available(async || app.call_with_key(user, "POST", "", &body).await).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    answer.json()["id"].as_i64().unwrap()
}

impl<'a> Round<'a> {
    pub(super) async fn prepare(app: &'a TestApp, number: usize, mix: Mix) -> Self {
        let course = 1000 + 2 * i64::try_from(number).unwrap();
        let other = course + 1;
        // In every other round users wait for the other course as well.
        let other_waits = number % 2 * 2;
        let other_limit = mix.enter + mix.twice + 2 - other_waits;
        let (limit, clock, asked) = (Cell::new(mix.seated()), Cell::default(), RefCell::default());
        let (ids, in_trouble) = <(BTreeMap<_, _>, Cell<_>)>::default();
        let mut round = Self { app, number, mix, course, other, limit, other_limit, clock, asked, ids, in_trouble };
        app.sandbox.set_course(course, json!({}));
        round.hold("late", mix.late).await;
        app.sandbox.set_course(course, json!({"max_participants": mix.seated()}));
        app.sandbox.set_course(other, json!({"max_participants": other_limit}));
        for (name, users) in
            [("cancel", mix.cancel), ("delete", mix.delete), ("refund", mix.refund), ("quit", mix.quit)]
        {
            round.seat(name, users, course).await;
        }
        // Both can be asked for at once, and the one that comes second must fail.
        round.seat("enter", mix.enter, other).await;
        round.seat("both", mix.twice, other).await;
        for (_, id) in round.of("refund") {
            assert_eq!(app.pay(*id).await.status, 200);
        }
        let due = round.hold_only("due", DUE).await;
        round.ids.insert("due", due);
        let first = (0..mix.leave + mix.waiting).map(|user| round.wait(format!("leave-{number}-{user}"), course));
        let others = (0..other_waits).map(|user| round.wait(format!("first-{number}-{user}"), other));
        join_all(first).await;
        join_all(others).await;
        round
    }

    /// Enrols users and lets them lapse.
    async fn hold(&mut self, name: &'static str, users: usize) {
        let ids = self.hold_only(name, users).await;
        if users > 0 {
            self.run().await;
        }
        self.ids.insert(name, ids);
    }

    /// Enrols users who hold their seats until a time that is over.
    async fn hold_only(&self, name: &'static str, users: usize) -> Vec<(String, i64)> {
        let names = (0..users).map(|user| format!("{name}-{}-{user}", self.number));
        let ids = join_all(names.map(async |user| {
            let since = self.tick();
            let id = enrolled(self.app, &user, self.course, Some(in_minutes(60))).await;
            self.note(What::Enrol, &user, self.course, since, None);
            (user, id)
        }))
        .await;
        let sql = format!("UPDATE enrolments SET pay_until = 1 WHERE course_id = {} AND pay_until > 1", self.course);
        self.app.database.execute(&sql).await.unwrap();
        ids
    }

    async fn seat(&mut self, name: &'static str, users: usize, course: i64) {
        let names = (0..users).map(|user| format!("{name}-{}-{user}", self.number));
        let ids = join_all(names.map(async |user| {
            let since = self.tick();
            let id = enrolled(self.app, &user, course, None).await;
            self.note(What::Enrol, &user, course, since, None);
            (user, id)
        }))
        .await;
        self.ids.insert(name, ids);
    }

    pub(super) fn of(&self, name: &str) -> &[(String, i64)] {
        self.ids.get(name).map_or(&[], Vec::as_slice)
    }

    pub(super) fn late(&self) -> &[(String, i64)] {
        self.of("late")
    }

    pub(super) fn asked(&self) -> Vec<Asked> {
        self.asked.borrow().clone()
    }

    pub(super) fn answered(&self) -> usize {
        self.asked.borrow().len()
    }

    /// How many users have one seat all the time.
    pub(super) fn movers(&self) -> usize {
        self.mix.enter + self.mix.quit
    }

    /// The most seats that the course has had.
    pub(super) fn limit(&self) -> usize {
        self.limit.get()
    }

    pub(super) fn tick(&self) -> u64 {
        self.clock.set(self.clock.get() + 1);
        self.clock.get()
    }

    pub(super) fn note(&self, what: What, user: &str, course: i64, since: u64, answer: Option<&Answer>) {
        let (status, error) = answer.map_or((201, String::new()), |answer| (answer.status, answer.error()));
        let id = answer.and_then(|answer| answer.json()["id"].as_i64()).unwrap_or_default();
        let (until, user) = (self.tick(), user.to_owned());
        self.asked.borrow_mut().push(Asked { what, user, course, since, until, status, error, id });
    }

    /// How often each answer came.
    pub(super) fn answers(&self) -> BTreeMap<String, usize> {
        let mut answers = BTreeMap::new();
        for Asked { what, status, error, .. } in self.asked.borrow().iter() {
            *answers.entry(format!("{what:?} {status} {error}")).or_insert(0) += 1;
        }
        answers
    }
}
