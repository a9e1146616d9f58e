//! Callers that enrol and pay, and remember what they were told.

use fastrand::Rng;
use reqwest::{Client, Method};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// What a caller was told of an enrolment.
#[derive(Clone, Debug)]
pub(crate) struct Told {
    /// When.
    pub(crate) at: Instant,
    pub(crate) id: i64,
    pub(crate) user: String,
}

/// What callers saw.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    /// Enrolments that were acknowledged.
    pub(crate) enrolled: Vec<Told>,
    /// Payments that were acknowledged.
    pub(crate) paid: Vec<Told>,
    /// Enrolments that were acknowledged and then, when they were paid for,
    /// were not there.
    pub(crate) missing: Vec<Told>,
    /// How often each route gave each status.
    pub(crate) answers: BTreeMap<(&'static str, u16), u64>,
    /// Requests whose connection ended without an answer.
    pub(crate) cut_off: u64,
    /// What the contract does not list.
    pub(crate) undocumented: Vec<String>,
    /// Repeated requests that got another answer under the same key.
    pub(crate) changed_answers: u64,
}

impl Seen {
    pub(crate) fn add(&mut self, other: Self) {
        self.enrolled.extend(other.enrolled);
        self.paid.extend(other.paid);
        self.missing.extend(other.missing);
        for (answer, count) in other.answers {
            *self.answers.entry(answer).or_default() += count;
        }
        self.cut_off += other.cut_off;
        self.undocumented.extend(other.undocumented);
        self.changed_answers += other.changed_answers;
    }

    pub(crate) fn requests(&self) -> u64 {
        self.answers.values().sum::<u64>() + self.cut_off
    }
}

/// One caller.
pub(crate) struct Load {
    caller: usize,
    base: String,
    rng: Rng,
    client: Client,
    /// Changes when an older copy of the database is restored.
    restores: Arc<AtomicU64>,
    seen: Seen,
}

impl Load {
    pub(crate) fn new(caller: usize, base: String, restores: Arc<AtomicU64>, rng: Rng) -> Self {
        let client = Client::builder().no_proxy().timeout(Duration::from_secs(10)).build().expect("a client");
        Self { caller, base, rng, client, restores, seen: Seen::default() }
    }

    pub(crate) async fn run(mut self, end: Instant) -> Seen {
        let mut number = 0;
        while Instant::now() < end {
            number += 1;
            let user = format!("user-{}-{number}", self.caller);
            if let Some((at, id)) = self.enrol(&user, end).await {
                let told = Told { at, id, user };
                self.seen.enrolled.push(told.clone());
                if self.rng.u8(..10) < 9 {
                    self.pay(told, end).await;
                }
            }
            match self.rng.u8(..20) {
                0 => drop(self.ask("POST /deliveries", Method::POST, "/deliveries", None, None).await),
                1 => drop(self.ask("PATCH /expired", Method::PATCH, "/expired", None, None).await),
                2 => drop(self.ask("GET /active", Method::GET, "/active?limit=10", None, None).await),
                3 => drop(self.ask("GET /health", Method::GET, "/health?deep=1", None, None).await),
                _ => {}
            }
        }
        self.seen
    }

    /// Enrols until an answer says that it is done; none if time is up.
    async fn enrol(&mut self, user: &str, end: Instant) -> Option<(Instant, i64)> {
        let body = json!({"course_id": self.rng.i64(10..20), "user_id": user});
        let key = self.rng.bool().then(|| format!("enrol-{user}"));
        let (at, answer) = self.until_done("POST /", Method::POST, "", &body, key, end).await?;
        Some((at, answer.get("id")?.as_i64()?))
    }

    /// Pays until an answer says that it is done, or that there is nothing to pay.
    async fn pay(&mut self, enrolled: Told, end: Instant) {
        let Told { id, user, .. } = &enrolled;
        let key = self.rng.bool().then(|| format!("pay-{user}"));
        let body = json!({"enrolment_id": id, "user_id": user});
        match self.until_done("PATCH /paid", Method::PATCH, "/paid", &body, key, end).await {
            Some((at, answer)) if answer.get("id").is_some() => self.seen.paid.push(Told { at, ..enrolled }),
            Some(_) => self.seen.missing.push(enrolled),
            None => {}
        }
    }

    /// The answer, and when it came: before anything happens to its repetition.
    async fn until_done(
        &mut self,
        route: &'static str,
        method: Method,
        path: &str,
        body: &Value,
        key: Option<String>,
        end: Instant,
    ) -> Option<(Instant, Value)> {
        while Instant::now() < end {
            let restores = self.restores.load(Ordering::SeqCst);
            let asked = self.ask(route, method.clone(), path, Some(body), key.as_deref()).await;
            let at = Instant::now();
            match asked {
                Some((404, answer)) => return Some((at, answer)),
                Some((200 | 201, answer)) => {
                    if let Some(key) = key.as_deref().filter(|_| self.rng.u8(..4) == 0) {
                        let again = self.ask(route, method, path, Some(body), Some(key)).await;
                        let forgotten = self.restores.load(Ordering::SeqCst) != restores;
                        if !forgotten && again.is_some_and(|(status, again)| status < 300 && again != answer) {
                            self.seen.changed_answers += 1;
                        }
                    }
                    return Some((at, answer));
                }
                // Done by an earlier request whose answer was lost.
                Some((409, answer)) if !answer["message"].as_str().unwrap_or_default().contains("try again") => {
                    return None;
                }
                // Under way, or so it seems until its reservation ends.
                Some((409, _)) => tokio::time::sleep(Duration::from_secs(1)).await,
                _ => tokio::time::sleep(Duration::from_millis(self.rng.u64(10..100))).await,
            }
        }
        None
    }

    async fn ask(
        &mut self,
        route: &'static str,
        method: Method,
        path: &str,
        body: Option<&Value>,
        key: Option<&str>,
    ) -> Option<(u16, Value)> {
        let mut request = self.client.request(method, format!("{}{path}", self.base));
        if let Some(body) = body {
            request = request.json(body);
        }
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        let answer = async {
            let response = request.send().await?;
            let status = response.status().as_u16();
            Ok::<_, reqwest::Error>((status, response.bytes().await?))
        };
        let Ok((status, body)) = answer.await else {
            self.seen.cut_off += 1;
            tokio::time::sleep(Duration::from_millis(20)).await;
            return None;
        };
        *self.seen.answers.entry((route, status)).or_default() += 1;
        let json = serde_json::from_slice::<Value>(&body).unwrap_or_default();
        let listed = match route {
            "POST /" => [201, 409, 502, 503].contains(&status),
            "PATCH /paid" => [200, 404, 409, 502, 503].contains(&status),
            _ => [200, 503].contains(&status),
        };
        if !listed || !json.is_object() {
            self.seen.undocumented.push(format!("{route}: {status} {}", String::from_utf8_lossy(&body)));
        }
        Some((status, json))
    }
}
