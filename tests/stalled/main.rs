//! Callers whose bodies stop, in such numbers that they could keep everybody else
//! out: a program of its own, for all that runs in one shares the engine's
//! instances.

use host::Runtime;
use libtest_mimic::{Arguments, Failed, Trial};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::process::ExitCode;
use std::time::{Duration, Instant};
use tests::{Database, Settings, TestApp};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

/// How many instances the engine has, as in Spin.
const INSTANCES: usize = 1000;

/// No answer takes so long on any machine.
const SOON: Duration = Duration::from_secs(30);

const HEAD: &str = "POST /api/enrolment HTTP/1.1\r\nhost: enrolments\r\ncontent-type: application/json\r\n";

fn main() -> ExitCode {
    let mut arguments = Arguments::from_args();
    // Each of them needs the whole engine.
    arguments.test_threads = Some(1);
    let trials = vec![
        Trial::test("nine_hundred_keep_nobody_out", || run(nine_hundred_keep_nobody_out)),
        Trial::test("eleven_hundred_keep_others_out_until_they_are_ended", || {
            run(eleven_hundred_keep_others_out_until_they_are_ended)
        }),
    ];
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn run(test: impl AsyncFnOnce(TestApp)) -> Result<(), Failed> {
    // Both ends of every connection are files of this process.
    let files = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: files.maximum, ..files })?;
    let runtime = Runtime::load(tests::root().join("spin.toml"))?;
    tokio::runtime::Runtime::new()?.block_on(async {
        test(TestApp::start(&runtime, Database::Sqlite, None, Settings::default()).await?).await;
        Ok(())
    })
}

/// Opens so many connections, each with a request whose body does not end, and
/// gives what they are answered until the connection ends.
async fn stall(app: &TestApp, number: usize) -> JoinSet<String> {
    let mut answers = JoinSet::new();
    for caller in 0..number {
        let mut stream = TcpStream::connect(app.app.address()).await.unwrap();
        let (request, drips) = match caller % 3 {
            0 => (format!("{HEAD}content-length: 36\r\n\r\n{{\"course_id\": 1,"), false),
            1 => (format!("{HEAD}transfer-encoding: chunked\r\n\r\n1\r\n{{\r\n"), false),
            _ => (format!("{HEAD}content-length: 60000\r\n\r\n{{"), true),
        };
        stream.write_all(request.as_bytes()).await.unwrap();
        answers.spawn(answer(stream, drips));
    }
    answers
}

/// What comes until the connection ends, which has to be soon, while every second
/// another byte is sent if it `drips`.
async fn answer(stream: TcpStream, drips: bool) -> String {
    let (mut read, mut write) = stream.into_split();
    let drip = async {
        let mut second = tokio::time::interval(Duration::from_secs(1));
        while drips && write.write_all(b" ").await.is_ok() {
            second.tick().await;
        }
        std::future::pending::<()>().await;
    };
    let mut answer = Vec::new();
    tokio::select! {
        // What was answered counts, also where the connection is reset in the end.
        _ = read.read_to_end(&mut answer) => {}
        () = drip => {}
        () = tokio::time::sleep(SOON) => panic!("held on to for {SOON:?}"),
    }
    String::from_utf8(answer).unwrap()
}

/// How many of the answers are which.
fn count(answers: &[String], status: &str) -> usize {
    answers.iter().filter(|answer| answer.starts_with(&format!("HTTP/1.1 {status} "))).count()
}

async fn nine_hundred_keep_nobody_out(app: TestApp) {
    let id = app.enrolled("a", 1).await;
    app.idle().await;
    app.sandbox.reset();
    let stalled = stall(&app, 900).await;
    app.app.until_running(900).await;
    for round in 0..5 {
        assert_eq!(app.get("/health").await.status, 200);
        assert_eq!(app.get(&format!("/{id}")).await.status, 200);
        app.enrolled(&format!("user-{round}"), 2).await;
    }
    assert_eq!(app.pay(id).await.status, 200);
    let answers = stalled.join_all().await;
    assert_eq!((count(&answers, "408"), answers.len()), (900, 900));
    assert!(answers.iter().all(|answer| answer.contains(r#""error":"request_timeout""#)));
    app.idle().await;
    assert_eq!(app.sandbox.state().calls.users, 6, "nobody was looked up for half a body");
    assert_eq!(app.value("SELECT COUNT(*) FROM enrolments").await, "6");
}

async fn eleven_hundred_keep_others_out_until_they_are_ended(app: TestApp) {
    let id = app.enrolled("a", 1).await;
    app.idle().await;
    let begun = Instant::now();
    let mut stalled = stall(&app, INSTANCES + 100).await;
    app.app.until_running(INSTANCES).await;
    let get = format!("GET /api/enrolment/{id} HTTP/1.1\r\nhost: enrolments\r\nconnection: close\r\n\r\n");
    let ask = async || {
        let mut stream = TcpStream::connect(app.app.address()).await.unwrap();
        stream.write_all(get.as_bytes()).await.unwrap();
        answer(stream, false).await
    };
    let refused = ask().await;
    assert!(refused.starts_with("HTTP/1.1 500 ") && refused.ends_with("\r\n\r\n"), "{refused}");
    let mut answers = Vec::new();
    // Others are served as soon as the first of them is ended.
    while count(&answers, "408") == 0 {
        answers.push(stalled.join_next().await.unwrap().unwrap());
    }
    while !ask().await.starts_with("HTTP/1.1 200 ") {}
    let out = begun.elapsed();
    assert!(out < Duration::from_secs(6), "{out:?}");
    answers.extend(stalled.join_all().await);
    assert_eq!((count(&answers, "408"), count(&answers, "500")), (INSTANCES, 100));
}
