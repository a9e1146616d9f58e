//! Callers that enrol, pay, cancel and refund, and record the answers.

pub(crate) mod enrol;
mod looks;
pub(crate) mod moves;
mod waits;

use crate::chaos::ask::{Asker, Request};
use crate::chaos::courses;
use crate::chaos::life::Life;
use fastrand::Rng;
use std::time::Duration;

/// One caller.
pub(crate) struct Load {
    caller: usize,
    asker: Asker,
    rng: Rng,
    /// Its enrolments that it may still change, oldest first.
    lives: Vec<Life>,
    /// The places of its users on waiting lists.
    waits: Vec<waits::Place>,
    /// The last number of a user or key.
    number: u32,
    /// The number of restorations, and the last event that it has read since.
    followed: (u64, i64),
}

impl Load {
    pub(crate) fn new(caller: usize, asker: Asker, rng: Rng) -> Self {
        Self { caller, asker, rng, lives: Vec::new(), waits: Vec::new(), number: 0, followed: (0, 0) }
    }

    /// Sends requests until time is up.
    pub(crate) async fn run(mut self) {
        while !self.asker.time_is_up() {
            match self.rng.u8(..100) {
                0..=27 => {
                    let (user, course) = (self.new_user(), courses::any_roomy(&mut self.rng));
                    self.enrol(user, course).await;
                }
                28..=30 => self.rush().await,
                31..=36 => self.enrol_again().await,
                37..=40 => self.wait().await,
                41..=43 => self.look_at_a_place().await,
                44..=89 => self.change_something().await,
                _ => self.look().await,
            }
        }
        self.asker.seen().lives.append(&mut self.lives);
    }

    /// Starts one run after the other, more often than the schedule.
    pub(crate) async fn deliver(asker: Asker, mut rng: Rng) {
        while !asker.time_is_up() {
            asker.ask(&Request::plain("POST /deliveries", "")).await;
            // Seats lapse after a few seconds.
            if rng.u8(..4) == 0 {
                asker.ask(&Request::plain("PATCH /expired", "")).await;
            }
            tokio::time::sleep(Duration::from_millis(rng.u64(10..200))).await;
        }
    }

    fn number(&mut self) -> u32 {
        self.number += 1;
        self.number
    }

    fn new_user(&mut self) -> String {
        let number = self.number();
        format!("user-{}-{number}", self.caller)
    }

    /// The place of one of its enrolments: mostly a late one, or one in a course with few seats, or one that
    /// may have lapsed.
    fn any_life(&mut self) -> Option<usize> {
        let places: Vec<_> = if self.rng.u8(..8) == 0 {
            let lapsed = |place: &usize| self.lives.get(*place).is_some_and(Life::may_have_lapsed);
            (0..self.lives.len()).filter(lapsed).collect()
        } else if self.rng.u8(..3) == 0 {
            let small =
                |place: &usize| self.lives.get(*place).is_some_and(|life| courses::is_small(life.believed().course));
            (0..self.lives.len()).filter(small).collect()
        } else {
            (self.lives.len().saturating_sub(10)..self.lives.len()).collect()
        };
        self.rng.choice(places)
    }

    /// Records that an enrolment is missing.
    fn forget(&mut self, place: usize) {
        let life = self.lives.remove(place);
        let mut seen = self.asker.seen();
        seen.missing.push((life.told, format!("{} of {}", life.id, life.user)));
        seen.lives.push(life);
    }

    async fn ask(&self, route: &'static str, query: &str) {
        self.asker.ask(&Request::plain(route, query)).await;
    }
}
