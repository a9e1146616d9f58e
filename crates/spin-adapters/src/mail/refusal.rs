//! What the relays' statuses have in common when a mail was not taken.

use crate::outbound::Reply;
use crate::trouble;
use domain::outbox::Failure;
use std::time::Duration;

/// It may have been sent.
pub(super) fn unknown(reason: &str, reply: &Reply) -> Failure {
    Failure::Unknown { reason: reason.to_owned(), after: reply.retry_after, whole_system: false }
}

/// A success that does not look like one proves nothing.
pub(super) fn unreadable_success(reply: &Reply) -> Failure {
    unknown("unreadable success", reply)
}

/// What a status means that is no success. Credentials, an address, the account
/// and the relay's own troubles are mended there or by a person, and the mail
/// waits; what is refused otherwise is refused for good.
pub(super) fn of(reply: &Reply) -> Failure {
    match reply.status {
        ..=199 => unknown("no answer", reply),
        200..=299 => unreadable_success(reply),
        500.. => Failure::Later { reason: "server error".to_owned(), after: reply.retry_after },
        status => trouble::of(reply).unwrap_or_else(|| Failure::Refused { reason: format!("refused with {status}") }),
    }
}

/// The same, waiting at least so long.
pub(super) fn at_least(failure: Failure, wait: Duration) -> Failure {
    match failure {
        Failure::Paced { reason, after, gap } => {
            Failure::Paced { reason, after: Some(after.unwrap_or_default().max(wait)), gap }
        }
        other => other,
    }
}
