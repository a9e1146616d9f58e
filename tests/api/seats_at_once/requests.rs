//! The requests of a round.

use super::round::{Round, What};
use crate::waiting::wait;
use futures::future::{LocalBoxFuture, join_all};
use serde_json::json;
use tests::Answer;

impl Round<'_> {
    /// Notes an answer, and checks that it is one of those that the request can have.
    async fn ask(&self, what: What, user: &str, course: i64, request: impl Future<Output = Answer>) -> Answer {
        let since = self.tick();
        let answer = request.await;
        self.note(what, user, course, since, Some(&answer));
        let error = answer.error();
        let listed: &[(u16, &str)] = match what {
            What::Enrol => &[(201, ""), (409, "course_full"), (409, "conflict")],
            // A seat is free, or the user has one.
            What::Wait => &[(201, ""), (409, "seat_free"), (409, "conflict")],
            What::Leave => &[(204, ""), (404, "not_found")],
            What::Cancel => &[(200, "")],
            What::Delete => &[(204, "")],
            What::Refund | What::Run => &[(200, "")],
            What::PayLate | What::Move => &[(200, ""), (409, "course_full"), (409, "conflict")],
        };
        let is_listed = listed.contains(&(answer.status, error.as_str()));
        // The log says why the database was not available.
        assert!(is_listed || answer.status == 503, "{what:?} of {user} in {course}: {} {}", answer.status, answer.text);
        answer
    }

    /// The same until the database is available.
    async fn until_available(&self, what: What, user: &str, course: i64, request: impl AsyncFn() -> Answer) -> Answer {
        crate::until_available(async || self.ask(what, user, course, request()).await).await
    }

    pub(super) async fn wait(&self, user: String, course: i64) -> Answer {
        self.ask(What::Wait, &user, course, wait(self.app, &user, course)).await
    }

    async fn enrol(&self, user: String) -> Answer {
        self.ask(What::Enrol, &user, self.course, self.app.enrol(&user, self.course)).await
    }

    async fn move_to(&self, (user, id): &(String, i64), course: i64) {
        let body = json!({"enrolment_id": id, "course_id": course});
        let request = async || self.app.call_json("PATCH", "/moved", &body).await;
        if user.starts_with("both-") {
            self.until_available(What::Move, user, course, request).await;
        } else {
            self.ask(What::Move, user, course, request()).await;
        }
    }

    /// Pays what has lapsed, with a reference by which the payment would be found.
    async fn pay_late(&self, (user, id): &(String, i64)) {
        let body = json!({"enrolment_id": id, "reference": format!("pi-{id}")});
        let key = format!("late-{id}");
        let request = self.app.call_with_key(&key, "PATCH", "/paid", &body);
        self.ask(What::PayLate, user, self.course, request).await;
    }

    async fn leave(&self, user: &str) {
        let asked = self.asked();
        let entry = asked.iter().find(|asked| asked.what == What::Wait && asked.user == user).unwrap().id;
        let path = format!("/waiting/{entry}");
        self.ask(What::Leave, user, self.course, self.app.call("DELETE", &path)).await;
    }

    /// Cancels what may be moved at the same time.
    async fn cancel_as_well(&self, (user, id): &(String, i64)) {
        self.until_available(What::Cancel, user, self.course, async || self.app.cancel(*id).await).await;
    }

    /// One more seat, which the next request sees.
    async fn raise(&self, user: String) {
        self.limit.set(self.limit.get() + 1);
        self.app.sandbox.set_course(self.course, json!({"max_participants": self.limit.get()}));
        self.enrol(user).await;
    }

    pub(super) async fn run(&self) {
        self.until_available(What::Run, "", self.course, async || self.app.call("PATCH", "/expired").await).await;
    }

    /// All requests, in another order each round.
    pub(super) fn requests(&self) -> Vec<LocalBoxFuture<'_, ()>> {
        let Self { app, number, mix, .. } = self;
        let name = move |name: &str, user: usize| format!("{name}-{number}-{user}");
        let mut all: Vec<LocalBoxFuture<'_, ()>> = Vec::new();
        for user in 0..mix.enrol {
            all.push(Box::pin(async move { drop(self.enrol(name("enrol", user)).await) }));
        }
        for user in 0..mix.wait {
            all.push(Box::pin(async move { drop(self.wait(name("wait", user), self.course).await) }));
        }
        for user in 0..mix.raise {
            all.push(Box::pin(self.raise(name("raise", user))));
        }
        for user in 0..mix.leave {
            all.push(Box::pin(async move { self.leave(&name("leave", user)).await }));
        }
        for (user, _) in self.late().iter().take(mix.again) {
            all.push(Box::pin(async move { drop(self.enrol(user.clone()).await) }));
        }
        for _ in 0..mix.run {
            all.push(Box::pin(self.run()));
        }
        let course = self.course;
        for (user, id) in self.of("cancel") {
            all.push(Box::pin(async move { drop(self.ask(What::Cancel, user, course, app.cancel(*id)).await) }));
        }
        for (user, id) in self.of("delete") {
            let path = format!("/{id}");
            all.push(Box::pin(
                async move { drop(self.ask(What::Delete, user, course, app.call("DELETE", &path)).await) },
            ));
        }
        for (user, id) in self.of("refund") {
            all.push(Box::pin(async move { drop(self.ask(What::Refund, user, course, app.refund(*id)).await) }));
        }
        all.extend(self.late().iter().map(|own| -> LocalBoxFuture<'_, ()> { Box::pin(self.pay_late(own)) }));
        for own in self.of("enter").iter().chain(self.of("both")) {
            all.push(Box::pin(self.move_to(own, course)));
        }
        all.extend(self.of("both").iter().map(|own| -> LocalBoxFuture<'_, ()> { Box::pin(self.cancel_as_well(own)) }));
        for own in self.of("quit") {
            all.push(Box::pin(self.move_to(own, self.other)));
        }
        fastrand::Rng::with_seed(*number as u64).shuffle(&mut all);
        all
    }

    pub(super) async fn all_at_once(&self) {
        join_all(self.requests()).await;
    }

    /// A request that sees the newest limit, and a run after it.
    pub(super) async fn look_again(&self) {
        drop(self.enrol(format!("last-{}", self.number)).await);
        self.run().await;
    }
}
