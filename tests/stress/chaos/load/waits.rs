//! Users who wait for a seat, and leave or get an offer.

use super::Load;
use super::enrol::{Enrolled, open_enrolment};
use crate::chaos::ask::{Answered, Request, message};
use crate::chaos::courses;
use crate::chaos::life::Life;
use serde_json::json;
use std::time::Instant;

/// A place on a list.
pub(super) struct Place {
    user: String,
    course: i64,
    id: i64,
}

impl Load {
    /// A new user asks for a seat of a full course.
    pub(super) async fn wait(&mut self) {
        let (user, course) = (self.new_user(), courses::any_small(&mut self.rng));
        self.asker.seen().waited.push((user.clone(), course));
        let request = Request::with("POST /waiting", json!({"course_id": course, "user_id": user}), None);
        let told = self.asker.until_done(&mut self.rng, &request).await;
        match &told.answered {
            Answered::Done(answer) => match answer["id"].as_i64() {
                Some(id) => self.waits.push(Place { user, course, id }),
                None => self.asker.wrong(format!("a place without a number: {answer}")),
            },
            Answered::Refused(answer) => {
                let allowed = match message(answer) {
                    "The course has a free seat: enrol the user" => courses::has_seats(course),
                    // An earlier request got the place, and then the offer.
                    "User is already enrolled in this course" => told.lost,
                    other => other.contains("not found"),
                };
                if !allowed {
                    self.asker.wrong(format!("{user} waits for {course}: {answer}"));
                }
            }
            Answered::Missing | Answered::Nothing => {}
        }
    }

    /// Looks whether a user who waits has an offer. If not, the user leaves at times.
    pub(super) async fn look_at_a_place(&mut self) {
        if self.waits.is_empty() {
            return;
        }
        let place = self.waits.swap_remove(self.rng.usize(..self.waits.len()));
        let restores = self.asker.restores();
        if let Some((told, id)) = open_enrolment(&self.asker, &place.user, place.course).await {
            let (caller, first, held, steps) = (self.caller, "offered", false, Vec::new());
            let Place { user, course, .. } = place;
            return self.take(Enrolled::Found(Life { caller, id, user, course, told, restores, first, held, steps }));
        }
        if self.rng.bool() {
            self.waits.push(place);
            return;
        }
        let request = Request { path: format!("/waiting/{}", place.id), ..Request::plain("DELETE /waiting/{id}", "") };
        let since = Instant::now();
        while !self.asker.time_is_up() && since.elapsed().as_secs() < 10 {
            if let Some((204 | 404, _)) = self.asker.ask(&request).await {
                break;
            }
        }
    }
}
