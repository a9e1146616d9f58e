//! The alerts and the dashboard of `deploy/`.

use domain::jobs::Kind;
use domain::jobs::outbox::{Backlog, PendingJobs, State};
use domain::model::reason::ReasonCode;
use domain::model::totals::Totals;
use serde_json::Value;
use std::path::Path;
use std::process::Command;

fn read(file: &str) -> String {
    std::fs::read_to_string(tests::root().join(file)).unwrap()
}

/// The metrics of a service with a delivery that failed for every reason.
fn metrics() -> String {
    let now = "2026-06-01T12:00:00Z".parse().unwrap();
    let failed = |code: &ReasonCode| PendingJobs {
        kind: Kind::Invoice,
        state: State::Due,
        reason: Some(code.word().to_owned()),
        number: 1,
        oldest: now,
    };
    let backlog = Backlog { jobs: ReasonCode::ALL.iter().map(failed).collect(), ..Backlog::default() };
    let figures = api::Figures { faults: 0, newest: 0, backlog: &backlog, totals: &Totals::default() };
    String::from_utf8(api::metrics(figures, now).body.into_owned()).unwrap()
}

/// Checks that the service has the series and the labels of an expression.
fn assert_known(metrics: &str, expression: &str) {
    let names = expression.split(|c: char| !(c.is_ascii_alphabetic() || c == '_'));
    let names: Vec<_> = names.filter(|word| word.starts_with("enrolments_")).collect();
    assert!(!names.is_empty(), "{expression}");
    for name in names {
        let is_known = |kind| metrics.contains(&format!("# TYPE {name} {kind}\n"));
        assert!(is_known("gauge") || is_known("counter"), "{name} in {expression}");
    }
    // A pattern has several names.
    for label in expression.split('"').skip(1).step_by(2).flat_map(|labels| labels.split('|')) {
        assert!(metrics.contains(&format!("\"{label}\"")), "{label} in {expression}");
    }
}

fn rules() -> Vec<Value> {
    let rules: Value = serde_saphyr::from_str(&read("deploy/prometheus-rules.yaml")).unwrap();
    rules["groups"][0]["rules"].as_array().unwrap().clone()
}

/// The queries of the dashboard's panels.
fn queries() -> Vec<String> {
    let dashboard: Value = serde_json::from_str(&read("deploy/grafana-dashboard.json")).unwrap();
    let panels = dashboard["panels"].as_array().unwrap();
    let targets = panels.iter().flat_map(|panel| panel["targets"].as_array().unwrap());
    targets.map(|target| target["expr"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn alerts_and_the_dashboard_use_series_that_exist() {
    let metrics = metrics();
    for rule in rules() {
        assert_known(&metrics, rule["expr"].as_str().unwrap());
    }
    let queries = queries();
    assert!(queries.len() >= 10, "{queries:?}");
    queries.iter().for_each(|query| assert_known(&metrics, query));
}

fn promtool(arguments: &[&str], file: &Path) {
    let promtool = tests::root().join("target/promtool/usr/bin/promtool");
    let output = Command::new(promtool).args(arguments).arg(file).output().expect("./scripts/need-promtool");
    let (out, errors) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{arguments:?}: {out}{errors}");
}

#[test]
fn each_alert_is_raised_by_its_failure() {
    let tested = tests::root().join("deploy/prometheus-rules.test.yaml");
    promtool(&["test", "rules"], &tested);
    let text = read("deploy/prometheus-rules.test.yaml");
    for rule in rules() {
        let name = rule["alert"].as_str().unwrap();
        let (quoted, plain) = (format!("alertname=\"{name}\""), format!("alertname: {name}"));
        assert!(text.contains(&quoted) || text.contains(&plain), "{name} has no test");
    }
}

#[test]
fn prometheus_can_run_the_queries_of_the_dashboard() {
    let rules: Vec<_> = (1..)
        .zip(queries())
        .map(|(number, query)| serde_json::json!({"record": format!("panel:{number}"), "expr": query}))
        .collect();
    let rules = serde_json::json!({"groups": [{"name": "panels", "rules": rules}]});
    let folder = tempfile::tempdir().unwrap();
    // JSON is YAML.
    let file = folder.path().join("panels.yaml");
    std::fs::write(&file, rules.to_string()).unwrap();
    promtool(&["check", "rules"], &file);
}
