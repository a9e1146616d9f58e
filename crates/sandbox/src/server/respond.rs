//! The faults, and the sandbox's own paths.

use crate::fault::{Fault, Named};
use crate::http::{Answer, Request};
use crate::state::State;
use crate::systems::{Systems, Target};
use crate::{control, page};
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
    systems: Arc<Systems>,
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
    let Some((target, answer)) = systems.route(&request) else { return Ok(whole(&own(&systems.state, &request))) };
    systems.state.memory().seen.calls.count(target);
    let text = format!("{}?{}\n{}", request.path, request.query, String::from_utf8_lossy(&request.body));
    let fault = systems.state.take_fault(target, &text);
    systems.state.changed();
    let Some(fault) = fault else { return Ok(whole(&answer())) };
    match fault {
        Fault::StatusAfter { status_after } => {
            let _ = answer();
            if target == Target::Webhooks {
                systems.state.memory().leave_unanswered(&request);
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
            Ok(whole(&answer()))
        }
        Fault::Named(Named::Silence) => std::future::pending().await,
        Fault::Named(Named::Reset) => Err(NoAnswer),
        Fault::Named(Named::ResetAfter) => {
            let _ = answer();
            if target == Target::Webhooks {
                systems.state.memory().leave_unanswered(&request);
            }
            Err(NoAnswer)
        }
        Fault::Named(Named::Garbage) => {
            Ok(whole(&Answer::html(200, "<html><body>Welcome to nginx!</body></html>".to_owned())))
        }
        Fault::Named(Named::Truncated) => {
            let mut answer = answer();
            answer.body.truncate(answer.body.len() / 2);
            Ok(whole(&answer))
        }
        Fault::Named(Named::Oversized) => Ok(whole(&Answer::json(200, &json!({"padding": "x".repeat(4 << 20)})))),
        Fault::Named(Named::Drip) => Ok(drip()),
    }
}

/// Answers on the sandbox's own paths.
fn own(state: &State, request: &Request) -> Answer {
    match (&request.method, request.segments().as_slice()) {
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
