//! This release and the release before on one database: each reads the jobs and answers of
//! the other, or leaves them alone.

use sandbox::{Fault, Target};
use serde_json::{Value, json};
use std::sync::LazyLock;
use tests::{Answer, TestApp};

crate::cases![
    invoices_of_each_are_delivered_by_the_other,
    a_mail_in_polish_waits_for_this_release,
    enrolments_of_each_are_paid_by_the_other,
    jobs_with_terms_wait_for_this_release,
    what_each_did_is_shown_in_full,
    answers_of_each_are_repeated_by_the_other,
    jobs_of_a_later_release_are_left_alone,
    an_answer_of_a_later_release_is_not_guessed,
];

static BEFORE: LazyLock<host::Runtime> = LazyLock::new(|| tests::release_before().expect("the release before"));

/// Starts the release before on the same database, with the same other systems.
async fn before(app: &TestApp) -> host::App {
    app.start_beside(&BEFORE).await.expect("it starts")
}

/// Sends a request to the release before.
async fn ask(before: &host::App, method: &str, path: &str, key: Option<&str>, body: &Value) -> (u16, Value) {
    let url = format!("http://{}/api/enrolment{path}", before.address());
    let mut request = reqwest::Client::new().request(method.parse().unwrap(), url).json(body);
    if let Some(key) = key {
        request = request.header("idempotency-key", key);
    }
    let answer = request.send().await.expect("an answer");
    (answer.status().as_u16(), serde_json::from_str(&answer.text().await.unwrap()).unwrap_or_default())
}

fn enrolment(user: &str) -> Value {
    json!({"course_id": 1, "user_id": user})
}

async fn invoices_of_each_are_delivered_by_the_other(app: TestApp) {
    let before = before(&app).await;
    let (status, old) = ask(&before, "POST", "", None, &enrolment("ann")).await;
    assert_eq!(status, 201);
    let new = app.enrolled("bob", 1).await;
    app.sandbox.fault(Target::InvoicesCreate, Fault::status(429), Some(2));
    let (status, paid) = ask(&before, "PATCH", "/paid", None, &json!({"enrolment_id": old["id"]})).await;
    assert_eq!((status, &paid["invoice_url"]), (200, &Value::Null));
    assert!(app.pay(new).await.json()["invoice_url"].is_null());
    before.idle().await;
    app.idle().await;

    let due = |id: &Value| format!("UPDATE outbox SET due_at = 1 WHERE state = 'due' AND enrolment_id = {id}");
    app.database.execute(&due(&old["id"])).await.unwrap();
    assert_eq!(app.call("POST", "/deliveries").await.text, r#"{"delivered":2,"put_off":0,"given_up":0}"#);
    app.database.execute(&due(&new.into())).await.unwrap();
    let (_, counts) = ask(&before, "POST", "/deliveries", None, &json!({})).await;
    assert_eq!(counts, json!({"delivered": 2, "put_off": 0, "given_up": 0}));

    let state = app.sandbox.state();
    assert_eq!((state.invoices.len(), state.emails.len()), (2, 4));
    for id in [old["id"].as_i64().unwrap(), new] {
        let url = &app.get(&format!("/{id}")).await.json()["invoice_url"];
        assert!(state.invoices.iter().any(|invoice| invoice["view_url"] == *url), "{id}: {url}");
    }
    assert_eq!(app.count("outbox WHERE state <> 'done'").await, 0);
}

async fn a_mail_in_polish_waits_for_this_release(app: TestApp) {
    let before = before(&app).await;
    app.sandbox.set_user("ann", json!({"language": "pl"}));
    app.sandbox.fault(Target::Emails, Fault::status(503), Some(2));
    let ann = app.enrolled("ann", 1).await;
    let bob = app.enrolled("bob", 1).await;
    app.idle().await;
    app.database.execute("UPDATE outbox SET due_at = 1 WHERE state <> 'done'").await.unwrap();
    let (_, counts) = ask(&before, "POST", "/deliveries", None, &json!({})).await;
    assert_eq!(counts, json!({"delivered": 1, "put_off": 0, "given_up": 0}));
    assert_eq!((app.subjects("ann").len(), app.subjects("bob").len()), (0, 1));

    // The document is more urgent than the language of its mail.
    app.sandbox.fault(Target::InvoicesCreate, Fault::status(429), Some(2));
    for id in [ann, bob] {
        assert!(app.pay(id).await.json()["invoice_url"].is_null());
    }
    app.database.execute("UPDATE outbox SET due_at = 1 WHERE state = 'due' AND kind = 'invoice'").await.unwrap();
    let (_, counts) = ask(&before, "POST", "/deliveries", None, &json!({})).await;
    assert_eq!(counts, json!({"delivered": 4, "put_off": 0, "given_up": 0}));
    app.deliver_all().await;
    assert_eq!(app.subjects("ann"), ["Your course payment confirmation", "Potwierdzenie zapisu na kurs"]);
    assert_eq!(app.count("outbox WHERE state <> 'done'").await, 0);
}

async fn enrolments_of_each_are_paid_by_the_other(app: TestApp) {
    let before = before(&app).await;
    let (status, old) = ask(&before, "POST", "", None, &enrolment("ann")).await;
    let new = app.call_json("POST", "", &crate::records::with_records("eve")).await;
    assert_eq!((status, new.status), (201, 201), "{}", new.text);
    assert!(app.pay(old["id"].as_i64().unwrap()).await.json()["invoice_url"].is_string());
    // The release before ignores the records and looks both up.
    let (status, paid) = ask(&before, "PATCH", "/paid", None, &json!({"enrolment_id": new.json()["id"]})).await;
    assert_eq!((status, paid["invoice_url"].is_string()), (200, true));
    let invoices = app.sandbox.state().invoices;
    let buyers: Vec<_> = invoices.iter().map(|invoice| invoice["buyer_email"].clone()).collect();
    assert_eq!(buyers, ["ann@example.com", "eve@example.com"]);
    before.idle().await;
}

async fn jobs_with_terms_wait_for_this_release(app: TestApp) {
    let before = before(&app).await;
    let id = app.enrolled("ann", 1).await;
    app.idle().await;
    app.sandbox.fault(Target::Users, Fault::status(503), None);
    assert_eq!(app.cancel(id).await.status, 200);
    app.idle().await;
    app.sandbox.clear_faults();
    app.make_due("kind = 'mail_data'").await;
    let (_, counts) = ask(&before, "POST", "/deliveries", None, &json!({})).await;
    assert_eq!(counts, json!({"delivered": 0, "put_off": 0, "given_up": 0}));
    assert_eq!(app.call("POST", "/deliveries").await.text, r#"{"delivered":2,"put_off":0,"given_up":0}"#);
}

/// The release before does not write who canceled and when, and leaves what this one wrote.
async fn what_each_did_is_shown_in_full(app: TestApp) {
    let before = before(&app).await;
    let (ann, bob) = (app.enrolled("ann", 1).await, app.enrolled("bob", 1).await);
    assert_eq!(app.pay(ann).await.status, 200);
    assert_eq!(app.cancel(ann).await.status, 200);
    let own = app.get(&format!("/{ann}?view=full")).await.json();
    assert!(own["canceled"]["at"].is_string() && own["paid"]["on"].is_string(), "{own}");
    for (path, id) in [("/refunded", ann), ("/paid", bob), ("/canceled", bob)] {
        assert_eq!(ask(&before, "PATCH", path, None, &json!({"enrolment_id": id})).await.0, 200, "{path}");
    }
    before.idle().await;
    let refunded = app.get(&format!("/{ann}?view=full")).await.json();
    assert_eq!((&refunded["canceled"], &refunded["paid"]), (&own["canceled"], &own["paid"]));
    assert_eq!(refunded["refunded"], own["paid"]["amount"]);
    let theirs = app.get(&format!("/{bob}?view=full")).await.json();
    assert_eq!(theirs["canceled"], json!({"at": null, "reason": null, "by": null}));
    assert_eq!((&theirs["paid"]["on"], &theirs["paid"]["amount"]), (&Value::Null, &own["paid"]["amount"]));
    assert_eq!(app.history(bob).await, ["created", "paid", "invoiced", "canceled"]);
}

async fn answers_of_each_are_repeated_by_the_other(app: TestApp) {
    let before = before(&app).await;
    let answer = |answer: Answer| (answer.status, answer.json());
    for (user, key) in [("ann", "k1"), ("bob", "k2")] {
        let new = answer(app.call_with_key(key, "POST", "", &enrolment(user)).await);
        assert_eq!((new.0, ask(&before, "POST", "", Some(key), &enrolment(user)).await), (201, new));
    }
    let old = ask(&before, "POST", "", Some("k3"), &enrolment("eve")).await;
    assert_eq!(answer(app.call_with_key("k3", "POST", "", &enrolment("eve")).await), old);
    let payment = json!({"enrolment_id": old.1["id"]});
    let paid = ask(&before, "PATCH", "/paid", Some("k4"), &payment).await;
    assert_eq!(answer(app.call_with_key("k4", "PATCH", "/paid", &payment).await), paid);
    let refused = answer(app.call_with_key("k5", "PATCH", "/paid", &payment).await);
    assert_eq!((refused.0, ask(&before, "PATCH", "/paid", Some("k5"), &payment).await), (409, refused));
}

async fn jobs_of_a_later_release_are_left_alone(app: TestApp) {
    app.enrolled("ann", 1).await;
    app.idle().await;
    let columns = "job_key, enrolment_id, kind, payload, payload_version, state, attempts, due_at, created_at";
    let rows = r#"('later:1', 1, 'later', '{"id":1}', 1, 'due', 0, 1, 1), ('later:2', 1, 'later', '{"id":2}', 1, 'due', 0, 1, 1),
                  ('invoice:1', 1, 'invoice', '{"of":"tomorrow"}', 99, 'due', 0, 1, 1)"#;
    app.database.execute(&format!("INSERT INTO outbox ({columns}) VALUES {rows}")).await.unwrap();
    assert_eq!(app.call("POST", "/deliveries").await.text, r#"{"delivered":0,"put_off":0,"given_up":0}"#);
    app.cron("delivery-cron").await;
    let untouched = "state = 'due' AND attempts = 0 AND due_at = 1 AND lease_token IS NULL AND last_error IS NULL";
    assert_eq!(app.value(&format!("SELECT COUNT(*) FROM outbox WHERE {untouched}")).await, "3");
    let listed = app.get("/deliveries").await.json();
    let kinds: Vec<_> =
        listed["deliveries"].as_array().unwrap().iter().map(|delivery| delivery["kind"].clone()).collect();
    assert_eq!(kinds, ["later", "later", "invoice"], "operators see them");
    assert_eq!(app.get("/metrics").await.status, 200);
    assert_eq!(app.get("/health?deep=1").await.json()["deliveries"]["due"], 1, "only known kinds");
}

async fn an_answer_of_a_later_release_is_not_guessed(app: TestApp) {
    app.call_with_key("k", "POST", "", &enrolment("ann")).await;
    app.idle().await;
    app.database.execute(r#"UPDATE idempotency SET outcome = '{"version":2,"of":"tomorrow"}'"#).await.unwrap();
    let answer = app.call_with_key("k", "POST", "", &enrolment("ann")).await;
    assert_eq!((answer.status, answer.header("retry-after")), (409, "5"), "{}", answer.text);
    assert_eq!(app.count("enrolments").await, 1);
}
