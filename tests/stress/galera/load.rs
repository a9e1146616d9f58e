//! Callers that enrol, pay and cancel, and record the answers.

use crate::galera::check::SEATS;
use anyhow::{Context, Result, bail, ensure};
use fastrand::Rng;
use host::App;
use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tests::{Answer, CONTRACT, TestApp};

/// The first of the courses with few seats; the next ones follow.
pub(crate) const SMALL: i64 = 1000;

/// How many users ask for each of them.
const ASK_FOR_SMALL: usize = 12;

/// How long a request may take, with all its repetitions.
const PATIENCE: Duration = Duration::from_secs(60);

/// An acknowledged enrolment and its acknowledged changes.
pub(crate) struct Life {
    pub(crate) id: i64,
    pub(crate) user: String,
    pub(crate) course: i64,
    pub(crate) paid: bool,
    pub(crate) canceled: bool,
}

/// The requests and their answers.
#[derive(Default)]
pub(crate) struct Seen {
    pub(crate) lives: Vec<Life>,
    pub(crate) requests: usize,
    /// 503 and missing answers.
    pub(crate) again: usize,
    pub(crate) full: usize,
    pub(crate) wrong: Vec<String>,
}

/// The shared state of the callers.
pub(crate) struct Load {
    pub(crate) app: TestApp,
    /// A second service on the same database.
    pub(crate) beside: App,
    client: Client,
    turn: AtomicUsize,
    seen: Mutex<Seen>,
    answered: AtomicUsize,
    asked_for_small: AtomicUsize,
    stopped: AtomicBool,
}

/// The final answer, and whether an earlier answer was lost.
struct Told {
    status: u16,
    body: Value,
    lost: bool,
}

impl Load {
    pub(crate) fn new(app: TestApp, beside: App) -> Self {
        Self {
            app,
            beside,
            client: Client::new(),
            turn: AtomicUsize::new(0),
            seen: Mutex::default(),
            answered: AtomicUsize::new(0),
            asked_for_small: AtomicUsize::new(0),
            stopped: AtomicBool::new(false),
        }
    }

    pub(crate) fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn stop(&self) {
        self.stopped.store(true, Ordering::SeqCst);
    }

    fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::SeqCst)
    }

    /// Waits until `more` requests are answered.
    pub(crate) async fn until_answered(&self, more: usize) -> Result<()> {
        let answered = || self.answered.load(Ordering::SeqCst);
        let (all, end) = (answered() + more, Instant::now() + PATIENCE);
        while answered() < all {
            ensure!(Instant::now() < end, "the service does not answer");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        Ok(())
    }

    /// Runs one caller until it is stopped.
    pub(crate) async fn call(self: Arc<Self>, caller: usize, mut rng: Rng) -> Result<()> {
        for number in 0.. {
            if self.is_stopped() {
                break;
            }
            let user = format!("user-{caller}-{number}");
            let course = if rng.bool() { self.small_course() } else { rng.i64(20..27) };
            let Some(mut life) = self.enrol(&mut rng, user, course).await? else { continue };
            if rng.u8(..4) > 0 {
                life.paid = self.change(&mut rng, "/paid", &life, ("payment_status", "paid")).await?;
            }
            if rng.u8(..4) == 0 {
                life.canceled = self.change(&mut rng, "/canceled", &life, ("status", "canceled")).await?;
            }
            self.seen().lives.push(life);
        }
        Ok(())
    }

    /// Runs deliveries as the schedules of both services do.
    pub(crate) async fn deliver(self: Arc<Self>) -> Result<()> {
        while !self.is_stopped() {
            // A run fails while no node answers.
            let _ = tokio::join!(self.app.app.run_cron("delivery-cron"), self.beside.run_cron("delivery-cron"));
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        Ok(())
    }

    /// Small courses one after the other, so that several callers ask for one at once.
    fn small_course(&self) -> i64 {
        let asked = self.asked_for_small.fetch_add(1, Ordering::SeqCst);
        let course = SMALL + i64::try_from(asked / ASK_FOR_SMALL).unwrap_or_default();
        self.app.sandbox.set_course(course, json!({"max_participants": SEATS}));
        course
    }

    /// None if the course is full.
    async fn enrol(&self, rng: &mut Rng, user: String, course: i64) -> Result<Option<Life>> {
        let key = rng.bool().then(|| format!("enrol-{user}"));
        let body = json!({"course_id": course, "user_id": user});
        let told = self.until_answered_to(Method::POST, "", Some(&body), key.as_deref()).await?;
        let life = |id| Life { id, user: user.clone(), course, paid: false, canceled: false };
        let text = told.body.to_string();
        match told.status {
            201 => {
                let id = told.body["id"].as_i64().context("an id")?;
                if key.is_some() && rng.u8(..4) == 0 {
                    let again = self.until_answered_to(Method::POST, "", Some(&body), key.as_deref()).await?;
                    if (again.status, &again.body) != (201, &told.body) {
                        self.wrong(format!("{user} got {text}, and under the same key {}", again.body));
                    }
                }
                Ok(Some(life(id)))
            }
            409 if told.body["error"] == "course_full" && course >= SMALL => {
                self.seen().full += 1;
                Ok(None)
            }
            // By a request whose answer was lost.
            409 if told.lost && text.contains("already enrolled") => {
                let list = format!("/?user_id={user}&course_id={course}");
                let found = self.until_answered_to(Method::GET, &list, None, None).await?;
                let id = found.body.pointer("/enrolments/0/id").and_then(Value::as_i64);
                if id.is_none() {
                    self.wrong(format!("{user} is said to be enrolled in {course}, and is not"));
                }
                Ok(id.map(life))
            }
            status => {
                self.wrong(format!("{user} in {course}: {status} {text}"));
                Ok(None)
            }
        }
    }

    /// Whether the change is acknowledged.
    async fn change(&self, rng: &mut Rng, path: &str, life: &Life, done: (&str, &str)) -> Result<bool> {
        let key = rng.bool().then(|| format!("{path}-{}", life.user));
        let body = json!({"enrolment_id": life.id});
        let told = self.until_answered_to(Method::PATCH, path, Some(&body), key.as_deref()).await?;
        let mut enrolment = told.body.clone();
        if told.status == 409 && told.lost {
            // By a request whose answer was lost.
            enrolment = self.until_answered_to(Method::GET, &format!("/{}", life.id), None, None).await?.body;
        }
        let is_done = enrolment[done.0] == done.1;
        if !is_done {
            self.wrong(format!("{path} of {} ({}): {} {}", life.id, life.user, told.status, told.body));
        }
        Ok(is_done)
    }

    /// Repeats a request until the answer is final.
    async fn until_answered_to(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
        key: Option<&str>,
    ) -> Result<Told> {
        let (end, mut lost) = (Instant::now() + PATIENCE, false);
        while Instant::now() < end {
            let mut request = self.request(&method, path);
            if let Some(body) = body {
                request = request.json(body);
            }
            if let Some(key) = key {
                request = request.header("idempotency-key", key);
            }
            self.seen().requests += 1;
            let answer = ask(request).await;
            match answer {
                Ok(answer) if answer.status != 503 && !is_under_way(&answer) => {
                    self.answered.fetch_add(1, Ordering::SeqCst);
                    if let Err(described) = CONTRACT.allows(method.as_str(), path, &answer) {
                        self.wrong(format!("{method} {path}: {} {}: {described}", answer.status, answer.text));
                    }
                    return Ok(Told { status: answer.status, body: answer.json(), lost });
                }
                // The commit may have arrived although its answer was lost.
                _ => lost = true,
            }
            self.seen().again += 1;
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        bail!("{method} {path} has no answer")
    }

    /// A request to one service, the next one to the other.
    fn request(&self, method: &Method, path: &str) -> RequestBuilder {
        let services = [&self.app.app, &self.beside];
        let [one, other] = services.map(|service| service.address());
        let turn = self.turn.fetch_add(1, Ordering::SeqCst);
        let address = if turn.is_multiple_of(2) { one } else { other };
        self.client.request(method.clone(), format!("http://{address}/api/enrolment{path}"))
    }

    fn wrong(&self, what: String) {
        self.seen().wrong.push(what);
    }
}

async fn ask(request: RequestBuilder) -> reqwest::Result<Answer> {
    let response = request.timeout(Duration::from_secs(10)).send().await?;
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    Ok(Answer { status, headers, text: response.text().await? })
}

/// Whether a request under the same key runs, or its reservation has not ended.
fn is_under_way(answer: &Answer) -> bool {
    answer.status == 409 && answer.text.contains("try again")
}
