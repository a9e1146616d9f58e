//! What a reply, or none, means where it has no document.

use crate::outbound::status;
use crate::outbound::{NoReply, Reply};
use domain::jobs::outbox::Failure;
use domain::model::reason::{FailureReason, ReasonCode};

pub(super) fn later(reason: impl Into<FailureReason>) -> Failure {
    Failure::Later { reason: reason.into(), after: None }
}

pub(super) fn down(reason: impl Into<FailureReason>) -> Failure {
    Failure::Down { reason: reason.into(), after: None }
}

/// The answer to a look-up that has none of what was asked for: an outage, where the
/// service itself or something before it is out of order.
pub(super) fn no_look_up(reply: &Reply) -> Failure {
    let (status, after) = (reply.status, reply.retry_after);
    status::of(reply).unwrap_or_else(|| match status {
        500.. => Failure::Down { reason: ReasonCode::ServerError.with(status), after },
        _ => Failure::Later { reason: ReasonCode::UnexpectedStatus.with(status), after },
    })
}

pub(super) fn unknown(reason: impl Into<FailureReason>, reply: &Reply) -> Failure {
    Failure::Unknown { reason: reason.into(), after: reply.retry_after, whole_system: false }
}

/// Without a reply to a request for an invoice.
pub(super) fn not_created(no_reply: NoReply) -> Failure {
    let (reason, silent) = (no_reply.code().into(), no_reply == NoReply::TimedOut);
    match no_reply {
        NoReply::NotSent(code) => down(code),
        NoReply::MaybeSent(_) | NoReply::TimedOut => Failure::Unknown { reason, after: None, whole_system: silent },
    }
}

/// Without a reply to a look-up, which can be repeated.
pub(super) fn not_found_out(no_reply: NoReply) -> Failure {
    match no_reply {
        NoReply::MaybeSent(code) => later(code),
        other => down(other.code()),
    }
}

/// Without a reply to a request to send a document to KSeF again: where it was not sent,
/// nothing was tried.
pub(super) fn not_sent_again(no_reply: NoReply) -> Failure {
    match no_reply {
        NoReply::NotSent(code) => down(code),
        other => later(other.code()),
    }
}
