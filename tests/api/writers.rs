//! Many callers write to an SQLite file at once, which has one writer at a time.

use futures::future::join_all;
use tests::TestApp;

crate::cases![hardly_any_of_many_writers_is_refused on Sqlite];

const WRITERS: usize = 64;
const REQUESTS: usize = 15;

/// On an idle machine none is refused. Where other programs take the processor from the holder
/// of the lock, requests wait for longer than a caller does. One in ten is too many there too.
const REFUSED: usize = 96;

/// The work after their answers is recorded as well.
async fn hardly_any_of_many_writers_is_refused(app: TestApp) {
    let writer = async |writer: usize| {
        let mut refused = 0;
        for request in 0..REQUESTS {
            match app.enrol(&format!("user-{writer}-{request}"), 1).await.status {
                201 => {}
                status => {
                    assert_eq!(status, 503);
                    refused += 1;
                }
            }
        }
        refused
    };
    let refused: usize = join_all((0..WRITERS).map(writer)).await.into_iter().sum();
    assert!(refused <= REFUSED, "{refused} refused");
    app.idle().await;
    let all = (WRITERS * REQUESTS - refused).to_string();
    assert_eq!(app.value("SELECT COUNT(*) FROM enrolments").await, all);
    assert_eq!(app.value("SELECT COUNT(*) FROM outbox WHERE state = 'done'").await, all);
    assert_eq!(app.sandbox.state().emails.len().to_string(), all);
}
