//! `DELETE /users/{user_id}`. `users_jobs.rs` has the pending jobs; `erasure.rs` searches
//! every column for what is left.

use serde_json::{Value, json};
use tests::{Answer, TestApp, TestDatabase};

crate::cases![
    a_random_id_replaces_the_user_id,
    an_unknown_user_can_be_erased_again,
    ids_are_compared_byte_for_byte,
    ids_are_compared_byte_for_byte_in_another_collation on MariaDb,
    faulty_user_ids_are_refused,
    an_erased_user_keeps_seats_and_can_enrol_again,
    stored_answers_are_deleted,
    thousands_of_rows_are_erased_in_steps,
    rows_are_found_by_index,
];

pub(crate) async fn erase(app: &TestApp, user: &str) -> Answer {
    let encoded: String = user.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let answer = app.call("DELETE", &format!("/users/{encoded}")).await;
    app.idle().await;
    answer
}

/// The user id of an enrolment.
pub(crate) async fn user_of(app: &TestApp, id: i64) -> String {
    app.get(&format!("/{id}")).await.json()["user_id"].as_str().unwrap().to_owned()
}

pub(crate) fn is_random(id: &str) -> bool {
    let digits = id.strip_prefix("erased-").unwrap_or_default();
    digits.len() == 32 && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
}

async fn a_random_id_replaces_the_user_id(app: TestApp) {
    let user = "żółw/🐢 ?&+";
    let (first, second, gone) = (app.enrolled(user, 1).await, app.enrolled(user, 2).await, app.enrolled(user, 4).await);
    let other = app.enrolled("bob", 1).await;
    assert_eq!((app.pay(first).await.status, app.cancel(second).await.status), (200, 200));
    assert_eq!(app.call("DELETE", &format!("/{gone}")).await.status, 204);
    app.idle().await;
    let before = app.get(&format!("/{first}")).await.json();
    let documents = app.documents(first).await;
    let answer = erase(&app, user).await;
    assert_eq!((answer.status, answer.text.as_str()), (204, ""));
    let instead = user_of(&app, first).await;
    assert!(is_random(&instead), "{instead}");
    assert_eq!(user_of(&app, second).await, instead);
    let after = app.get(&format!("/{first}")).await.json();
    assert_eq!(after, {
        let mut expected = before;
        expected["user_id"] = json!(instead);
        expected
    });
    assert_eq!((app.documents(first).await, user_of(&app, other).await), (documents, "bob".to_owned()));
    // The history and the list have one user id.
    for id in [first, second, gone] {
        assert_eq!(app.get(&format!("/{id}/history?user_id={instead}")).await.status, 200, "{id}");
        let history = app.get(&format!("/{id}/history")).await.json();
        assert!(history["events"].as_array().unwrap().iter().all(|event| event["enrolment"]["user_id"] == *instead));
    }
    assert_eq!(app.history(first).await, ["created", "paid", "invoiced"]);
    assert_eq!(app.get(&format!("?user_id={instead}")).await.enrolments().len(), 2);
    let encoded = "%C5%BC%C3%B3%C5%82w/%F0%9F%90%A2+?%26%2B";
    assert!(app.get(&format!("?user_id={encoded}")).await.enrolments().is_empty());
    assert_eq!(app.get(&format!("/{first}/details?user_id={encoded}")).await.status, 404);
}

async fn an_unknown_user_can_be_erased_again(app: TestApp) {
    app.enrolled("ann", 1).await;
    assert_eq!(erase(&app, "unknown").await.status, 204);
    app.take_invocations().await;
    assert_eq!(erase(&app, "unknown").await.status, 204);
    let run = app.take_invocations().await.remove(0);
    // Waiting lists, enrolments, events, requests; on SQLite, also the lock timeout.
    let statements = if matches!(app.database, TestDatabase::Sqlite(_)) { 5 } else { 4 };
    assert_eq!((run.component.as_str(), run.connections, run.statements.len()), ("operators", 1, statements));
    assert!(run.outbound_calls.is_empty());
    assert_eq!(user_of(&app, 1).await, "ann");
    assert_eq!(erase(&app, "ann").await.status, 204);
    let instead = user_of(&app, 1).await;
    assert_eq!(erase(&app, "ann").await.status, 204);
    assert_eq!(user_of(&app, 1).await, instead);
    // The random id can be erased as well.
    assert_eq!(erase(&app, &instead).await.status, 204);
    assert_ne!(user_of(&app, 1).await, instead);
}

async fn ids_are_compared_byte_for_byte(app: TestApp) {
    let users = ["alice", "ALICE", "alice ", "alicé", " alice"];
    for user in users {
        let id = app.enrolled(user, 1).await;
        assert_eq!(app.call("DELETE", &format!("/{}", app.enrolled(user, 2).await)).await.status, 204);
        assert_eq!(
            app.call_with_key(&format!("k-{id}"), "PATCH", "/failed", &json!({"enrolment_id": id, "user_id": user}))
                .await
                .status,
            200
        );
    }
    assert_eq!(erase(&app, "alice").await.status, 204);
    for (id, user) in [(3, "ALICE"), (5, "alice "), (7, "alicé"), (9, " alice")] {
        assert_eq!(user_of(&app, id).await, user);
        let events = app
            .database
            .rows(&format!("SELECT user_id FROM events WHERE enrolment_id IN ({id}, {id} + 1)"))
            .await
            .unwrap();
        assert!(events.len() == 4 && events.iter().all(|row| row[0] == user), "{events:?}");
    }
    assert!(is_random(&user_of(&app, 1).await));
    let left = app.database.rows("SELECT idempotency_key FROM idempotency ORDER BY idempotency_key").await.unwrap();
    assert_eq!(left.concat(), ["k-3", "k-5", "k-7", "k-9"]);
}

/// A table of the Flask service.
async fn ids_are_compared_byte_for_byte_in_another_collation(app: TestApp) {
    let narrow =
        "ALTER TABLE enrolments MODIFY user_id VARCHAR(64) CHARACTER SET latin1 COLLATE latin1_swedish_ci NOT NULL";
    app.database.execute(narrow).await.unwrap();
    let rows: Vec<_> = (1..=50).map(|course| format!("('ALICE', {course}, 'ACTIVE', 'PENDING')")).collect();
    let insert = "INSERT INTO enrolments (user_id, course_id, status, payment_status) VALUES ";
    app.database.execute(&format!("{insert}{}, ('alice', 77, 'ACTIVE', 'PENDING')", rows.join(","))).await.unwrap();
    for unknown in ["Za\u{17c}", "🐢"] {
        assert_eq!(erase(&app, unknown).await.status, 204);
    }
    assert_eq!(erase(&app, "alice").await.status, 204);
    assert_eq!(app.count("enrolments WHERE user_id = 'ALICE'").await, 50);
    assert!(is_random(&app.value("SELECT user_id FROM enrolments WHERE course_id = 77").await));
}

async fn faulty_user_ids_are_refused(app: TestApp) {
    app.enrolled("ann", 1).await;
    app.take_invocations().await;
    let long = "a".repeat(65);
    for user in [" ", "\0", "a\n", long.as_str()] {
        let answer = erase(&app, user).await;
        assert_eq!((answer.status, answer.error().as_str()), (400, "validation_error"), "{user:?}");
        assert_eq!(answer.json()["details"][0]["loc"], json!(["user_id"]), "{user:?}");
    }
    // A broken encoding is refused, and erases no user.
    for encoded in ["%FF", "a%2", "%", "%zz", "%C5"] {
        let answer = app.call("DELETE", &format!("/users/{encoded}")).await;
        assert_eq!((answer.status, answer.error().as_str()), (400, "validation_error"), "{encoded}");
    }
    for path in ["/users", "/users/", "/users//", "/users/a/b", "/user/a"] {
        assert_eq!(app.call("DELETE", path).await.status, 404, "{path}");
    }
    let answer = app.get("/users/ann").await;
    assert_eq!((answer.status, answer.header("allow")), (405, "DELETE, OPTIONS"));
    assert!(app.take_invocations().await.iter().all(|run| run.connections == 0));
    assert_eq!(user_of(&app, 1).await, "ann");
    // A slash at the end makes no difference.
    assert_eq!(app.call("DELETE", "/users/ann/").await.status, 204);
    assert!(is_random(&user_of(&app, 1).await));
}

async fn an_erased_user_keeps_seats_and_can_enrol_again(app: TestApp) {
    app.sandbox.set_course(20, json!({"max_participants": 1}));
    let id = app.enrolled("ann", 20).await;
    assert_eq!(erase(&app, "ann").await.status, 204);
    assert_eq!(app.enrol("bob", 20).await.error(), "course_full", "the seat is taken");
    assert_eq!(app.cancel(id).await.status, 200);
    app.idle().await;
    let again = app.enrolled("ann", 20).await;
    assert_eq!(user_of(&app, again).await, "ann");
    assert!(is_random(&user_of(&app, id).await));
    // Later changes are for a user who is not found.
    assert_eq!(app.subjects("ann"), ["Course enrolment confirmation", "Course enrolment confirmation"]);
}

async fn stored_answers_are_deleted(app: TestApp) {
    let new = json!({"course_id": 1, "user_id": "ann"});
    let id = app.call_with_key("k-1", "POST", "", &new).await.json()["id"].as_i64().unwrap();
    let bobs = app.enrolled("bob", 2).await;
    let keyed = async |key: &str, path: &str, body: Value| app.call_with_key(key, "PATCH", path, &body).await.status;
    assert_eq!(keyed("k-2", "/failed", json!({"enrolment_id": id})).await, 200);
    assert_eq!(keyed("k-3", "/paid", json!({"enrolment_id": id, "user_id": "ann"})).await, 200);
    assert_eq!(keyed("k-4", "/paid", json!({"enrolment_id": id})).await, 409);
    assert_eq!(keyed("k-5", "/paid", json!({"enrolment_id": bobs, "user_id": "ann"})).await, 404);
    assert_eq!(keyed("k-6", "/paid", json!({"enrolment_id": bobs})).await, 200);
    assert_eq!(keyed("k-7", "/failed", json!({"enrolment_id": id, "user_id": "bob"})).await, 404);
    let running = "INSERT INTO idempotency \
                   (idempotency_key, request, token, lease_until, created_at, user_id, enrolment_id) \
                   VALUES ('k-8', 'enrol 9 ann', 't', 9999999999999, 9999999999000, 'ann', NULL)";
    app.database.execute(running).await.unwrap();
    app.idle().await;
    assert_eq!(erase(&app, "ann").await.status, 204);
    let left = app.database.rows("SELECT idempotency_key FROM idempotency ORDER BY idempotency_key").await.unwrap();
    assert_eq!(left.concat(), ["k-6"], "bob's own");
    // A repeat is a new request.
    assert_eq!(app.call_with_key("k-1", "POST", "", &new).await.status, 201);
}

/// Adds `number` enrolments of the user, every third deleted, among those of others.
async fn many(app: &TestApp, number: i64) {
    let users = |user: &dyn Fn(i64) -> String, from: i64| {
        let rows: Vec<_> = (from..from + number)
            .map(|id| format!("({id}, '{}', {id}, 'ACTIVE', 'PENDING', 'why')", user(id)))
            .collect();
        rows.join(",")
    };
    let columns = "id, user_id, course_id, status, payment_status, reason";
    let ann = |_: i64| "ann".to_owned();
    let other = |id: i64| format!("user-{id}");
    for rows in [users(&ann, 1), users(&other, number + 1)] {
        app.database.execute(&format!("INSERT INTO enrolments ({columns}) VALUES {rows}")).await.unwrap();
    }
    for insert in [
        "events (enrolment_id, kind, occurred_at, user_id, course_id, status, payment_status) \
         SELECT id, 'enrolment.created', 1, user_id, course_id, status, payment_status FROM enrolments",
        "outbox (job_key, enrolment_id, kind, payload, payload_version, state, attempts, due_at, created_at) \
         SELECT id, id, 'enrolment_email', '{\"ann\":1}', 1, 'due', 1, 9999999999999, 1 FROM enrolments",
        "idempotency (idempotency_key, request, lease_until, created_at, enrolment_id) \
         SELECT id, 'cancel', 1, 9999999999999, id FROM enrolments",
        "resolutions (enrolment_id, kind, note, settled_at) SELECT id, 'invoice', 'of ann', 1 FROM enrolments",
    ] {
        app.database.execute(&format!("INSERT INTO {insert}")).await.unwrap();
    }
    app.database.execute("DELETE FROM enrolments WHERE id % 3 = 0").await.unwrap();
    if matches!(app.database, TestDatabase::MariaDb { .. }) {
        app.database.execute("ANALYZE TABLE enrolments, events, outbox, idempotency, resolutions").await.unwrap();
    }
}

/// The rows of the user in each table.
async fn left(app: &TestApp) -> Vec<i64> {
    let mut left = Vec::new();
    for sql in [
        "enrolments WHERE user_id = 'ann'",
        "events WHERE user_id = 'ann'",
        "outbox WHERE enrolment_id <= 1500 AND payload <> '{}'",
        "idempotency WHERE enrolment_id <= 1500",
        "resolutions WHERE enrolment_id <= 1500 AND note <> ''",
    ] {
        left.push(app.value(&format!("SELECT COUNT(*) FROM {sql}")).await.parse().unwrap());
    }
    left
}

async fn thousands_of_rows_are_erased_in_steps(app: TestApp) {
    many(&app, 1500).await;
    assert_eq!(left(&app).await, [1000, 1500, 1500, 1500, 1500]);
    let break_at = match app.database {
        TestDatabase::Sqlite(_) => {
            "CREATE TRIGGER crash BEFORE UPDATE ON enrolments WHEN OLD.id = 700 BEGIN SELECT RAISE(ABORT, 'crash'); END"
        }
        TestDatabase::MariaDb { .. } => {
            "CREATE TRIGGER crash BEFORE UPDATE ON enrolments FOR EACH ROW \
             IF OLD.id = 700 THEN SIGNAL SQLSTATE '45000'; END IF"
        }
    };
    app.database.execute(break_at).await.unwrap();
    let answer = erase(&app, "ann").await;
    assert_eq!((answer.status, answer.error().as_str()), (503, "service_unavailable"));
    let half = left(&app).await;
    assert!(half[0] > 500 && half[0] < 600, "{half:?}");
    // Each enrolment is erased as a whole.
    let torn = "SELECT COUNT(*) FROM enrolments JOIN events ON events.enrolment_id = enrolments.id \
                WHERE (enrolments.user_id = 'ann') <> (events.user_id = 'ann')";
    assert_eq!(app.value(torn).await, "0");
    app.database.execute("DROP TRIGGER crash").await.unwrap();
    app.take_invocations().await;
    assert_eq!(erase(&app, "ann").await.status, 204);
    assert_eq!(left(&app).await, [0; 5]);
    assert_eq!(app.value("SELECT COUNT(DISTINCT user_id) FROM events WHERE enrolment_id <= 1500").await, "2");
    assert_eq!(app.count("outbox WHERE payload <> '{}'").await, 1500, "the others'");
    assert_eq!(app.count("resolutions WHERE note <> ''").await, 1500);
    let run = app.take_invocations().await.remove(0);
    let ends = |sql: &&String| *sql == "COMMIT" || sql.starts_with("SET SESSION autocommit");
    assert!(run.statements.iter().filter(ends).count() > 40, "in bounded steps");
}

async fn rows_are_found_by_index(app: TestApp) {
    many(&app, 1500).await;
    let new = json!({"course_id": 9999, "user_id": "ann"});
    assert_eq!(app.call_with_key("k", "POST", "", &new).await.status, 201);
    app.idle().await;
    app.take_invocations().await;
    assert_eq!(erase(&app, "ann").await.status, 204);
    let run = app.take_invocations().await.remove(0);
    let mut statements: Vec<_> = run.statements.iter().collect();
    statements.sort();
    statements.dedup();
    let mut explained = 0;
    for statement in statements {
        if ["SELECT", "UPDATE", "DELETE", "/*M!"].iter().any(|word| statement.starts_with(word)) {
            explained += usize::from(crate::plans::reads_no_whole_table(&app, statement).await);
        }
    }
    assert!(explained >= 11, "{explained}");
}
