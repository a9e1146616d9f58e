//! Statuses with which an outside system refuses whatever it is asked, be it
//! an invoice or a mail.

use crate::outbound::Reply;
use domain::outbox::Failure;

/// What keeps any request from being carried out: an address, credentials or
/// an account, which a person mends while the jobs wait, or a request for fewer
/// requests. Nothing was delivered. None where the status says something about the one
/// request.
pub(crate) fn of(reply: &Reply) -> Option<Failure> {
    let after = reply.retry_after;
    let paced = |reason: &str| Failure::Paced { reason: reason.to_owned(), after, gap: None };
    let down = |reason: &str| Failure::Down { reason: reason.to_owned(), after };
    Some(match reply.status {
        300..=399 => down("redirected"),
        401 | 403 => down("access refused"),
        402 => down("payment for the account required"),
        404 | 405 => down("no such address or account"),
        408 => paced("asked to try again"),
        423 => down("account locked"),
        425 => paced("asked to try later"),
        429 => paced("too many requests"),
        451 => down("unavailable for legal reasons"),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn what_passes_puts_off_and_names_itself() {
        let seven = Some(Duration::from_secs(7));
        for status in [301, 302, 307, 401, 402, 403, 404, 405, 423, 451] {
            let reply = Reply { status, retry_after: seven, body: Vec::new() };
            let Some(Failure::Down { reason, after }) = of(&reply) else { panic!("{status}") };
            assert!(!reason.is_empty());
            assert_eq!(after, seven, "{status}");
        }
        for status in [408, 425, 429] {
            let reply = Reply { status, retry_after: seven, body: Vec::new() };
            let Some(Failure::Paced { after, gap: None, .. }) = of(&reply) else { panic!("{status}") };
            assert_eq!(after, seven, "{status}");
        }
    }

    #[test]
    fn other_statuses_are_about_the_request() {
        for status in [200, 201, 400, 406, 409, 410, 413, 415, 422, 428, 500, 503, 599] {
            assert_eq!(of(&Reply { status, retry_after: None, body: Vec::new() }), None, "{status}");
        }
    }
}
