//! A reader: it reads page after page from its last event.

use fastrand::Rng;
use reqwest::{Client, Method};
use serde_json::Value;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tests::TestApp;
use tokio::sync::watch;

/// An event as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) id: i64,
    pub(crate) enrolment: i64,
    pub(crate) word: String,
    /// Milliseconds since 1970.
    pub(crate) at: i64,
}

/// The results of a reader.
#[derive(Default)]
pub(crate) struct Read {
    pub(crate) events: Vec<Seen>,
    /// The number of requests.
    pub(crate) pages: usize,
    /// The number of repeated requests, because the database was locked.
    pub(crate) locked: usize,
    /// The longest wait for an answer.
    pub(crate) longest: Duration,
}

/// Reads until all is committed and read, and counts the pages.
pub(crate) async fn follow(
    app: Arc<TestApp>,
    mut commits: watch::Receiver<u64>,
    pages: watch::Sender<u64>,
    mut rng: Rng,
) -> Read {
    let mut read = Read::default();
    let client = Client::builder().no_proxy().build().expect("a client");
    loop {
        // Earlier commits are in the answer, unless there are more pages.
        let over = commits.has_changed().is_err();
        commits.mark_unchanged();
        let after = read.events.last().map_or(0, |event| event.id);
        let limit = [1, 7, 100, 1000][rng.usize(..4)];
        let (status, page) = ask(&app, &client, &format!("/events?after={after}&limit={limit}"), &mut read).await;
        pages.send_modify(|number| *number += 1);
        if status == 503 {
            read.locked += 1;
            continue;
        }
        assert_eq!(status, 200, "{page}");
        let events = page["events"].as_array().expect("a list");
        read.events.extend(events.iter().map(seen));
        let last = read.events.last().map_or(0, |event| event.id);
        let more = page["more"] == true;
        assert!(page["next"] == last && (!more || events.len() == limit), "{page}");
        if !more && over {
            return read;
        }
        if events.is_empty() {
            // An error means that all writers have ended.
            let _ = commits.changed().await;
        }
    }
}

async fn ask(app: &TestApp, client: &Client, path: &str, read: &mut Read) -> (u16, Value) {
    let request = app.request(Method::GET, path).build().expect("a request");
    let asked = Instant::now();
    let answer = client.execute(request).await.expect("an answer");
    let status = answer.status().as_u16();
    let body = answer.text().await.expect("the answer has an end");
    read.longest = read.longest.max(asked.elapsed());
    read.pages += 1;
    if read.pages.is_multiple_of(100) {
        app.app.clear_invocations();
    }
    (status, serde_json::from_str(&body).unwrap_or_default())
}

fn seen(event: &Value) -> Seen {
    let at = event["occurred_at"].as_str().and_then(|at| at.parse::<chrono::DateTime<chrono::Utc>>().ok());
    Seen {
        id: event["id"].as_i64().expect("an id"),
        enrolment: event["enrolment"]["id"].as_i64().expect("an enrolment"),
        word: event["type"].as_str().and_then(|word| word.strip_prefix("enrolment.")).expect("a type").to_owned(),
        at: at.expect("a time").timestamp_millis(),
    }
}
