//! Statuses with which an outside system refuses whatever it is asked, be it
//! an invoice or a mail.

use crate::outbound::Reply;
use domain::outbox::Failure;

/// What keeps any request from being carried out: an address, credentials or
/// an account, which a person mends while the jobs wait, or a request to wait.
/// Nothing was delivered. None where the status says something about the one
/// request.
pub(crate) fn of(reply: &Reply) -> Option<Failure> {
    let (reason, whole_system) = match reply.status {
        300..=399 => ("redirected", true),
        401 | 403 => ("access refused", true),
        402 => ("payment for the account required", true),
        404 | 405 => ("no such address or account", true),
        408 => ("asked to try again", false),
        423 => ("account locked", true),
        425 => ("asked to try later", true),
        429 => ("too many requests", true),
        451 => ("unavailable for legal reasons", true),
        _ => return None,
    };
    Some(Failure::Later { reason: reason.to_owned(), after: reply.retry_after, whole_system })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn what_passes_puts_off_and_names_itself() {
        for status in [301, 302, 307, 401, 402, 403, 404, 405, 423, 425, 429, 451] {
            let reply = Reply { status, retry_after: Some(Duration::from_secs(7)), body: Vec::new() };
            let Some(Failure::Later { reason, after, whole_system: true }) = of(&reply) else { panic!("{status}") };
            assert!(!reason.is_empty());
            assert_eq!(after, Some(Duration::from_secs(7)), "{status}");
        }
        let reply = Reply { status: 408, retry_after: None, body: Vec::new() };
        assert!(matches!(of(&reply), Some(Failure::Later { whole_system: false, .. })));
    }

    #[test]
    fn other_statuses_are_about_the_request() {
        for status in [200, 201, 400, 406, 409, 410, 413, 415, 422, 428, 500, 503, 599] {
            assert_eq!(of(&Reply { status, retry_after: None, body: Vec::new() }), None, "{status}");
        }
    }
}
