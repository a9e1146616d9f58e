//! Nothing is left of an erased person in any column of any table, or in the log.

use crate::users::erase;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use tests::{TestApp, TestDatabase};

crate::cases![nothing_is_left_of_a_person, every_column_is_listed];

/// Columns that may identify a person. A new column is added to one of these lists, and
/// `crates/spin-adapters/src/sql/erasure.rs` erases it.
const OF_A_PERSON: [&str; 13] = [
    "enrolments.user_id",
    "enrolments.user_record",
    "enrolments.reference",
    "enrolments.metadata",
    "enrolments.reason",
    "events.user_id",
    "idempotency.idempotency_key",
    "idempotency.outcome",
    "idempotency.request",
    "idempotency.user_id",
    "resolutions.note",
    "waiting.user_id",
    "waiting.user_record",
];

/// Columns that may identify a person until the job is done.
const OF_A_JOB: [&str; 2] = ["outbox.payload", "outbox.last_error"];

/// All others: numbers, times, states, the ids of documents, and the hash of a company, whose erasure
/// is in `payments.rs`.
const OF_NO_PERSON: [&str; 113] = [
    "course_seats.closes_at",
    "course_seats.course_id",
    "course_seats.opens_at",
    "course_seats.seats",
    "course_seats.terms",
    "documents.chain_no",
    "documents.created_at",
    "documents.currency",
    "documents.enrolment_id",
    "documents.gross_hundredths",
    "documents.id",
    "documents.issued_on",
    "documents.kind",
    "documents.ksef_number",
    "documents.ksef_status",
    "documents.number",
    "documents.tax",
    "documents.url",
    "documents.vendor_id",
    "enrolments.canceled_at",
    "enrolments.canceled_by",
    "enrolments.chain_end",
    "enrolments.course_end_date",
    "enrolments.course_id",
    "enrolments.created_at",
    "enrolments.ended_with_user",
    "enrolments.id",
    "enrolments.invoice_url",
    "enrolments.invoices_provider",
    "enrolments.is_open",
    "enrolments.lapsed",
    "enrolments.paid_hundredths",
    "enrolments.paid_on",
    "enrolments.pay_until",
    "enrolments.payment_status",
    "enrolments.refunded_at",
    "enrolments.refunded_hundredths",
    "enrolments.status",
    "enrolments.terms",
    "enrolments.unpaid_until",
    "enrolments.updated_at",
    "event_positions.counted",
    "event_positions.id",
    "event_positions.last",
    "event_positions.noticed",
    "event_positions.owed",
    "event_positions.pruned",
    "event_positions.removed",
    "event_totals.kind",
    "event_totals.number",
    "events.chain_no",
    "events.course_id",
    "events.done_by",
    "events.enrolment_id",
    "events.id",
    "events.invoice_url",
    "events.kind",
    "events.occurred_at",
    "events.payment_status",
    "events.position",
    "events.status",
    "idempotency.created_at",
    "idempotency.enrolment_id",
    "idempotency.lease_until",
    "idempotency.token",
    "mail_texts.changed_at",
    "mail_texts.changed_by",
    "mail_texts.id",
    "mail_texts.kind",
    "mail_texts.language",
    "mail_texts.subject",
    "mail_texts.text",
    "outbox.attempts",
    "outbox.created_at",
    "outbox.due_at",
    "outbox.enrolment_id",
    "outbox.finished_at",
    "outbox.id",
    "outbox.job_key",
    "outbox.kind",
    "outbox.lease_token",
    "outbox.payload_version",
    "outbox.state",
    "outbox.unknown_since",
    "paces.doubts",
    "paces.free_at",
    "paces.gap_ms",
    "paces.learnt_at",
    "paces.name",
    "paces.runner",
    "paces.runner_until",
    "payments.amount_hundredths",
    "payments.buyer",
    "payments.created_at",
    "payments.enrolment_id",
    "payments.id",
    "payments.method",
    "payments.reference",
    "refunds.amount_hundredths",
    "refunds.created_at",
    "refunds.enrolment_id",
    "refunds.id",
    "refunds.reference",
    "resolutions.enrolment_id",
    "resolutions.id",
    "resolutions.kind",
    "resolutions.settled_at",
    "resolutions.settled_by",
    "schedules.ended_at",
    "schedules.name",
    "waiting.course_id",
    "waiting.created_at",
    "waiting.id",
];

/// `table.column` of the tables of the service, without those of migrations.
async fn columns(app: &TestApp) -> BTreeSet<String> {
    let sql = match app.database {
        TestDatabase::Sqlite(_) => {
            "SELECT sqlite_master.name || '.' || columns.name FROM sqlite_master, pragma_table_xinfo(sqlite_master.name) AS columns \
             WHERE sqlite_master.type = 'table' AND sqlite_master.name NOT LIKE 'sqlite_%' \
             AND sqlite_master.name <> 'schema_migrations'"
        }
        TestDatabase::MariaDb { .. } => {
            "SELECT CONCAT(table_name, '.', column_name) FROM information_schema.columns \
             WHERE table_schema = DATABASE() AND table_name <> 'refinery_schema_history'"
        }
    };
    app.database.rows(sql).await.unwrap().into_iter().flatten().collect()
}

async fn every_column_is_listed(app: TestApp) {
    let mut known: BTreeSet<_> = OF_A_PERSON.iter().chain(&OF_NO_PERSON).map(|column| (*column).to_owned()).collect();
    known.extend(OF_A_JOB.map(str::to_owned));
    let found = columns(&app).await;
    let unknown: Vec<_> = found.difference(&known).collect();
    assert!(unknown.is_empty(), "what becomes of {unknown:?} when a user is erased?");
    assert_eq!(known.difference(&found).collect::<Vec<_>>(), Vec::<&String>::new(), "gone");
}

const USER: &str = "canary-user-7";
/// Without dashes, as it is stored.
pub(crate) const TAX_NO: &str = "5260250274";

fn needles() -> [&'static str; 3] {
    ["canary", TAX_NO, "526-025-02-74"]
}

/// The columns in which the person is found.
pub(crate) async fn found(app: &TestApp) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for name in columns(app).await {
        let (table, column) = name.split_once('.').unwrap();
        let values = app.database.rows(&format!("SELECT {column} FROM {table}")).await.unwrap();
        let has = |value: &String| needles().iter().any(|needle| value.to_lowercase().contains(needle));
        if values.concat().iter().any(has) {
            found.insert(name);
        }
    }
    found
}

pub(crate) fn company() -> Value {
    json!({"name": "canary company", "tax_no": TAX_NO, "street": "canary street 1", "post_code": "canary-1",
        "city": "canary city", "recipient": {"name": "canary school", "street": "canary road", "city": "canary town", "role": "recipient"}})
}

/// The payload of a job of each kind.
fn payloads(account: &str) -> [(&'static str, String); 11] {
    let person = json!({"first_name": "Canaryna", "last_name": "Canarowska", "email": "canary@person.example"});
    let (name, reason) = ("Rust", "canary reason");
    let mail = |more: Value| {
        let mut mail = json!({"recipient": person, "course_name": name});
        mail.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        mail.to_string()
    };
    let terms = json!({"account": account, "prefix": "enrolment", "department_id": null,
        "tax": {"rate": "23"}, "currency": "PLN", "payment_type": "transfer", "ksef": "account"});
    let sale = |more: Value| {
        let mut sale = json!({"company": company(), "gross_hundredths": 5000, "paid_on": "2026-02-01",
            "reference": "00000000000000aa", "terms": terms, "erased": false});
        sale.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        sale.to_string()
    };
    let refund =
        |mail_to: Value| json!({"mail_to": mail_to, "reason": reason, "refunded_on": "2026-02-01"}).to_string();
    [
        ("enrolment_email", mail(json!({}))),
        ("payment_email", mail(json!({"invoice_url": null}))),
        ("cancellation_email", mail(json!({"reason": reason}))),
        ("refund_email", mail(json!({"reason": reason, "correction_url": null}))),
        ("invoice", sale(json!({"buyer": person, "course_name": name}))),
        ("invoice_data", sale(json!({"user_id": USER, "course_id": 1}))),
        ("correction", refund(json!({"known": {"recipient": person, "course_name": name}}))),
        ("correction", refund(json!({"not_known_yet": {"user_id": USER, "course_id": 1}}))),
        ("mail_data", json!({"user_id": USER, "course_id": 1, "mail": "cancellation", "reason": reason}).to_string()),
        ("notice", json!({"topic": "move", "moved_at": 1, "reason": reason}).to_string()),
        ("notice_email", mail(json!({"topic": "move", "moved_at": 1, "reason": reason}))),
    ]
}

/// Adds a job of each kind in each state, each for an enrolment of the person; every second
/// enrolment is deleted. Returns how many invoices are pending.
async fn plant_jobs(app: &TestApp) -> usize {
    let states = [
        "'due', 1, NULL, NULL",
        "'unknown', 1, NULL, 1",
        "'dead', NULL, NULL, NULL",
        "'due', 9999999999999, 'held', NULL",
        "'unknown', 1, 'of-the-dead', 1",
    ];
    let (mut id, mut invoices) = (1000, 0);
    for (kind, payload) in payloads(&app.sandbox.origin()) {
        for state in states {
            id += 1;
            let insert = format!(
                "INSERT INTO enrolments (id, user_id, course_id, status, payment_status, reason) \
                 VALUES ({id}, '{USER}', {id}, 'CANCELED', 'PAID', 'canary reason'); \
                 INSERT INTO events (enrolment_id, kind, occurred_at, user_id, course_id, status, payment_status) \
                 VALUES ({id}, 'enrolment.paid', 1, '{USER}', {id}, 'ACTIVE', 'PAID'); \
                 INSERT INTO resolutions (enrolment_id, kind, note, settled_at) VALUES ({id}, '{kind}', 'canary note', 1); \
                 INSERT INTO outbox (job_key, enrolment_id, kind, payload, payload_version, state, due_at, lease_token, \
                 unknown_since, attempts, created_at) VALUES ('{kind}:{id}', {id}, '{kind}', '{payload}', 1, {state}, 1, 1)"
            );
            app.database.execute(&insert).await.unwrap();
            if id % 2 == 0 {
                app.database.execute(&format!("DELETE FROM enrolments WHERE id = {id}")).await.unwrap();
            }
            invoices += usize::from(kind == "invoice" || kind == "invoice_data");
        }
    }
    // Unreadable payloads: dead, and due.
    for (kind, state) in [("invoice", "'dead', NULL"), ("correction", "'due', 1"), ("refund_email", "'dead', NULL")] {
        id += 1;
        let broken = format!(
            "INSERT INTO enrolments (id, user_id, course_id, status, payment_status) \
             VALUES ({id}, '{USER}', {id}, 'ACTIVE', 'PAID'); \
             INSERT INTO outbox (job_key, enrolment_id, kind, payload, payload_version, state, due_at, attempts, created_at) \
             VALUES ('{kind}:{id}', {id}, '{kind}', '{{\"canary\"', 1, {state}, 1, 1)"
        );
        app.database.execute(&broken).await.unwrap();
    }
    // A reason of KSeF may name the buyer.
    let number = json!({"document": "invoice", "vendor_id": 1, "erased": false, "account": app.sandbox.origin(),
        "unasked": false, "withheld": null});
    let refused = format!(
        "INSERT INTO enrolments (id, user_id, course_id, status, payment_status) VALUES (2000, '{USER}', 2000, 'ACTIVE', 'PAID'); \
         INSERT INTO outbox (job_key, enrolment_id, kind, payload, payload_version, state, last_error, attempts, created_at) VALUES \
         ('ksef_number:invoice:2000', 2000, 'ksef_number', '{number}', 1, 'dead', \
         'KSeF: refused: send_error: canary, {TAX_NO}', 1, 1)"
    );
    app.database.execute(&refused).await.unwrap();
    invoices
}

/// Uses every route that takes personal data.
async fn use_every_route(app: &TestApp) {
    app.sandbox
        .set_user(USER, json!({"first_name": "Canaryna", "last_name": "Canarowska", "email": "canary@person.example"}));
    let keyed = async |method: &str, path: &str, body: Value| {
        let key = format!("canary-key-{}", chrono::Utc::now().timestamp_micros());
        app.call_with_key(&key, method, path, &body).await
    };
    let mut ids = Vec::new();
    for course in [1, 2, 4] {
        let mut new = json!({"course_id": course, "user_id": USER});
        if course == 2 {
            new["reference"] = json!("canary-order");
            new["metadata"] = json!({"seat": "canary window"});
            new["user"] = json!({"first_name": "Canaryna", "last_name": "", "email": "canary@person.example"});
        }
        let answer = keyed("POST", "", new).await;
        ids.push(answer.json()["id"].as_i64().unwrap());
        app.idle().await;
    }
    let note = |id: i64| json!({"enrolment_id": id, "user_id": USER, "reason": "canary reason"});
    assert_eq!(keyed("PATCH", "/failed", note(ids[0])).await.status, 200);
    let paid = json!({"enrolment_id": ids[0], "buyer": company(), "amount": "12.00"});
    assert_eq!(keyed("PATCH", "/paid", paid).await.status, 200);
    assert_eq!(keyed("PATCH", "/refunded", note(ids[0])).await.status, 200);
    assert_eq!(keyed("PATCH", "/refunded", note(ids[0])).await.status, 409);
    assert_eq!(keyed("PATCH", "/paid", json!({"enrolment_id": 77, "user_id": USER})).await.status, 404);
    assert_eq!(keyed("PATCH", "/canceled", note(ids[1])).await.status, 200);
    // The course has no seat.
    let person = json!({"first_name": "Canaryna", "last_name": "", "email": "canary@person.example"});
    let waits = json!({"course_id": 12, "user_id": USER, "user": person});
    assert_eq!(app.call_json("POST", "/waiting", &waits).await.status, 201);
    app.call("GET", &format!("?user_id={USER}")).await;
    assert_eq!(app.call("DELETE", &format!("/{}", ids[2])).await.status, 204);
    let running = format!(
        "INSERT INTO idempotency (idempotency_key, request, token, lease_until, created_at, user_id) \
         VALUES ('canary-running', 'enrol 9 {USER}', 't', 9999999999999, 9999999999000, '{USER}')"
    );
    app.database.execute(&running).await.unwrap();
    app.idle().await;
}

async fn nothing_is_left_of_a_person(app: TestApp) {
    // All data of another user stays.
    let bob = app.enrolled("bob", 1).await;
    assert_eq!(app.pay(bob).await.status, 200);
    app.idle().await;
    use_every_route(&app).await;
    let pending = plant_jobs(&app).await;
    let mut everywhere: BTreeSet<_> = OF_A_PERSON.map(str::to_owned).into();
    everywhere.extend(OF_A_JOB.map(str::to_owned));
    assert_eq!(found(&app).await, everywhere, "the person is in every column");
    let (mails, invoices) = (app.sandbox.state().emails.len(), app.sandbox.state().invoices.len());

    assert_eq!(erase(&app, USER).await.status, 204);
    let left = found(&app).await;
    assert!(left.is_subset(&["outbox.payload".to_owned()].into()), "{left:?}");
    let needed = "SELECT COUNT(*) FROM outbox WHERE payload LIKE '%anary%' AND kind NOT IN ('invoice', 'invoice_data')";
    assert_eq!(app.value(needed).await, "0");

    // The dead jobs are retried.
    for dead in app.get("/deliveries?state=dead&limit=1000").await.json()["deliveries"].as_array().unwrap() {
        app.call("POST", &format!("/deliveries/{}/retry", dead["id"])).await;
    }
    for _ in 0..3 {
        app.deliver_all().await;
    }
    let state = app.sandbox.state();
    let issued = &state.invoices[invoices..];
    assert_eq!((issued.len(), state.emails.len()), (pending, mails), "each is issued without a mail");
    for invoice in issued {
        let [name, tax_no, email] = ["buyer_name", "buyer_tax_no", "buyer_email"].map(|key| &invoice[key]);
        let buyer = (&json!("canary company"), &json!(TAX_NO), &json!("canary@person.example"));
        assert_eq!((name, tax_no, email), buyer, "{invoice}");
    }
    assert_eq!(found(&app).await, BTreeSet::new());
    // Reasons are erased, too.
    for path in ["/events?limit=1000", "/deliveries?limit=1000", "?limit=1000"] {
        let text = app.get(path).await.text.to_lowercase();
        assert!(!text.contains("canary"), "{path}");
    }
    let output = app.app.captured_output().to_lowercase();
    assert!(needles().iter().all(|needle| !output.contains(needle)), "{output}");
    assert_eq!(app.get(&format!("/{bob}/details?user_id=bob")).await.status, 200);
    assert_eq!(app.history(bob).await, ["created", "paid", "invoiced"]);
    if let TestDatabase::Sqlite(file) = &app.database {
        the_file_has_nothing_left(&app, file).await;
    }
}

/// After VACUUM: until then SQLite leaves old data in free pages.
async fn the_file_has_nothing_left(app: &TestApp, file: &std::path::Path) {
    app.idle().await;
    app.database.execute("VACUUM; PRAGMA wal_checkpoint(TRUNCATE)").await.unwrap();
    for end in ["", "-wal"] {
        let mut name = file.as_os_str().to_owned();
        name.push(end);
        let bytes = std::fs::read(name).unwrap_or_default().to_ascii_lowercase();
        for needle in needles() {
            let has = bytes.windows(needle.len()).any(|window| window == needle.as_bytes());
            assert!(!has, "{needle} is in the file{end}");
        }
    }
}
