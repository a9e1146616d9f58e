//! The entry of every HTTP component: who may call, what the path and the
//! method name, and how the answer goes out.
//!
//! The order is fixed: token, path, method, content type, size, body. A
//! handler ends its [`Responder`] and may go on working after that.

mod body;
mod list;

use crate::timer::sleep;
use api::{Access, BodyLimit, Dispatch, Methods, Problem, Reply, dispatch};
use body::Body;
use domain::idempotency::IdempotencyKey;
use domain::job::Job;
use domain::once::Done;
use domain::ports::Random;
use domain::{Enrolment, Unavailable};
use futures::future::{Either, select};
use futures::{SinkExt, StreamExt};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use list::ListStream;
use spin_sdk::http::{Fields, IncomingRequest, OutgoingResponse, ResponseOutparam};
use std::pin::pin;
use std::time::Duration;

/// For how long the whole of a body is waited for, however slowly it comes: the
/// engine has a bounded number of instances, and whoever waits holds one.
const BODY: Duration = Duration::from_secs(api::BODY_SECONDS);

/// What a path names.
pub struct Endpoint<T> {
    /// For the handler.
    pub target: T,
    /// For the log, without what callers put into a path.
    pub pattern: &'static str,
    /// What the path takes.
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
/// `access` says who may call the path with these segments.
pub async fn serve<T>(
    request: IncomingRequest,
    out: ResponseOutparam,
    access: impl FnOnce(&[&str]) -> Result<Access, domain::Unavailable>,
    route: impl FnOnce(&[&str]) -> Option<Endpoint<T>>,
    handle: impl AsyncFnOnce(Call<T>),
) {
    let headers = header_map(&request);
    let request_id = match api::request_id(&headers) {
        Some(id) => id.to_owned(),
        None => format!("{:016x}", crate::Environment.random()),
    };
    let mut responder = Responder { out, request_id, route: String::new(), head: false };

    let path_and_query = request.path_with_query().unwrap_or_default();
    let (path, query) = path_and_query.split_once('?').unwrap_or((&path_and_query, ""));
    let method: http::Method = request.method().into();

    let segments = api::segments(path);
    let access = access(segments.as_deref().unwrap_or_default());
    if let Err(problem) = access.map_err(Problem::from).and_then(|access| access.check(&headers)) {
        return responder.fail(problem).await;
    }
    let endpoint = segments.and_then(|segments| route(&segments));
    responder.route = format!("{method} {}", endpoint.as_ref().map_or("/...", |endpoint| endpoint.pattern));
    match dispatch(&method, endpoint.as_ref().map(|endpoint| endpoint.methods)) {
        Err(problem) => {
            responder.head = method == http::Method::HEAD;
            responder.fail(problem).await;
        }
        Ok(Dispatch::Options(methods)) => {
            let mut reply = api::no_content();
            reply.headers.push(("allow", methods.to_string()));
            responder.send(reply).await;
        }
        Ok(Dispatch::Handle { method, head }) => {
            responder.head = head;
            if let Some(Endpoint { target, .. }) = endpoint {
                let query = query.to_owned();
                handle(Call { target, method, query, responder, headers, request }).await;
            }
        }
    }
}

/// The access that the variable `service_token` asks for, whatever the path.
///
/// # Errors
///
/// When the variable is missing or blank.
pub fn by_token(_: &[&str]) -> Result<Access, domain::Unavailable> {
    crate::config::service_token().map(Access::new)
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
    /// Takes the call apart and reads its body of JSON; none where that is a problem,
    /// which is answered.
    pub async fn into_body(self) -> Option<(Vec<u8>, Responder)> {
        match read_body(&self.headers, self.request).await {
            Ok(body) => Some((body, self.responder)),
            Err(problem) => {
                self.responder.fail(problem).await;
                None
            }
        }
    }

    /// Takes the call apart and reads its idempotency key and its body of JSON; none
    /// where that is a problem, which is answered.
    pub async fn into_keyed_body(self) -> Option<(Option<IdempotencyKey>, Vec<u8>, Responder)> {
        let read = async { Ok((api::idempotency_key(&self.headers)?, read_body(&self.headers, self.request).await?)) };
        match read.await {
            Ok((key, body)) => Some((key, body, self.responder)),
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

/// Where the answer to one request goes.
pub struct Responder {
    out: ResponseOutparam,
    request_id: String,
    route: String,
    head: bool,
}

/// What is known of a request whose answer is out.
pub struct Answered {
    request_id: String,
    route: String,
}

impl Answered {
    /// Logs what went wrong after the answer.
    pub fn log(&self, cause: &str) {
        crate::log::work_failed(&self.request_id, &self.route, cause);
    }
}

impl Responder {
    /// Logs what went wrong without being the caller's concern.
    pub fn log(&self, cause: &str) {
        crate::log::work_failed(&self.request_id, &self.route, cause);
    }

    /// Answers, completely.
    pub async fn send(self, reply: Reply) -> Answered {
        let empty = self.head || reply.status == StatusCode::NO_CONTENT;
        let mut headers = self.headers(reply.headers);
        if reply.status != StatusCode::NO_CONTENT {
            headers.push(content_type(reply.content_type));
        }
        if !empty {
            headers.push(("content-length".to_owned(), reply.body.len().to_string().into_bytes()));
        }
        let response = response(reply.status, headers);
        let mut body = pin!(response.take_body());
        self.out.set(response);
        if !empty {
            // A caller that hung up does not concern the handler.
            let _ = body.send(reply.body.into_owned()).await;
        }
        Answered { request_id: self.request_id, route: self.route }
    }

    /// Answers with what came of a request.
    pub async fn answer(self, result: Result<Reply, Problem>) {
        match result {
            Ok(reply) => drop(self.send(reply).await),
            Err(problem) => self.fail(problem).await,
        }
    }

    /// Answers with the enrolment of a request that is carried out once. `after` gets the
    /// jobs that it leaves, with what it went through.
    pub async fn answer_done<W>(
        self,
        result: Result<(Done, W), Problem>,
        reply: fn(&Enrolment) -> Reply,
        after: impl AsyncFnOnce(&Answered, &W, Vec<Job>),
    ) {
        match result {
            Err(problem) => self.fail(problem).await,
            Ok((Done::Before(enrolment), _)) => drop(self.send(reply(&enrolment)).await),
            Ok((Done::Now { enrolment, jobs, .. }, with)) => {
                let answered = self.send(reply(&enrolment)).await;
                after(&answered, &with, jobs).await;
            }
        }
    }

    /// Answers with a problem; one behind the service is logged.
    pub async fn fail(self, problem: impl Into<Problem>) {
        let problem = problem.into();
        if problem.status.is_server_error() {
            let cause = problem.cause.as_deref().unwrap_or(problem.error);
            crate::log::answer_failed(&self.request_id, &self.route, problem.status.as_u16(), cause);
        }
        self.send(Reply::from(&problem)).await;
    }

    /// Answers with a list: with `first` at once if that is not a `full` piece, else
    /// piece by piece. `next` gives what follows a piece, nothing if that was all;
    /// it is told whether anybody wants it still.
    pub async fn list(
        self,
        first: Vec<Enrolment>,
        full: u32,
        next: impl AsyncFn(bool, &[Enrolment]) -> Result<Vec<Enrolment>, Unavailable>,
    ) {
        if first.len() < full as usize {
            self.send(api::list(&first, api::ListEnd::Whole)).await;
            return;
        }
        let mut list = self.begin_list();
        let mut piece = first;
        while piece.len() >= full as usize {
            let following = match next(list.is_wanted(), &piece).await {
                Ok(following) => following,
                // It is too late for another status.
                Err(error) => return list.break_off(&error.to_string()),
            };
            if following.is_empty() {
                break;
            }
            list.write(&piece).await;
            piece = following;
        }
        // The last piece goes out with the list's end.
        list.end(&piece).await;
    }

    fn begin_list(self) -> ListStream {
        let mut headers = self.headers(Vec::new());
        headers.push(content_type("application/json"));
        let response = response(StatusCode::OK, headers);
        let body = response.body().ok().and_then(Body::new);
        self.out.set(response);
        ListStream::new(body, self.head, Answered { request_id: self.request_id, route: self.route })
    }

    fn headers(&self, more: Vec<(&'static str, String)>) -> Vec<(String, Vec<u8>)> {
        let id = (api::REQUEST_ID.to_owned(), self.request_id.clone().into_bytes());
        let more = more.into_iter().map(|(name, value)| (name.to_owned(), value.into_bytes()));
        std::iter::once(id).chain(more).collect()
    }
}

fn content_type(value: &str) -> (String, Vec<u8>) {
    ("content-type".to_owned(), value.as_bytes().to_vec())
}

fn response(status: StatusCode, headers: Vec<(String, Vec<u8>)>) -> OutgoingResponse {
    // The names and values are this crate's own or checked; none is refused.
    let response = OutgoingResponse::new(Fields::from_list(&headers).unwrap_or_else(|_| Fields::new()));
    let _ = response.set_status_code(status.as_u16());
    response
}
