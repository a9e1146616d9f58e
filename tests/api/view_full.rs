//! `?view=full`, and who asked for a change.

use crate::users::erase;
use serde_json::{Value, json};
use tests::{Answer, TestApp, TestDatabase};

const TOKENS: &str = "shop=callers:s3cret-shop ann=operators:s3cret-ann";

crate::cases![
    a_life_in_full with crate::variables([("service_token", "s3cret-service"), ("tokens", TOKENS)]),
    what_the_service_does_by_itself_has_no_author with crate::variables([("tokens", TOKENS)]),
    where_no_token_is_required_there_is_no_author,
    each_route_has_the_view,
    a_page_has_the_order_of_the_list,
    a_row_of_an_earlier_release_has_nulls,
    each_refund_is_listed,
    an_erasure_empties_what_is_of_the_person,
    a_view_costs_no_other_statement,
];

async fn ask(app: &TestApp, token: &str, method: &str, path: &str, body: &Value) -> Answer {
    let answer = app.send(app.request(method.parse().unwrap(), path).bearer_auth(token).json(body)).await;
    assert!(answer.status < 300, "{method} {path}: {}", answer.text);
    app.idle().await;
    answer
}

/// The view, and the same enrolment without it, whose keys it must have.
async fn full(app: &TestApp, token: &str, id: i64) -> Value {
    let short = ask(app, token, "GET", &format!("/{id}"), &Value::Null).await.json();
    let full = ask(app, token, "GET", &format!("/{id}?view=full"), &Value::Null).await.json();
    for (key, value) in short.as_object().unwrap() {
        assert_eq!(full[key], *value, "{key}");
    }
    assert_eq!((short.as_object().unwrap().len(), full.as_object().unwrap().len()), (6, 18));
    full
}

/// The types and authors of a history.
async fn authors(app: &TestApp, token: &str, id: i64) -> Vec<Value> {
    let history = ask(app, token, "GET", &format!("/{id}/history"), &Value::Null).await.json();
    let events = history["events"].as_array().unwrap();
    events
        .iter()
        .map(|event| json!([event["type"].as_str().unwrap().split_once('.').unwrap().1, event["by"]]))
        .collect()
}

fn new(user_id: &str) -> Value {
    json!({"course_id": 1, "user_id": user_id, "reference": "ORDER/7", "metadata": {"seat": "A 7"},
        "course": {"name": "Rust", "price": "149.5", "currency": "PLN", "tax": "23", "gtu_code": "GTU_12",
            "language": "pl", "end_date": "2099-01-01T00:00:00Z"}})
}

async fn enrolled(app: &TestApp, user_id: &str) -> i64 {
    let answer = app.call_json("POST", "", &new(user_id)).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    answer.json()["id"].as_i64().unwrap()
}

fn time(value: &Value) -> chrono::DateTime<chrono::Utc> {
    let text = value.as_str().unwrap_or_else(|| panic!("{value}"));
    assert!(text.ends_with('Z'), "{text}");
    text.parse().unwrap()
}

async fn a_life_in_full(app: TestApp) {
    let shop = "s3cret-shop";
    let id = ask(&app, shop, "POST", "", &new("bob")).await.json()["id"].as_i64().unwrap();
    let first = full(&app, shop, id).await;
    assert_eq!((&first["reference"], &first["metadata"]), (&json!("ORDER/7"), &json!({"seat": "A 7"})));
    assert_eq!(first["ends_at"], "2099-01-01T00:00:00.000Z");
    let terms = json!({"name": "Rust", "price": "149.50", "currency": "PLN", "tax": "23", "tax_exemption": null,
        "gtu_code": "GTU_12", "language": "pl", "end_date": "2099-01-01T00:00:00.000Z"});
    assert_eq!(first["terms"], terms);
    let none = json!([null, null, null, [], "0.00"]);
    assert_eq!(json!(["paid", "canceled", "pay_until", "refunds", "refunded"].map(|key| &first[key])), none);
    assert!(time(&first["created_at"]) <= time(&first["updated_at"]));

    let one = json!({"enrolment_id": id});
    ask(&app, shop, "PATCH", "/failed", &json!({"enrolment_id": id, "reason": "card"})).await;
    ask(&app, "s3cret-service", "PATCH", "/paid", &one).await;
    let paid = full(&app, shop, id).await;
    let today = app.sandbox.state().invoices[0]["issue_date"].clone();
    assert_eq!(paid["paid"], json!({"amount": "149.50", "on": today, "reference": null, "method": null}));
    assert_eq!((&paid["canceled"], &paid["refunds"]), (&Value::Null, &json!([])));

    ask(&app, "s3cret-service", "PATCH", "/canceled", &json!({"enrolment_id": id, "reason": "moved away"})).await;
    let canceled = full(&app, shop, id).await;
    assert_eq!(
        (&canceled["canceled"]["reason"], &canceled["canceled"]["by"]),
        (&json!("moved away"), &json!("service"))
    );
    let at = canceled["canceled"]["at"].clone();
    assert!(time(&at) >= time(&first["created_at"]));

    // A refund leaves the cancellation as it was.
    ask(&app, "s3cret-ann", "PATCH", "/refunded", &json!({"enrolment_id": id, "reason": "goodwill"})).await;
    let refunded = full(&app, shop, id).await;
    assert_eq!(refunded["canceled"], json!({"at": at, "reason": "moved away", "by": "service"}));
    assert_eq!((&refunded["refunds"][0]["amount"], &refunded["refunded"]), (&json!("149.50"), &json!("149.50")));
    assert!(time(&refunded["refunds"][0]["at"]) >= time(&at));
    assert_eq!(refunded["paid"], paid["paid"]);

    let expected = json!([
        ["created", "shop"],
        ["payment_failed", "shop"],
        ["paid", "service"],
        ["invoiced", null],
        ["canceled", "service"],
        ["refunded", "ann"],
        ["corrected", null]
    ]);
    assert_eq!(json!(authors(&app, shop, id).await), expected);
    // A refund of an active enrolment cancels it.
    let next = ask(&app, shop, "POST", "", &new("eve")).await.json()["id"].as_i64().unwrap();
    ask(&app, shop, "PATCH", "/paid", &json!({"enrolment_id": next})).await;
    ask(&app, "s3cret-ann", "PATCH", "/refunded", &json!({"enrolment_id": next, "reason": "ill"})).await;
    let refunded = full(&app, shop, next).await;
    assert_eq!((&refunded["canceled"]["reason"], &refunded["canceled"]["by"]), (&json!("ill"), &json!("ann")));
    assert_eq!(refunded["canceled"]["at"], refunded["refunds"][0]["at"]);
    // A deletion has its author, too; the events that others read have none.
    ask(&app, "s3cret-ann", "DELETE", &format!("/{next}"), &Value::Null).await;
    assert_eq!(authors(&app, shop, next).await.last(), Some(&json!(["deleted", "ann"])));
    let events = ask(&app, shop, "GET", "/events", &Value::Null).await;
    assert!(!events.text.contains(r#""by""#), "{}", events.text);
    let told = app.sandbox.state().webhooks;
    assert!(told.iter().all(|event| !event.to_string().contains(r#""by""#)), "{told:?}");
}

async fn what_the_service_does_by_itself_has_no_author(app: TestApp) {
    let shop = "s3cret-shop";
    let mut ids = Vec::new();
    for user in ["bob", "eve"] {
        let id = ask(&app, shop, "POST", "", &new(user)).await.json()["id"].as_i64().unwrap();
        app.end_course_of(id).await;
        ids.push(id);
        if user == "bob" {
            app.cron("expiry-cron").await;
        } else {
            ask(&app, "s3cret-ann", "PATCH", "/expired", &Value::Null).await;
        }
    }
    assert_eq!(json!(authors(&app, shop, ids[0]).await), json!([["created", "shop"], ["completed", null]]));
    assert_eq!(json!(authors(&app, shop, ids[1]).await), json!([["created", "shop"], ["completed", "ann"]]));
}

async fn where_no_token_is_required_there_is_no_author(app: TestApp) {
    let id = app.enrolled("bob", 1).await;
    assert_eq!(app.cancel(id).await.status, 200);
    let canceled = app.get(&format!("/{id}?view=full")).await.json()["canceled"].clone();
    assert!(canceled["at"].is_string(), "{canceled}");
    assert_eq!((&canceled["reason"], &canceled["by"]), (&Value::Null, &Value::Null));
    let history = app.get(&format!("/{id}/history")).await.json();
    assert!(history["events"].as_array().unwrap().iter().all(|event| event["by"].is_null()), "{history}");
}

async fn each_route_has_the_view(app: TestApp) {
    let id = enrolled(&app, "żółw 🐢").await;
    let one = app.get(&format!("/{id}?view=full")).await;
    let user = "user_id=%C5%BC%C3%B3%C5%82w+%F0%9F%90%A2";
    assert_eq!(app.get(&format!("/{id}/details?{user}&view=full")).await.text, one.text);
    assert_eq!(app.get("?view=full").await.text, format!(r#"{{"enrolments":[{}],"next":null}}"#, one.text));
    assert_eq!(app.call("HEAD", &format!("/{id}?view=full")).await.status, 200);
    for path in ["/7?view=full".to_owned(), format!("/{id}/details?user_id=b&view=full")] {
        let answer = app.get(&path).await;
        assert_eq!((answer.status, answer.error().as_str()), (404, "not_found"), "{path}");
    }
    for path in [
        format!("/{id}?view="),
        format!("/{id}?view=FULL"),
        format!("/{id}?view=full&view=full"),
        format!("/{id}/details?{user}&view=short"),
        format!("/{id}/documents?view=full"),
        format!("/{id}/history?view=full"),
        "?view=all".to_owned(),
        "/active?view=full".to_owned(),
    ] {
        let answer = app.get(&path).await;
        assert_eq!((answer.status, &answer.json()["details"][0]["loc"]), (400, &json!(["view"])), "{path}");
    }
}

async fn a_page_has_the_order_of_the_list(app: TestApp) {
    let mut ids = Vec::new();
    for user in ["ann", "bob", "eve", "kim"] {
        ids.push(enrolled(&app, user).await);
    }
    app.enrolled("lea", 1).await;
    for query in ["reference=ORDER%2F7", "user_id=bob", "limit=2", "after=2&limit=2", "status=canceled", "after=9"] {
        let (short, full) = (app.get(&format!("?{query}")).await, app.get(&format!("?{query}&view=full")).await);
        assert_eq!((full.status, &full.json()["next"]), (200, &short.json()["next"]), "{query}");
        let keys = |enrolments: Vec<Value>| enrolments.into_iter().map(|own| own["id"].clone()).collect::<Vec<_>>();
        assert_eq!(keys(full.enrolments()), keys(short.enrolments()), "{query}");
    }
    let all = app.get("?reference=ORDER%2F7&view=full").await.enrolments();
    assert!(all.iter().zip(&ids).all(|(full, id)| full["id"] == *id && full["terms"]["name"] == "Rust"), "{all:?}");
}

async fn a_row_of_an_earlier_release_has_nulls(app: TestApp) {
    let row = "('bob', 1, 'CANCELED', 'PAID', '2099-01-01 00:00:00', '2020-01-01 10:00:00', '2020-01-02 10:00:00')";
    let columns = "user_id, course_id, status, payment_status, course_end_date, created_at, updated_at";
    app.database.execute(&format!("INSERT INTO enrolments ({columns}) VALUES {row}")).await.unwrap();
    let full = app.get("/1?view=full").await.json();
    let expected = json!({
        "id": 1, "user_id": "bob", "course_id": 1, "status": "canceled", "payment_status": "paid", "invoice_url": null,
        "reference": null, "metadata": {}, "created_at": "2020-01-01T10:00:00.000Z",
        "updated_at": "2020-01-02T10:00:00.000Z", "ends_at": "2099-01-01T00:00:00.000Z", "pay_until": null,
        "lapsed": false, "terms": null, "paid": {"amount": null, "on": null, "reference": null, "method": null},
        "refunds": [], "refunded": "0.00", "canceled": {"at": null, "reason": null, "by": null},
    });
    assert_eq!(full, expected);
    app.database.execute("UPDATE enrolments SET refunded_at = 1000").await.unwrap();
    let full = app.get("/1?view=full").await.json();
    assert_eq!(full["refunds"], json!([{"amount": null, "at": "1970-01-01T00:00:01.000Z", "reference": null}]));
    assert_eq!(full["refunded"], Value::Null);
}

/// With one statement more, where there is one.
async fn each_refund_is_listed(app: TestApp) {
    let page = async || {
        app.take_invocations().await;
        let page = app.get("?view=full").await.enrolments();
        (page, app.take_invocations().await.remove(0).statements)
    };
    let (parts, whole) = (app.paid("ann", 1).await, app.paid("bob", 1).await);
    app.paid("eve", 1).await;
    let (_, without) = page().await;
    for refund in [json!({"amount": "49.99", "reference": "re_1"}), json!({"reason": "ill"})] {
        let mut body = json!({"enrolment_id": parts});
        body.as_object_mut().unwrap().extend(refund.as_object().unwrap().clone());
        assert_eq!(app.call_json("PATCH", "/refunded", &body).await.status, 200);
        app.idle().await;
    }
    // As an earlier release writes it.
    app.database.execute(&format!("UPDATE enrolments SET refunded_at = 1000 WHERE id = {whole}")).await.unwrap();
    let (found, with) = page().await;
    assert_eq!(with.len(), without.len() + 1, "{with:?}");
    let refunds = |place: usize| {
        let refunds = found[place]["refunds"].as_array().unwrap();
        let parts = refunds.iter().map(|own| json!([own["amount"], own["reference"]])).collect::<Vec<_>>();
        (json!(parts), found[place]["refunded"].clone())
    };
    assert_eq!(refunds(0), (json!([["49.99", "re_1"], ["150.00", null]]), json!("199.99")));
    assert_eq!(refunds(1), (json!([["199.99", null]]), json!("199.99")));
    assert_eq!(refunds(2), (json!([]), json!("0.00")));
    assert!(time(&found[0]["refunds"][0]["at"]) <= time(&found[0]["refunds"][1]["at"]));
    assert_eq!(app.get(&format!("/{parts}?view=full")).await.json(), found[0]);

    let rows = (1000..4000).map(|id| format!("('re_{id}', {id}, 100, 1)")).collect::<Vec<_>>().join(",");
    let insert = "INSERT INTO refunds (reference, enrolment_id, amount_hundredths, created_at) VALUES";
    app.database.execute(&format!("{insert} {rows}")).await.unwrap();
    let page = (1000..2000).map(|id| id.to_string()).collect::<Vec<_>>().join(",");
    let filled = crate::plans::filled(with.last().unwrap(), &[&format!("[{page}]")]);
    assert!(crate::plans::reads_no_whole_table(&app, &filled).await);
}

async fn an_erasure_empties_what_is_of_the_person(app: TestApp) {
    let id = enrolled(&app, "bob").await;
    let reason = json!({"enrolment_id": id, "reason": "Bob moved away"});
    assert_eq!(app.call_json("PATCH", "/canceled", &reason).await.status, 200);
    app.idle().await;
    let before = app.get(&format!("/{id}?view=full")).await.json();
    assert_eq!(erase(&app, "bob").await.status, 204);
    let after = app.get(&format!("/{id}?view=full")).await.json();
    assert_eq!((&after["reference"], &after["metadata"]), (&Value::Null, &json!({})));
    assert_eq!(after["canceled"]["reason"], Value::Null);
    assert_eq!((&after["terms"], &after["canceled"]["at"]), (&before["terms"], &before["canceled"]["at"]));
}

/// On SQLite, also the lock timeout.
async fn a_view_costs_no_other_statement(app: TestApp) {
    for user in ["ann", "bob", "eve"] {
        enrolled(&app, user).await;
    }
    crate::expired::insert_rows(&app, 3000, "NULL").await;
    app.take_invocations().await;
    for path in ["/1?view=full", "/1/details?user_id=ann&view=full", "?view=full", "?view=full&after=9"] {
        assert_eq!(app.get(path).await.status, 200, "{path}");
    }
    let runs = app.take_invocations().await;
    let statements = 1 + usize::from(matches!(app.database, TestDatabase::Sqlite(_)));
    assert!(runs.iter().all(|run| (run.connections, run.statements.len()) == (1, statements)), "{runs:?}");
    assert!(crate::plans::reads_no_whole_table(&app, runs[0].statements.last().unwrap()).await);
}
