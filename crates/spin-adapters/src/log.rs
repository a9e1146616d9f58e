//! One line of JSON per failure, on standard error, where Spin keeps a
//! component's log. Only names of this project's own go into it: no host's
//! text, no address, no token, nobody's data.

use serde::Serialize;

#[derive(Serialize)]
struct Line<'a> {
    level: &'static str,
    request_id: &'a str,
    route: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    cause: &'a str,
}

/// A request was answered with a status of 500 or above.
pub fn answer_failed(request_id: &str, route: &str, status: u16, cause: &str) {
    write(&Line { level: "error", request_id, route, status: Some(status), cause });
}

/// Something went wrong that no status tells of: after the answer, in the
/// middle of a stream or in a run by cron.
pub fn work_failed(request_id: &str, route: &str, cause: &str) {
    write(&Line { level: "error", request_id, route, status: None, cause });
}

fn write(line: &Line<'_>) {
    if let Ok(line) = serde_json::to_string(line) {
        eprintln!("{line}");
    }
}
