//! Many callers whose bodies stop, and many callers who do not read their answer: other
//! callers are still served.

use futures::future::join_all;
use host::Runtime;
use libtest_mimic::{Arguments, Failed, Trial};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use sandbox::Target;
use std::future::Ready;
use std::time::{Duration, Instant};
use tests::{Database, MariaDb, Settings, TestApp};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};
use tokio::task::JoinSet;

/// How many instances the engine has, as in Spin.
const INSTANCES: usize = 1000;

/// Longer than any answer takes on a slow machine.
const SOON: Duration = tests::PATIENCE;

const HEAD: &str = "POST /api/enrolment HTTP/1.1\r\nhost: enrolments\r\ncontent-type: application/json\r\n";

pub(crate) fn run(name: Option<String>) -> bool {
    // Each of them needs the whole engine.
    let arguments = Arguments { filter: name, test_threads: Some(1), ..Arguments::default() };
    let trials = vec![
        Trial::test("nine_hundred_stalled_bodies_block_no_other", || {
            on_sqlite(nine_hundred_stalled_bodies_block_no_other)
        }),
        Trial::test("eleven_hundred_stalled_bodies_block_others_until_they_end", || {
            on_sqlite(eleven_hundred_stalled_bodies_block_others_until_they_end)
        }),
        Trial::test("unread_lists_hold_no_connection", || {
            run_on(Some(MariaDb::start()), unread_lists_hold_no_connection)
        }),
        Trial::test("unread_lists_are_ended", || on_sqlite(unread_lists_are_ended)),
        Trial::test("unread_pages_take_little_memory", || on_sqlite(unread_pages_take_little_memory)),
    ];
    !libtest_mimic::run(&arguments, trials).has_failed()
}

fn on_sqlite(test: impl AsyncFnOnce(TestApp)) -> Result<(), Failed> {
    run_on(None::<Ready<anyhow::Result<MariaDb>>>, test)
}

/// On the server, or on SQLite.
fn run_on(
    server: Option<impl Future<Output = anyhow::Result<MariaDb>>>,
    test: impl AsyncFnOnce(TestApp),
) -> Result<(), Failed> {
    // Both ends of every connection are files of this process.
    let files = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: files.maximum, ..files })?;
    let runtime = Runtime::load(tests::root().join("spin.toml"))?;
    tokio::runtime::Runtime::new()?.block_on(async {
        let server = match server {
            Some(server) => Some(server.await?),
            None => None,
        };
        let database = if server.is_some() { Database::MariaDb } else { Database::Sqlite };
        test(TestApp::start(&runtime, database, server.as_ref(), Settings::default()).await?).await;
        Ok(())
    })
}

/// Opens `number` connections, each with a request whose body does not end. Returns their
/// answers.
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

/// The answer until the connection ends, which has to be soon. If it `drips`, another byte
/// is sent every second.
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
        // The answer counts even if the connection is reset afterwards.
        _ = read.read_to_end(&mut answer) => {}
        () = drip => {}
        () = tokio::time::sleep(SOON) => panic!("held on to for {SOON:?}"),
    }
    String::from_utf8(answer).unwrap()
}

/// How many answers have this status.
fn count(answers: &[String], status: &str) -> usize {
    answers.iter().filter(|answer| answer.starts_with(&format!("HTTP/1.1 {status} "))).count()
}

async fn nine_hundred_stalled_bodies_block_no_other(app: TestApp) {
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
    assert_eq!(app.sandbox.state().calls.of(Target::Users), 6, "half a body looks up no user");
    assert_eq!(app.count("enrolments").await, 6);
}

async fn eleven_hundred_stalled_bodies_block_others_until_they_end(app: TestApp) {
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
    // Other callers are served as soon as the first of these is ended.
    while count(&answers, "408") == 0 {
        answers.push(stalled.join_next().await.unwrap().unwrap());
    }
    while !ask().await.starts_with("HTTP/1.1 200 ") {}
    let out = begun.elapsed();
    assert!(out < SOON, "{out:?}");
    answers.extend(stalled.join_all().await);
    assert_eq!((count(&answers, "408"), count(&answers, "500")), (INSTANCES, 100));
}

/// A list that no buffer between the two ends holds.
const ROWS: usize = 60_000;

/// Makes [`ROWS`] active enrolments.
async fn fill(app: &TestApp) {
    let digits = "(SELECT 0 AS d UNION SELECT 1 UNION SELECT 2 UNION SELECT 3 UNION SELECT 4 \
                  UNION SELECT 5 UNION SELECT 6 UNION SELECT 7 UNION SELECT 8 UNION SELECT 9)";
    let sql = format!(
        "INSERT INTO enrolments (user_id, course_id, status, payment_status, created_at, updated_at) \
         SELECT 'a user with a name of some length', 10000 * e.d + 1000 * a.d + 100 * b.d + 10 * c.d + f.d + 1, \
         'ACTIVE', 'PENDING', '2026-01-01 00:00:00', '2026-01-01 00:00:00' \
         FROM {digits} a, {digits} b, {digits} c, {digits} f, {digits} e WHERE e.d < {}",
        ROWS / 10_000
    );
    app.database.execute(&sql).await.unwrap();
}

/// Opens `number` connections that ask for `path` and do not read.
async fn ask_and_do_not_read(app: &TestApp, path: &str, number: usize) -> Vec<TcpStream> {
    let request = format!("GET /api/enrolment{path} HTTP/1.1\r\nhost: enrolments\r\n\r\n");
    let mut callers = Vec::new();
    for _ in 0..number {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(4096).unwrap();
        let mut stream = socket.connect(app.app.address()).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        callers.push(stream);
    }
    callers
}

/// How many callers do not read. Each costs CPU until the kernel's buffers of its
/// connection are full, some megabytes.
const CALLERS: usize = 40;

async fn unread_lists_hold_no_connection(app: TestApp) {
    fill(&app).await;
    let callers = ask_and_do_not_read(&app, "/active", CALLERS).await;
    app.app.until_running(CALLERS).await;
    let connections = async || {
        let count = app.value("SELECT COUNT(*) FROM information_schema.processlist").await;
        count.parse::<usize>().unwrap()
    };
    // Some connections are the test's own.
    while connections().await > 5 {}
    tokio::time::timeout(SOON, app.app.until_running(1)).await.expect("the service still waits for them");
    assert_eq!(app.get("/health").await.status, 200);
    // The service has ended all connections; no caller did.
    app.idle().await;
    let runs = app.app.invocations();
    let lists: Vec<_> = runs.iter().filter(|run| run.statements.len() > 1).collect();
    assert_eq!(lists.len(), CALLERS);
    assert!(lists.iter().all(|run| run.statements.len() < ROWS / 1000), "no list was read to its end");
    drop(callers);
    assert_eq!(app.get("/active").await.enrolments().len(), ROWS);
}

async fn unread_lists_are_ended(app: TestApp) {
    fill(&app).await;
    let before = resident();
    let callers = ask_and_do_not_read(&app, "/active", CALLERS).await;
    app.app.until_running(CALLERS).await;
    assert_eq!(app.get("/health").await.status, 200);
    app.idle().await;
    // With the instances, whose memory is not given back.
    let held = resident().saturating_sub(before) / CALLERS;
    // Each asked for 8 MB.
    assert!(held < 4 << 20, "{held} bytes for each");
    drop(callers);
}

/// Without a token.
async fn unread_pages_take_little_memory(app: TestApp) {
    const PATH: &str = "/docs/swagger-ui-bundle.js";
    let read = async || app.get(PATH).await.status;
    assert!(join_all([(); CALLERS].map(|()| read())).await.iter().all(|status| *status == 200));
    app.idle().await;
    let before = resident();
    let callers = ask_and_do_not_read(&app, PATH, 10 * CALLERS).await;
    app.app.until_running(1).await;
    app.idle().await;
    let held = resident().saturating_sub(before) / callers.len();
    // Each asked for 1.4 MB.
    assert!(held < 512 << 10, "{held} bytes for each");
    drop(callers);
    assert_eq!(read().await, 200);
}

/// How much memory this process has, in bytes: service and callers.
fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:")).unwrap();
    line.trim().strip_suffix(" kB").unwrap().parse::<usize>().unwrap() * 1024
}
