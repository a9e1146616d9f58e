//! Every state of an enrolment, and the result of each request in it.

use serde_json::json;
use tests::{Answer, TestApp};

crate::cases![every_request_in_every_state];

const REQUESTS: [&str; 6] =
    ["PATCH /paid", "PATCH /canceled", "PATCH /failed", "PATCH /refunded", "PATCH /expired", "DELETE"];

const PAID: &str = "Enrolment already paid";
const CANCELED: &str = "Enrolment is canceled";
const COMPLETED: &str = "Enrolment is completed";
const NOT_PAID: &str = "Enrolment is not paid";
const REFUNDED: &str = "Enrolment already refunded";

/// For each state the result of each of [`REQUESTS`]: the next state, `same` if a request
/// about several enrolments leaves this one out, `gone`, or the message of a refusal.
const LIFE: [(&str, [&str; 6]); 11] = [
    ("ACTIVE PENDING", ["ACTIVE PAID", "CANCELED PENDING", "ACTIVE FAILED", NOT_PAID, "COMPLETED PENDING", "gone"]),
    ("ACTIVE FAILED", ["ACTIVE PAID", "CANCELED FAILED", "ACTIVE FAILED", NOT_PAID, "COMPLETED FAILED", "gone"]),
    ("ACTIVE PAID", [PAID, "CANCELED PAID", PAID, "CANCELED PAID refunded", "COMPLETED PAID", "gone"]),
    ("COMPLETED PENDING", ["COMPLETED PAID", COMPLETED, "COMPLETED FAILED", NOT_PAID, "same", "gone"]),
    ("COMPLETED FAILED", ["COMPLETED PAID", COMPLETED, "COMPLETED FAILED", NOT_PAID, "same", "gone"]),
    ("COMPLETED PAID", [PAID, COMPLETED, PAID, "COMPLETED PAID refunded", "same", "gone"]),
    ("COMPLETED PAID refunded", [PAID, COMPLETED, PAID, REFUNDED, "same", "gone"]),
    ("CANCELED PENDING", [CANCELED, CANCELED, CANCELED, NOT_PAID, "same", "gone"]),
    ("CANCELED FAILED", [CANCELED, CANCELED, CANCELED, NOT_PAID, "same", "gone"]),
    ("CANCELED PAID", [PAID, CANCELED, PAID, "CANCELED PAID refunded", "same", "gone"]),
    ("CANCELED PAID refunded", [PAID, CANCELED, PAID, REFUNDED, "same", "gone"]),
];

/// Adds a row in this state.
async fn insert(app: &TestApp, id: i64, state: &str) {
    let words: Vec<_> = state.split(' ').collect();
    let paid = if words[1] == "PAID" { "19999" } else { "NULL" };
    let refunded = if words.len() == 3 { "1000" } else { "NULL" };
    let columns = "id, user_id, course_id, status, payment_status, paid_hundredths, refunded_at, reason";
    let row = format!("{id}, 'user-{id}', 1, '{}', '{}', {paid}, {refunded}, 'before'", words[0], words[1]);
    // Without an end: a request about another row must not complete it.
    let sql = format!("INSERT INTO enrolments ({columns}, course_end_date) VALUES ({row}, NULL)");
    app.database.execute(&sql).await.unwrap();
}

/// The state of a row, `gone` if there is none, and its values.
async fn look(app: &TestApp, id: i64) -> (String, Vec<String>) {
    let columns = "status, payment_status, refunded_at, paid_hundredths, reason, user_id, course_id, updated_at";
    let row = app.database.rows(&format!("SELECT {columns} FROM enrolments WHERE id = {id}")).await.unwrap().concat();
    let state = match row.as_slice() {
        [status, payment, refunded, ..] if refunded == "null" => format!("{status} {payment}"),
        [status, payment, ..] => format!("{status} {payment} refunded"),
        _ => "gone".to_owned(),
    };
    (state, row)
}

async fn ask(app: &TestApp, request: &str, id: i64) -> Answer {
    match request {
        "DELETE" => app.call("DELETE", &format!("/{id}")).await,
        "PATCH /expired" => {
            let end = format!("UPDATE enrolments SET course_end_date = '2020-01-01 00:00:00' WHERE id = {id}");
            app.database.execute(&end).await.unwrap();
            app.call("PATCH", "/expired").await
        }
        patch => {
            let path = patch.strip_prefix("PATCH ").unwrap();
            app.call_json("PATCH", path, &json!({"enrolment_id": id})).await
        }
    }
}

async fn every_request_in_every_state(app: TestApp) {
    let mut id = 0;
    for (state, outcomes) in LIFE {
        for (request, outcome) in REQUESTS.into_iter().zip(outcomes) {
            let case = format!("{state}, {request}");
            id += 1;
            insert(&app, id, state).await;
            let (before, row) = look(&app, id).await;
            assert_eq!(before, state);
            let answer = ask(&app, request, id).await;
            let (after, row_after) = look(&app, id).await;
            app.idle().await;
            let jobs = app.value(&format!("SELECT COUNT(*) FROM outbox WHERE enrolment_id = {id}")).await;
            let refused = outcome.starts_with("Enrolment");
            if refused {
                assert_eq!((answer.status, answer.error().as_str()), (409, "conflict"), "{case}: {}", answer.text);
                assert_eq!(answer.json()["message"], outcome, "{case}");
            }
            if refused || outcome == "same" {
                assert_eq!((row_after, jobs.as_str()), (row, "0"), "{case}: nothing is written");
                assert!(refused || answer.enrolments().is_empty(), "{case}: {}", answer.text);
                continue;
            }
            assert_eq!(after, outcome, "{case}: {}", answer.text);
            let expected = match request {
                // The invoice and its mail; without an earlier one, a mail or a correction.
                "PATCH /paid" => "2",
                "PATCH /canceled" | "PATCH /refunded" => "1",
                _ => "0",
            };
            assert_eq!(jobs, expected, "{case}");
            if outcome == "gone" {
                assert_eq!((answer.status, answer.text.as_str()), (204, ""), "{case}");
                continue;
            }
            let shown = if request == "PATCH /expired" {
                assert_eq!(answer.enrolments().len(), 1, "{case}");
                answer.enrolments()[0].clone()
            } else {
                answer.json()
            };
            assert_eq!((answer.status, &shown), (200, &app.get(&format!("/{id}")).await.json()), "{case}");
            let words = format!("{} {}", shown["status"].as_str().unwrap(), shown["payment_status"].as_str().unwrap());
            assert!(outcome.to_lowercase().starts_with(&words), "{case}: {shown}");
        }
    }
    assert_eq!(id, 66);
}
