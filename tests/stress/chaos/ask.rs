//! Requests that are repeated until there is an answer.

use crate::chaos::life::{Ended, Move, Step};
use crate::chaos::seen::Seen;
use fastrand::Rng;
use reqwest::Client;
use serde_json::Value;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tests::{Answer, CONTRACT};

/// A request that can be repeated.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    /// Method and pattern.
    pub(crate) route: &'static str,
    /// Below the base, with its query.
    pub(crate) path: String,
    pub(crate) body: Option<Value>,
    pub(crate) key: Option<String>,
}

impl Request {
    /// Without a body, at the very path of the route's pattern, with a query.
    pub(crate) fn plain(route: &'static str, query: &str) -> Self {
        let path = route.split_once(' ').map_or(route, |(_, path)| path).trim_end_matches('/');
        Self { route, path: format!("{path}{query}"), body: None, key: None }
    }

    pub(crate) fn with(route: &'static str, body: Value, key: Option<String>) -> Self {
        Self { body: Some(body), key, ..Self::plain(route, "") }
    }
}

/// The last answer to a caller.
#[derive(Clone, Debug)]
pub(crate) enum Answered {
    Done(Value),
    /// 400 or 409.
    Refused(Value),
    /// 404.
    Missing,
    /// Time was up.
    Nothing,
}

/// When, after what, and what.
#[derive(Clone, Debug)]
pub(crate) struct Told {
    /// When it was first asked for, and when the answer came: before anything happens to
    /// its repetition.
    pub(crate) since: Instant,
    pub(crate) at: Instant,
    /// Whether an answer was lost: the request may have been done earlier.
    pub(crate) lost: bool,
    pub(crate) answered: Answered,
}

impl Told {
    /// As a step of a life.
    pub(crate) fn step(&self, what: Move) -> Step {
        let Self { since, at, lost, answered } = self;
        let ended = match answered {
            Answered::Done(_) => Ended::Done,
            Answered::Refused(answer) => Ended::Refused(message(answer).to_owned()),
            Answered::Missing | Answered::Nothing => Ended::Unknown,
        };
        Step { what, since: *since, at: *at, lost: *lost, ended }
    }
}

/// The way to the service, the same for all.
#[derive(Clone)]
pub(crate) struct Asker {
    base: String,
    client: Client,
    end: Instant,
    /// Changes when an older copy of the database is restored.
    restores: Arc<AtomicU64>,
    seen: Arc<Mutex<Seen>>,
}

impl Asker {
    pub(crate) fn new(base: String, end: Instant, restores: Arc<AtomicU64>, seen: Arc<Mutex<Seen>>) -> Self {
        let client = Client::builder().no_proxy().timeout(Duration::from_secs(10)).build().expect("a client");
        Self { base, client, end, restores, seen }
    }

    /// The same with more time.
    pub(crate) fn until(&self, end: Instant) -> Self {
        Self { end, ..self.clone() }
    }

    pub(crate) fn time_is_up(&self) -> bool {
        Instant::now() >= self.end
    }

    pub(crate) fn restores(&self) -> u64 {
        self.restores.load(Ordering::SeqCst)
    }

    pub(crate) fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn wrong(&self, what: String) {
        self.seen().wrong.push(what);
    }

    /// Asks until an answer is final. At times repeats a request under its key.
    pub(crate) async fn until_done(&self, rng: &mut Rng, request: &Request) -> Told {
        let (since, mut lost) = (Instant::now(), false);
        let restores = self.restores();
        let told = |lost, answered| Told { since, at: Instant::now(), lost, answered };
        // After a restored copy, its deliveries run before anybody is billed anew.
        let is_over = || request.route == "PATCH /rebilled" && self.restores() != restores;
        while !self.time_is_up() && !is_over() {
            match self.ask(request).await {
                Some((200 | 201, answer)) => {
                    let told = told(lost, Answered::Done(answer));
                    if request.key.is_some() && rng.u8(..4) == 0 {
                        let again = self.ask(request).await;
                        self.compare(&told, again.as_ref(), restores);
                    }
                    return told;
                }
                Some((404, _)) => return told(lost, Answered::Missing),
                Some((400, answer)) => return told(lost, Answered::Refused(answer)),
                // The first request runs, or its reservation has not ended.
                Some((409, answer)) if message(&answer).contains("try again") => {
                    tokio::time::sleep(Duration::from_secs(1)).await;
                }
                Some((409, answer)) => return told(lost, Answered::Refused(answer)),
                answer => {
                    // The commit may have arrived although its answer was lost.
                    lost |= answer.is_none_or(|(status, _)| status == 503);
                    tokio::time::sleep(Duration::from_millis(rng.u64(10..100))).await;
                }
            }
        }
        told(lost, Answered::Nothing)
    }

    /// The same by two requests at once, under one key.
    pub(crate) async fn twice_at_once(&self, rng: &mut Rng, request: &Request) -> Told {
        let restores = self.restores();
        let mut other = rng.fork();
        let (mut first, mut second) =
            futures::future::join(self.until_done(rng, request), self.until_done(&mut other, request)).await;
        if !matches!(first.answered, Answered::Done(_)) || matches!(second.answered, Answered::Missing) {
            std::mem::swap(&mut first, &mut second);
        }
        // What is refused for now may have been refused before the other was done: then a third is compared.
        if let (Answered::Done(_), Answered::Refused(_)) = (&first.answered, &second.answered) {
            second = self.until_done(rng, request).await;
        }
        let answer = match &second.answered {
            Answered::Done(answer) => Some((200, answer.clone())),
            Answered::Refused(answer) => Some((409, answer.clone())),
            Answered::Missing | Answered::Nothing => None,
        };
        if let Answered::Done(_) = first.answered {
            self.compare(&first, answer.as_ref(), restores);
        }
        Told { since: first.since.min(second.since), lost: first.lost || second.lost, ..first }
    }

    /// Checks that a repeated request has the first answer.
    fn compare(&self, first: &Told, again: Option<&(u16, Value)>, restores: u64) {
        let (Answered::Done(first), Some((status, again))) = (&first.answered, again) else { return };
        let changed = match status {
            200 | 201 => again != first,
            409 => !message(again).contains("try again"),
            _ => false,
        };
        if changed && self.restores() == restores {
            self.wrong(format!("a repeated request got another answer: {first}, then {status} {again}"));
        }
    }

    /// The status and the body; none if there was no whole answer.
    pub(crate) async fn ask(&self, request: &Request) -> Option<(u16, Value)> {
        let Request { route, path, body, key } = request;
        let method = route.split(' ').next().unwrap_or_default();
        let mut asked = self.client.request(method.parse().expect("a method"), format!("{}{path}", self.base));
        if let Some(body) = body {
            asked = asked.json(body);
        }
        if let Some(key) = key {
            asked = asked.header("idempotency-key", key);
        }
        let answer = async {
            let response = asked.send().await?;
            let (status, headers) = (response.status().as_u16(), response.headers().clone());
            Ok::<_, reqwest::Error>(Answer { status, headers, text: response.text().await? })
        };
        let Ok(answer) = answer.await else {
            self.seen().cut_off += 1;
            tokio::time::sleep(Duration::from_millis(20)).await;
            return None;
        };
        *self.seen().answers.entry((route, answer.status)).or_default() += 1;
        let described = CONTRACT.allows(method, path, &answer);
        if described.is_err() || !is_listed(route, answer.status) {
            self.wrong(format!("{method} {path} {body:?}: {} {} ({described:?})", answer.status, answer.text));
        }
        Some((answer.status, answer.json()))
    }
}

/// The sentence that an error has.
pub(crate) fn message(answer: &Value) -> &str {
    answer["message"].as_str().unwrap_or_default()
}

/// Whether a correct caller may get this status.
fn is_listed(route: &str, status: u16) -> bool {
    match route {
        // A user or a course may have disappeared.
        "POST /" => [201, 400, 409, 502, 503].contains(&status),
        "PATCH /failed" => [200, 404, 409, 503].contains(&status),
        "PATCH /paid" | "PATCH /canceled" => [200, 404, 409, 503].contains(&status),
        // More than is left; another tax is agreed on.
        "PATCH /refunded" | "PATCH /rebilled" => [200, 400, 404, 409, 503].contains(&status),
        "PATCH /extended" => [200, 404, 409, 503].contains(&status),
        "PATCH /moved" => [200, 400, 404, 409, 502, 503].contains(&status),
        "POST /waiting" => [200, 201, 400, 409, 502, 503].contains(&status),
        "DELETE /waiting/{id}" => [204, 404, 503].contains(&status),
        "GET /{id}/documents" => [200, 404, 503].contains(&status),
        // A restored copy is older than the event.
        "GET /events" => [200, 410, 503].contains(&status),
        _ => [200, 503].contains(&status),
    }
}
