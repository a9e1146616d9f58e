//! The whole service, started by a test.

use crate::contract::CONTRACT;
use crate::database::{Database, TestDatabase};
use crate::mariadb::MariaDb;
use crate::traces::Traces;
use crate::wire::Wire;
use anyhow::{Result, bail};
use host::{App, Invocation, Options, Output, Runtime};
use reqwest::{Client, Method, RequestBuilder};
use sandbox::{Config, Sandbox};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

/// The settings of a test.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Variables that override the defaults of the tests.
    pub variables: BTreeMap<String, String>,
    /// The tokens that the sandbox requires.
    pub sandbox: Config,
    /// Whether the database stays without its tables.
    pub empty_database: bool,
    /// Whether a server is reached over a [`Wire`], which is cut at first.
    pub wired: bool,
}

/// A running service with a database and a sandbox of its own.
pub struct TestApp {
    /// The stand-ins for the other systems.
    pub sandbox: Sandbox,
    /// The service.
    pub app: Arc<App>,
    /// Its database.
    pub database: TestDatabase,
    /// The wire to the database server, if the settings ask for one.
    pub wire: Option<Wire>,
    client: Client,
    base: String,
    options: Options,
    traces: Traces,
}

/// An answer, read to its end.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Its status.
    pub status: u16,
    /// Its headers.
    pub headers: reqwest::header::HeaderMap,
    /// Its body.
    pub text: String,
}

impl Answer {
    /// The body as JSON; null if it is none.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_default()
    }

    /// The error that the body names, or nothing.
    #[must_use]
    pub fn error(&self) -> String {
        self.json().get("error").and_then(Value::as_str).unwrap_or_default().to_owned()
    }

    /// A header as text, or nothing.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The list `enrolments` in the body.
    #[must_use]
    pub fn enrolments(&self) -> Vec<Value> {
        self.json().get("enrolments").and_then(Value::as_array).cloned().unwrap_or_default()
    }
}

impl TestApp {
    /// Starts a service.
    ///
    /// # Errors
    ///
    /// When a part of it does not start.
    pub async fn start(
        runtime: &Runtime,
        kind: Database,
        server: Option<&MariaDb>,
        settings: Settings,
    ) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("enrolments-test-").tempdir()?;
        let database = match (kind, server) {
            (Database::Sqlite, _) => TestDatabase::sqlite(folder.path()),
            (Database::MariaDb, Some(server)) => TestDatabase::mariadb(server, settings.empty_database).await?,
            (Database::MariaDb, None) => bail!("a service on MariaDB wants a server"),
        };
        let sandbox = Sandbox::start(([127, 0, 0, 1], 0).into(), settings.sandbox).await?;
        let mut variables = database.variables();
        let wire = server.filter(|_| settings.wired).map(|server| Wire::cut_off_from(server.address())).transpose()?;
        if let Some(wire) = &wire {
            variables.insert("mysql_address".to_owned(), wire.address());
        }
        for name in ["users_url", "courses_url", "invoices_url", "mail_url", "events_url"] {
            variables.insert(name.to_owned(), sandbox.origin());
        }
        variables.extend(settings.variables);
        let schema = crate::root().join("migrations/sqlite/schema.sql");
        let options = Options {
            listen: ([127, 0, 0, 1], 0).into(),
            state_dir: Some(folder.path().to_owned()),
            variables,
            env_variables: false,
            sqlite_scripts: if settings.empty_database { Vec::new() } else { vec![schema] },
            cron: false,
            output: Output::Capture,
            clock_ahead: chrono::TimeDelta::zero(),
            record: true,
        };
        let app = Arc::new(runtime.start(options.clone()).await?);
        let traces = Traces::new(Arc::clone(&app), database.clone(), folder);
        let client = Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build()?;
        let base = format!("http://{}/api/enrolment", app.address());
        let app = Self { sandbox, app, database, wire, client, base, options, traces };
        if kind == Database::Sqlite && !settings.empty_database {
            app.bring_up_to_date().await?;
        }
        Ok(app)
    }

    /// Lets the service migrate its database, as its first request would.
    async fn bring_up_to_date(&self) -> Result<()> {
        self.client.get(format!("{}/health", self.base)).send().await?;
        self.app.idle().await;
        self.app.clear_invocations();
        Ok(())
    }

    /// Starts another release on the same database, with the same other systems.
    ///
    /// # Errors
    ///
    /// When it does not start.
    pub async fn start_beside(&self, release: &Runtime) -> Result<App> {
        self.start_beside_with(release, self.variables()).await
    }

    /// The same with other variables; it gets only the ones that it declares.
    ///
    /// # Errors
    ///
    /// When it does not start.
    pub async fn start_beside_with(&self, other: &Runtime, variables: BTreeMap<String, String>) -> Result<App> {
        let variables = variables.into_iter().filter(|(name, _)| other.has_variable(name)).collect();
        other.start(Options { sqlite_scripts: Vec::new(), variables, ..self.options.clone() }).await
    }

    /// Starts the same service once more, with its clock ahead by this time.
    ///
    /// # Errors
    ///
    /// When it does not start.
    pub async fn start_ahead(&self, release: &Runtime, clock_ahead: chrono::TimeDelta) -> Result<App> {
        release.start(Options { sqlite_scripts: Vec::new(), clock_ahead, ..self.options.clone() }).await
    }

    /// The variables that the service has.
    #[must_use]
    pub fn variables(&self) -> BTreeMap<String, String> {
        self.options.variables.clone()
    }

    /// The traces for a failed test.
    #[must_use]
    pub fn traces(&self) -> Traces {
        self.traces.clone()
    }

    /// A request to a path below the service's base.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.base))
    }

    /// Sends a request, reads the answer and checks it against `openapi.json`.
    pub async fn send(&self, request: RequestBuilder) -> Answer {
        let request = request.build().expect("a request");
        let (method, url) = (request.method().to_string(), request.url().clone());
        let response = self.client.execute(request).await.expect("the service answers");
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await.expect("the answer has an end");
        let answer = Answer { status, headers, text };
        self.traces.answered(&format!("{method} {url} → {status} {}", answer.text));
        if let Some(path) = url.path().strip_prefix("/api/enrolment") {
            CONTRACT.check(&method, path, &answer);
        }
        answer
    }

    /// Sends `request` byte for byte and reads until the body of the answer begins.
    pub async fn raw(&self, request: &str) -> String {
        let mut stream = tokio::net::TcpStream::connect(self.app.address()).await.expect("the service listens");
        stream.write_all(request.as_bytes()).await.expect("the service reads");
        let mut answer = String::new();
        let mut piece = [0; 4096];
        while answer.split_once("\r\n\r\n").is_none_or(|(_, body)| body.is_empty()) {
            match stream.read(&mut piece).await.expect("the service answers") {
                0 => break,
                read => answer.push_str(&String::from_utf8_lossy(piece.get(..read).unwrap_or_default())),
            }
        }
        self.traces.answered(&format!("{request} → {answer}"));
        answer
    }

    /// A request without a body.
    pub async fn call(&self, method: &str, path: &str) -> Answer {
        let method = method.parse().expect("a method");
        self.send(self.request(method, path)).await
    }

    /// GET.
    pub async fn get(&self, path: &str) -> Answer {
        self.call("GET", path).await
    }

    /// A request with a body of JSON.
    pub async fn call_json(&self, method: &str, path: &str, body: &Value) -> Answer {
        let method = method.parse().expect("a method");
        self.send(self.request(method, path).json(body)).await
    }

    /// Sends a request to enrol.
    pub async fn enrol(&self, user_id: &str, course_id: i64) -> Answer {
        self.call_json("POST", "", &json!({"course_id": course_id, "user_id": user_id})).await
    }

    /// Enrols a user. Returns the id of the enrolment.
    pub async fn enrolled(&self, user_id: &str, course_id: i64) -> i64 {
        let answer = self.enrol(user_id, course_id).await;
        assert_eq!(answer.status, 201, "{}", answer.text);
        answer.json().get("id").and_then(Value::as_i64).expect("an id")
    }

    /// Lets the course of an enrolment have ended, for this enrolment alone. A course that has ended takes
    /// no enrolments.
    pub async fn end_course_of(&self, id: i64) {
        let sql = format!("UPDATE enrolments SET course_end_date = '2020-01-01 00:00:00' WHERE id = {id}");
        self.database.execute(&sql).await.expect("the column is there");
    }

    /// Enrols a user in a course that ends then. Returns the id of the enrolment.
    pub async fn enrolled_until_end(&self, user_id: &str, course_id: i64) -> i64 {
        let id = self.enrolled(user_id, course_id).await;
        self.end_course_of(id).await;
        id
    }

    /// Takes the terms of all enrolments away, as if a release without them had enrolled the users.
    pub async fn forget_terms(&self) {
        self.database.execute("UPDATE enrolments SET terms = NULL").await.expect("the column is there");
    }

    /// Pays.
    pub async fn pay(&self, id: i64) -> Answer {
        self.call_json("PATCH", "/paid", &json!({"enrolment_id": id})).await
    }

    /// A paid enrolment whose invoice is issued and mailed, if nothing fails. Returns the id.
    pub async fn paid(&self, user_id: &str, course_id: i64) -> i64 {
        let id = self.enrolled(user_id, course_id).await;
        let answer = self.pay(id).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        self.idle().await;
        id
    }

    /// Cancels.
    pub async fn cancel(&self, id: i64) -> Answer {
        self.call_json("PATCH", "/canceled", &json!({"enrolment_id": id})).await
    }

    /// Records a failed payment.
    pub async fn fail(&self, id: i64) -> Answer {
        self.call_json("PATCH", "/failed", &json!({"enrolment_id": id})).await
    }

    /// Records a refund.
    pub async fn refund(&self, id: i64) -> Answer {
        self.call_json("PATCH", "/refunded", &json!({"enrolment_id": id})).await
    }

    /// Records a refund, and waits for its deliveries.
    pub async fn refunded(&self, id: i64) {
        let answer = self.refund(id).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        self.idle().await;
    }

    /// The documents of an enrolment.
    pub async fn documents(&self, id: i64) -> Vec<Value> {
        let answer = self.get(&format!("/{id}/documents")).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.json().get("documents").and_then(Value::as_array).cloned().unwrap_or_default()
    }

    /// Every event, page by page.
    pub async fn events(&self) -> Vec<Value> {
        let mut all: Vec<Value> = Vec::new();
        let mut after = String::new();
        loop {
            let answer = self.get(&format!("/events?limit=1000{after}")).await;
            assert_eq!(answer.status, 200, "{}", answer.text);
            let page = answer.json();
            after = format!("&after={}", page.get("next").and_then(Value::as_i64).expect("where to go on"));
            all.extend(page.get("events").and_then(Value::as_array).cloned().unwrap_or_default());
            if page.get("more") != Some(&Value::Bool(true)) {
                return all;
            }
        }
    }

    /// The history of an enrolment: the types without `enrolment.`.
    pub async fn history(&self, id: i64) -> Vec<String> {
        let answer = self.get(&format!("/{id}/history")).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        let events = answer.json().get("events").and_then(Value::as_array).cloned().unwrap_or_default();
        let word = |event: Value| event.get("type")?.as_str()?.strip_prefix("enrolment.").map(str::to_owned);
        events.into_iter().filter_map(word).collect()
    }

    /// A request with a body of JSON under an idempotency key.
    pub async fn call_with_key(&self, key: &str, method: &str, path: &str, body: &Value) -> Answer {
        let method = method.parse().expect("a method");
        self.send(self.request(method, path).header("idempotency-key", key).json(body)).await
    }

    /// Runs a cron component once.
    pub async fn cron(&self, component: &str) {
        self.app.run_cron(component).await.expect("the run ends well");
    }

    /// Lets time pass for the outbox: waiting jobs become due.
    pub async fn pass_time(&self, milliseconds: i64) {
        let sql = format!(
            "UPDATE outbox SET due_at = due_at - {milliseconds}, unknown_since = unknown_since - {milliseconds}"
        );
        self.database.execute(&sql).await.expect("the outbox is there");
        let sql = format!("UPDATE paces SET free_at = free_at - {milliseconds}");
        self.database.execute(&sql).await.expect("the paces are there");
    }

    /// `kind state` of every job, by id.
    pub async fn jobs(&self) -> Vec<String> {
        let rows = self.database.rows("SELECT kind, state FROM outbox ORDER BY id").await.expect("the outbox is there");
        rows.into_iter().map(|row| row.join(" ")).collect()
    }

    /// Makes all jobs due and delivers them.
    pub async fn deliver_all(&self) {
        self.idle().await;
        self.pass_time(7_200_000).await;
        self.cron("delivery-cron").await;
    }

    /// `status payment_status` of an enrolment's row.
    pub async fn state_of(&self, id: i64) -> String {
        let sql = format!("SELECT status, payment_status FROM enrolments WHERE id = {id}");
        self.database.rows(&sql).await.expect("a query").concat().join(" ")
    }

    /// The subjects of the mails to a user of the sandbox, in their order.
    #[must_use]
    pub fn subjects(&self, user: &str) -> Vec<String> {
        let address = format!("{user}@example.com");
        let is_to = |mail: &&Value| mail.pointer("/to/0").is_some_and(|to| *to == address.as_str());
        let subject = |mail: &Value| mail.get("subject").and_then(Value::as_str).unwrap_or_default().to_owned();
        self.sandbox.state().emails.iter().filter(is_to).map(subject).collect()
    }

    /// The number of rows in a table, or of those after `WHERE`.
    pub async fn count(&self, rows: &str) -> u64 {
        let count = self.value(&format!("SELECT COUNT(*) FROM {rows}")).await;
        count.parse().expect("a number")
    }

    /// Makes the jobs due that a condition selects.
    pub async fn make_due(&self, jobs: &str) {
        let sql = format!("UPDATE outbox SET due_at = 1 WHERE {jobs}");
        self.database.execute(&sql).await.expect("the outbox is there");
    }

    /// The first value of the first row of a query.
    pub async fn value(&self, sql: &str) -> String {
        let rows = self.database.rows(sql).await.expect("a query");
        rows.into_iter().flatten().next().unwrap_or_default()
    }

    /// The invocations of components since the last call, with the work after their answers.
    pub async fn take_invocations(&self) -> Vec<Invocation> {
        self.app.idle().await;
        let invocations = self.app.invocations();
        self.app.clear_invocations();
        invocations
    }

    /// Waits until no request runs.
    pub async fn idle(&self) {
        self.app.idle().await;
    }
}
