//! The commands of README.md, one after the other, in a shell: twice over against one database.

use serde_json::{Value, json};
use std::process::Stdio;
use tests::TestApp;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

crate::cases![every_command_does_what_it_says_twice_over];

/// The commands below "## Try".
fn commands() -> Vec<String> {
    let readme = std::fs::read_to_string(tests::root().join("README.md")).unwrap();
    let part = readme.split("\n## ").find(|part| part.starts_with("Try\n")).unwrap();
    let mut commands: Vec<String> = Vec::new();
    for line in part.lines().filter_map(|line| line.strip_prefix("    ")) {
        match line.strip_prefix(' ') {
            Some(rest) => commands.last_mut().unwrap().push_str(rest),
            None => commands.push(line.to_owned()),
        }
    }
    commands
}

/// A shell that runs one command after the other.
struct Shell {
    input: ChildStdin,
    output: Lines<BufReader<ChildStdout>>,
    _program: Child,
}

/// What a command printed.
struct Printed(String);

impl Printed {
    /// The status of the answer that `curl -i` printed; 0 without any.
    fn status(&self) -> u16 {
        let status = self.0.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.get(..3));
        status.map_or(0, |status| status.parse().unwrap())
    }

    /// The JSON in the last line.
    fn json(&self) -> Value {
        serde_json::from_str(self.0.lines().next_back().unwrap_or_default()).unwrap_or_default()
    }
}

impl Shell {
    fn start() -> Self {
        let mut command = Command::new("bash");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true);
        let mut program = command.spawn().unwrap();
        let (input, output) = (program.stdin.take().unwrap(), program.stdout.take().unwrap());
        Self { input, output: BufReader::new(output).lines(), _program: program }
    }

    /// Curl's progress is no output. An id is read from an answer on standard error.
    async fn run(&mut self, command: &str) -> Printed {
        let whole = command.replace("curl -i", "curl -s -i");
        self.input.write_all(format!("{{ {whole}\n}} 2>&1 </dev/null; echo; echo END\n").as_bytes()).await.unwrap();
        let mut lines = Vec::new();
        loop {
            let line = self.output.next_line().await.unwrap().unwrap();
            if line == "END" {
                return Printed(lines.join("\n").trim().to_owned());
            }
            lines.push(line);
        }
    }
}

async fn every_command_does_what_it_says_twice_over(app: TestApp) {
    for round in 1..=2 {
        walk(&app).await;
        let used = app.value("SELECT MAX(course_id) FROM enrolments").await;
        let second = || chrono::Utc::now().timestamp().to_string();
        while second() <= used {
            tokio::task::yield_now().await;
        }
        assert_eq!(app.count("enrolments").await, 4 * round);
    }
}

async fn walk(app: &TestApp) {
    let mut shell = Shell::start();
    let mut printed = Vec::new();
    for command in commands().iter().filter(|command| !command.is_empty()) {
        let command = command
            .replace("http://127.0.0.1:3000", &format!("http://{}", app.app.address()))
            .replace("http://127.0.0.1:3001", &app.sandbox.origin());
        let is_request = command.contains("curl ");
        let answer = shell.run(&command).await;
        app.idle().await;
        if is_request {
            printed.push(answer);
        } else {
            assert_eq!(answer.0, "", "{command}");
        }
    }
    let all = || printed.iter().map(|own| own.0.as_str()).collect::<Vec<_>>().join("\n\n");
    let statuses: Vec<_> = printed.iter().map(Printed::status).collect();
    assert_eq!(statuses, [0, 200, 200, 200, 200, 200, 0, 200, 204, 0, 409, 201, 200, 200], "{}", all());
    let answers: Vec<_> = printed.iter().map(Printed::json).collect();
    for created in [0, 6, 9] {
        assert_eq!(answers[created]["status"], "active", "{}", all());
    }
    assert!(answers[2]["invoice_url"].is_string(), "{}", all());
    let documents = &answers[4]["documents"];
    assert_eq!((&documents[0]["kind"], &documents[0]["gross"]), (&json!("invoice"), &json!("149.00")));
    assert_eq!(documents[1]["kind"], "correction");
    assert_eq!(answers[5]["enrolments"][0]["id"], answers[0]["id"]);
    // A company waits for the KSeF number.
    assert_eq!((&answers[7]["payment_status"], &answers[7]["invoice_url"]), (&json!("paid"), &Value::Null));
    assert_eq!(answers[10]["error"], "course_full");
    let offered = &answers[13]["enrolments"][0];
    assert_eq!((&offered["status"], &offered["course_id"]), (&json!("active"), &answers[9]["course_id"]));
    let until: chrono::DateTime<chrono::Utc> = offered["pay_until"].as_str().unwrap().parse().unwrap();
    assert_eq!((until - chrono::Utc::now() + chrono::TimeDelta::minutes(1)).num_days(), 2);
}
