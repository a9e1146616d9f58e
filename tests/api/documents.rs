//! `GET /{id}/documents`

use sandbox::{Fault, Target};
use serde_json::{Value, json};
use tests::{TestApp, TestDatabase};

crate::cases![
    documents_are_listed_oldest_first,
    the_list_is_empty_before_the_invoice,
    the_user_id_is_optional_and_must_match,
    an_older_invoice_has_only_its_link,
    documents_have_the_currency_of_the_account with crate::variables([("invoices_currency", "EUR")]),
    an_impossible_day_is_not_stored,
    unknown_kinds_are_left_out,
    faulty_paths_are_not_found,
    one_connection_and_two_statements,
];

async fn documents_are_listed_oldest_first(app: TestApp) {
    let id = app.enrolled("ann", 1).await;
    // Another user has documents, too.
    let other = app.enrolled("bob", 1).await;
    for id in [other, id] {
        assert_eq!(app.pay(id).await.status, 200);
    }
    let state = app.sandbox.state();
    let invoice = &state.invoices[1];
    let listed = json!({
        "kind": "invoice", "number": invoice["number"], "url": invoice["view_url"], "gross": "199.99",
        "currency": "PLN", "issued_on": invoice["issue_date"],
        "ksef": null,
    });
    assert_eq!(json!(app.documents(id).await), json!([listed]));
    assert_eq!(app.get(&format!("/{id}")).await.json()["invoice_url"], listed["url"]);
    assert_eq!(app.refund(id).await.status, 200);
    app.idle().await;
    let state = app.sandbox.state();
    let correction = &state.corrections[0];
    let corrected = json!({
        "kind": "correction", "number": correction["number"], "url": correction["view_url"], "gross": "-199.99",
        "currency": "PLN", "issued_on": correction["issue_date"],
        "ksef": null,
    });
    assert_eq!(json!(app.documents(id).await), json!([listed, corrected]));
    assert!(correction["number"].as_str().unwrap().starts_with("KOR/1/"), "{correction}");
    assert_eq!(app.documents(other).await[0]["number"], state.invoices[0]["number"]);
    // The enrolment keeps the link of the invoice.
    assert_eq!(app.get(&format!("/{id}")).await.json()["invoice_url"], listed["url"]);
    assert_eq!(app.call("DELETE", &format!("/{id}")).await.status, 204);
    assert_eq!(app.get(&format!("/{id}/documents")).await.status, 404);
}

async fn the_list_is_empty_before_the_invoice(app: TestApp) {
    let id = app.enrolled("ann", 1).await;
    let answer = app.get(&format!("/{id}/documents")).await;
    assert_eq!((answer.status, answer.text.as_str()), (200, r#"{"documents":[]}"#));
    assert_eq!(app.call("HEAD", &format!("/{id}/documents")).await.status, 200);
    app.sandbox.fault(sandbox::Target::Invoices, sandbox::Fault::status(503), None);
    assert_eq!(app.pay(id).await.status, 200);
    app.idle().await;
    assert!(app.documents(id).await.is_empty(), "a pending invoice is not issued");
}

async fn the_user_id_is_optional_and_must_match(app: TestApp) {
    let id = app.enrolled("żółw 🐢", 1).await;
    assert_eq!(app.pay(id).await.status, 200);
    let all = app.get(&format!("/{id}/documents")).await;
    let own = app.get(&format!("/{id}/documents?user_id=%C5%BC%C3%B3%C5%82w+%F0%9F%90%A2")).await;
    assert_eq!((own.status, &own.text), (200, &all.text));
    let unknown = app.get("/77/documents").await;
    assert_eq!((unknown.status, unknown.error().as_str()), (404, "not_found"));
    let long = "a".repeat(65);
    for other in ["b", "zolw", "%C5%BC%C3%B3%C5%82w+%F0%9F%90%A2+", "%FF", "%00", &long] {
        let answer = app.get(&format!("/{id}/documents?user_id={other}")).await;
        assert_eq!((answer.status, &answer.text), (404, &unknown.text), "{other}");
    }
    for query in ["?user_id=", "?user_id", "?user_id=a&user_id=a", "?a=1&a=2"] {
        assert_eq!(app.get(&format!("/{id}/documents{query}")).await.status, 400, "{query}");
    }
}

async fn an_older_invoice_has_only_its_link(app: TestApp) {
    let id = app.enrolled("ann", 1).await;
    let linked = |url: &str| format!("UPDATE enrolments SET payment_status = 'PAID', invoice_url = '{url}'");
    app.database.execute(&linked("https://a.example/1")).await.unwrap();
    let page = json!({
        "kind": "invoice", "number": null, "url": "https://a.example/1", "gross": null, "currency": null,
        "issued_on": null, "ksef": null,
    });
    assert_eq!(json!(app.documents(id).await), json!([page]));
    // A person made a correction.
    let insert = "INSERT INTO documents (enrolment_id, kind, number, created_at) VALUES (1, 'correction', 'K/1', 1)";
    app.database.execute(insert).await.unwrap();
    let documents = app.documents(id).await;
    assert_eq!((documents.len(), &documents[0]), (2, &page));
    assert_eq!((&documents[1]["kind"], &documents[1]["number"]), (&json!("correction"), &json!("K/1")));
    // The Flask service writes this for no link.
    app.database.execute(&format!("DELETE FROM documents; {}", linked("N/A"))).await.unwrap();
    assert!(app.documents(id).await.is_empty());
}

async fn documents_have_the_currency_of_the_account(app: TestApp) {
    let id = app.enrolled("ann", 1).await;
    assert_eq!((app.pay(id).await.status, app.refund(id).await.status), (200, 200));
    app.idle().await;
    let currencies: Vec<_> = app.documents(id).await.iter().map(|document| document["currency"].clone()).collect();
    assert_eq!(currencies, ["EUR", "EUR"]);
}

/// The invoice is stored without it.
async fn an_impossible_day_is_not_stored(app: TestApp) {
    let id = app.enrolled("ann", 1).await;
    let issued = Fault::Status {
        status: 200,
        body: Some(json!({"id": 5, "issue_date": "+12345-01-01"})),
        headers: std::collections::BTreeMap::default(),
    };
    app.sandbox.fault(Target::InvoicesCreate, issued, Some(1));
    assert_eq!(app.pay(id).await.status, 200);
    let documents = app.documents(id).await;
    assert_eq!(documents.len(), 1);
    assert_eq!(documents[0]["issued_on"].as_str().map(str::len), Some(10), "today");
}

async fn unknown_kinds_are_left_out(app: TestApp) {
    let id = app.enrolled("ann", 1).await;
    assert_eq!(app.pay(id).await.status, 200);
    let insert = "INSERT INTO documents (enrolment_id, kind, created_at) VALUES (1, 'receipt', 1)";
    app.database.execute(insert).await.unwrap();
    let kinds: Vec<Value> = app.documents(id).await.iter().map(|document| document["kind"].clone()).collect();
    assert_eq!(kinds, ["invoice"]);
    assert_eq!(app.refund(id).await.status, 200);
    app.idle().await;
    assert_eq!(app.documents(id).await.len(), 2);
}

async fn faulty_paths_are_not_found(app: TestApp) {
    app.enrolled("ann", 1).await;
    app.take_invocations().await;
    for path in
        ["/0/documents", "/x/documents", "/01/documents", "/2147483648/documents", "/1/documents/1", "/documents/1"]
    {
        assert_eq!(app.get(path).await.status, 404, "{path}");
    }
    let answer = app.call("DELETE", "/1/documents").await;
    assert_eq!((answer.status, answer.header("allow")), (405, "GET, HEAD, OPTIONS"));
    assert!(app.take_invocations().await.iter().all(|run| run.connections == 0));
}

async fn one_connection_and_two_statements(app: TestApp) {
    let id = app.enrolled("ann", 1).await;
    assert_eq!((app.pay(id).await.status, app.refund(id).await.status), (200, 200));
    app.take_invocations().await;
    assert_eq!(app.documents(id).await.len(), 2);
    let run = app.take_invocations().await.remove(0);
    // The enrolment, its documents; on SQLite, also the lock timeout.
    let statements = if matches!(app.database, TestDatabase::Sqlite(_)) { 3 } else { 2 };
    assert_eq!((run.connections, run.statements.len(), run.outbound_calls.len()), (1, statements, 0));
    // With enough rows for the server to use an index.
    let rows: Vec<_> = (1000..3000).map(|id| format!("({id}, 'invoice', 1)")).collect();
    let insert = format!("INSERT INTO documents (enrolment_id, kind, created_at) VALUES {}", rows.join(","));
    app.database.execute(&insert).await.unwrap();
    if matches!(app.database, TestDatabase::MariaDb { .. }) {
        app.database.execute("ANALYZE TABLE documents").await.unwrap();
    }
    let sql = run.statements.last().unwrap();
    crate::plans::reads(&app, sql, &[&id.to_string()], "uq_documents_chain").await;
}
