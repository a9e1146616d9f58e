//! `GET /events?after=` for pruned events and for events that never existed.

use serde_json::{Value, json};
use tests::{Answer, TestApp};

crate::cases![
    a_new_database_answers_no_410,
    pruned_events_are_gone with crate::variables([("retention_days", "30")]),
    readers_continue_after_all_events_are_pruned with crate::variables([("retention_days", "30")]),
    an_event_before_a_gap_is_not_the_oldest with crate::variables([("retention_days", "30")]),
    events_after_a_restored_database_are_gone,
];

async fn ask(app: &TestApp, query: &str) -> Answer {
    app.get(&format!("/events{query}")).await
}

/// The ids of a page, `next`, and whether there are more.
async fn page(app: &TestApp, query: &str) -> (Vec<i64>, i64, bool) {
    let answer = ask(app, query).await;
    assert_eq!(answer.status, 200, "{query}: {}", answer.text);
    let page = answer.json();
    let ids = page["events"].as_array().unwrap().iter().map(|event| event["id"].as_i64().unwrap()).collect();
    (ids, page["next"].as_i64().unwrap(), page["more"].as_bool().unwrap())
}

async fn is_gone(app: &TestApp, after: i64, oldest: i64) {
    let answer = ask(app, &format!("?after={after}")).await;
    assert_eq!((answer.status, answer.error().as_str()), (410, "gone"), "{after}: {}", answer.text);
    assert_eq!(answer.json()["oldest"], oldest, "{after}");
}

/// Makes `number` enrolments and publishes their events.
async fn enrolled(app: &TestApp, number: i64) {
    for user in 0..number {
        let course = app.value("SELECT COUNT(*) + 20 FROM enrolments").await.parse().unwrap();
        app.enrolled(&format!("user-{user}"), course).await;
    }
    app.idle().await;
    assert_eq!(ask(app, "?limit=1").await.status, 200);
}

/// Prunes the events of a condition.
async fn prune(app: &TestApp, which: &str) {
    app.cron("delivery-cron").await;
    app.database.execute(&format!("UPDATE events SET occurred_at = 1 WHERE {which}")).await.unwrap();
    app.cron("delivery-cron").await;
}

async fn a_new_database_answers_no_410(app: TestApp) {
    for query in ["", "?after=0"] {
        assert_eq!(page(&app, query).await, (vec![], 0, false), "{query}");
    }
    is_gone(&app, 1, 1).await;
    enrolled(&app, 3).await;
    for query in ["", "?after=0"] {
        assert_eq!(page(&app, query).await, (vec![1, 2, 3], 3, false), "{query}");
    }
    assert_eq!(page(&app, "?after=3").await, (vec![], 3, false));
    is_gone(&app, 4, 1).await;
    is_gone(&app, i64::MAX, 1).await;
}

async fn pruned_events_are_gone(app: TestApp) {
    enrolled(&app, 4).await;
    prune(&app, "position <= 2").await;
    assert_eq!(page(&app, "").await, (vec![3, 4], 4, false));
    assert_eq!(page(&app, "?limit=1").await, (vec![3], 3, true));
    assert_eq!(page(&app, "?after=2").await, (vec![3, 4], 4, false));
    for after in [0, 1, 5] {
        is_gone(&app, after, 3).await;
    }
    // The next events follow.
    enrolled(&app, 1).await;
    assert_eq!(page(&app, "?after=4").await, (vec![5], 5, false));
}

async fn readers_continue_after_all_events_are_pruned(app: TestApp) {
    enrolled(&app, 3).await;
    prune(&app, "position <= 3").await;
    assert_eq!(app.count("events").await, 0);
    for query in ["", "?after=3"] {
        assert_eq!(page(&app, query).await, (vec![], 3, false), "{query}");
    }
    for after in [0, 2, 4] {
        is_gone(&app, after, 4).await;
    }
    app.enrolled("new", 1).await;
    for query in ["", "?after=3"] {
        assert_eq!(page(&app, query).await, (vec![4], 4, false), "{query}");
    }
}

/// An event stays while its enrolment has pending jobs; after it there is a gap.
async fn an_event_before_a_gap_is_not_the_oldest(app: TestApp) {
    enrolled(&app, 4).await;
    let dead = "UPDATE outbox SET state = 'dead' WHERE enrolment_id = 1";
    app.database.execute(dead).await.unwrap();
    prune(&app, "position <= 2").await;
    let left = app.database.rows("SELECT position FROM events ORDER BY position").await.unwrap().concat();
    assert_eq!(left, ["1", "3", "4"]);
    assert_eq!(page(&app, "").await, (vec![3, 4], 4, false));
    for after in [0, 1] {
        is_gone(&app, after, 3).await;
    }
    assert_eq!(app.history(1).await, ["created"]);
}

async fn events_after_a_restored_database_are_gone(app: TestApp) {
    enrolled(&app, 3).await;
    let seen = page(&app, "").await.1;
    // An older copy.
    app.database
        .execute("DELETE FROM events WHERE position > 1; UPDATE event_positions SET last = 1, owed = 1")
        .await
        .unwrap();
    let answer = ask(&app, &format!("?after={seen}")).await;
    assert_eq!((answer.status, &answer.json()["oldest"]), (410, &json!(1)), "{}", answer.text);
    let message = answer.json()["message"].clone();
    assert!(message.as_str().is_some_and(|message| message.contains("oldest")), "{message}");
    assert_eq!(answer.json().get("details"), None::<&Value>);
    assert_eq!(page(&app, "?after=0").await, (vec![1], 1, false));
}
