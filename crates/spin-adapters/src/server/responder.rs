//! The answer to a request, on its way out.

use super::body::{Body, LARGE, SMALL};
use super::list::ListStream;
use crate::log::Log;
use crate::{Adapters, Store, deliver_after};
use api::{Caller, Pieces, Problem, Reply};
use domain::ports::{Invoices, Webhooks};
use domain::usecases::once::Done;
use domain::{Enrolment, Unavailable};
use http::StatusCode;
use spin_sdk::http::{Fields, OutgoingResponse, ResponseOutparam};

/// Where the answer to one request goes.
pub struct Responder {
    pub(super) out: ResponseOutparam,
    pub(super) request_id: String,
    pub(super) route: String,
    pub(super) head: bool,
    pub(super) caller: Caller,
}

/// What is known of a request whose answer is out.
pub struct Answered {
    request_id: String,
    route: String,
    caller: Caller,
}

impl Answered {
    /// Logs what went wrong after the answer.
    pub fn log(&self, cause: &str) {
        log(&self.request_id, &self.route, &self.caller).work_failed(cause);
    }
}

fn log<'a>(request_id: &'a str, route: &'a str, caller: &'a Caller) -> Log<'a> {
    Log { request_id, route, caller: caller.name.as_deref() }
}

impl Responder {
    /// Whose token the request came with.
    #[must_use]
    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    /// Logs what went wrong without being the caller's concern.
    pub fn log(&self, cause: &str) {
        log(&self.request_id, &self.route, &self.caller).work_failed(cause);
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
        let body = response.body().ok().and_then(|body| Body::new(body, LARGE));
        self.out.set(response);
        if let Some(body) = body {
            // A caller who hung up, or takes nothing, does not concern the handler.
            if empty || body.write(&reply.body, || ()).await.is_ok() {
                body.finish();
            }
        }
        Answered { request_id: self.request_id, route: self.route, caller: self.caller }
    }

    /// Answers with the result of a request.
    pub async fn answer(self, result: Result<Reply, Problem>) {
        match result {
            Ok(reply) => drop(self.send(reply).await),
            Err(problem) => self.fail(problem).await,
        }
    }

    /// Answers with the enrolment of a request that is carried out once, and then delivers
    /// the jobs that it leaves.
    pub async fn answer_done<I: Invoices, W: Webhooks>(
        self,
        result: Result<(Done, Adapters<I, W>), Problem>,
        reply: fn(&Enrolment) -> Reply,
    ) {
        let (Done { enrolment, jobs, failure }, with) = match result {
            Ok(done) => done,
            Err(problem) => return self.fail(problem).await,
        };
        if let Some(failure) = failure {
            self.log(&failure.to_string());
        }
        let answered = self.send(reply(&enrolment)).await;
        deliver_after(&answered, &with, jobs).await;
    }

    /// Answers with a problem. A problem behind the service is logged, and so is a token that
    /// lacks the right that it is used for: an operator must know.
    pub async fn fail(self, problem: impl Into<Problem>) {
        let problem = problem.into();
        if problem.status.is_server_error() || problem.status == StatusCode::FORBIDDEN {
            let cause = problem.cause.as_deref().unwrap_or(problem.error);
            log(&self.request_id, &self.route, &self.caller).answer_failed(problem.status, cause);
        }
        self.send(Reply::from(&problem)).await;
    }

    /// Answers with a list: with `first` at once if that is not a `full` piece, else piece by
    /// piece. `next` reads the piece that follows from `store`, or nothing at the end; it is
    /// given whether the caller still reads. `store` has no connection while the caller reads.
    pub async fn list<P: Pieces>(
        self,
        mut pieces: P,
        store: &Store,
        first: Vec<P::Item>,
        full: u32,
        next: impl AsyncFn(bool, &[P::Item]) -> Result<Vec<P::Item>, Unavailable>,
    ) {
        if first.len() < full as usize {
            store.disconnect();
            let mut reply = pieces.head();
            reply.body = pieces.last(&first).into();
            self.send(reply).await;
            return;
        }
        let mut list = self.begin_list(pieces, store);
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

    fn begin_list<P: Pieces>(self, pieces: P, store: &Store) -> ListStream<'_, P> {
        let reply = pieces.head();
        let mut headers = self.headers(reply.headers);
        headers.push(content_type(reply.content_type));
        let response = response(reply.status, headers);
        let body = response.body().ok().and_then(|body| Body::new(body, SMALL));
        self.out.set(response);
        ListStream::new(
            pieces,
            body,
            self.head,
            store,
            Answered { request_id: self.request_id, route: self.route, caller: self.caller },
        )
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
