//! `POST /` with `reference` and `metadata`, and `GET /?reference=`.

use crate::users::erase;
use serde_json::{Value, json};
use tests::{Answer, TestApp};

crate::cases![
    enrolments_are_found_by_their_reference,
    references_are_compared_byte_for_byte,
    faulty_references_and_metadata_change_nothing,
    a_reference_makes_no_request_the_same,
    an_erasure_empties_both,
];

fn new(user_id: &str, reference: &str) -> Value {
    json!({"course_id": 1, "user_id": user_id, "reference": reference, "metadata": {"b": "2", "a": "żółw 🐢"}})
}

async fn enrolled(app: &TestApp, user_id: &str, reference: &str) -> i64 {
    let answer = app.call_json("POST", "", &new(user_id, reference)).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    assert_eq!(answer.json().as_object().unwrap().len(), 6, "the answer has its six keys");
    answer.json()["id"].as_i64().unwrap()
}

fn ids(answer: &Answer) -> Vec<i64> {
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.enrolments().iter().map(|enrolment| enrolment["id"].as_i64().unwrap()).collect()
}

async fn enrolments_are_found_by_their_reference(app: TestApp) {
    let longest = "r".repeat(64);
    let mut order = Vec::new();
    for user in ["ann", "bob", "eve"] {
        order.push(enrolled(&app, user, "ORDER/7#1").await);
    }
    let other = enrolled(&app, "kim", &longest).await;
    app.enrolled("lea", 1).await;
    let listed = app.get("?reference=ORDER%2F7%231").await;
    assert_eq!((ids(&listed), &listed.json()["next"]), (order.clone(), &Value::Null));
    assert_eq!(ids(&app.get(&format!("?reference={longest}")).await), [other]);
    assert_eq!(ids(&app.get("?reference=ORDER").await), [0_i64; 0]);
    let page = app.get("?reference=ORDER%2F7%231&limit=2").await;
    assert_eq!((ids(&page), &page.json()["next"]), (order[..2].to_vec(), &json!(order[1])));
    let rest = app.get(&format!("?reference=ORDER%2F7%231&limit=2&after={}", order[1])).await;
    assert_eq!((ids(&rest), &rest.json()["next"]), (order[2..].to_vec(), &Value::Null));
    // With other filters.
    assert_eq!(app.cancel(order[1]).await.status, 200);
    assert_eq!(ids(&app.get("?reference=ORDER%2F7%231&status=active").await), [order[0], order[2]]);
    assert_eq!(ids(&app.get("?reference=ORDER%2F7%231&user_id=eve").await), [order[2]]);
    let metadata = format!("SELECT metadata FROM enrolments WHERE id = {other}");
    assert_eq!(app.value(&metadata).await, r#"{"a":"żółw 🐢","b":"2"}"#);
    assert_eq!(app.count("enrolments WHERE reference IS NULL AND metadata IS NULL").await, 1);
}

async fn references_are_compared_byte_for_byte(app: TestApp) {
    let (upper, lower) = (enrolled(&app, "ann", "ORDER").await, enrolled(&app, "bob", "order").await);
    assert_eq!(ids(&app.get("?reference=ORDER").await), [upper]);
    assert_eq!(ids(&app.get("?reference=order").await), [lower]);
    for faulty in ["", "a+b", "%C5%BC", &"r".repeat(65)] {
        let answer = app.get(&format!("?reference={faulty}")).await;
        assert_eq!((answer.status, &answer.json()["details"][0]["loc"]), (400, &json!(["reference"])), "{faulty}");
    }
}

async fn faulty_references_and_metadata_change_nothing(app: TestApp) {
    let long = "r".repeat(65);
    for (key, value, at) in [
        ("reference", json!(long), json!(["reference"])),
        ("reference", json!("a b"), json!(["reference"])),
        ("reference", json!(7), json!(["reference"])),
        ("metadata", json!([]), json!(["metadata"])),
        ("metadata", json!({"a": 7}), json!(["metadata", "a"])),
        ("metadata", json!({"a": "b\nc"}), json!(["metadata", "a"])),
        ("metadata", json!({"a b": "c"}), json!(["metadata", "a b"])),
        ("metadata", json!({"a": "b".repeat(2048)}), json!(["metadata", "a"])),
    ] {
        let mut faulty = new("ann", "r");
        faulty[key] = value;
        let answer = app.call_json("POST", "", &faulty).await;
        assert_eq!((answer.status, answer.error().as_str()), (400, "validation_error"), "{faulty}");
        assert_eq!(answer.json()["details"][0]["loc"], at);
    }
    assert_eq!(app.count("enrolments").await, 0);
    let mut largest = new("ann", "r");
    largest["metadata"] = (0..20).map(|key| (format!("{key:02}"), json!("ż".repeat(50)))).collect();
    assert_eq!(app.call_json("POST", "", &largest).await.status, 201);
}

async fn a_reference_makes_no_request_the_same(app: TestApp) {
    enrolled(&app, "ann", "r").await;
    let again = app.call_json("POST", "", &new("ann", "r")).await;
    assert_eq!((again.status, again.error().as_str()), (409, "conflict"));
    let keyed = app.call_with_key("k", "POST", "", &new("bob", "r")).await;
    assert_eq!(keyed.status, 201);
    assert_eq!(app.call_with_key("k", "POST", "", &new("bob", "r")).await.text, keyed.text);
    assert_eq!(app.call_with_key("k", "POST", "", &new("bob", "s")).await.status, 422);
    let mut other = new("bob", "r");
    other["metadata"]["b"] = json!("3");
    assert_eq!(app.call_with_key("k", "POST", "", &other).await.status, 422);
}

async fn an_erasure_empties_both(app: TestApp) {
    enrolled(&app, "ann", "r").await;
    let bob = enrolled(&app, "bob", "r").await;
    assert_eq!(erase(&app, "ann").await.status, 204);
    assert_eq!(ids(&app.get("?reference=r").await), [bob]);
    assert_eq!(app.count("enrolments WHERE reference IS NOT NULL OR metadata IS NOT NULL").await, 1);
}
