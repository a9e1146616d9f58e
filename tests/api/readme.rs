//! The commands of README.md, one after the other.

use serde_json::{Value, json};
use tests::{Answer, TestApp};

crate::cases![every_command_does_what_it_says];

/// The arguments of each `curl` below "## Try".
fn commands() -> Vec<Vec<String>> {
    let readme = std::fs::read_to_string(tests::root().join("README.md")).unwrap();
    let part = readme.split("\n## ").find(|part| part.starts_with("Try\n")).unwrap();
    let lines: Vec<_> = part.lines().filter_map(|line| line.strip_prefix("    ")).collect();
    lines.join("\n").split("\ncurl ").skip(1).map(arguments).collect()
}

/// As a shell splits them.
fn arguments(command: &str) -> Vec<String> {
    let mut arguments = vec![String::new()];
    let mut quote = None;
    for sign in command.chars() {
        match (quote, sign) {
            (None, '"' | '\'') => quote = Some(sign),
            (None, ' ' | '\n') => arguments.push(String::new()),
            (Some(open), _) if open == sign => quote = None,
            _ => arguments.last_mut().unwrap().push(sign),
        }
    }
    arguments
}

async fn run(app: &TestApp, arguments: &[String]) -> Answer {
    let path = arguments.iter().find_map(|own| own.strip_prefix("$BASE")).unwrap();
    let after = |name: &str| arguments.iter().skip_while(|own| *own != name).nth(1);
    match after("--json") {
        Some(body) => {
            let method = after("-X").map_or("POST", String::as_str);
            app.call_json(method, path, &serde_json::from_str(body).unwrap()).await
        }
        None => app.get(path).await,
    }
}

async fn every_command_does_what_it_says(app: TestApp) {
    let statuses = [201, 200, 200, 200, 200, 200, 201, 200, 201, 409, 201, 200, 200];
    let commands = commands();
    let mut answers = Vec::new();
    for command in &commands {
        answers.push(run(&app, command).await);
        app.idle().await;
    }
    let found: Vec<_> = answers.iter().map(|answer| answer.status).collect();
    assert_eq!(found, statuses, "{commands:#?}");
    assert!(answers[2].json()["invoice_url"].is_string(), "{}", answers[2].text);
    let documents = answers[4].json()["documents"].clone();
    assert_eq!((&documents[0]["kind"], &documents[0]["gross"]), (&json!("invoice"), &json!("149.00")));
    assert_eq!(documents[1]["kind"], "correction");
    // A company waits for the KSeF number.
    assert_eq!(
        (&answers[7].json()["payment_status"], &answers[7].json()["invoice_url"]),
        (&json!("paid"), &Value::Null)
    );
    assert_eq!(answers[9].error(), "course_full");
    let offered = answers[12].json();
    assert_eq!(
        (&offered["user_id"], &offered["status"], &offered["course_id"]),
        (&json!("bob"), &json!("active"), &json!(11))
    );
    let until: chrono::DateTime<chrono::Utc> = offered["pay_until"].as_str().unwrap().parse().unwrap();
    assert_eq!((until - chrono::Utc::now() + chrono::TimeDelta::minutes(1)).num_days(), 2);
}
