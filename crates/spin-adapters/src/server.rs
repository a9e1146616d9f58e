//! The entry of every HTTP component: who may call, what the path and the
//! method name, and how the answer goes out.
//!
//! The order is fixed: token, path, method, what the token may do, content type,
//! size, body. A handler ends its [`Responder`] and may go on working after that.

mod body;
mod list;
mod responder;

pub use responder::{Answered, Responder};

use crate::timer::sleep;
use api::{Access, BodyLimit, Caller, Dispatch, Methods, Problem, dispatch};
use domain::Unavailable;
use domain::model::asked::Asked;
use domain::ports::Random;
use futures::StreamExt;
use futures::future::{Either, select};
use http::{HeaderMap, HeaderName, HeaderValue};
use spin_sdk::http::{IncomingRequest, ResponseOutparam};
use std::pin::pin;
use std::time::Duration;

/// The longest wait for a whole body. The engine has a limited number of instances, and each
/// waiting request holds one.
const BODY: Duration = Duration::from_secs(api::BODY_SECONDS);

/// What a path names.
pub struct Endpoint<T> {
    /// For the handler.
    pub target: T,
    /// For the log, without what callers put into a path.
    pub pattern: &'static str,
    /// What the path takes, and what each method needs.
    pub methods: Methods,
}

/// A request that may be handled.
pub struct Call<T> {
    /// What its path names.
    pub target: T,
    /// One of the path's methods; GET for HEAD.
    pub method: &'static str,
    /// The text behind `?`.
    pub query: String,
    /// Where the answer goes.
    pub responder: Responder,
    headers: HeaderMap,
    request: IncomingRequest,
}

/// Takes a request up to its handler, or answers it.
///
/// `access` says who may call: [`by_token`] or [`open`]. Each endpoint says which
/// right it needs. An endpoint that needs no token is open to all; a path without an endpoint
/// is answered to callers who may call.
pub async fn serve<T>(
    request: IncomingRequest,
    out: ResponseOutparam,
    access: impl FnOnce() -> Result<Access, Unavailable>,
    route: impl FnOnce(&[&str]) -> Option<Endpoint<T>>,
    handle: impl AsyncFnOnce(Call<T>),
) {
    let headers = header_map(&request);
    let request_id = match api::request_id(&headers) {
        Some(id) => id.to_owned(),
        None => format!("{:016x}", crate::Environment.random()),
    };
    let path_and_query = request.path_with_query().unwrap_or_default();
    let (path, query) = path_and_query.split_once('?').unwrap_or((&path_and_query, ""));
    let method: http::Method = request.method().into();

    let endpoint = api::segments(path).and_then(|segments| route(&segments));
    let route = format!("{method} {}", endpoint.as_ref().map_or("/...", |endpoint| endpoint.pattern));
    let head = method == http::Method::HEAD;
    let mut responder = Responder { out, request_id, route, head, caller: Caller::ANYBODY };

    let methods = endpoint.as_ref().map(|endpoint| endpoint.methods);
    let is_open = methods.is_some_and(Methods::are_open);
    let access = if is_open { Ok(Access::Open) } else { access() };
    match access.map_err(Problem::from).and_then(|access| access.caller(&headers)) {
        Ok(caller) => responder.caller = caller,
        Err(problem) => return responder.fail(problem).await,
    }
    match dispatch(&method, methods) {
        Err(problem) => responder.fail(problem).await,
        Ok(Dispatch::Options(methods)) => {
            let mut reply = api::no_content();
            reply.headers.push(("allow", methods.to_string()));
            responder.send(reply).await;
        }
        Ok(Dispatch::Handle { method, needs }) => {
            if let Err(problem) = responder.caller.check(needs) {
                return responder.fail(problem).await;
            }
            if let Some(Endpoint { target, .. }) = endpoint {
                let query = query.to_owned();
                handle(Call { target, method, query, responder, headers, request }).await;
            }
        }
    }
}

/// Everybody may call.
///
/// # Errors
///
/// None.
pub fn open() -> Result<Access, Unavailable> {
    Ok(Access::Open)
}

/// Callers with a token of the variables `service_token` and `tokens`.
///
/// # Errors
///
/// When one of them is missing or cannot be read.
pub fn by_token() -> Result<Access, Unavailable> {
    crate::config::tokens().map(Access::new)
}

/// The headers that are read. Values that hyper would not take cannot arrive;
/// they are left out.
fn header_map(request: &IncomingRequest) -> HeaderMap {
    let read = |(name, value): (String, Vec<u8>)| {
        let name = api::HEADERS.into_iter().find(|own| name.eq_ignore_ascii_case(own))?;
        Some((HeaderName::from_static(name), HeaderValue::from_bytes(&value).ok()?))
    };
    request.headers().entries().into_iter().filter_map(read).collect()
}

impl<T> Call<T> {
    /// Whether the caller sent a token that is known, or none is needed. A path that is for
    /// everybody tells more to those who did.
    #[must_use]
    pub fn knows_a_token(&self) -> bool {
        by_token().is_ok_and(|access| access.caller(&self.headers).is_ok())
    }

    /// Whether the caller asks for CSV rather than JSON.
    #[must_use]
    pub fn wants_csv(&self) -> bool {
        let accept = self.request.headers().get("accept").join(&b',');
        api::csv_is_wanted(&String::from_utf8_lossy(&accept))
    }

    /// Takes the call apart and reads its body of JSON; none where that is a problem,
    /// which is answered.
    pub async fn into_body(self) -> Option<(Vec<u8>, Responder)> {
        let read = async {
            api::no_parameters(&self.query)?;
            read_body(&self.headers, self.request).await
        };
        match read.await {
            Ok(body) => Some((body, self.responder)),
            Err(problem) => {
                self.responder.fail(problem).await;
                None
            }
        }
    }

    /// Takes the call apart and reads who asks, under which idempotency key, and its body of
    /// JSON; none where that is a problem, which is answered.
    pub async fn into_keyed_body(self) -> Option<(Asked, Vec<u8>, Responder)> {
        let read = async {
            api::no_parameters(&self.query)?;
            Ok((api::idempotency_key(&self.headers)?, read_body(&self.headers, self.request).await?))
        };
        match read.await {
            Ok((key, body)) => Some((Asked { key, by: self.responder.caller().author() }, body, self.responder)),
            Err::<_, Problem>(problem) => {
                self.responder.fail(problem).await;
                None
            }
        }
    }
}

async fn read_body(headers: &HeaderMap, request: IncomingRequest) -> Result<Vec<u8>, Problem> {
    let body = BodyLimit::new(headers)?;
    match select(pin!(collect(body, request)), pin!(sleep(BODY))).await {
        Either::Left((body, _)) => body,
        Either::Right(((), _)) => Err(Problem::request_timeout()),
    }
}

async fn collect(mut body: BodyLimit, request: IncomingRequest) -> Result<Vec<u8>, Problem> {
    let mut stream = pin!(request.into_body_stream());
    // A body of a known length is not read on to its end, for which the host may
    // have to be waited for.
    while !body.is_whole() {
        let Some(chunk) = stream.next().await else { break };
        body.push(&chunk.map_err(|_| Problem::broken_body())?)?;
    }
    Ok(body.into_bytes())
}
