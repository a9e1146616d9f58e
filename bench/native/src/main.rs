//! `GET /{id}`, `POST /` and `PATCH /paid` as a native service would do them:
//! axum, sqlx with a pool of connections, the same statements and calls. It is a
//! reference for the benchmark, not a service: it keeps none of the promises about
//! repeated, late or failed deliveries.
#![allow(clippy::indexing_slicing, reason = "JSON gives null for what is not there")]

use anyhow::Result;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::{get, patch, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};
use sqlx::mysql::{MySqlPool, MySqlPoolOptions, MySqlRow};
use sqlx::{MySqlConnection, Row};
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

const SELECT: &str = "SELECT id, user_id, course_id, CONCAT(status) AS status, CONCAT(payment_status) AS payment_status, \
                      invoice_url FROM enrolments WHERE id = ?";
const SELECT_LOCKED: &str = "SELECT id, user_id, course_id, CONCAT(status) AS status, \
     CONCAT(payment_status) AS payment_status, invoice_url FROM enrolments WHERE id = ? FOR UPDATE";
const OWE: &str = "INSERT INTO outbox \
                   (job_key, enrolment_id, kind, payload, payload_version, state, attempts, due_at, lease_token, created_at) \
                   VALUES (?, ?, ?, ?, ?, 'due', 1, ?, ?, ?)";
const DONE: &str = "UPDATE outbox SET state = 'done', payload = '{}', due_at = NULL, lease_token = NULL, \
                    last_error = NULL, finished_at = ? WHERE job_key = ? AND lease_token = ?";
const HELD: &str = "SELECT id FROM outbox WHERE job_key = ? AND lease_token = ? FOR UPDATE";
const TIME: &str = "2026-06-01 12:00:00";

struct Service {
    pool: MySqlPool,
    client: reqwest::Client,
    sandbox: String,
}

type Answer = std::result::Result<(StatusCode, Json<Value>), StatusCode>;

#[tokio::main]
async fn main() -> Result<()> {
    let arguments = arguments::Native::from_env_or_exit();
    let pool = MySqlPoolOptions::new().max_connections(32).connect(&arguments.database).await?;
    let client = reqwest::Client::builder().no_proxy().build()?;
    let router = Router::new()
        .route("/api/enrolment", post(create))
        .route("/api/enrolment/paid", patch(pay))
        .route("/api/enrolment/{id}", get(one))
        .with_state(Arc::new(Service { pool, client, sandbox: arguments.sandbox }));
    axum::serve(tokio::net::TcpListener::bind(arguments.listen).await?, router).await?;
    Ok(())
}

/// Whatever fails is a 500, which the benchmark counts.
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

async fn one(State(service): State<Arc<Service>>, Path(id): Path<i32>) -> Answer {
    let row = sqlx::query(SELECT).bind(id).fetch_optional(&service.pool).await.map_err(failed)?;
    let row = row.ok_or(StatusCode::NOT_FOUND)?;
    Ok((StatusCode::OK, Json(enrolment(&row).map_err(failed)?)))
}

#[derive(Deserialize)]
struct NewEnrolment {
    course_id: i32,
    user_id: String,
}

async fn create(State(service): State<Arc<Service>>, Json(new): Json<NewEnrolment>) -> Answer {
    let (user, course) = tokio::try_join!(
        service.get(format!("/api/users/id?user_id={}", new.user_id)),
        service.get(format!("/api/course/{}", new.course_id)),
    )
    .map_err(failed)?;
    let mut transaction = service.pool.begin().await.map_err(failed)?;
    let insert = "INSERT INTO enrolments (user_id, course_id, status, payment_status, created_at, updated_at, \
                  course_end_date) VALUES (?, ?, 'ACTIVE', 'PENDING', ?, ?, ?)";
    let inserted = sqlx::query(insert)
        .bind(&new.user_id)
        .bind(new.course_id)
        .bind(TIME)
        .bind(TIME)
        .bind("2199-01-01 00:00:00")
        .execute(&mut *transaction)
        .await
        .map_err(failed)?;
    // The service reads it back; the driver here has it with the answer.
    let id = inserted.last_insert_id();
    let payload = json!({"recipient": user, "course_name": course["name"]}).to_string();
    let job = owe(&mut transaction, id, "enrolment_email", &payload).await.map_err(failed)?;
    transaction.commit().await.map_err(failed)?;
    tokio::spawn(async move { service.mail(job).await });
    let answer = json!({"id": id, "user_id": new.user_id, "course_id": new.course_id, "status": "active",
        "payment_status": "pending", "invoice_url": null});
    Ok((StatusCode::CREATED, Json(answer)))
}

#[derive(Deserialize)]
struct Payment {
    enrolment_id: i32,
}

async fn pay(State(service): State<Arc<Service>>, Json(payment): Json<Payment>) -> Answer {
    let id = payment.enrolment_id;
    let row = sqlx::query(SELECT).bind(id).fetch_optional(&service.pool).await.map_err(failed)?;
    let mut answer = enrolment(&row.ok_or(StatusCode::NOT_FOUND)?).map_err(failed)?;
    let (user, course) = tokio::try_join!(
        service.get(format!("/api/users/id?user_id={}", answer["user_id"].as_str().unwrap_or_default())),
        service.get(format!("/api/course/{}", answer["course_id"])),
    )
    .map_err(failed)?;
    let payload = json!({"buyer": user, "course_name": course["name"]}).to_string();
    let invoice = service.mark(id, &payload).await.map_err(failed)?;
    let document = service.post("/invoices.json", &document(id, &user, &course)).await.map_err(failed)?;
    let mail = service.link(id, invoice, document["view_url"].as_str(), &payload).await.map_err(failed)?;
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

    async fn mark(&self, id: i32, payload: &str) -> sqlx::Result<Job> {
        let mut transaction = self.pool.begin().await?;
        sqlx::query(SELECT_LOCKED).bind(id).fetch_one(&mut *transaction).await?;
        let mark = "UPDATE enrolments SET status = ?, payment_status = ?, updated_at = ? WHERE id = ?";
        sqlx::query(mark).bind("ACTIVE").bind("PAID").bind(TIME).bind(id).execute(&mut *transaction).await?;
        let job = owe(&mut transaction, u64::try_from(id).unwrap_or_default(), "invoice", payload).await?;
        transaction.commit().await?;
        Ok(job)
    }

    async fn link(&self, id: i32, job: Job, url: Option<&str>, payload: &str) -> sqlx::Result<Job> {
        let mut transaction = self.pool.begin().await?;
        sqlx::query(HELD).bind(&job.key).bind(&job.lease).fetch_one(&mut *transaction).await?;
        sqlx::query(DONE).bind(1).bind(job.key).bind(job.lease).execute(&mut *transaction).await?;
        let link = "UPDATE enrolments SET invoice_url = ?, updated_at = ? WHERE id = ?";
        sqlx::query(link).bind(url).bind(TIME).bind(id).execute(&mut *transaction).await?;
        let mail = owe(&mut transaction, u64::try_from(id).unwrap_or_default(), "payment_email", payload).await?;
        transaction.commit().await?;
        Ok(mail)
    }

    async fn mail(&self, job: Job) {
        let mail = json!({"from": "Courses <courses@example.com>", "to": ["a@example.com"], "subject": "s",
            "html": "<p>h</p>", "text": "t"});
        if self.post("/emails", &mail).await.is_ok() {
            let _ = sqlx::query(DONE).bind(1).bind(job.key).bind(job.lease).execute(&self.pool).await;
        }
    }
}

/// What names a job that is held.
struct Job {
    key: String,
    lease: String,
}

async fn owe(connection: &mut MySqlConnection, id: u64, kind: &str, payload: &str) -> sqlx::Result<Job> {
    let lease = format!("{:016x}{:016x}", fastrand::u64(..), fastrand::u64(..));
    let job = Job { key: format!("{kind}:{id}"), lease };
    let row = sqlx::query(OWE).bind(&job.key).bind(id).bind(kind).bind(payload).bind(1);
    row.bind(1_900_000_000_000_i64).bind(&job.lease).bind(1).execute(connection).await?;
    Ok(job)
}

fn document(id: i32, user: &Value, course: &Value) -> Value {
    json!({"api_token": "sandbox", "invoice": {
        "kind": "vat", "issue_date": "2026-06-01", "sell_date": "2026-06-01", "paid_date": "2026-06-01",
        "oid": format!("native-{id}"), "oid_unique": "yes", "status": "paid", "paid": "199.99",
        "payment_type": "transfer", "currency": "PLN", "buyer_name": "A B", "buyer_first_name": user["first_name"],
        "buyer_last_name": user["last_name"], "buyer_email": user["email"], "buyer_company": false,
        "positions": [{"name": course["name"], "tax": "23", "total_price_gross": "199.99", "quantity": 1}],
    }})
}
