//! The mail relay.

use crate::jobs::outbox::Failure;
use crate::model::email::Email;
use crate::model::mail::MailKind;
use chrono::TimeDelta;

/// What a relay does with a repeated mail, which has the same key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repeats {
    /// It recognises the mail for this time after the first request and does not send it again.
    Recognised(TimeDelta),
    /// It sends the mail again.
    Sent,
}

/// The mail relay.
pub trait Mail {
    /// Whether mails of this kind are not to be sent.
    fn is_off(&self, kind: MailKind) -> bool;

    /// What the relay does with a repeated mail.
    fn repeats(&self) -> Repeats;

    /// Sends a mail.
    ///
    /// # Errors
    ///
    /// [`Failure::Unknown`] if it is unknown whether it was sent.
    async fn send(&self, email: &Email) -> Result<(), Failure>;

    /// Checks that the relay answers, without sending a mail. It is not needed for a relay that
    /// recognises repeated mails.
    ///
    /// # Errors
    ///
    /// [`Failure::Down`] if it does not.
    async fn check(&self) -> Result<(), Failure>;
}
