//! What an answer means that is no success. A relay says by its own code whether the
//! account cannot send or this mail is refused; each relay's file has the list of the
//! former with its source. What is not on the list is the mail's.

use crate::outbound::Reply;
use crate::outbound::status;
use domain::jobs::outbox::Failure;
use domain::model::reason::{FailureReason, ReasonCode};

/// The most characters of a relay's code that are kept.
const LONGEST_CODE: usize = 64;

/// A relay's own code for why a mail was not taken, and whom it concerns.
pub(super) struct Code {
    /// In the relay's words: a name or a number.
    pub(super) code: String,
    /// Whether no mail of the account would be taken.
    pub(super) of_account: bool,
}

/// What an answer means that has, or has not, a code of the relay.
pub(super) fn of(reply: &Reply, code: Option<Code>) -> Failure {
    let status = reply.status;
    match (status, code) {
        (..=199, _) => unknown(ReasonCode::UnexpectedStatus.with(status), reply),
        // A gateway may have answered for a relay that took the mail. One that asks for a
        // pause with 503 took nothing.
        (503, _) if reply.retry_after.is_some() => down(ReasonCode::OutOfOrder.with(status), reply),
        (500.., _) => unknown(ReasonCode::ServerError.with(status), reply),
        // 401 to 403 speak of the key or the account in each relay's table of statuses.
        (401..=403, Some(Code { code, .. })) | (_, Some(Code { code, of_account: true })) => {
            down(ReasonCode::AccountRefused.with(plain(&code)), reply)
        }
        (408 | 425 | 429, _) => status::of(reply).unwrap_or_else(|| down(ReasonCode::TooManyRequests.into(), reply)),
        // Nothing that is documented of one mail comes with these.
        (300..=399 | 401..=405 | 423 | 451, None) => {
            status::of(reply).unwrap_or_else(|| down(ReasonCode::AccessRefused.into(), reply))
        }
        (_, Some(Code { code, .. })) => Failure::Refused { reason: ReasonCode::MailRefused.with(plain(&code)) },
        (200..=299, None) => unreadable_success(reply),
        (_, None) => {
            Failure::Refused { reason: ReasonCode::MailRefused.with(format_args!("status {status} without a code")) }
        }
    }
}

/// It may have been sent, and the next one would fare no better.
fn unknown(reason: FailureReason, reply: &Reply) -> Failure {
    Failure::Unknown { reason, after: reply.retry_after, whole_system: true }
}

/// A success that does not look like one proves nothing.
pub(super) fn unreadable_success(reply: &Reply) -> Failure {
    Failure::Unknown {
        reason: ReasonCode::UnreadableAnswer.with("success"),
        after: reply.retry_after,
        whole_system: false,
    }
}

fn down(reason: FailureReason, reply: &Reply) -> Failure {
    Failure::Down { reason, after: reply.retry_after }
}

/// A code as it may be kept: no free text, in which there may be an address.
fn plain(code: &str) -> &str {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || " _.-()".contains(c);
    if code.len() <= LONGEST_CODE && code.chars().all(is_plain) { code } else { "a code that cannot be read" }
}
