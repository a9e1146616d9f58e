//! The routes and the faults.

use super::Shared;
use crate::fault::{Fault, Named, Target};
use crate::http::{Answer, Request};
use crate::{control, courses, invoices, mail, page, users};
use bytes::Bytes;
use futures::stream;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::{Method, Response};
use serde_json::{Value, json};
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

pub(super) type Body = UnsyncBoxBody<Bytes, Infallible>;

/// Closes the connection without a response.
#[derive(Debug)]
pub(super) struct NoAnswer;

impl std::fmt::Display for NoAnswer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("no response")
    }
}

impl std::error::Error for NoAnswer {}

/// Answers a request or applies a fault.
pub(super) async fn respond(
    shared: Arc<Shared>,
    request: hyper::Request<Incoming>,
) -> Result<Response<Body>, NoAnswer> {
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
        Fault::StatusAfter { status_after } => {
            let _ = answer(&shared, &request);
            if target == Target::Webhooks {
                shared.state.memory().leave_unanswered(&request);
            }
            Ok(whole(&Answer::new(status_after, "text/html", Vec::new())))
        }
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
            if target == Target::Webhooks {
                shared.state.memory().leave_unanswered(&request);
            }
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

/// The system that a request is for; none for the sandbox's own paths.
fn target(request: &Request) -> Option<Target> {
    match mail::Asked::by(&request.method, &request.path) {
        Some(mail::Asked::Send(_)) => return Some(Target::EmailsSend),
        Some(mail::Asked::Look(_)) => return Some(Target::EmailsLook),
        None => {}
    }
    match (&request.method, request.path.as_str()) {
        (&Method::GET, "/api/users/id") => Some(Target::Users),
        (&Method::GET, path) if path.starts_with("/api/course/") => Some(Target::Courses),
        (&Method::POST, "/invoices.json") => Some(Target::InvoicesCreate),
        (&Method::GET, "/invoices.json") => Some(Target::InvoicesFind),
        (&Method::GET, path) if path.starts_with("/invoices/") => Some(Target::InvoicesFind),
        (&Method::POST, path) if path.starts_with("/webhooks") => Some(Target::Webhooks),
        _ => None,
    }
}

fn answer(shared: &Shared, request: &Request) -> Answer {
    let Shared { config, receiver, state } = shared;
    if let Some(asked) = mail::Asked::by(&request.method, &request.path) {
        return mail::answer(state, config, asked, request);
    }
    let segments: Vec<_> = request.path.split('/').skip(1).collect();
    match (&request.method, segments.as_slice()) {
        (&Method::GET, ["api", "users", "id"]) => users::answer(state, request),
        (&Method::GET, ["api", "course", id]) => courses::answer(state, id),
        (&Method::POST, ["invoices.json"]) => invoices::create(state, config, request),
        (&Method::GET, ["invoices.json"]) => invoices::find(state, config, request),
        (&Method::GET, ["invoices", id]) => invoices::one(state, config, request, id),
        (&Method::POST, [first, ..]) if first.starts_with("webhooks") => receiver.answer(state, request),
        (&Method::GET, ["invoice", token]) => page::invoice(state, token),
        (&Method::GET, [""]) => page::index(state),
        (_, ["sandbox", rest @ ..]) => control::answer(state, request, rest),
        _ => Answer::json(404, &json!({"message": "There is no such path"})),
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
