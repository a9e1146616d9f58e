//! The harness of this suite.

use sandbox::{Fault, Target};
use tests::TestApp;

crate::cases![a_failed_test_leaves_its_traces];

async fn a_failed_test_leaves_its_traces(app: TestApp) {
    let traces = app.traces();
    app.sandbox.fault(Target::Emails, Fault::status(422), None);
    app.enrolled("ann", 1).await;
    app.idle().await;
    app.sandbox.fault(Target::Users, Fault::status(500), None);
    app.enrol("ben", 1).await;
    app.idle().await;
    // A panic does this.
    drop(app);
    let text = traces.text().await;
    for trace in [
        "POST http://127.0.0.1:",
        "/api/enrolment → 201 {",
        "/api/enrolment → 503 {",
        r#""cause":"users: server error""#,
        "| enrolment_email | dead |",
    ] {
        assert!(text.contains(trace), "{trace}: {text}");
    }
}
