//! Many callers write to an SQLite file at once, which has one writer at a time.

use futures::future::join_all;
use tests::TestApp;

crate::cases![none_of_many_writers_is_refused on Sqlite];

const WRITERS: usize = 32;
const REQUESTS: usize = 30;

/// The work after their answers is recorded as well.
async fn none_of_many_writers_is_refused(app: TestApp) {
    let writer = async |writer: usize| {
        for request in 0..REQUESTS {
            assert_eq!(app.enrol(&format!("user-{writer}-{request}"), 1).await.status, 201);
        }
    };
    join_all((0..WRITERS).map(writer)).await;
    app.idle().await;
    let all = (WRITERS * REQUESTS).to_string();
    assert_eq!(app.value("SELECT COUNT(*) FROM enrolments").await, all);
    assert_eq!(app.value("SELECT COUNT(*) FROM outbox WHERE state = 'done'").await, all);
    assert_eq!(app.sandbox.state().emails.len().to_string(), all);
}
