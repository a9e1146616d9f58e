//! `POST /deliveries/{id}/resolution`: refusals, and resolutions during a run.

use crate::refunded::pending_jobs;
use crate::resolution::{PAGE, dead, refused, resolutions, settle};
use futures::future::join;
use sandbox::Target;
use serde_json::json;
use tests::TestApp;

crate::cases![
    leased_and_done_jobs_are_not_resolved,
    a_job_of_a_later_release_is_not_resolved,
    every_fault_is_named,
    a_run_or_a_resolution_wins,
];

async fn leased_and_done_jobs_are_not_resolved(app: TestApp) {
    let id = refused(&app, "ann").await;
    let job = dead(&app).await;
    let held =
        format!("UPDATE outbox SET state = 'due', lease_token = 'held', due_at = 9999999999999 WHERE id = {job}");
    app.database.execute(&held).await.unwrap();
    let body = json!({"note": "made", "url": PAGE});
    let answer = settle(&app, job, &body).await;
    assert_eq!((answer.status, answer.error().as_str(), answer.header("retry-after")), (409, "being_delivered", "5"));
    // A done job and unknown ids.
    let answer = settle(&app, 1, &body).await;
    assert_eq!((answer.status, answer.error().as_str()), (409, "already_settled"), "it was delivered");
    for unknown in ["77", "0", "x", "01"] {
        let path = format!("/deliveries/{unknown}/resolution");
        let answer = app.call_json("POST", &path, &body).await;
        assert_eq!((answer.status, answer.error().as_str()), (404, "not_found"), "{unknown}");
    }
    assert_eq!(app.get(&format!("/deliveries/{job}/resolution")).await.header("allow"), "POST, OPTIONS");
    assert!(resolutions(&app, id).await.is_empty() && app.documents(id).await.is_empty());
    assert_eq!(app.value(&format!("SELECT lease_token FROM outbox WHERE id = {job}")).await, "held");
}

async fn a_job_of_a_later_release_is_not_resolved(app: TestApp) {
    let columns = "id, job_key, enrolment_id, kind, payload, payload_version, state, attempts, due_at, created_at";
    let rows = r#"(1, 'later:1', 1, 'later', '{"id":1}', 1, 'due', 0, 1, 1),
                  (2, 'invoice:1', 1, 'invoice', '{"of":"tomorrow"}', 99, 'due', 0, 1, 1)"#;
    app.database.execute(&format!("INSERT INTO outbox ({columns}) VALUES {rows}")).await.unwrap();
    for job in [1, 2] {
        let answer = settle(&app, job, &json!({"note": "made"})).await;
        assert_eq!((answer.status, answer.error().as_str()), (409, "conflict"));
    }
    assert_eq!(app.count("outbox WHERE state = 'due'").await, 2);
}

async fn every_fault_is_named(app: TestApp) {
    refused(&app, "ann").await;
    let job = dead(&app).await;
    let (long, number, url) = ("ż".repeat(501), "7".repeat(65), format!("https://a.example/{}", "x".repeat(495)));
    for (body, fields) in [
        (json!({}), json!([["note"]])),
        (json!({"note": null}), json!([["note"]])),
        (json!({"note": " \n "}), json!([["note"]])),
        (json!({"note": "a\tb"}), json!([["note"]])),
        (json!({"note": long}), json!([["note"]])),
        (json!({"note": 5, "number": "", "url": "javascript:alert(1)"}), json!([["note"], ["number"], ["url"]])),
        (json!({"note": "made", "number": number, "url": url}), json!([["number"], ["url"]])),
        (json!({"note": "made", "number": "a\nb"}), json!([["number"]])),
        (json!({"note": "made", "url": null}), json!([["url"]])),
        (json!([]), json!([[]])),
    ] {
        let answer = settle(&app, job, &body).await;
        assert_eq!((answer.status, answer.error().as_str()), (400, "validation_error"), "{body}");
        let details = answer.json()["details"].as_array().cloned().unwrap();
        let named: Vec<_> = details.iter().map(|detail| detail["loc"].clone()).collect();
        assert_eq!(json!(named), fields, "{body}");
    }
    let path = format!("/deliveries/{job}/resolution");
    let form = app.request("POST".parse().unwrap(), &path).body("{\"note\": \"made\"}");
    assert_eq!(app.send(form).await.status, 415);
    let most = json!({"note": "ż".repeat(500), "number": "7".repeat(64), "url": &url[..512]});
    assert_eq!(settle(&app, job, &most).await.status, 200);
}

/// At different moments of the run.
async fn a_run_or_a_resolution_wins(app: TestApp) {
    const ROUNDS: usize = 100;
    let mut settled = 0;
    for round in 0..ROUNDS {
        let user = format!("user-{round}");
        let id = refused(&app, &user).await;
        let job = dead(&app).await;
        assert_eq!(app.call("POST", &format!("/deliveries/{job}/retry")).await.status, 200);
        let body = json!({"note": "made", "number": format!("hand-{round}"), "url": PAGE});
        let by_hand = async {
            let before = app.sandbox.state().calls.of(Target::InvoicesCreate);
            if round % 3 == 1 {
                // During the request for the invoice.
                let asked = |state: &sandbox::Snapshot| state.calls.of(Target::InvoicesCreate) > before;
                app.sandbox.wait_until(asked, std::time::Duration::from_secs(10)).await;
            } else {
                for _ in 0..round * 3 {
                    tokio::task::yield_now().await;
                }
            }
            app.call_json("POST", &format!("/deliveries/{job}/resolution"), &body).await
        };
        let run = async {
            for _ in 0..(ROUNDS - round) / 4 {
                tokio::task::yield_now().await;
            }
            app.call("POST", "/deliveries").await
        };
        let (answer, run) = join(by_hand, run).await;
        app.idle().await;
        assert_eq!(run.status, 200);
        let documents = app.documents(id).await;
        assert_eq!(documents.len(), 1, "round {round}");
        let won = documents[0]["number"] == body["number"];
        let error = answer.error();
        assert!(won == (answer.status == 200), "round {round}: {} {documents:?}", answer.text);
        assert!(won || ["being_delivered", "already_settled"].contains(&error.as_str()), "round {round}: {error}");
        assert_eq!(resolutions(&app, id).await.len(), usize::from(won), "round {round}");
        let issued = app.sandbox.state().invoices.iter().filter(|invoice| invoice["buyer_last_name"] == *user).count();
        assert_eq!(issued, usize::from(!won), "round {round}");
        app.cron("delivery-cron").await;
        let subjects = app.subjects(&user);
        assert_eq!(subjects, ["Course enrolment confirmation", "Your course payment confirmation"], "round {round}");
        settled += usize::from(won);
    }
    assert!(0 < settled && settled < ROUNDS, "{settled} of {ROUNDS}");
    assert_eq!(pending_jobs(&app).await, json!([]));
}
