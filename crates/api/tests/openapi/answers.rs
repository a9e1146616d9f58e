//! The responses that routes share, each with examples.

use crate::InOrder;
use api::{BODY_SECONDS, MAX_BODY, Problem, Reply, Role};
use domain::model::window::Closed;
use domain::{CourseId, Error, System, Unavailable, Unusable};
use serde::Serialize;

type Object<V> = InOrder<&'static str, V>;

#[derive(Serialize)]
pub(crate) struct Answer {
    description: String,
    headers: Object<Reference>,
    content: Object<Content>,
}

#[derive(Serialize)]
struct Content {
    schema: Reference,
    examples: Object<Example>,
}

#[derive(Serialize)]
struct Example {
    value: Problem,
}

#[derive(Serialize)]
struct Reference {
    #[serde(rename = "$ref")]
    place: &'static str,
}

fn reference(place: &'static str) -> Reference {
    Reference { place }
}

/// The name of a response, its description, and its examples by name.
type Common = (&'static str, String, Vec<(&'static str, Option<Problem>)>);

#[rustfmt::skip] // a line for each
fn common() -> Vec<Common> {
    let say = str::to_owned;
    vec![
        ("Invalid", say("The request is invalid. `details` lists every fault."), vec![
            ("fields", api::parse_new_enrolment(br#"{"user_id": " "}"#).err()),
            ("query", api::active_page("limit=1&limit=2&after=x&page=3").err()),
            ("company", api::parse_payment(br#"{"enrolment_id": 1, "buyer": {"name": "Acme", "tax_no": "1234567890"}}"#).err()),
            ("user", is(Error::UserNotFound)),
            ("course", CourseId::new(7).and_then(|id| is(Error::CourseNotFound(id)))),
        ]),
        ("Unauthorized", say("The token is missing or invalid."), vec![
            ("unauthorized", is(Problem::no_token())),
            ("unknown_token", is(Problem::unknown_token())),
        ]),
        ("Forbidden", say("The token is valid, but its role may not do this."), vec![
            ("callers", is(Problem::forbidden(Role::Callers))),
            ("metrics", is(Problem::forbidden(Role::Metrics))),
        ]),
        ("NotFound", say("There is no such enrolment."), vec![
            ("unknown", is(Error::NotFound)),
        ]),
        ("Conflict", say("The state of the enrolment does not allow this, or the same request is in progress."), vec![
            ("enrolled", is(Error::AlreadyEnrolled)),
            ("paid", is(Error::AlreadyPaid)),
            ("full", is(Error::CourseFull)),
            ("closed", "2026-06-01T16:00:00Z".parse().ok().and_then(|end| is(Error::CourseClosed(Closed::Over(end))))),
            ("canceled", is(Error::Canceled)),
            ("completed", is(Error::Completed)),
            ("unpaid", is(Error::NotPaid)),
            ("refunded", is(Error::AlreadyRefunded)),
            ("running", is(Error::InProgress)),
        ]),
        ("Timeout", format!(
            "The body did not arrive completely within {BODY_SECONDS} seconds. The connection is closed."
        ), vec![
            ("timeout", is(Problem::request_timeout())),
        ]),
        ("Gone", say(
            "This request was done before with the same key, and its enrolment was deleted since. \
             Send a new request with a new key."
        ), vec![
            ("deleted", is(Error::DeletedSince)),
        ]),
        ("EventsGone", say(
            "Events after this id were deleted, or the database was restored from an older copy. \
             Start again from the oldest event."
        ), vec![
            ("retention", is(Error::EventsGone { oldest: 8001 })),
        ]),
        ("TooLarge", format!("The body is larger than {} KiB.", MAX_BODY / 1024), vec![
            ("large", is(Problem::payload_too_large())),
        ]),
        ("UnsupportedMediaType", say("The content type of the body is not JSON."), vec![
            ("form", is(Problem::unsupported_media_type())),
        ]),
        ("KeyReused", say("The idempotency key belongs to another request."), vec![
            ("reused", is(Error::KeyReused)),
        ]),
        ("BadGateway", say(
            "The users or the courses service sent an invalid response. Nothing was changed. \
             A retry does not help until that service is fixed. The log names the invalid field."
        ), vec![
            ("course", is(Unusable { system: System::Courses, cause: String::new() })),
        ]),
        ("Unavailable", say(
            "The database or another service is unavailable. A retry is safe: nothing was changed, or the request can be \
             repeated."
        ), vec![
            ("database", is(Unavailable::new(System::Database, ""))),
        ]),
    ]
}

fn is(problem: impl Into<Problem>) -> Option<Problem> {
    Some(problem.into())
}

pub(crate) fn answers() -> Vec<(&'static str, Answer)> {
    let all = common().into_iter();
    all.map(|(name, description, problems)| {
        let shown = problems.into_iter().filter_map(|(name, problem)| Some((name, problem?)));
        (name, Answer::new(description, shown.collect()))
    })
    .collect()
}

impl Answer {
    fn new(description: String, problems: Vec<(&'static str, Problem)>) -> Self {
        let mut headers = vec![("X-Request-Id", reference("#/components/headers/RequestId"))];
        for (name, always, at_times) in [
            ("Retry-After", "#/components/headers/RetryAfter", "#/components/headers/MaybeRetryAfter"),
            ("WWW-Authenticate", "#/components/headers/WwwAuthenticate", ""),
        ] {
            let has = |(_, problem): &(_, Problem)| {
                Reply::from(problem).headers.iter().any(|(own, _)| own.eq_ignore_ascii_case(name))
            };
            if problems.iter().all(has) {
                headers.push((name, reference(always)));
            } else if problems.iter().any(has) {
                headers.push((name, reference(at_times)));
            }
        }
        let examples = problems.into_iter().map(|(name, value)| (name, Example { value })).collect();
        let content = Content { schema: reference("#/components/schemas/Problem"), examples: InOrder(examples) };
        Self { description, headers: InOrder(headers), content: InOrder(vec![("application/json", content)]) }
    }

    pub(crate) fn statuses(&self) -> Vec<u16> {
        let contents = self.content.0.iter();
        contents.flat_map(|(_, content)| &content.examples.0).map(|(_, shown)| shown.value.status.as_u16()).collect()
    }
}
