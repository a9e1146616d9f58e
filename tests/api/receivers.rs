//! The receivers in `tests/receivers`, run with the libraries of Standard Webhooks.

use crate::webhooks_outages::COMPONENTS;
use host::App;
use reqwest::Client;
use serde_json::{Value, json};
use std::fs::File;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tests::TestApp;

crate::cases![the_receiver_in_python, the_receiver_in_typescript, the_receiver_in_typescript_has_no_type_error on Sqlite];

const SECRET: &str = sandbox::webhooks::SECRET;
const OTHER_SECRET: &str = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

async fn the_receiver_in_python(app: TestApp) {
    let folder = folder();
    let mut python = Command::new(tests::root().join("target/python-clients/bin/python3"));
    python.arg(folder.path().join("receiver.py"));
    receives(&app, Receiver::start(python, folder)).await;
}

async fn the_receiver_in_typescript(app: TestApp) {
    let folder = folder();
    let mut node = node();
    node.arg(folder.path().join("receiver.ts"));
    receives(&app, Receiver::start(node, folder)).await;
}

async fn the_receiver_in_typescript_has_no_type_error(_: TestApp) {
    let folder = folder();
    let options = ["--noEmit", "--strict", "--target", "esnext", "--module", "nodenext", "--types", "node"];
    let checked = node()
        .arg("node_modules/typescript/bin/tsc")
        .args(options)
        .arg("receiver.ts")
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stdout));
}

/// Every event arrives once. A test event is accepted, and refused with another secret.
async fn receives(app: &TestApp, receiver: Receiver) {
    let service = service(app, &receiver, SECRET).await;
    let id = app.paid("ann", 1).await;
    service.run_cron("delivery-cron").await.unwrap();
    let events = app.events().await;
    let mut expected = Vec::new();
    for event in &events {
        let occurred_at = event["occurred_at"].as_str().unwrap().parse::<chrono::DateTime<chrono::Utc>>().unwrap();
        let (number, kind) = (&event["id"], event["type"].as_str().unwrap());
        expected.push(format!("event_{number}_{} {kind} {number}", occurred_at.timestamp_millis()));
        if kind == "enrolment.paid" {
            expected.push("open course 1 to ann".to_owned());
        }
    }
    assert_eq!((app.history(id).await, receiver.lines()), (words(["created", "paid", "invoiced"]), expected.clone()));

    // As if the answer to it was lost.
    let again = r#"UPDATE outbox SET state = 'due', due_at = 1, payload = '{"event_id": 2}' WHERE job_key = 'event:2'"#;
    app.database.execute(again).await.unwrap();
    service.run_cron("delivery-cron").await.unwrap();
    expected.push(expected[1].clone());
    assert_eq!(receiver.lines(), expected, "it changes nothing again");

    let tested = test(&service).await;
    assert_eq!((&tested["delivered"], &tested["status"], &tested["reason"]), (&json!(true), &json!(204), &json!(null)));
    let line = receiver.lines().pop().unwrap();
    assert!(line.starts_with("test_") && line.ends_with(" test -"), "{line}");
    let lines = receiver.lines();

    let tested = test(&self::service(app, &receiver, OTHER_SECRET).await).await;
    let refused = (&json!(false), &json!(401), &json!("event_not_taken"));
    assert_eq!((&tested["delivered"], &tested["status"], &tested["reason"]), refused);
    assert_eq!(receiver.lines(), lines);
}

fn words<const N: usize>(words: [&str; N]) -> Vec<String> {
    words.map(str::to_owned).to_vec()
}

/// The same service with this receiver.
async fn service(app: &TestApp, receiver: &Receiver, secret: &str) -> App {
    let origin = format!("http://127.0.0.1:{}", receiver.port);
    let own =
        [("events_secret", secret.to_owned()), ("events_url", origin)].map(|(name, value)| (name.to_owned(), value));
    app.start_beside_with(&COMPONENTS, app.variables().into_iter().chain(own).collect()).await.expect("it starts")
}

async fn test(service: &App) -> Value {
    let url = format!("http://{}/api/enrolment/events/test", service.address());
    let answer = Client::new().post(url).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    answer.json().await.unwrap()
}

fn node() -> Command {
    Command::new(tests::root().join("target/node/bin/node"))
}

/// A folder with the receivers and the packages from npm. A receiver finds them beside itself.
fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for file in ["receiver.py", "receiver.ts"] {
        std::fs::copy(tests::root().join("tests/receivers").join(file), folder.path().join(file)).unwrap();
    }
    let packages = tests::root().join("target/typescript-clients/node_modules");
    std::os::unix::fs::symlink(packages, folder.path().join("node_modules")).unwrap();
    folder
}

/// A running receiver.
struct Receiver {
    program: Child,
    port: u16,
    folder: TempDir,
}

impl Receiver {
    fn start(mut command: Command, folder: TempDir) -> Self {
        let port = tests::free_port().unwrap();
        let output = |name| File::create(folder.path().join(name)).unwrap();
        command.arg(port.to_string()).env("SECRET", SECRET).stdin(Stdio::null());
        let program =
            command.stdout(output("lines")).stderr(output("errors")).spawn().expect("`make test` installs it");
        let receiver = Self { program, port, folder };
        let began = Instant::now();
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(began.elapsed() < Duration::from_secs(30), "{}", receiver.read("errors"));
            std::thread::yield_now();
        }
        receiver
    }

    /// What it wrote. It writes before it answers.
    fn lines(&self) -> Vec<String> {
        self.read("lines").lines().map(str::to_owned).collect()
    }

    fn read(&self, file: &str) -> String {
        std::fs::read_to_string(self.folder.path().join(file)).unwrap()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        let _ = self.program.kill();
        let _ = self.program.wait();
    }
}
