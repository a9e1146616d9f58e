//! What the relays' statuses have in common when a mail was not taken.

use crate::outbound::Reply;
use domain::outbox::Failure;
use std::time::Duration;

/// A success that does not look like one proves nothing.
pub(super) fn unreadable_success() -> Failure {
    Failure::Unknown { reason: "unreadable success".to_owned() }
}

/// What a status means that is no success. Credentials, an address and the
/// relay's own troubles are mended there or by a person, and the mail waits;
/// what is refused otherwise is refused for good.
pub(super) fn of(reply: &Reply) -> Failure {
    let later = |reason: &str, whole_system| Failure::Later {
        reason: reason.to_owned(),
        after: reply.retry_after,
        whole_system,
    };
    match reply.status {
        ..=199 => Failure::Unknown { reason: "no answer".to_owned() },
        200..=299 => unreadable_success(),
        300..=399 => later("redirected", true),
        401 | 403 => later("access refused", true),
        404 | 405 => later("no such address", true),
        408 => later("asked to try again", false),
        429 => later("too many requests", true),
        500.. => later("server error", false),
        status => Failure::Refused { reason: format!("refused with {status}") },
    }
}

/// The same, waiting at least so long.
pub(super) fn at_least(failure: Failure, wait: Duration) -> Failure {
    match failure {
        Failure::Later { reason, after, whole_system } => {
            Failure::Later { reason, after: Some(after.unwrap_or_default().max(wait)), whole_system }
        }
        other => other,
    }
}
