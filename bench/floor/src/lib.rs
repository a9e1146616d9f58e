//! The calls of the service to its host for `GET /health`, `GET /{id}`, `GET /?user_id=`,
//! `GET /active`, `POST /` and `PATCH /paid`, as many in the same order, and nothing else: constant
//! arguments, no checks, no JSON. It parses only the id of a payment.

mod database;
mod outbound;

use database::{Connection, Param};
use outbound::{get_from, post_to};

use futures::future::join;
use futures::{SinkExt, StreamExt};
use spin_sdk::http::{Fields, IncomingRequest, Method, OutgoingBody, OutgoingResponse, ResponseOutparam};
use spin_sdk::http_component;
use spin_sdk::variables;
use std::pin::pin;
use wasi::io::streams::OutputStream;

/// Every error is a 500, which the benchmark counts.
type Result<T> = std::result::Result<T, ()>;

const SELECT: &str = "SELECT id, user_id, course_id, status, payment_status, invoice_url FROM enrolments WHERE id = ?";
const READABLE_ON_MYSQL: &str = "SELECT EXISTS (SELECT 1 FROM enrolments WHERE id = 1), \
                                 EXISTS (SELECT 1 FROM outbox WHERE id = 1), \
                                 EXISTS (SELECT 1 FROM documents WHERE id = 1 AND ksef_status IS NULL), \
                                 EXISTS (SELECT 1 FROM event_positions WHERE id = 1 AND removed >= 0), \
                                 EXISTS (SELECT 1 FROM resolutions WHERE id = 1), \
                                 EXISTS (SELECT 1 FROM idempotency WHERE idempotency_key = '' AND user_id IS NULL)";
const READABLE_ON_SQLITE: &str = "SELECT (SELECT MAX(version) FROM schema_migrations), \
                                  EXISTS (SELECT 1 FROM enrolments WHERE id = 1), \
                                  EXISTS (SELECT 1 FROM outbox WHERE id = 1), \
                                  EXISTS (SELECT 1 FROM documents WHERE id = 1 AND ksef_status IS NULL), \
                                  EXISTS (SELECT 1 FROM event_positions WHERE id = 1 AND removed >= 0), \
                                  EXISTS (SELECT 1 FROM resolutions WHERE id = 1), \
                                  EXISTS (SELECT 1 FROM idempotency WHERE idempotency_key = '' AND user_id IS NULL)";
const ACTIVE: &str = "SELECT id, user_id, course_id, payment_status, invoice_url FROM enrolments \
                      FORCE INDEX (ix_enrolments_active) WHERE status = 'ACTIVE' AND id > ? ORDER BY id LIMIT ?";
const PIECE: usize = 1000;
const WITHOUT_POSITION: &str = "SELECT id FROM events WHERE position IS NULL LIMIT 1";
const EVENTS: &str = "SELECT position, kind, occurred_at, enrolment_id, user_id, course_id, status, payment_status, \
                      invoice_url FROM events WHERE position > ? ORDER BY position LIMIT ?";
const REACH: &str = "SELECT removed, last FROM event_positions WHERE id = 1";
const OF_USER: &str = "SELECT id, user_id, course_id, status, payment_status, invoice_url FROM enrolments \
                       FORCE INDEX (ix_enrolments_user_id) WHERE user_id = ? AND id > ? ORDER BY id LIMIT ?";
const RECORD: &str = "SELECT id, user_id, course_id, status, payment_status, invoice_url, paid_hundredths, \
                      refunded_at, reason FROM enrolments WHERE id = ?";
const DOCUMENT: &str = "INSERT INTO documents \
                        (enrolment_id, kind, vendor_id, number, url, gross_hundredths, currency, issued_on, ksef_status, \
                        ksef_number, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
const OWE: &str = "INSERT INTO outbox \
                   (job_key, enrolment_id, kind, payload, payload_version, state, attempts, due_at, lease_token, created_at) \
                   VALUES (?, ?, ?, ?, ?, 'due', 1, ?, ?, ?)";
const DONE: &str = "UPDATE outbox SET state = 'done', payload = '{}', due_at = NULL, lease_token = NULL, \
                    last_error = NULL, finished_at = ? WHERE job_key = ? AND lease_token = ?";
const HELD: &str =
    "SELECT EXISTS (SELECT 1 FROM mail_texts WHERE id > 0) FROM outbox WHERE job_key = ? AND lease_token = ?";
const MAIL_TEXT: &str = "SELECT subject, text, changed_at, changed_by FROM mail_texts \
                         WHERE kind = ? AND language = ? AND changed_at <= ? ORDER BY changed_at DESC, id DESC LIMIT 1";
const TIME: &str = "2026-06-01 12:00:00";
const LEASE: &str = "0123456789abcdef0123456789abcdef";
const PAYLOAD: &str =
    r#"{"buyer":{"first_name":"A","last_name":"B","email":"a@example.com"},"course_name":"Course 1"}"#;
const MAIL: &str =
    r#"{"from":"Courses <courses@example.com>","to":["a@example.com"],"subject":"s","html":"<p>h</p>","text":"t"}"#;
const ANSWER: &[u8] = br#"{"id":1,"user_id":"63a1f1234abc5678def12345","course_id":1,"status":"active","payment_status":"paid","invoice_url":null}"#;

const EVENT: &str = "INSERT INTO events \
                            (enrolment_id, kind, occurred_at, user_id, course_id, status, payment_status, invoice_url) \
                            SELECT id, ?, ?, user_id, course_id, status, payment_status, invoice_url \
                            FROM enrolments WHERE id = ?";
const DONE_ON_MYSQL: &str = "UPDATE outbox LEFT JOIN enrolments ON enrolments.id = ? \
                             SET outbox.state = 'done', outbox.payload = '{}', outbox.due_at = NULL, \
                             outbox.lease_token = NULL, outbox.last_error = NULL, outbox.finished_at = ?, \
                             enrolments.invoice_url = ?, enrolments.updated_at = ? \
                             WHERE outbox.job_key = ? AND outbox.lease_token = ?";
const SET_LINK: &str = "UPDATE enrolments SET invoice_url = ?, updated_at = ? WHERE id = ?";
const LINK: &str = "http://127.0.0.1:3001/invoice/x";

/// The only path without a token.
const HEALTH: &str = "/api/enrolment/health";

/// How many variables each part of the service reads.
const TOKENS: u32 = 2;
const SERVER: u32 = 5;
const LOOK_UP: u32 = 3;
const MAILS: u32 = 8;
const HOLD_TIMES: u32 = 3;
const INVOICES: u32 = 10;
const CONFIGURATION: u32 = 55;

#[http_component]
async fn handle(request: IncomingRequest, out: ResponseOutparam) {
    // The headers, a request id, the path, the method, the tokens.
    let _ = request.headers().entries();
    let random = wasi::random::random::get_random_u64();
    let path = request.path_with_query().unwrap_or_default();
    let method = request.method();
    if path != HEALTH {
        settings(TOKENS);
    }
    // Without an answer the host answers 500.
    let _ = match (method, path.as_str()) {
        (Method::Get, HEALTH) => health(out).await,
        (Method::Get, "/api/enrolment/active") => active(out).await,
        (Method::Get, list) if list.starts_with("/api/enrolment?") => of_user(out).await,
        (Method::Get, "/api/enrolment/events") => events(out, 100).await,
        (Method::Get, "/api/enrolment/events?limit=1") => events(out, 1).await,
        (Method::Get, _) => get(out).await,
        (Method::Post, _) => create(request, out, random).await,
        _ => pay(request, out).await,
    };
}

fn open() -> Result<Connection> {
    let url = variables::get("mysql_url").unwrap_or_default();
    if !url.is_empty() {
        settings(SERVER);
    }
    Connection::open(&url)
}

async fn health(out: ResponseOutparam) -> Result<()> {
    settings(CONFIGURATION);
    let connection = open()?;
    let readable = if let Connection::MySql(_) = connection { READABLE_ON_MYSQL } else { READABLE_ON_SQLITE };
    connection.read(readable, &[])?;
    answer(out, 200, ANSWER).await;
    Ok(())
}

async fn get(out: ResponseOutparam) -> Result<()> {
    open()?.read(SELECT, &[int(1)])?;
    answer(out, 200, ANSWER).await;
    Ok(())
}

async fn of_user(out: ResponseOutparam) -> Result<()> {
    open()?.read(OF_USER, &[text("63a1f1234abc5678def0000001"), int(0), int(101)])?;
    answer(out, 200, ANSWER).await;
    Ok(())
}

async fn events(out: ResponseOutparam, limit: usize) -> Result<()> {
    let connection = open()?;
    connection.read(WITHOUT_POSITION, &[])?;
    connection.read(REACH, &[])?;
    // One more row shows whether there is a next page.
    let (_, events) = connection.page(EVENTS, 0, limit + 1)?;
    answer(out, 200, &piece(events.min(limit), 250)).await;
    Ok(())
}

/// In pieces of as many bytes as the benchmark's rows take as JSON.
async fn active(out: ResponseOutparam) -> Result<()> {
    let connection = open()?;
    let (mut after, mut rows) = connection.page(ACTIVE, 0, PIECE)?;
    if rows < PIECE {
        answer(out, 200, &piece(rows, 183)).await;
        return Ok(());
    }
    let response = response(200, None);
    let body = response.body()?;
    let stream = body.write()?;
    out.set(response);
    while rows >= PIECE {
        let (next_after, next) = connection.page(ACTIVE, after, PIECE)?;
        if next == 0 {
            break;
        }
        write(&stream, &piece(rows, 183))?;
        (after, rows) = (next_after, next);
    }
    write(&stream, &piece(rows, 183))?;
    drop(stream);
    OutgoingBody::finish(body, None).map_err(drop)
}

fn piece(rows: usize, bytes: usize) -> Vec<u8> {
    vec![b' '; rows * bytes]
}

fn write(stream: &OutputStream, mut bytes: &[u8]) -> Result<()> {
    while !bytes.is_empty() {
        let room = usize::try_from(stream.check_write().map_err(drop)?).map_err(drop)?;
        if room == 0 {
            stream.subscribe().block();
            continue;
        }
        let (now, later) = bytes.split_at_checked(room).unwrap_or((bytes, &[]));
        stream.write(now).map_err(drop)?;
        bytes = later;
    }
    Ok(())
}

async fn create(request: IncomingRequest, out: ResponseOutparam, random: u64) -> Result<()> {
    read(request).await;
    let sandbox = settings(MAILS + HOLD_TIMES + 2 * LOOK_UP);
    join(get_from(&sandbox, "/api/users/id?user_id=a"), get_from(&sandbox, "/api/course/1")).await;
    let connection = open()?;
    let user = format!("{random:016x}");
    let insert = "INSERT INTO enrolments (user_id, course_id, status, payment_status, created_at, updated_at, \
                  course_end_date) VALUES (?, ?, 'ACTIVE', 'PENDING', ?, ?, ?)";
    let by_user = "SELECT id, EXISTS (SELECT 1 FROM course_seats AS c WHERE c.course_id = enrolments.course_id), \
                   EXISTS (SELECT 1 FROM mail_texts WHERE id > 0) \
                   FROM enrolments WHERE user_id = ? AND course_id = ? AND is_open = 1";
    let by @ [user, course] = [text(&user), int(1)];
    let row = [user, course, text(TIME), text(TIME), text("2199-01-01 00:00:00")];
    connection.begin()?;
    let id = connection.insert(insert, &row, by_user, &by)?;
    happened(&connection, id, "enrolment.created")?;
    add_job(&connection, id, "enrolment_email")?;
    connection.commit()?;
    answer(out, 201, ANSWER).await;
    mail_text(&connection)?;
    post_to(&sandbox, "/emails", MAIL).await;
    done(&connection, &key(id, "enrolment_email"), None)
}

async fn pay(request: IncomingRequest, out: ResponseOutparam) -> Result<()> {
    let id = read(request).await;
    let sandbox = settings(MAILS + INVOICES + LOOK_UP);
    let connection = open()?;
    connection.read(SELECT, &[int(id)])?;
    get_from(&sandbox, "/api/users/id?user_id=a").await;
    connection.begin()?;
    connection.locked(RECORD, &[int(id)])?;
    let mark = "UPDATE enrolments SET status = ?, payment_status = ?, paid_hundredths = ?, refunded_at = ?, \
                reason = ?, updated_at = ? WHERE id = ?";
    let null = Param::Null;
    connection.execute(mark, &[text("ACTIVE"), text("PAID"), int(19999), null, null, text(TIME), int(id)])?;
    happened(&connection, id, "enrolment.paid")?;
    add_job(&connection, id, "invoice")?;
    connection.commit()?;
    post_to(&sandbox, "/invoices.json", &invoice(id)).await;
    connection.begin()?;
    let invoice = key(id, "invoice");
    if let Connection::MySql(_) = connection {
        connection.locked(HELD, &[text(&invoice), text(LEASE)])?;
    }
    done(&connection, &invoice, Some(id))?;
    let [kind, number, currency, day] = ["invoice", "1/6/2026", "PLN", "2026-06-01"].map(text);
    let ksef = text("not_applicable");
    let document = [int(id), kind, int(id), number, text(LINK), int(19999), currency, day, ksef, null, int(1)];
    connection.execute(DOCUMENT, &document)?;
    happened(&connection, id, "enrolment.invoiced")?;
    add_job(&connection, id, "payment_email")?;
    connection.commit()?;
    answer(out, 200, ANSWER).await;
    mail_text(&connection)?;
    post_to(&sandbox, "/emails", MAIL).await;
    done(&connection, &key(id, "payment_email"), None)
}

/// On MySQL another row says that there is none.
fn mail_text(connection: &Connection) -> Result<()> {
    match connection {
        Connection::MySql(_) => Ok(()),
        Connection::Sqlite(_) => connection.query(MAIL_TEXT, &[text("paid"), text("en"), int(1)]),
    }
}

fn happened(connection: &Connection, id: i64, kind: &str) -> Result<()> {
    connection.execute(&format!("{EVENT}{}", connection.for_update()), &[text(kind), int(1), int(id)])
}

/// Ends a job; the one of an invoice with the link of its enrolment.
fn done(connection: &Connection, key: &str, linked: Option<i64>) -> Result<()> {
    let [id, link] = linked.map_or([Param::Null; 2], |id| [int(id), text(LINK)]);
    if let Connection::MySql(_) = connection {
        return connection.execute(DONE_ON_MYSQL, &[id, int(1), link, text(TIME), text(key), text(LEASE)]);
    }
    connection.execute(&format!("{DONE} RETURNING id"), &[int(1), text(key), text(LEASE)])?;
    linked.map_or(Ok(()), |_| connection.execute(SET_LINK, &[link, text(TIME), id]))
}

fn add_job(connection: &Connection, id: i64, kind: &str) -> Result<()> {
    let (key, until) = (key(id, kind), 1_900_000_000_000);
    let row = [text(&key), int(id), text(kind), text(PAYLOAD), int(1), int(until), text(LEASE), int(1)];
    connection.execute(OWE, &row)
}

fn key(id: i64, kind: &str) -> String {
    format!("{kind}:{id}")
}

fn int(value: i64) -> Param<'static> {
    Param::Int(value)
}

fn text(value: &str) -> Param<'_> {
    Param::Text(value)
}

/// Reads `number` variables. Each is the address of the sandbox.
fn settings(number: u32) -> String {
    for _ in 1..number {
        let _ = variables::get("sandbox");
    }
    variables::get("sandbox").unwrap_or_default()
}

fn invoice(id: i64) -> String {
    format!(
        r#"{{"api_token":"sandbox","invoice":{{"kind":"vat","issue_date":"2026-06-01","sell_date":"2026-06-01","paid_date":"2026-06-01","oid":"floor-{id}","oid_unique":"yes","status":"paid","paid":"199.99","payment_type":"transfer","currency":"PLN","buyer_name":"A B","buyer_first_name":"A","buyer_last_name":"B","buyer_email":"a@example.com","buyer_company":false,"positions":[{{"name":"Course 1","tax":"23","total_price_gross":"199.99","quantity":1}}]}}}}"#
    )
}

/// The body's only number.
async fn read(request: IncomingRequest) -> i64 {
    let mut stream = pin!(request.into_body_stream());
    let mut number = 0;
    while let Some(Ok(chunk)) = stream.next().await {
        for digit in chunk.iter().filter(|byte| byte.is_ascii_digit()) {
            number = number * 10 % 1_000_000_000 + i64::from(digit - b'0');
        }
    }
    number
}

async fn answer(out: ResponseOutparam, status: u16, json: &[u8]) {
    let response = response(status, Some(json.len()));
    let mut body = pin!(response.take_body());
    out.set(response);
    let _ = body.send(json.to_vec()).await;
}

fn response(status: u16, length: Option<usize>) -> OutgoingResponse {
    let mut headers = vec![
        ("x-request-id".to_owned(), b"0123456789abcdef".to_vec()),
        ("content-type".to_owned(), b"application/json".to_vec()),
    ];
    if let Some(length) = length {
        headers.push(("content-length".to_owned(), length.to_string().into_bytes()));
    }
    let response = OutgoingResponse::new(Fields::from_list(&headers).unwrap_or_else(|_| Fields::new()));
    let _ = response.set_status_code(status);
    response
}
