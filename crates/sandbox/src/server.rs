//! The server: connections, routes, and faults in the place of answers.

use crate::fault::{Active, Fault, Named, Target};
use crate::http::{Answer, Request};
use crate::state::{Snapshot, State};
use crate::{control, courses, invoices, mail, page, users};
use bytes::Bytes;
use futures::stream;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::service::service_fn;
use hyper::{Method, Response};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

/// What the stand-ins ask of their callers.
#[derive(Clone, Debug)]
pub struct Config {
    /// Fakturownia's token.
    pub invoices_token: String,
    /// The relay's token.
    pub mail_token: String,
    /// Decides what happens by chance.
    pub seed: u64,
}

impl Default for Config {
    fn default() -> Self {
        Self { invoices_token: "sandbox".to_owned(), mail_token: "sandbox".to_owned(), seed: fastrand::u64(..) }
    }
}

struct Shared {
    config: Config,
    state: State,
}

/// A running sandbox. It stops when it is dropped.
pub struct Sandbox {
    shared: Arc<Shared>,
    address: SocketAddr,
    accepting: Option<tokio::task::JoinHandle<()>>,
}

impl Sandbox {
    /// Listens on `address`; with port 0 on a free one.
    ///
    /// # Errors
    ///
    /// When the address cannot be listened on.
    pub async fn start(address: SocketAddr, config: Config) -> std::io::Result<Self> {
        let state = State::new(config.seed);
        let mut sandbox = Self { shared: Arc::new(Shared { config, state }), address, accepting: None };
        sandbox.resume().await?;
        Ok(sandbox)
    }

    /// Where it listens: `http://127.0.0.1:3001`.
    #[must_use]
    pub fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Is out of reach from now on: connections are dropped and refused.
    pub async fn pause(&mut self) {
        if let Some(accepting) = self.accepting.take() {
            accepting.abort();
            let _ = accepting.await;
        }
    }

    /// Is back, at the same address and with all it remembers.
    ///
    /// # Errors
    ///
    /// When the address cannot be listened on.
    pub async fn resume(&mut self) -> std::io::Result<()> {
        let listener = TcpListener::bind(self.address).await?;
        self.address = listener.local_addr()?;
        self.accepting = Some(tokio::spawn(accept(listener, Arc::clone(&self.shared))));
        Ok(())
    }

    /// What was received so far.
    #[must_use]
    pub fn state(&self) -> Snapshot {
        self.shared.state.memory().seen.clone()
    }

    /// Forgets what was received, the faults and the changed records.
    pub fn reset(&self) {
        *self.shared.state.memory() = crate::state::Memory::default();
    }

    /// Lets calls of `target` meet `fault`: so many times, or until it is cleared.
    pub fn fault(&self, target: Target, fault: impl Into<Fault>, times: Option<u32>) {
        self.fault_when(Active { target, fault: fault.into(), times, probability: None, matching: None });
    }

    /// Lets calls meet a fault under conditions.
    pub fn fault_when(&self, active: Active) {
        self.shared.state.memory().faults.push(active);
    }

    /// Ends all faults.
    pub fn clear_faults(&self) {
        self.shared.state.memory().faults.clear();
    }

    /// Changes what is known of a user.
    pub fn set_user(&self, id: &str, changes: Value) {
        self.shared.state.memory().users.insert(id.to_owned(), changes);
    }

    /// Changes what is known of a course.
    pub fn set_course(&self, id: i64, changes: Value) {
        self.shared.state.memory().courses.insert(id, changes);
    }

    /// Waits until `done` says so of what was received; false if that takes
    /// longer than `patience`.
    pub async fn wait_until(&self, done: impl Fn(&Snapshot) -> bool, patience: Duration) -> bool {
        self.shared.state.wait_until(done, Instant::now() + patience).await
    }

    /// Runs until the process ends.
    pub async fn forever(mut self) {
        if let Some(accepting) = self.accepting.take() {
            let _ = accepting.await;
        }
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        if let Some(accepting) = &self.accepting {
            accepting.abort();
        }
    }
}

/// Serves until it is aborted, which drops every connection.
async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    loop {
        let Ok((stream, _)) = listener.accept().await else { continue };
        let _ = stream.set_nodelay(true);
        let shared = Arc::clone(&shared);
        connections.spawn(async move {
            let service = service_fn(|request| respond(Arc::clone(&shared), request));
            let _ = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
        });
        while connections.try_join_next().is_some() {}
    }
}

type Body = UnsyncBoxBody<Bytes, Infallible>;

/// Ends the connection without an answer.
#[derive(Debug)]
struct NoAnswer;

impl std::fmt::Display for NoAnswer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("no answer")
    }
}

impl std::error::Error for NoAnswer {}

async fn respond(shared: Arc<Shared>, request: hyper::Request<Incoming>) -> Result<Response<Body>, NoAnswer> {
    let (parts, body) = request.into_parts();
    let body = body.collect().await.map_err(|_| NoAnswer)?.to_bytes();
    let request = Request {
        method: parts.method,
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        headers: parts.headers,
        body,
    };
    let Some(target) = target(&request) else { return Ok(whole(&answer(&shared, &request))) };
    shared.state.memory().seen.calls.count(target);
    let text = format!("{}?{}\n{}", request.path, request.query, String::from_utf8_lossy(&request.body));
    let fault = shared.state.take_fault(target, &text);
    shared.state.changed();
    let Some(fault) = fault else { return Ok(whole(&answer(&shared, &request))) };
    match fault {
        Fault::Status { status, body, headers } => {
            let body = match body {
                Some(Value::String(text)) => text.into_bytes(),
                Some(json) => json.to_string().into_bytes(),
                None => Vec::new(),
            };
            let mut answer = Answer::new(status, "application/json", body);
            answer.headers.extend(headers);
            Ok(whole(&answer))
        }
        Fault::Delay { delay_ms } => {
            tokio::time::sleep(Duration::from_millis(delay_ms)).await;
            Ok(whole(&answer(&shared, &request)))
        }
        Fault::Named(Named::Silence) => std::future::pending().await,
        Fault::Named(Named::Reset) => Err(NoAnswer),
        Fault::Named(Named::ResetAfter) => {
            let _ = answer(&shared, &request);
            Err(NoAnswer)
        }
        Fault::Named(Named::Garbage) => {
            Ok(whole(&Answer::html(200, "<html><body>Welcome to nginx!</body></html>".to_owned())))
        }
        Fault::Named(Named::Truncated) => {
            let mut answer = answer(&shared, &request);
            answer.body.truncate(answer.body.len() / 2);
            Ok(whole(&answer))
        }
        Fault::Named(Named::Oversized) => Ok(whole(&Answer::json(200, &json!({"padding": "x".repeat(4 << 20)})))),
        Fault::Named(Named::Drip) => Ok(drip()),
    }
}

/// Which system a request is for; none for the sandbox's own paths.
fn target(request: &Request) -> Option<Target> {
    match (&request.method, request.path.as_str()) {
        (&Method::GET, "/api/users/id") => Some(Target::Users),
        (&Method::GET, path) if path.starts_with("/api/course/") => Some(Target::Courses),
        (&Method::POST, "/invoices.json") => Some(Target::InvoicesCreate),
        (&Method::GET, "/invoices.json") => Some(Target::InvoicesFind),
        (&Method::GET, path) if path.starts_with("/invoices/") => Some(Target::InvoicesFind),
        (&Method::POST, path) if mail::provider(path).is_some() => Some(Target::Emails),
        _ => None,
    }
}

fn answer(shared: &Shared, request: &Request) -> Answer {
    let Shared { config, state } = shared;
    if request.method == Method::POST
        && let Some(take) = mail::provider(&request.path)
    {
        return take(state, &config.mail_token, request);
    }
    let segments: Vec<_> = request.path.split('/').skip(1).collect();
    match (&request.method, segments.as_slice()) {
        (&Method::GET, ["api", "users", "id"]) => users::answer(state, request),
        (&Method::GET, ["api", "course", id]) => courses::answer(state, id),
        (&Method::POST, ["invoices.json"]) => invoices::create(state, &config.invoices_token, request),
        (&Method::GET, ["invoices.json"]) => invoices::find(state, &config.invoices_token, request),
        (&Method::GET, ["invoices", id]) => invoices::one(state, &config.invoices_token, request, id),
        (&Method::GET, ["invoice", token]) => page::invoice(state, token),
        (&Method::GET, [""]) => page::index(state),
        (_, ["sandbox", rest @ ..]) => control::answer(state, request, rest),
        _ => Answer::json(404, &json!({"message": "There is nothing at this path"})),
    }
}

fn whole(answer: &Answer) -> Response<Body> {
    let mut response = Response::builder().status(answer.status).header("content-type", &answer.content_type);
    for (name, value) in &answer.headers {
        response = response.header(name, value);
    }
    let body = Full::new(Bytes::from(answer.body.clone())).boxed_unsync();
    response.body(body).unwrap_or_else(|_| Response::new(Full::default().boxed_unsync()))
}

fn drip() -> Response<Body> {
    let bytes = stream::unfold((), |()| async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        Some((Ok(Frame::data(Bytes::from_static(b" "))), ()))
    });
    Response::new(StreamBody::new(bytes).boxed_unsync())
}
