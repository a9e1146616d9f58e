//! A native reference for the benchmark: `GET /{id}`, `POST /` and `PATCH /paid` with axum and
//! sqlx, the same statements in the same order and the same requests. With its pools it opens
//! a connection, sets its session and prepares a statement only once. It does not retry
//! deliveries.
#![allow(clippy::indexing_slicing, reason = "JSON gives null for what is not there")]

use anyhow::Result;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::{get, patch, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};
use sqlx::mysql::{MySqlPool, MySqlPoolOptions, MySqlRow};
use sqlx::pool::PoolConnection;
use sqlx::{Executor, MySql, MySqlConnection, Row};
use std::sync::Arc;

mod arguments {
    use std::net::SocketAddr;

    xflags::xflags! {
        /// The reference that the service is compared with.
        cmd native {
            /// Where to listen.
            required --listen address: SocketAddr
            /// The MySQL database.
            required --database url: String
            /// The origin of the sandbox.
            required --sandbox url: String
        }
    }
}

/// The settings of a session that writes: always in a transaction.
const SETTINGS: &str = "SET SESSION autocommit = 0, SESSION innodb_lock_wait_timeout = 2, \
                        SESSION lock_wait_timeout = 2, SESSION sql_mode = 'TRADITIONAL' \
                        /*!80000 , SESSION transaction_isolation = 'READ-COMMITTED' */\
                        /*M!100600 , SESSION tx_isolation = 'READ-COMMITTED' */";
/// With the limits of a read outside of a transaction.
const GET: &str = "/*M!100100 SET STATEMENT lock_wait_timeout = 2, max_statement_time = 2 FOR */ \
                   SELECT /*+ SET_VAR(lock_wait_timeout = 2) MAX_EXECUTION_TIME(2000) */ \
                   id, user_id, course_id, status, payment_status, invoice_url FROM enrolments WHERE id = ?";
const GET_LOCKED: &str = "SELECT id, user_id, course_id, status, payment_status, invoice_url, paid_hundredths, \
                          refunded_at, reason FROM enrolments WHERE id = ? FOR UPDATE";
const INSERT: &str = "INSERT INTO enrolments (user_id, course_id, status, payment_status, created_at, updated_at, \
                      course_end_date) VALUES (?, ?, 'ACTIVE', 'PENDING', ?, ?, ?)";
const ID_OF: &str = "SELECT id FROM enrolments WHERE user_id = ? AND course_id = ? AND is_open = 1";
const UPDATE: &str = "UPDATE enrolments SET status = ?, payment_status = ?, paid_hundredths = ?, refunded_at = ?, \
                      reason = ?, updated_at = ? WHERE id = ?";
const OWE: &str = "INSERT INTO outbox \
                   (job_key, enrolment_id, kind, payload, payload_version, state, attempts, due_at, lease_token, created_at) \
                   VALUES (?, ?, ?, ?, ?, 'due', 1, ?, ?, ?)";
const HELD: &str = "SELECT id FROM outbox WHERE job_key = ? AND lease_token = ? FOR UPDATE";
const DONE: &str = "UPDATE outbox SET state = 'done', payload = '{}', due_at = NULL, lease_token = NULL, \
                    last_error = NULL, finished_at = ? WHERE job_key = ? AND lease_token = ?";
const DONE_AND_LINK: &str = "UPDATE outbox LEFT JOIN enrolments ON enrolments.id = outbox.enrolment_id \
                             SET outbox.state = 'done', outbox.payload = '{}', outbox.due_at = NULL, \
                             outbox.lease_token = NULL, outbox.last_error = NULL, outbox.finished_at = ?, \
                             enrolments.invoice_url = ?, enrolments.updated_at = ? \
                             WHERE outbox.job_key = ? AND outbox.lease_token = ?";
const EVENT: &str = "INSERT INTO events \
                     (enrolment_id, kind, occurred_at, user_id, course_id, status, payment_status, invoice_url) \
                     VALUES (?, ?, ?, ?, ?, ?, ?, ?)";
const EVENT_OF_ROW: &str = "INSERT INTO events \
                            (enrolment_id, kind, occurred_at, user_id, course_id, status, payment_status, invoice_url) \
                            SELECT id, ?, ?, user_id, course_id, status, payment_status, invoice_url \
                            FROM enrolments WHERE id = ? FOR UPDATE";
const DOCUMENT: &str = "INSERT INTO documents \
                        (enrolment_id, kind, vendor_id, number, url, gross_hundredths, currency, issued_on, ksef_status, \
                        ksef_number, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
const TIME: &str = "2026-06-01 12:00:00";

struct Service {
    /// Sessions that read.
    reads: MySqlPool,
    /// Sessions that write.
    writes: MySqlPool,
    client: reqwest::Client,
    sandbox: String,
}

/// A job and its lease.
struct Job {
    enrolment_id: i64,
    key: String,
    lease: String,
}

type Answer = std::result::Result<(StatusCode, Json<Value>), StatusCode>;

#[tokio::main]
async fn main() -> Result<()> {
    let arguments = arguments::Native::from_env_or_exit();
    let pool = || MySqlPoolOptions::new().max_connections(32);
    let reads = pool().connect(&arguments.database).await?;
    let writes = pool().after_connect(|session, _| {
        Box::pin(async move {
            session.execute(SETTINGS).await?;
            Ok(())
        })
    });
    let writes = writes.connect(&arguments.database).await?;
    let client = reqwest::Client::builder().no_proxy().user_agent("native").build()?;
    let router = Router::new()
        .route("/api/enrolment", post(create))
        .route("/api/enrolment/paid", patch(pay))
        .route("/api/enrolment/{id}", get(one))
        .with_state(Arc::new(Service { reads, writes, client, sandbox: arguments.sandbox }));
    axum::serve(tokio::net::TcpListener::bind(arguments.listen).await?, router).await?;
    Ok(())
}

/// Every error is a 500, which the benchmark counts.
fn failed(_: impl std::fmt::Debug) -> StatusCode {
    StatusCode::INTERNAL_SERVER_ERROR
}

fn enrolment(row: &MySqlRow) -> sqlx::Result<Value> {
    Ok(json!({
        "id": row.try_get::<i32, _>("id")?,
        "user_id": row.try_get::<String, _>("user_id")?,
        "course_id": row.try_get::<i32, _>("course_id")?,
        "status": row.try_get::<String, _>("status")?.to_lowercase(),
        "payment_status": row.try_get::<String, _>("payment_status")?.to_lowercase(),
        "invoice_url": row.try_get::<Option<String>, _>("invoice_url")?,
    }))
}

async fn one(State(service): State<Arc<Service>>, Path(id): Path<i64>) -> Answer {
    let row = sqlx::query(GET).bind(id).fetch_optional(&service.reads).await.map_err(failed)?;
    let row = row.ok_or(StatusCode::NOT_FOUND)?;
    Ok((StatusCode::OK, Json(enrolment(&row).map_err(failed)?)))
}

#[derive(Deserialize)]
struct NewEnrolment {
    course_id: i64,
    user_id: String,
}

/// In its own task: a caller that disconnects does not end the transaction.
async fn create(State(service): State<Arc<Service>>, Json(new): Json<NewEnrolment>) -> Answer {
    tokio::spawn(enrol(service, new)).await.map_err(failed)?
}

async fn enrol(service: Arc<Service>, new: NewEnrolment) -> Answer {
    let (user, course) = tokio::try_join!(
        service.get(format!("/api/users/id?user_id={}", new.user_id)),
        service.get(format!("/api/course/{}", new.course_id)),
    )
    .map_err(failed)?;
    let payload = json!({"recipient": user, "course_name": course["name"]}).to_string();
    let mut session = service.writes.acquire().await.map_err(failed)?;
    let made = insert(&mut session, &new, &payload).await;
    let mail = end(session, made).await.map_err(failed)?;
    let answer = json!({"id": mail.enrolment_id, "user_id": new.user_id, "course_id": new.course_id,
        "status": "active", "payment_status": "pending", "invoice_url": null});
    tokio::spawn(async move { service.mail(mail).await });
    Ok((StatusCode::CREATED, Json(answer)))
}

#[derive(Deserialize)]
struct Payment {
    enrolment_id: i64,
}

async fn pay(State(service): State<Arc<Service>>, Json(payment): Json<Payment>) -> Answer {
    tokio::spawn(record(service, payment.enrolment_id)).await.map_err(failed)?
}

async fn record(service: Arc<Service>, id: i64) -> Answer {
    let row = sqlx::query(GET).bind(id).fetch_optional(&service.reads).await.map_err(failed)?;
    let mut answer = enrolment(&row.ok_or(StatusCode::NOT_FOUND)?).map_err(failed)?;
    let (user, course) = tokio::try_join!(
        service.get(format!("/api/users/id?user_id={}", answer["user_id"].as_str().unwrap_or_default())),
        service.get(format!("/api/course/{}", answer["course_id"])),
    )
    .map_err(failed)?;
    let payload = json!({"buyer": user, "course_name": course["name"]}).to_string();
    let mut session = service.writes.acquire().await.map_err(failed)?;
    let marked = mark(&mut session, id, &payload).await;
    let invoice = end(session, marked).await.map_err(failed)?;
    let document = service.post("/invoices.json", &document(id, &user, &course)).await.map_err(failed)?;
    let mut session = service.writes.acquire().await.map_err(failed)?;
    let linked = link(&mut session, &invoice, document["view_url"].as_str(), &payload).await;
    let mail = end(session, linked).await.map_err(failed)?;
    answer["payment_status"] = json!("paid");
    answer["invoice_url"] = document["view_url"].clone();
    tokio::spawn(async move { service.mail(mail).await });
    Ok((StatusCode::OK, Json(answer)))
}

impl Service {
    async fn get(&self, path: String) -> Result<Value> {
        Ok(self.client.get(format!("{}{path}", self.sandbox)).send().await?.error_for_status()?.json().await?)
    }

    async fn post(&self, path: &str, body: &Value) -> Result<Value> {
        let request = self.client.post(format!("{}{path}", self.sandbox)).bearer_auth("sandbox").json(body);
        Ok(request.send().await?.json().await?)
    }

    async fn mail(&self, job: Job) -> Result<()> {
        let mail = json!({"from": "Courses <courses@example.com>", "to": ["a@example.com"], "subject": "s",
            "html": "<p>h</p>", "text": "t"});
        self.post("/emails", &mail).await?;
        let mut session = self.writes.acquire().await?;
        let ended = done(&mut session, &job).await;
        Ok(end(session, ended).await?)
    }
}

/// Commits. After an error it closes the connection, which rolls back.
async fn end<T>(mut session: PoolConnection<MySql>, result: sqlx::Result<T>) -> sqlx::Result<T> {
    if result.is_err() {
        session.close().await?;
    } else {
        sqlx::query("COMMIT").execute(&mut *session).await?;
    }
    result
}

async fn insert(session: &mut MySqlConnection, new: &NewEnrolment, payload: &str) -> sqlx::Result<Job> {
    let row = sqlx::query(INSERT).bind(&new.user_id).bind(new.course_id).bind(TIME).bind(TIME);
    row.bind("2199-01-01 00:00:00").execute(&mut *session).await?;
    let id = sqlx::query(ID_OF).bind(&new.user_id).bind(new.course_id).fetch_one(&mut *session).await?;
    let id = i64::from(id.try_get::<i32, _>("id")?);
    happened(session, id, "enrolment.created").await?;
    add_job(session, id, "enrolment_email", payload).await
}

async fn mark(session: &mut MySqlConnection, id: i64, payload: &str) -> sqlx::Result<Job> {
    sqlx::query(GET_LOCKED).bind(id).fetch_one(&mut *session).await?;
    let row = sqlx::query(UPDATE).bind("ACTIVE").bind("PAID").bind(19999).bind(None::<i64>).bind(None::<&str>);
    row.bind(TIME).bind(id).execute(&mut *session).await?;
    happened(session, id, "enrolment.paid").await?;
    add_job(session, id, "invoice", payload).await
}

async fn link(session: &mut MySqlConnection, invoice: &Job, url: Option<&str>, payload: &str) -> sqlx::Result<Job> {
    let id = invoice.enrolment_id;
    sqlx::query(HELD).bind(&invoice.key).bind(&invoice.lease).fetch_one(&mut *session).await?;
    let row = sqlx::query(DONE_AND_LINK).bind(1).bind(url).bind(TIME).bind(&invoice.key).bind(&invoice.lease);
    row.execute(&mut *session).await?;
    let row = sqlx::query(DOCUMENT).bind(id).bind("invoice").bind(id).bind("1/6/2026").bind(url).bind(19999);
    row.bind("PLN").bind("2026-06-01").bind("not_applicable").bind(None::<&str>).bind(1).execute(&mut *session).await?;
    sqlx::query(EVENT_OF_ROW).bind("enrolment.invoiced").bind(1).bind(id).execute(&mut *session).await?;
    add_job(session, id, "payment_email", payload).await
}

async fn happened(session: &mut MySqlConnection, id: i64, kind: &str) -> sqlx::Result<()> {
    let row = sqlx::query(EVENT).bind(id).bind(kind).bind(1).bind("63a1f1234abc5678def12345").bind(1);
    row.bind("ACTIVE").bind("PENDING").bind(None::<&str>).execute(session).await.map(drop)
}

async fn add_job(session: &mut MySqlConnection, enrolment_id: i64, kind: &str, payload: &str) -> sqlx::Result<Job> {
    let lease = format!("{:016x}{:016x}", fastrand::u64(..), fastrand::u64(..));
    let key = format!("{kind}:{enrolment_id}");
    let row = sqlx::query(OWE).bind(&key).bind(enrolment_id).bind(kind).bind(payload).bind(1);
    row.bind(1_900_000_000_000_i64).bind(&lease).bind(1).execute(session).await?;
    Ok(Job { enrolment_id, key, lease })
}

async fn done(session: &mut MySqlConnection, job: &Job) -> sqlx::Result<()> {
    let update = sqlx::query(DONE).bind(1).bind(&job.key).bind(&job.lease);
    update.execute(session).await.map(drop)
}

fn document(id: i64, user: &Value, course: &Value) -> Value {
    json!({"api_token": "sandbox", "invoice": {
        "kind": "vat", "issue_date": "2026-06-01", "sell_date": "2026-06-01", "paid_date": "2026-06-01",
        "oid": format!("native-{id}"), "oid_unique": "yes", "status": "paid", "paid": "199.99",
        "payment_type": "transfer", "currency": "PLN", "buyer_name": "A B", "buyer_first_name": user["first_name"],
        "buyer_last_name": user["last_name"], "buyer_email": user["email"], "buyer_company": false,
        "positions": [{"name": course["name"], "tax": "23", "total_price_gross": "199.99", "quantity": 1}],
    }})
}
