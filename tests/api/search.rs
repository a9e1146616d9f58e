//! `GET /search`

use serde_json::{Value, json};
use tests::{Answer, TestApp};

crate::cases![
    everything_that_names_an_enrolment_is_found,
    a_deleted_enrolment_is_found_by_what_outlives_it,
    many_results_are_cut_off,
    an_email_address_has_a_hint,
    faulty_texts_are_refused,
    each_way_reads_an_index,
];

async fn search(app: &TestApp, text: &str) -> Answer {
    let query: String = text.bytes().map(|byte| format!("%{byte:02X}")).collect();
    app.get(&format!("/search?q={query}")).await
}

/// What a text was found as, and where.
async fn found(app: &TestApp, text: &str) -> Vec<(String, i64)> {
    let answer = search(app, text).await;
    assert_eq!(answer.status, 200, "{text}: {}", answer.text);
    let results = answer.json()["results"].as_array().unwrap().clone();
    results
        .iter()
        .map(|result| (result["found_by"].as_str().unwrap().to_owned(), result["enrolment_id"].as_i64().unwrap()))
        .collect()
}

async fn everything_that_names_an_enrolment_is_found(app: TestApp) {
    let body = json!({"course_id": 1, "user_id": "żółw 7", "reference": "ORD-7"});
    let id = app.call_json("POST", "", &body).await.json()["id"].as_i64().unwrap();
    let paid = json!({"enrolment_id": id, "reference": "ch_1", "method": "card"});
    assert_eq!(app.call_json("PATCH", "/paid", &paid).await.status, 200);
    let refund = json!({"enrolment_id": id, "reference": "re_1"});
    assert_eq!(app.call_json("PATCH", "/refunded", &refund).await.status, 200);
    app.deliver_all().await;
    app.database.execute("UPDATE documents SET ksef_number = 'KSEF-1' WHERE kind = 'invoice'").await.unwrap();
    let number = app.value("SELECT number FROM documents WHERE kind = 'invoice'").await;
    for (text, by) in [
        (id.to_string().as_str(), "enrolment_id"),
        ("żółw 7", "user_id"),
        ("ORD-7", "reference"),
        ("ch_1", "payment_reference"),
        ("re_1", "refund_reference"),
        (&number, "invoice_number"),
        ("KSEF-1", "ksef_number"),
    ] {
        assert_eq!(found(&app, text).await, [(by.to_owned(), id)], "{text}");
        assert_eq!(found(&app, &format!(" {text} ")).await.len(), 1, "{text}");
    }
    let result = search(&app, "ch_1").await.json()["results"][0].clone();
    assert_eq!(result["enrolment"], app.get(&format!("/{id}")).await.json());
    // A text that is two things has two results.
    app.enrolled("ORD-7", 2).await;
    let both = [("user_id".to_owned(), id + 1), ("reference".to_owned(), id)];
    assert_eq!(found(&app, "ORD-7").await, both);
    assert_eq!(found(&app, "ORD").await, [], "as a whole");
}

async fn a_deleted_enrolment_is_found_by_what_outlives_it(app: TestApp) {
    let id = app.enrolled("a", 1).await;
    assert_eq!(app.pay(id).await.status, 200);
    app.deliver_all().await;
    let number = app.value("SELECT number FROM documents").await;
    assert_eq!(app.call("DELETE", &format!("/{id}")).await.status, 204);
    let results = search(&app, &number).await.json()["results"].clone();
    assert_eq!(results, json!([{"found_by": "invoice_number", "enrolment_id": id, "enrolment": null}]));
    assert_eq!(found(&app, &id.to_string()).await, []);
}

async fn many_results_are_cut_off(app: TestApp) {
    crate::expired::insert_rows(&app, 150, "NULL").await;
    app.database.execute("UPDATE enrolments SET reference = 'ORD-1'").await.unwrap();
    let answer = search(&app, "ORD-1").await.json();
    assert_eq!((answer["results"].as_array().unwrap().len(), &answer["more"]), (100, &json!(true)));
    assert_eq!(answer["results"][0]["enrolment_id"], 150, "the newest first");
    app.database.execute("UPDATE enrolments SET reference = NULL WHERE id > 100").await.unwrap();
    let answer = search(&app, "ORD-1").await.json();
    assert_eq!((answer["results"].as_array().unwrap().len(), &answer["more"]), (100, &json!(false)));
}

async fn an_email_address_has_a_hint(app: TestApp) {
    let answer = search(&app, "ann@example.com").await.json();
    assert_eq!((&answer["results"], answer["hint"].as_str().is_some()), (&json!([]), true));
    assert_eq!(search(&app, "ann").await.json()["hint"], Value::Null);
    // A platform may use them as ids.
    let id = app.enrolled("ann@example.com", 1).await;
    assert_eq!(found(&app, "ann@example.com").await, [("user_id".to_owned(), id)]);
}

async fn faulty_texts_are_refused(app: TestApp) {
    for query in ["", "?q=", "?q=+", "?q=a&q=b", "?q=a&x=1", "?q=%00"] {
        assert_eq!(app.get(&format!("/search{query}")).await.status, 400, "{query}");
    }
    assert_eq!(search(&app, &"a".repeat(101)).await.status, 400);
    assert_eq!(search(&app, &"ż".repeat(100)).await.status, 200);
}

async fn each_way_reads_an_index(app: TestApp) {
    app.enrolled("a", 1).await;
    crate::expired::insert_rows(&app, 2000, "NULL").await;
    app.idle().await;
    app.take_invocations().await;
    assert_eq!(search(&app, "x").await.status, 200);
    let statements = app.take_invocations().await.remove(0).statements;
    let statement = statements.iter().find(|text| text.contains("UNION ALL")).unwrap();
    assert!(crate::plans::reads_no_whole_table(&app, statement).await);
}
