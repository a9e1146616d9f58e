//! `PATCH /paid` with `reference`, `method` and `on`.

use crate::users::erase;
use futures::future::join_all;
use serde_json::{Value, json};
use tests::{Answer, TestApp};

crate::cases![
    a_payment_is_recorded_once,
    equal_payments_at_once_are_recorded_once,
    a_reference_outlives_enrolment_and_user,
    the_tax_of_the_payment_is_on_the_invoice,
    the_day_is_on_the_invoice,
    faulty_fields_are_named,
];

fn body(id: i64, more: &Value) -> Value {
    let mut body = json!({"enrolment_id": id, "reference": "pi_1", "method": "blik"});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    body
}

async fn pay(app: &TestApp, id: i64, more: &Value) -> Answer {
    app.call_json("PATCH", "/paid", &body(id, more)).await
}

fn code(answer: &Answer) -> (u16, String) {
    (answer.status, answer.error())
}

const RECORDED: &str = "payment_already_recorded";

async fn a_payment_is_recorded_once(app: TestApp) {
    let (id, other) = (app.enrolled("ann", 1).await, app.enrolled("bob", 1).await);
    let paid = pay(&app, id, &json!({})).await;
    app.idle().await;
    let full = app.get(&format!("/{id}?view=full")).await.json();
    assert_eq!((&full["paid"]["reference"], &full["paid"]["method"]), (&json!("pi_1"), &json!("blik")));
    for again in [json!({}), json!({"amount": full["paid"]["amount"]}), json!({"method": "card", "user_id": "ann"})] {
        let answer = pay(&app, id, &again).await;
        assert_eq!((answer.status, answer.json()), (200, paid.json()), "{again}");
    }
    let key = app.call_with_key("k", "PATCH", "/paid", &body(id, &json!({}))).await;
    let repeated = app.call_with_key("k", "PATCH", "/paid", &body(id, &json!({}))).await;
    assert_eq!((key.json(), repeated.json()), (paid.json(), paid.json()));
    let company = json!({"name": "Acme", "tax_no": "5252445767", "street": "Prosta 1", "post_code": "00-001", "city": "Warszawa"});
    for (id, more) in [(other, json!({})), (id, json!({"amount": "1.00"})), (id, json!({"buyer": company}))] {
        let answer = pay(&app, id, &more).await;
        assert_eq!(code(&answer), (409, RECORDED.to_owned()), "{more}");
        assert!(answer.json()["message"].as_str().unwrap().ends_with("is recorded for enrolment 1"), "{}", answer.text);
    }
    for more in [json!({"reference": "pi_2"}), json!({"reference": "PI_1"})] {
        assert_eq!(code(&pay(&app, id, &more).await), (409, "conflict".to_owned()));
    }
    app.idle().await;
    assert_eq!((app.sandbox.state().invoices.len(), app.count("payments").await), (1, 1));
    assert_eq!(app.history(id).await, ["created", "paid", "invoiced"]);
    assert_eq!(app.history(other).await, ["created"]);
}

/// For one enrolment, and for two.
async fn equal_payments_at_once_are_recorded_once(app: TestApp) {
    for round in 1..=crate::races::rounds() {
        let ids = [app.enrolled(&format!("ann-{round}"), 1).await, app.enrolled(&format!("bob-{round}"), 1).await];
        let reference = json!({"reference": format!("pi_{round}")});
        let answers = join_all((0..50).map(|_| pay(&app, ids[0], &reference))).await;
        assert!(
            answers.iter().all(|answer| answer.status == 200),
            "{:?}",
            answers.iter().map(code).collect::<Vec<_>>()
        );
        let reference = json!({"reference": format!("pi_{round}_of_two")});
        let ids = [app.enrolled(&format!("eve-{round}"), 1).await, ids[1]];
        let answers = join_all((0..50).map(|caller| pay(&app, ids[caller % 2], &reference))).await;
        let refused = answers.iter().filter(|answer| code(answer) == (409, RECORDED.to_owned())).count();
        let paid = answers.iter().filter(|answer| answer.status == 200).count();
        assert_eq!((paid, refused), (25, 25), "round {round}");
    }
    app.idle().await;
    let rounds = crate::races::rounds();
    assert_eq!(app.sandbox.state().invoices.len(), 2 * rounds);
    assert_eq!(app.count("payments").await, 2 * u64::try_from(rounds).unwrap());
    assert_eq!(app.count("enrolments WHERE payment_status = 'PAID'").await, 2 * u64::try_from(rounds).unwrap());
}

async fn a_reference_outlives_enrolment_and_user(app: TestApp) {
    let company = json!({"buyer": {"name": "Acme", "tax_no": "5252445767", "street": "Prosta 1", "post_code": "00-001", "city": "Warszawa"}});
    let (ann, bob) = (app.enrolled("ann", 1).await, app.enrolled("bob", 1).await);
    assert_eq!(pay(&app, ann, &company).await.status, 200);
    app.idle().await;
    assert_eq!(app.value("SELECT LENGTH(buyer) FROM payments").await, "64");
    erase(&app, "ann").await;
    assert_eq!(app.count("payments WHERE buyer = '' AND reference = 'pi_1'").await, 1);
    assert_eq!(app.call("DELETE", &format!("/{ann}")).await.status, 204);
    assert_eq!(code(&pay(&app, ann, &json!({})).await).0, 404);
    assert_eq!(code(&pay(&app, bob, &json!({})).await), (409, RECORDED.to_owned()));
}

async fn the_tax_of_the_payment_is_on_the_invoice(app: TestApp) {
    let (ann, bob) = (app.enrolled("ann", 1).await, app.enrolled("bob", 1).await);
    let exempt = json!({"tax": "zw", "tax_exemption": "art. 43 ust. 1 pkt 29"});
    assert_eq!(pay(&app, ann, &exempt).await.status, 200);
    assert_eq!(pay(&app, bob, &json!({"tax": 8, "reference": "pi_2"})).await.status, 200);
    assert_eq!(pay(&app, ann, &exempt).await.status, 200);
    assert_eq!(code(&pay(&app, ann, &json!({"tax": "23"})).await), (409, RECORDED.to_owned()));
    app.idle().await;
    let invoices = app.sandbox.state().invoices;
    let taxes: Vec<_> = invoices.iter().map(|invoice| invoice["positions"][0]["tax"].clone()).collect();
    assert_eq!(
        (taxes, &invoices[0]["exempt_tax_kind"]),
        (vec![json!("zw"), json!("8")], &json!("art. 43 ust. 1 pkt 29"))
    );
}

async fn the_day_is_on_the_invoice(app: TestApp) {
    let id = app.enrolled("ann", 1).await;
    for day in ["2999-01-01", "1999-12-31"] {
        assert_eq!(code(&pay(&app, id, &json!({"on": day})).await), (409, "conflict".to_owned()), "{day}");
    }
    assert_eq!(pay(&app, id, &json!({"on": "2026-01-31"})).await.status, 200);
    app.idle().await;
    let invoice = app.sandbox.state().invoices[0].clone();
    assert_eq!((&invoice["paid_date"], &invoice["sell_date"]), (&json!("2026-01-31"), &json!("2026-01-31")));
    assert_ne!(invoice["issue_date"], "2026-01-31");
    assert_eq!(app.get(&format!("/{id}?view=full")).await.json()["paid"]["on"], "2026-01-31");
}

async fn faulty_fields_are_named(app: TestApp) {
    let id = app.enrolled("ann", 1).await;
    for (name, faulty) in [
        ("reference", json!("")),
        ("reference", json!("a b")),
        ("reference", json!("r".repeat(65))),
        ("reference", json!(7)),
        ("method", json!("przelew ręczny")),
        ("method", json!(null)),
        ("tax", json!("zw")),
        ("tax", json!("oo")),
        ("tax", json!(true)),
        ("on", json!("2026-1-31")),
        ("on", json!("2026-02-30")),
        ("on", json!("2026-01-31T00:00:00Z")),
    ] {
        let answer = pay(&app, id, &json!({name: faulty})).await;
        assert_eq!((answer.status, &answer.json()["details"][0]["loc"]), (400, &json!([name])), "{}", answer.text);
    }
    assert_eq!(app.count("payments").await, 0);
}
