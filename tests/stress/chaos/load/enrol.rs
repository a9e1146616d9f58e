//! Enrols one user, many at once for few seats, or a canceled user again.

use super::Load;
use crate::chaos::ask::{Answered, Asker, Request, message};
use crate::chaos::courses;
use crate::chaos::life::{Ended, Life, Move};
use fastrand::Rng;
use futures::future::join_all;
use serde_json::{Value, json};
use std::time::Instant;

/// The result of a request to enrol.
pub(crate) enum Enrolled {
    Is(Life),
    /// The enrolment exists, from this or another request.
    Found(Life),
    /// No seat is free.
    Full,
    /// The user has an enrolment, and did not ask before.
    Before,
    /// The user or the course is not found, or the result is unknown.
    No,
}

impl Load {
    /// Enrols a new user, at times with two requests at once.
    pub(super) async fn enrol(&mut self, user: String, course: i64) {
        if self.rng.u8(..10) > 0 {
            let held = (courses::is_alike(course) && self.rng.bool()).then(|| soon(&mut self.rng));
            let enrolled = enrol_until((&self.asker, &mut self.rng), self.caller, &user, course, held).await;
            if let Enrolled::Before = enrolled {
                self.asker.wrong(format!("{user} is said to be enrolled in {course} already"));
            }
            return self.take(enrolled);
        }
        let (mut rng, mut other) = (self.rng.fork(), self.rng.fork());
        let both = futures::future::join(
            enrol(&self.asker, &mut rng, self.caller, &user, course),
            enrol(&self.asker, &mut other, self.caller, &user, course),
        );
        match both.await {
            (Enrolled::Before, Enrolled::Before) => {
                self.asker.wrong(format!("{user} got 409 twice for {course}"));
            }
            // One request may find the enrolment of the other.
            (found @ Enrolled::Found(_), other) | (other, found) => {
                self.take(other);
                self.take(found);
            }
        }
    }

    /// Many at once for few seats.
    pub(super) async fn rush(&mut self) {
        let course = courses::any_small(&mut self.rng);
        let users: Vec<_> = (0..self.rng.u8(3..12)).map(|_| (self.new_user(), self.rng.fork())).collect();
        let (asker, caller) = (&self.asker, self.caller);
        let all = users.into_iter().map(async |(user, mut rng)| {
            let held = rng.bool().then(|| soon(&mut rng));
            enrol_until((asker, &mut rng), caller, &user, course, held).await
        });
        for enrolled in join_all(all).await {
            self.take(enrolled);
        }
    }

    /// Enrols a user again whose enrolment in the course is canceled, or may be.
    pub(super) async fn enrol_again(&mut self) {
        let canceled = |life: &Life| life.believed().is_canceled() || life.may_have_lapsed();
        let places: Vec<_> =
            (0..self.lives.len()).filter(|place| self.lives.get(*place).is_some_and(canceled)).collect();
        let Some(place) = self.rng.choice(places) else { return };
        let life = self.lives.remove(place);
        let (user, course) = (life.user.clone(), life.believed().course);
        let enrolled = enrol(&self.asker, &mut self.rng, self.caller, &user, course).await;
        // Unless a copy was restored, the answer about the cancellation still holds.
        let sure = life.restores == self.asker.restores() && cancellation_was_answered(&life);
        if let (Enrolled::Before, true) = (&enrolled, sure) {
            self.asker.wrong(format!("{user} is canceled, and said to be enrolled in {course}"));
        }
        self.asker.seen().lives.push(life);
        self.take(enrolled);
    }

    /// Adds an enrolment. If a restored copy has forgotten its cancellation, the earlier life
    /// goes on.
    pub(super) fn take(&mut self, enrolled: Enrolled) {
        match enrolled {
            Enrolled::Is(life) => self.lives.push(life),
            Enrolled::Found(life) => {
                let is_it = |known: &Life| (known.id, &known.user) == (life.id, &life.user);
                if self.lives.iter().any(is_it) {
                    return;
                }
                let mut seen = self.asker.seen();
                let known = seen.lives.iter().position(is_it).map(|place| seen.lives.remove(place));
                self.lives.push(known.unwrap_or(life));
            }
            Enrolled::Full | Enrolled::Before | Enrolled::No => {}
        }
    }
}

/// Whether an answer said that the enrolment is canceled.
fn cancellation_was_answered(life: &Life) -> bool {
    // What lapsed can be paid and active again.
    !life.may_have_lapsed()
        && life.steps.iter().flatten().any(|step| match (&step.what, &step.ended) {
            (Move::Cancel, Ended::Done) => true,
            (Move::Refund { part: None }, Ended::Done) => life.course != courses::ENDED,
            _ => false,
        })
}

/// A time in a few seconds.
pub(super) fn soon(rng: &mut Rng) -> String {
    (chrono::Utc::now() + chrono::TimeDelta::milliseconds(rng.i64(2000..15_000))).to_rfc3339()
}

/// Asks until an answer is final.
pub(crate) async fn enrol(asker: &Asker, rng: &mut Rng, caller: usize, user: &str, course: i64) -> Enrolled {
    enrol_until((asker, rng), caller, user, course, None).await
}

/// The same with a seat that may be held for a short time only.
async fn enrol_until(
    (asker, rng): (&Asker, &mut Rng),
    caller: usize,
    user: &str,
    course: i64,
    pay_until: Option<String>,
) -> Enrolled {
    let restores = asker.restores();
    let key = rng.bool().then(|| format!("enrol-{user}-{}", rng.u64(..)));
    let mut body = json!({"course_id": course, "user_id": user});
    if let Some(time) = &pay_until {
        body["pay_until"] = time.as_str().into();
    }
    let told = asker.until_done(rng, &Request::with("POST /", body, key)).await;
    let life = |id| Life {
        caller,
        id,
        user: user.to_owned(),
        course,
        told: told.at,
        restores,
        first: "created",
        held: pay_until.is_some(),
        steps: Vec::new(),
    };
    match &told.answered {
        Answered::Done(answer) => match answer["id"].as_i64() {
            Some(id) => return Enrolled::Is(life(id)),
            None => asker.wrong(format!("an enrolment without a number: {answer}")),
        },
        Answered::Refused(answer) if answer["error"] == "course_full" => {
            if !courses::is_small(course) {
                asker.wrong(format!("{course} is said to be full"));
            }
            return Enrolled::Full;
        }
        Answered::Refused(answer) if message(answer).contains("already enrolled") => {
            if !told.lost {
                return Enrolled::Before;
            }
            // By an earlier request whose answer was lost.
            if let Some((at, id)) = open_enrolment(asker, user, course).await {
                return Enrolled::Found(Life { told: at, ..life(id) });
            }
        }
        Answered::Refused(answer) if message(answer).contains("not found") => {}
        // The service was away for longer.
        Answered::Refused(answer) if message(answer).starts_with("pay_until") && pay_until.is_some() => {}
        // The look-up took longer than the course.
        Answered::Refused(answer) if answer["error"] == "course_closed" && course == courses::ENDED => {}
        Answered::Refused(answer) => asker.wrong(format!("{user} in {course}: {answer}")),
        Answered::Missing | Answered::Nothing => {}
    }
    if told.lost {
        asker.seen().tried.push((user.to_owned(), course));
    }
    Enrolled::No
}

/// The user's enrolment in the course that is not canceled, and when it was seen.
pub(super) async fn open_enrolment(asker: &Asker, user: &str, course: i64) -> Option<(Instant, i64)> {
    let request = Request::plain("GET /", &format!("?user_id={user}&course_id={course}"));
    while !asker.time_is_up() {
        if let Some((200, answer)) = asker.ask(&request).await {
            let at = Instant::now();
            let open = |enrolment: &&Value| enrolment["status"] != "canceled";
            let found = answer["enrolments"].as_array()?.iter().find(open)?["id"].as_i64();
            return found.map(|id| (at, id));
        }
    }
    None
}
