//! Reads by callers, and the checks of their answers.

use super::Load;
use crate::chaos::ask::{Asker, Request};
use crate::chaos::courses;
use crate::chaos::life::Life;
use crate::chaos::seen::Page;
use fastrand::Rng;
use serde_json::Value;

impl Load {
    /// Reads something.
    pub(super) async fn look(&mut self) {
        match self.rng.u8(..14) {
            0 => self.ask("POST /deliveries", "").await,
            1 => self.ask("PATCH /expired", "").await,
            2 => self.ask("GET /active", "?limit=10").await,
            3 => self.ask("GET /health", "?deep=1").await,
            4..=7 => self.look_at_documents().await,
            8 | 9 => self.follow_events().await,
            _ => self.look_at_a_list().await,
        }
    }

    /// Reads the next page of events. Its events must be the same in the end, unless a
    /// restored copy has forgotten them.
    async fn follow_events(&mut self) {
        let restores = self.asker.restores();
        let after = if self.followed.0 == restores { self.followed.1 } else { 0 };
        let query = format!("?after={after}&limit={}", self.rng.u32(1..200));
        let Some((200, answer)) = self.asker.ask(&Request::plain("GET /events", &query)).await else { return };
        let Some(events) = answer["events"].as_array().filter(|_| self.asker.restores() == restores) else { return };
        let last = events.last().map_or(after, |event| event["id"].as_i64().unwrap_or_default());
        self.followed = (restores, last);
        self.asker.seen().pages.push(Page { restores, after, events: events.clone() });
    }

    async fn look_at_documents(&mut self) {
        let Some(place) = self.any_life() else { return };
        let Some(life) = self.lives.get(place) else { return };
        let request = Request {
            path: format!("/{}/documents?user_id={}", life.id, life.user),
            ..Request::plain("GET /{id}/documents", "")
        };
        match self.asker.ask(&request).await {
            Some((200, answer)) if !are_in_order(&answer["documents"]) => {
                self.asker.wrong(format!("the documents of {}: {answer}", life.id));
            }
            Some((404, _)) => self.forget(place),
            _ => {}
        }
    }

    async fn look_at_a_list(&mut self) {
        let Some(place) = self.any_life() else { return };
        let Some(life) = self.lives.get(place) else { return };
        let filter = Filter::random(&mut self.rng, life);
        let request = Request::plain("GET /", &filter.query());
        let Some((200, answer)) = self.asker.ask(&request).await else { return };
        let Some(found) = answer["enrolments"].as_array() else { return };
        let ids: Vec<_> = found.iter().filter_map(|enrolment| enrolment["id"].as_i64()).collect();
        if !found.iter().all(|enrolment| filter.lets_through(enrolment)) || !ids.is_sorted() {
            self.asker.wrong(format!("GET /{}: {answer}", filter.query()));
        }
        if filter.is_for_all_of(life) && !ids.contains(&life.id) && not_forgotten(&self.asker, life) {
            self.asker.wrong(format!("{} is not in GET /{}: {answer}", life.id, filter.query()));
        }
    }
}

fn not_forgotten(asker: &Asker, life: &Life) -> bool {
    asker.restores() == life.restores
}

/// Invoices, each over what is left, and corrections that leave something or nothing.
fn are_in_order(documents: &Value) -> bool {
    let mut left: i64 = 0;
    documents.as_array().into_iter().flatten().all(|document| {
        let gross: i64 = document["gross"].as_str().unwrap_or_default().replace('.', "").parse().unwrap_or_default();
        left += gross;
        match document["kind"].as_str() {
            Some("invoice") => gross > 0 && left == gross,
            _ => gross < 0 && left >= 0,
        }
    })
}

/// What a list is asked for.
struct Filter {
    pairs: Vec<(&'static str, String)>,
    limit: Option<u32>,
}

impl Filter {
    fn random(rng: &mut Rng, life: &Life) -> Self {
        let mut pairs = Vec::new();
        if rng.bool() {
            pairs.push(("user_id", life.user.clone()));
        }
        if rng.u8(..3) == 0 {
            let other = courses::any_roomy(rng);
            pairs.push(("course_id", if rng.bool() { life.course } else { other }.to_string()));
        }
        if rng.u8(..3) == 0 {
            pairs.push(("status", one_of(rng, ["active", "canceled", "completed"])));
        }
        if rng.u8(..3) == 0 {
            pairs.push(("payment_status", one_of(rng, ["pending", "paid", "failed"])));
        }
        Self { pairs, limit: rng.bool().then(|| rng.u32(1..50)) }
    }

    fn query(&self) -> String {
        let limit = self.limit.map(|limit| ("limit", limit.to_string()));
        let pairs: Vec<_> = self.pairs.iter().chain(&limit).map(|(name, value)| format!("{name}={value}")).collect();
        format!("?{}", pairs.join("&"))
    }

    fn lets_through(&self, enrolment: &Value) -> bool {
        self.pairs.iter().all(|(name, value)| match &enrolment[*name] {
            Value::String(text) => text == value,
            other => other.as_i64() == value.parse().ok(),
        })
    }

    /// Whether nothing else is asked for than whose it is and in which course, and all of
    /// it: a user has few enrolments.
    fn is_for_all_of(&self, life: &Life) -> bool {
        let own = |(name, value): &(&str, String)| match *name {
            "user_id" => true,
            "course_id" => *value == life.course.to_string(),
            _ => false,
        };
        self.limit.is_none() && self.pairs.iter().any(|(name, _)| *name == "user_id") && self.pairs.iter().all(own)
    }
}

fn one_of<const N: usize>(rng: &mut Rng, words: [&str; N]) -> String {
    rng.choice(words).unwrap_or_default().to_owned()
}
