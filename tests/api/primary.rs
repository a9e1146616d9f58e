//! Decisions need the primary database; only reads for an answer may come from a replica,
//! which is some seconds behind. `deploy/scaling.md` has the rule.

use serde_json::json;
use std::collections::BTreeSet;
use tests::{ROUTES, TestApp};

crate::cases![only_reads_may_come_from_a_replica];

/// The statements that a proxy sends to a replica.
const MARK: &str = " /* replica */ ";

/// The statements since the last call.
async fn statements(app: &TestApp) -> BTreeSet<String> {
    app.take_invocations().await.into_iter().flat_map(|run| run.statements).collect()
}

async fn only_reads_may_come_from_a_replica(app: TestApp) {
    let id = app.enrolled("ann", 1).await;
    assert_eq!((app.pay(id).await.status, app.events().await.len()), (200, 3));
    statements(&app).await;
    let shown = [
        "".to_owned(),
        "?user_id=ann".to_owned(),
        "?status=active&course_id=1".to_owned(),
        "/active".to_owned(),
        "/active?limit=1".to_owned(),
        format!("/{id}"),
        format!("/{id}/details?user_id=ann"),
        format!("/{id}/documents"),
        format!("/{id}/history"),
    ];
    let mut replicas = BTreeSet::new();
    for path in &shown {
        assert_eq!(app.get(path).await.status, 200, "{path}");
        let marked: BTreeSet<_> = statements(&app).await.into_iter().filter(|sql| sql.contains(MARK)).collect();
        assert!(!marked.is_empty(), "{path}");
        replicas.extend(marked);
    }
    // All other routes, and refusals.
    let body = |id: i64| json!({"enrolment_id": id, "user_id": "ann"});
    let other = app.enrolled("ann", 2).await;
    for _ in 0..2 {
        for path in ["/paid", "/refunded", "/failed", "/canceled"] {
            for id in [id, other, 77] {
                app.call_with_key(&format!("{path}{id}"), "PATCH", path, &body(id)).await;
            }
        }
        app.call_with_key("k", "POST", "", &json!({"course_id": 4, "user_id": "ann"})).await;
    }
    app.sandbox.fault(sandbox::Target::InvoicesCreate, sandbox::Fault::status(422), Some(1));
    let refused = app.enrolled("bob", 1).await;
    app.pay(refused).await;
    app.idle().await;
    let job = app.value("SELECT id FROM outbox WHERE state = 'dead'").await.parse().unwrap();
    assert_eq!(crate::resolution::settle(&app, job, &json!({"note": "made", "number": "7"})).await.status, 200);
    for route in ROUTES.iter().filter(|route| route.method != "GET") {
        let path = route.pattern.replace("{id}", "1").replace("{user_id}", "ann");
        app.call(route.method, &path).await;
    }
    for component in ["delivery-cron", "expiry-cron"] {
        app.cron(component).await;
    }
    let decided = statements(&app).await;
    let behind: Vec<_> = decided.iter().filter(|sql| sql.contains(MARK)).collect();
    assert!(decided.len() > 40 && behind.is_empty(), "{behind:?}");
    assert!(decided.is_disjoint(&replicas));
}
