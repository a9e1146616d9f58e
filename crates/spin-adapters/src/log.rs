//! One line of JSON per failure, on standard error, where Spin keeps a
//! component's log. Only names of this project's own, and those of tokens, go into it:
//! no text of a host, no address, no token, no personal data.

use domain::jobs::Job;
use domain::jobs::outbox::State;
use domain::model::reason::FailureReason;
use http::StatusCode;
use serde::Serialize;
use std::io::Write as _;

/// What a line is about.
pub(crate) struct Log<'a> {
    pub(crate) request_id: &'a str,
    pub(crate) route: &'a str,
    /// The name of the token.
    pub(crate) caller: Option<&'a str>,
}

#[derive(Serialize)]
struct Line<'a> {
    level: &'static str,
    request_id: &'a str,
    route: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    caller: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    cause: &'a str,
}

impl Log<'_> {
    /// A request was answered with this status.
    pub(crate) fn answer_failed(&self, status: StatusCode, cause: &str) {
        self.write(if status.is_server_error() { "error" } else { "warning" }, Some(status.as_u16()), cause);
    }

    /// Something went wrong that no status tells of: after the answer or in the
    /// middle of a stream.
    pub(crate) fn work_failed(&self, cause: &str) {
        self.write("error", None, cause);
    }

    fn write(&self, level: &'static str, status: Option<u16>, cause: &str) {
        let Self { request_id, route, caller } = *self;
        write_line(&Line { level, request_id, route, caller, status, cause });
    }
}

/// Something failed in a run, which went on.
pub(crate) fn delivery_swallowed(what: &str, cause: &str) {
    Log { request_id: "run", route: what, caller: None }.work_failed(cause);
}

/// A delivery failed: `job` is tried again, or is dead.
pub(crate) fn delivery_failed(job: &Job, state: State, attempts: u32, reason: &FailureReason) {
    #[derive(Serialize)]
    struct Line {
        level: &'static str,
        delivery: &'static str,
        enrolment_id: i64,
        state: &'static str,
        attempts: u32,
        reason: &'static str,
        cause: String,
    }
    let line = Line {
        level: if state == State::Dead { "error" } else { "warning" },
        delivery: job.payload.kind().word(),
        enrolment_id: job.enrolment_id.get(),
        state: state.as_str(),
        attempts,
        reason: reason.code.word(),
        cause: reason.to_string(),
    };
    write_line(&line);
}

/// In one write, so that lines of components that run at the same time do not mix.
fn write_line(line: &impl Serialize) {
    let Ok(mut text) = serde_json::to_vec(line) else { return };
    text.push(b'\n');
    // A failed write cannot be reported.
    let _ = std::io::stderr().write_all(&text);
}

/// A run by cron failed.
pub fn run_failed(component: &str, cause: &str) {
    Log { request_id: "cron", route: component, caller: None }.work_failed(cause);
}
