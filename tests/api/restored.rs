//! A restored older copy of the database: forgotten documents are not issued twice.

use sandbox::Target;
use sandbox::fault::Named;
use tests::{Backup, TestApp};

crate::cases![a_forgotten_refund_is_corrected_once, a_forgotten_correction_is_issued_once];

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
