//! `GET /documents/check`: the documents of a day here and at the invoicing service.

use sandbox::{Fault, Target};
use serde_json::{Value, json};
use tests::{Answer, TestApp};

crate::cases![
    equal_books_have_no_difference,
    each_difference_is_named,
    a_document_of_the_service_that_is_not_recorded_is_named,
    a_day_has_pages_of_either_side,
    a_service_that_fails_or_is_in_use_is_unavailable,
    faulty_parameters_are_named,
];

async fn check(app: &TestApp, query: &str) -> Value {
    let answer = checked(app, query).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.json()
}

async fn checked(app: &TestApp, query: &str) -> Answer {
    app.get(&format!("/documents/check?{query}")).await
}

/// The day of the first document.
async fn day(app: &TestApp) -> String {
    app.value("SELECT MIN(issued_on) FROM documents").await
}

/// The numbers of the same documents and of others, and how many differ in each way.
fn counts(checked: &Value) -> (i64, i64, [usize; 3]) {
    let count = |key: &str| checked[key].as_i64().unwrap();
    let lists = ["only_here", "only_there", "different"].map(|key| checked[key].as_array().unwrap().len());
    (count("same"), count("others"), lists)
}

async fn equal_books_have_no_difference(app: TestApp) {
    let id = app.paid("ann", 1).await;
    app.paid("bob", 1).await;
    app.refunded(id).await;
    app.sandbox.add_documents([json!({"kind": "vat", "oid": "order 7", "price_gross": "5.00", "currency": "PLN",
        "issue_date": day(&app).await})]);
    let result = check(&app, &format!("day={}", day(&app).await)).await;
    assert_eq!(counts(&result), (3, 1, [0, 0, 0]), "{result}");
    assert_eq!((&result["page"], &result["next"]), (&json!(1), &Value::Null));
    let empty = check(&app, "day=2020-01-01").await;
    assert_eq!(counts(&empty), (0, 0, [0, 0, 0]));
}

async fn each_difference_is_named(app: TestApp) {
    for user in ["ann", "bob", "eve"] {
        app.paid(user, 1).await;
    }
    let invoices = app.sandbox.state().invoices;
    app.sandbox.change_document(invoices[0]["id"].as_u64().unwrap(), &json!({"price_gross": "1.00"}));
    app.sandbox.change_document(invoices[1]["id"].as_u64().unwrap(), &json!({"cancelled": true}));
    app.database.execute("UPDATE documents SET vendor_id = 7 WHERE enrolment_id = 3").await.unwrap();
    let result = check(&app, &format!("day={}", day(&app).await)).await;
    assert_eq!(counts(&result), (0, 0, [1, 1, 2]), "{result}");
    let different = &result["different"];
    assert_eq!((&different[0]["here"]["gross"], &different[0]["there"]["gross"]), (&json!("199.99"), &json!("1.00")));
    assert_eq!((&different[1]["here"]["enrolment_id"], &different[1]["there"]["canceled"]), (&json!(2), &json!(true)));
    assert_eq!(result["only_here"][0]["enrolment_id"], 3);
    let (there, invoice) = (&result["only_there"][0], &invoices[2]);
    assert_eq!(
        (&there["enrolment_id"], &there["id"], &there["url"]),
        (&json!(3), &invoice["id"], &invoice["view_url"])
    );
}

/// As after the restoration of an older copy of the database.
async fn a_document_of_the_service_that_is_not_recorded_is_named(app: TestApp) {
    let id = app.paid("ann", 1).await;
    let day = day(&app).await;
    app.refunded(id).await;
    app.database.execute("DELETE FROM documents WHERE kind = 'correction'").await.unwrap();
    let result = check(&app, &format!("day={day}")).await;
    assert_eq!((counts(&result), &result["only_there"][0]["kind"]), ((1, 0, [0, 1, 0]), &json!("correction")));
    app.database.execute("DELETE FROM documents").await.unwrap();
    let result = check(&app, &format!("day={day}")).await;
    assert_eq!(counts(&result), (0, 1, [0, 1, 0]), "a correction of an invoice that is not known is of others");
    assert_eq!(result["only_there"][0]["kind"], "invoice");
}

async fn a_day_has_pages_of_either_side(app: TestApp) {
    let id = app.paid("ann", 1).await;
    let day = day(&app).await;
    let others = (0..150).map(|_| json!({"kind": "vat", "price_gross": "5.00", "currency": "PLN", "issue_date": day}));
    app.sandbox.add_documents(others);
    let (mut same, mut others, mut nexts) = (0, 0, Vec::new());
    for page in sequential(&app, &day).await {
        let (page_same, page_others, lists) = counts(&page);
        assert_eq!(lists, [0, 0, 0]);
        (same, others) = (same + page_same, others + page_others);
        nexts.push(page["next"].clone());
    }
    assert_eq!((same, others, nexts), (1, 150, vec![json!(2), Value::Null]));
    assert_eq!(app.documents(id).await.len(), 1);
}

/// The pages of a day, one after the other.
async fn sequential(app: &TestApp, day: &str) -> Vec<Value> {
    let mut pages = Vec::new();
    let mut page = json!(1);
    while !page.is_null() {
        let checked = check(app, &format!("day={day}&page={page}")).await;
        page = checked["next"].clone();
        pages.push(checked);
    }
    pages
}

async fn a_service_that_fails_or_is_in_use_is_unavailable(app: TestApp) {
    app.paid("ann", 1).await;
    let query = format!("day={}", day(&app).await);
    app.sandbox.fault(Target::InvoicesFind, Fault::status(503), Some(1));
    let unavailable = async |app: &TestApp| {
        let answer = checked(app, &query).await;
        let message = "The invoicing service cannot be asked now; try again";
        assert_eq!((answer.status, &answer.json()["message"]), (503, &json!(message)), "{}", answer.text);
        assert!(answer.headers.contains_key("retry-after"));
    };
    unavailable(&app).await;
    app.database
        .execute("UPDATE paces SET runner = 'run', runner_until = 9999999999999 WHERE name = 'invoices'")
        .await
        .unwrap();
    let calls = app.sandbox.state().calls.of(Target::InvoicesFind);
    unavailable(&app).await;
    assert_eq!(app.sandbox.state().calls.of(Target::InvoicesFind), calls);
    app.database.execute("UPDATE paces SET runner = '', runner_until = 0").await.unwrap();
    check(&app, &query).await;
    assert_eq!(app.value("SELECT runner FROM paces WHERE name = 'invoices'").await, "");
}

async fn faulty_parameters_are_named(app: TestApp) {
    for (query, name) in
        [("", "day"), ("day=today", "day"), ("day=2026-01-01&page=0", "page"), ("day=2026-01-01&a=1", "a")]
    {
        let answer = checked(&app, query).await;
        assert_eq!((answer.status, &answer.json()["details"][0]["loc"]), (400, &json!([name])), "{query}");
    }
}
