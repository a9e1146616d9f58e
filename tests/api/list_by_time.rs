//! `GET /` by the time of creation and of the last change.

use serde_json::{Value, json};
use tests::{TestApp, TestDatabase};

crate::cases![
    pages_are_in_the_order_of_time_and_id,
    the_first_time_is_included_and_the_last_is_not,
    a_change_moves_an_enrolment_to_the_end,
    times_combine_with_all_filters,
    other_forms_of_after_are_taken,
    one_statement_reads_an_index,
];

/// A page: its ids and `next`.
async fn page(app: &TestApp, query: &str) -> (Vec<i64>, Value) {
    let answer = app.get(&format!("?{query}")).await;
    assert_eq!(answer.status, 200, "{query}: {}", answer.text);
    let ids = answer.enrolments().iter().map(|enrolment| enrolment["id"].as_i64().unwrap()).collect();
    (ids, answer.json()["next"].clone())
}

/// All pages, one after the other.
async fn whole(app: &TestApp, query: &str) -> Vec<i64> {
    let (mut all, mut after) = (Vec::new(), String::new());
    loop {
        let (ids, next) = page(app, &format!("{query}{after}")).await;
        all.extend(ids);
        match next {
            Value::Null => return all,
            next => after = format!("&after={}", next.as_str().expect("a text")),
        }
    }
}

/// Adds an enrolment for each of these times, for users `u1`, `u2` and so on of course 1.
async fn enrolled_at(app: &TestApp, times: &[(&str, &str)]) {
    for (id, (created, updated)) in (1..).zip(times) {
        let sql = format!(
            "INSERT INTO enrolments (user_id, course_id, status, payment_status, created_at, updated_at) \
             VALUES ('u{id}', 1, 'ACTIVE', 'PENDING', '{created}', '{updated}')"
        );
        app.database.execute(&sql).await.unwrap();
    }
}

const TIMES: [(&str, &str); 6] = [
    ("2026-03-01 10:00:00", "2026-03-05 10:00:00"),
    ("2026-03-01 09:59:59", "2026-03-01 10:00:00"),
    ("2026-03-01 10:00:00", "2026-03-02 10:00:00"),
    ("2026-03-02 00:00:00", "2026-03-02 10:00:00"),
    ("2026-03-01 10:00:00", "2026-03-01 10:00:00"),
    ("2026-02-01 00:00:00", "2026-03-02 10:00:00"),
];

async fn pages_are_in_the_order_of_time_and_id(app: TestApp) {
    enrolled_at(&app, &TIMES).await;
    for limit in 1..7 {
        for (query, expected) in [
            ("created_from=2000-01-01T00:00:00Z", &[6, 2, 1, 3, 5, 4][..]),
            ("created_to=2026-03-02T00:00:00Z", &[6, 2, 1, 3, 5]),
            ("updated_from=0001-01-01T00:00:00Z", &[2, 5, 3, 4, 6, 1]),
        ] {
            assert_eq!(whole(&app, &format!("{query}&limit={limit}")).await, expected, "{query} {limit}");
        }
    }
    let (ids, next) = page(&app, "created_from=2026-01-01T00:00:00Z&limit=3").await;
    assert_eq!((ids, next), (vec![6, 2, 1], json!("1772359200-1")));
    let full = app.get("?created_from=2026-01-01T00:00:00Z&limit=3&view=full").await.json();
    assert_eq!(
        (&full["next"], &full["enrolments"][0]["created_at"]),
        (&json!("1772359200-1"), &json!("2026-02-01T00:00:00.000Z"))
    );
}

async fn the_first_time_is_included_and_the_last_is_not(app: TestApp) {
    enrolled_at(&app, &TIMES).await;
    for (query, expected) in [
        ("created_from=2026-03-01T10:00:00Z", &[1, 3, 5, 4][..]),
        ("created_from=2026-03-01T11:00:00%2B01:00", &[1, 3, 5, 4]),
        ("created_from=2026-03-01T10:00:00.001Z", &[4]),
        ("created_to=2026-03-01T10:00:00Z", &[6, 2]),
        ("created_to=2026-03-01T10:00:00.5Z", &[6, 2, 1, 3, 5]),
        ("created_from=2026-03-01T10:00:00Z&created_to=2026-03-01T10:00:01Z", &[1, 3, 5]),
        ("created_from=2026-03-01T10:00:00Z&created_to=2026-03-01T10:00:00Z", &[]),
        ("created_from=2026-03-02T00:00:00Z&created_to=2026-03-01T00:00:00Z", &[]),
        ("created_from=9999-12-31T23:59:59Z", &[]),
        ("updated_from=2026-03-02T10:00:01Z", &[1]),
    ] {
        assert_eq!(whole(&app, query).await, expected, "{query}");
    }
}

async fn a_change_moves_an_enrolment_to_the_end(app: TestApp) {
    enrolled_at(&app, &TIMES).await;
    assert_eq!(app.cancel(2).await.status, 200);
    assert_eq!(whole(&app, "updated_from=2026-03-02T00:00:00Z&limit=2").await, [3, 4, 6, 1, 2]);
}

async fn times_combine_with_all_filters(app: TestApp) {
    enrolled_at(&app, &TIMES).await;
    app.database.execute("UPDATE enrolments SET user_id = 'ann', course_id = id WHERE id IN (1, 2, 4)").await.unwrap();
    app.database.execute("UPDATE enrolments SET reference = 'R' WHERE id IN (4, 5)").await.unwrap();
    app.database.execute("UPDATE enrolments SET status = 'CANCELED' WHERE id = 3").await.unwrap();
    let since = "created_from=2026-01-01T00:00:00Z&limit=1";
    for (query, expected) in [
        ("user_id=ann", &[2, 1, 4][..]),
        ("user_id=ANN", &[]),
        ("user_id=ann&created_to=2026-03-02T00:00:00Z", &[2, 1]),
        ("user_id=ann&reference=R", &[4]),
        ("reference=R", &[5, 4]),
        ("status=canceled", &[3]),
        ("course_id=4&payment_status=pending", &[4]),
        ("updated_from=2026-03-02T00:00:00Z", &[6, 1, 3, 4]),
    ] {
        assert_eq!(whole(&app, &format!("{since}&{query}")).await, expected, "{query}");
    }
    assert_eq!(whole(&app, "updated_from=2026-03-01T00:00:00Z&user_id=ann&limit=1").await, [2, 4, 1]);
}

/// The description allows both forms for each list.
async fn other_forms_of_after_are_taken(app: TestApp) {
    enrolled_at(&app, &TIMES).await;
    assert_eq!(page(&app, "after=1772359200-4").await, (vec![5, 6], Value::Null));
    assert_eq!(whole(&app, "created_from=2026-03-01T10:00:00Z&after=3").await, [1, 3, 5, 4]);
    assert_eq!(whole(&app, "created_from=2026-03-01T10:00:00Z&after=0-9").await, [1, 3, 5, 4]);
    assert_eq!(whole(&app, "created_from=2026-03-01T10:00:00Z&after=9999999999-9999999999").await, [0; 0]);
}

/// With many rows, all of one second: each list is one walk along an index, from the position on.
async fn one_statement_reads_an_index(app: TestApp) {
    crate::expired::insert_rows(&app, 3000, "NULL").await;
    app.database.execute("UPDATE enrolments SET user_id = 'a', course_id = id WHERE id > 2990").await.unwrap();
    if matches!(app.database, TestDatabase::MariaDb { .. }) {
        app.database.execute("ANALYZE TABLE enrolments").await.unwrap();
    }
    let connecting = usize::from(matches!(app.database, TestDatabase::Sqlite(_)));
    for (query, user, index) in [
        ("created_from=2026-01-01T00:00:00Z", &[][..], "ix_enrolments_created_at"),
        ("updated_from=2026-01-01T00:00:00Z", &[], "ix_enrolments_updated_at"),
        ("created_to=2090-01-01T00:00:00Z&user_id=a", &["a"], "ix_enrolments_user_id"),
        ("updated_from=2026-01-01T00:00:00Z&user_id=a&status=active", &["a"], "ix_enrolments_user_id"),
    ] {
        for view in ["", "&view=full"] {
            app.take_invocations().await;
            page(&app, &format!("{query}&limit=10{view}")).await;
            let run = app.take_invocations().await.remove(0);
            assert_eq!((run.connections, run.statements.len()), (1, 1 + connecting), "{query}: {:?}", run.statements);
            let statement = run.statements.last().unwrap();
            let time = "2026-01-01 00:00:00";
            let values = [user, &[time, "1500", time, "2090-01-01 00:00:00", "11"]].concat();
            if user.is_empty() {
                crate::plans::walks(&app, statement, &values, index).await;
            } else {
                crate::plans::reads(&app, statement, &values, index).await;
            }
        }
    }
}
