//! Statuses with which an outside system refuses whatever it is asked, be it
//! an invoice or a mail.

use crate::outbound::Reply;
use domain::jobs::outbox::Failure;
use domain::model::reason::ReasonCode;

/// What keeps any request from being carried out: an address, credentials or
/// an account, which a person mends while the jobs wait, or a request for fewer
/// requests. Nothing was delivered. None where the status says something about the one
/// request.
pub(crate) fn of(reply: &Reply) -> Option<Failure> {
    let after = reply.retry_after;
    let paced = |code: ReasonCode| Failure::Paced { reason: code.into(), after, gap: None };
    let down = |code: ReasonCode| Failure::Down { reason: code.into(), after };
    Some(match reply.status {
        300..=399 => down(ReasonCode::Redirected),
        401 | 403 => down(ReasonCode::AccessRefused),
        402 => down(ReasonCode::PaymentRequired),
        404 | 405 => down(ReasonCode::NoSuchAddress),
        423 => down(ReasonCode::AccountLocked),
        408 | 425 => paced(ReasonCode::AskedToWait),
        429 => paced(ReasonCode::TooManyRequests),
        451 => down(ReasonCode::LegalReasons),
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
            let Some(Failure::Down { after, .. }) = of(&reply) else { panic!("{status}") };
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
