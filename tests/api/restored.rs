//! A restored older copy of the database: forgotten documents are not issued twice. A table that was
//! restored alone, or before the others: documents of a user are shown to no other.

use sandbox::Target;
use sandbox::fault::Named;
use tests::{Backup, TestApp, TestDatabase};

crate::cases![
    a_forgotten_refund_is_corrected_once,
    a_forgotten_correction_is_issued_once,
    ids_do_not_come_again_after_the_statement_of_the_page,
    documents_of_another_enrolment_with_the_same_id_are_not_shown,
    documents_of_another_enrolment_are_not_shown_after_a_payment,
];

/// The one correction is stored again, and no job is pending.
async fn is_corrected(app: &TestApp, id: i64) {
    let state = app.sandbox.state();
    assert_eq!((state.invoices.len(), state.corrections.len()), (1, 1));
    let documents = app.get(&format!("/{id}/documents")).await.json();
    assert_eq!(documents["documents"][1]["number"], state.corrections[0]["number"], "{documents}");
    assert!(app.jobs().await.iter().all(|job| job.ends_with(" done")), "{:?}", app.jobs().await);
}

async fn restored(app: &TestApp, copy: &Backup) {
    app.idle().await;
    app.database.restore(copy).await.unwrap();
}

async fn a_forgotten_refund_is_corrected_once(app: TestApp) {
    let id = app.paid("ann", 1).await;
    let before = app.database.back_up().await.unwrap();
    app.refunded(id).await;
    assert_eq!(app.sandbox.state().corrections.len(), 1);
    restored(&app, &before).await;
    app.refunded(id).await;
    is_corrected(&app, id).await;
}

async fn a_forgotten_correction_is_issued_once(app: TestApp) {
    let id = app.paid("ann", 1).await;
    app.sandbox.fault(Target::InvoicesFind, sandbox::Fault::status(503), None);
    app.refunded(id).await;
    app.sandbox.clear_faults();
    let before = app.database.back_up().await.unwrap();
    app.sandbox.fault(Target::Emails, Named::Reset, Some(1));
    app.deliver_all().await;
    assert_eq!(app.sandbox.state().corrections.len(), 1);
    restored(&app, &before).await;
    app.deliver_all().await;
    is_corrected(&app, id).await;
    assert_eq!(app.sandbox.state().emails.len(), 3);
}

/// Ann has an invoice and its correction, bob is enrolled, and the documents of ann have come under
/// the id of bob.
async fn with_documents_of_ann(app: &TestApp) -> i64 {
    let ann = app.paid("ann", 1).await;
    app.refunded(ann).await;
    let bob = app.enrolled("bob", 1).await;
    let moved = format!("UPDATE documents SET enrolment_id = {bob} WHERE enrolment_id = {ann}");
    app.database.execute(&moved).await.unwrap();
    bob
}

async fn documents_of_another_enrolment_with_the_same_id_are_not_shown(app: TestApp) {
    let bob = with_documents_of_ann(&app).await;
    assert_eq!(app.documents(bob).await, [0; 0]);
    // Nor those whose page is not known yet.
    app.database.execute("UPDATE documents SET url = NULL").await.unwrap();
    assert_eq!(app.documents(bob).await, [0; 0]);
}

async fn documents_of_another_enrolment_are_not_shown_after_a_payment(app: TestApp) {
    let bob = with_documents_of_ann(&app).await;
    // At his place in the chain is ann's: his own invoice is issued, and its job waits for an operator.
    let paid = app.pay(bob).await;
    assert_eq!((paid.status, &paid.json()["invoice_url"]), (200, &serde_json::Value::Null));
    app.deliver_all().await;
    assert_eq!(app.sandbox.state().invoices.len(), 2);
    assert_eq!(app.documents(bob).await, [0; 0]);
    assert_eq!(app.get(&format!("/{bob}")).await.json()["invoice_url"], serde_json::Value::Null);
}

async fn ids_do_not_come_again_after_the_statement_of_the_page(app: TestApp) {
    app.enrolled("ann", 1).await;
    let before = app.database.back_up().await.unwrap();
    let forgotten = app.enrolled("bob", 1).await;
    restored(&app, &before).await;
    let page = std::fs::read_to_string(tests::root().join("deploy/backups.md")).unwrap();
    let begin = match app.database {
        TestDatabase::Sqlite(_) => "\"UPDATE ",
        TestDatabase::MariaDb { .. } => "\"ALTER ",
    };
    let statement = &page[page.find(begin).unwrap() + 1..];
    app.database.execute(statement.split('"').next().unwrap()).await.unwrap();
    assert!(app.enrolled("cid", 1).await > forgotten);
    assert_eq!(app.get(&format!("/{forgotten}")).await.status, 404);
}
