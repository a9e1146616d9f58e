//! `GET /`: enrolments by filters.

use serde_json::{Value, json};
use tests::{TestApp, TestDatabase};

crate::cases![
    rows_are_ordered_by_id,
    filters_can_be_combined,
    pages_have_every_row,
    a_page_of_rare_matches_may_be_short,
    faulty_filters_are_named,
    user_ids_are_compared_byte_for_byte,
    a_user_id_that_the_table_cannot_hold_has_no_rows on MariaDb,
    a_list_walks_an_index,
    a_thousand_rows_take_flat_memory,
];

const STATUSES: [&str; 3] = ["active", "canceled", "completed"];
const PAYMENTS: [&str; 3] = ["pending", "paid", "failed"];

/// A page: its ids and `next`.
async fn page(app: &TestApp, query: &str) -> (Vec<i64>, Value) {
    let answer = app.get(&format!("?{query}")).await;
    assert_eq!(answer.status, 200, "{query}: {}", answer.text);
    assert_eq!(answer.json().as_object().unwrap().len(), 2);
    let ids = answer.enrolments().iter().map(|enrolment| enrolment["id"].as_i64().unwrap()).collect();
    (ids, answer.json()["next"].clone())
}

/// All pages, one after the other.
async fn whole(app: &TestApp, query: &str) -> Vec<i64> {
    let (mut all, mut after) = (Vec::new(), 0);
    loop {
        let (ids, next) = page(app, &format!("{query}&after={after}")).await;
        assert!(ids.iter().all(|id| *id > after), "{query} {after}: {ids:?}");
        all.extend(ids);
        match next.as_i64() {
            Some(next) => after = next,
            None => return all,
        }
    }
}

/// Adds two users in two courses: canceled and other enrolments, with every payment state.
async fn fill(app: &TestApp) -> Vec<Value> {
    let mut rows = Vec::new();
    for user in ["ann", "bob", "eve"] {
        for course in 1..=2 {
            for payment in PAYMENTS {
                rows.push((user, course, "canceled", payment));
            }
        }
    }
    let open = STATUSES.into_iter().filter(|status| *status != "canceled").cycle();
    let who = ["ann", "bob", "eve"].into_iter().flat_map(|user| [(user, 1), (user, 2)]);
    rows.extend(
        who.zip(open)
            .zip(PAYMENTS.into_iter().cycle())
            .map(|(((user, course), status), payment)| (user, course, status, payment)),
    );
    let values: Vec<_> = rows
        .iter()
        .map(|(user, course, status, payment)| {
            format!("('{user}', {course}, '{}', '{}')", status.to_uppercase(), payment.to_uppercase())
        })
        .collect();
    let insert = "INSERT INTO enrolments (user_id, course_id, status, payment_status) VALUES ";
    app.database.execute(&format!("{insert}{}", values.join(","))).await.unwrap();
    (1..)
        .zip(rows)
        .map(|(id, (user, course, status, payment))| {
            json!({"id": id, "user_id": user, "course_id": course, "status": status, "payment_status": payment,
                "invoice_url": null})
        })
        .collect()
}

async fn rows_are_ordered_by_id(app: TestApp) {
    assert_eq!(app.get("").await.text, r#"{"enrolments":[],"next":null}"#);
    assert_eq!(app.get("/").await.text, r#"{"enrolments":[],"next":null}"#);
    let rows = fill(&app).await;
    for path in ["", "/", "?"] {
        let answer = app.get(path).await;
        assert_eq!((answer.status, answer.header("content-type")), (200, "application/json"));
        assert_eq!(answer.json(), json!({"enrolments": rows, "next": null}));
    }
    let head = app.call("HEAD", "").await;
    assert_eq!((head.status, head.text.as_str()), (200, ""));
    let answer = app.call("DELETE", "").await;
    assert_eq!((answer.status, answer.header("allow")), (405, "POST, GET, HEAD, OPTIONS"));
}

async fn filters_can_be_combined(app: TestApp) {
    let rows = fill(&app).await;
    let some = |values: &[&'static str]| -> Vec<Option<&'static str>> {
        [None].into_iter().chain(values.iter().copied().map(Some)).collect()
    };
    let mut asked = 0;
    for user in some(&["ann", "unknown"]) {
        for course in some(&["1", "3"]) {
            for status in some(&STATUSES) {
                for payment in some(&PAYMENTS) {
                    let given =
                        [("user_id", user), ("course_id", course), ("status", status), ("payment_status", payment)];
                    let given: Vec<_> = given.into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
                    let is_wanted = |row: &&Value| {
                        given.iter().all(|(name, value)| row[*name].to_string().trim_matches('"') == *value)
                    };
                    let wanted: Vec<_> = rows.iter().filter(is_wanted).map(|row| row["id"].as_i64().unwrap()).collect();
                    let query: Vec<_> = given.iter().map(|(name, value)| format!("{name}={value}")).collect();
                    let query = query.join("&");
                    assert_eq!(page(&app, &query).await, (wanted.clone(), Value::Null), "{query}");
                    for limit in [1, 2] {
                        assert_eq!(whole(&app, &format!("{query}&limit={limit}")).await, wanted, "{query} {limit}");
                    }
                    asked += 1;
                }
            }
        }
    }
    assert_eq!(asked, 3 * 3 * 4 * 4);
}

async fn pages_have_every_row(app: TestApp) {
    crate::expired::insert_rows(&app, 250, "NULL").await;
    let (first, next) = page(&app, "").await;
    assert_eq!((first.len(), next), (100, json!(100)));
    let (last, next) = page(&app, "after=200").await;
    assert_eq!((last.len(), next), (50, Value::Null));
    assert_eq!(page(&app, "limit=2&after=7").await, (vec![8, 9], json!(9)));
    // The last page has no `next`.
    assert_eq!(page(&app, "limit=5&after=245").await, ((246..=250).collect(), Value::Null));
    assert_eq!(page(&app, "limit=1000&after=2147483647").await, (vec![], Value::Null));
    assert_eq!(whole(&app, "limit=7&status=active").await, (1..=250).collect::<Vec<_>>());
}

/// A request reads a bounded number of rows; the pages together have every match.
async fn a_page_of_rare_matches_may_be_short(app: TestApp) {
    crate::expired::insert_rows(&app, 2500, "NULL").await;
    app.database.execute("UPDATE enrolments SET payment_status = 'PAID' WHERE id IN (900, 2400)").await.unwrap();
    let query = "status=active&payment_status=paid";
    let (ids, next) = page(&app, query).await;
    assert_eq!(ids, [900]);
    let next = next.as_i64().unwrap();
    assert!((900..2400).contains(&next), "{next}");
    assert_eq!(whole(&app, query).await, [900, 2400]);
    // A page without a match has a `next`, too.
    for (query, steps) in [("course_id=1&payment_status=failed", 3), ("status=active&payment_status=failed", 3)] {
        let (mut after, mut taken) = (json!(0), 0);
        while !after.is_null() {
            let (ids, next) = page(&app, &format!("{query}&after={after}")).await;
            assert!(ids.is_empty(), "{query}: {ids:?}");
            (after, taken) = (next, taken + 1);
        }
        assert_eq!(taken, steps, "{query}");
    }
    assert_eq!(whole(&app, "payment_status=paid&limit=1").await, [900, 2400]);
}

async fn faulty_filters_are_named(app: TestApp) {
    app.take_invocations().await;
    let long = format!("user_id={}", "a".repeat(65));
    for (query, name, kind) in [
        ("user_id=", "user_id", "string_value"),
        ("user_id=+", "user_id", "string_value"),
        ("user_id=%00", "user_id", "string_value"),
        (long.as_str(), "user_id", "string_value"),
        ("course_id=", "course_id", "int_range"),
        ("course_id=0", "course_id", "int_range"),
        ("course_id=-1", "course_id", "int_range"),
        ("course_id=1.5", "course_id", "int_range"),
        ("course_id=2147483648", "course_id", "int_range"),
        ("status=", "status", "enum"),
        ("status=ACTIVE", "status", "enum"),
        ("status=refunded", "status", "enum"),
        ("payment_status=", "payment_status", "enum"),
        ("payment_status=refunded", "payment_status", "enum"),
        ("limit=0", "limit", "int_range"),
        ("limit=1001", "limit", "int_range"),
        ("limit=x", "limit", "int_range"),
        ("limit=", "limit", "int_range"),
        ("after=-1", "after", "int_range"),
        ("after=2147483648", "after", "int_range"),
        ("after=", "after", "int_range"),
        ("user_id=a&status=paid", "status", "enum"),
        ("status=active&status=active", "status", "duplicate"),
        ("user_id=a&user_id=b", "user_id", "duplicate"),
    ] {
        let answer = app.get(&format!("?{query}")).await;
        assert_eq!((answer.status, answer.error().as_str()), (400, "validation_error"), "{query}");
        let details = &answer.json()["details"];
        assert_eq!((&details[0]["loc"], &details[0]["type"]), (&json!([name]), &json!(kind)), "{query}");
    }
    assert!(app.take_invocations().await.iter().all(|run| run.connections == 0));
    for query in ["limit=1", "limit=1000", "after=0", "after=2147483647", "course_id=2147483647"] {
        assert_eq!(page(&app, query).await, (vec![], Value::Null));
    }
}

async fn user_ids_are_compared_byte_for_byte(app: TestApp) {
    for (id, user) in (1..).zip(["alice", "ALICE", "alice ", "żółw 🐢", "zolw 🐢", "x' OR '1'='1"]) {
        assert_eq!(app.enrolled(user, 1).await, id);
        let encoded: String = user.bytes().map(|byte| format!("%{byte:02X}")).collect();
        assert_eq!(page(&app, &format!("user_id={encoded}")).await, (vec![id], Value::Null), "{user}");
    }
    for other in ["Alice", "+alice", "%C5%BC%C3%B3%C5%82w", "%25", "alic_"] {
        assert_eq!(page(&app, &format!("user_id={other}")).await, (vec![], Value::Null), "{other}");
    }
}

/// A table of the Flask service: another character set that ignores case.
async fn a_user_id_that_the_table_cannot_hold_has_no_rows(app: TestApp) {
    let narrow =
        "ALTER TABLE enrolments MODIFY user_id VARCHAR(64) CHARACTER SET latin1 COLLATE latin1_swedish_ci NOT NULL";
    app.database.execute(narrow).await.unwrap();
    app.enrolled("alice", 1).await;
    for other in ["ALICE", "%F0%9F%90%A2", "Za%C5%BC%C3%B3%C5%82%C4%87"] {
        for query in ["", "&status=active", "&course_id=1&payment_status=pending"] {
            let query = format!("user_id={other}{query}");
            assert_eq!(page(&app, &query).await, (vec![], Value::Null), "{query}");
        }
    }
    assert_eq!(page(&app, "user_id=alice").await, (vec![1], Value::Null));
}

/// With many rows: each list is one walk along an index, in full as well.
async fn a_list_walks_an_index(app: TestApp) {
    crate::expired::insert_rows(&app, 3000, "NULL").await;
    let connecting = usize::from(matches!(app.database, TestDatabase::Sqlite(_)));
    for (query, values, index) in [
        ("", &[][..], "PRIMARY"),
        ("user_id=a", &["a"], "ix_enrolments_user_id"),
        ("user_id=a&course_id=1&status=active&payment_status=paid", &["a"], "ix_enrolments_user_id"),
        ("user_id=a&status=active", &["a"], "ix_enrolments_user_id"),
        ("user_id=a&payment_status=paid", &["a"], "ix_enrolments_user_id"),
        ("course_id=1", &["1"], "ix_enrolments_course_id"),
        ("course_id=1&status=active", &["1", "ACTIVE"], "ix_enrolments_course_status"),
        ("course_id=1&payment_status=paid", &["1"], "ix_enrolments_course_id"),
        ("course_id=1&status=active&payment_status=paid", &["1", "ACTIVE"], "ix_enrolments_course_status"),
        ("status=active", &["ACTIVE"], "ix_enrolments_active"),
        ("status=canceled&payment_status=paid", &["CANCELED"], "ix_enrolments_active"),
        ("payment_status=paid", &["PAID"], "ix_enrolments_payment"),
        ("reference=ORDER", &["ORDER"], "ix_enrolments_reference"),
        ("reference=ORDER&user_id=a&status=active", &["ORDER"], "ix_enrolments_reference"),
    ] {
        for view in ["", "&view=full"] {
            app.take_invocations().await;
            page(&app, &format!("{query}&limit=10&after=1500{view}")).await;
            let run = app.take_invocations().await.remove(0);
            // Where nothing on the way is wanted, the walk has a second step.
            let steps = 1 + usize::from(query.starts_with("course_id=1&") && query.ends_with("payment_status=paid"));
            assert_eq!(
                (run.connections, run.statements.len()),
                (1, steps + connecting),
                "{query}: {:?}",
                run.statements
            );
            assert_eq!((run.component.as_str(), run.outbound_calls.len()), ("enrolments", 0));
            let statement = run.statements.last().unwrap();
            for (after, limit) in [("0", "11"), ("1500", "1001")] {
                let values = [values, &[after, limit]].concat();
                crate::plans::walks(&app, statement, &values, index).await;
            }
        }
    }
}

async fn a_thousand_rows_take_flat_memory(app: TestApp) {
    crate::expired::insert_rows(&app, 1500, "NULL").await;
    app.take_invocations().await;
    assert_eq!(page(&app, "limit=1000&course_id=1&payment_status=pending").await.0.len(), 1000);
    let run = app.take_invocations().await.remove(0);
    assert!(run.peak_memory < 8 << 20, "{} bytes", run.peak_memory);
}
