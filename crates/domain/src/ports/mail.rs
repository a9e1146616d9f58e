//! The mail relay.

use crate::jobs::outbox::Failure;
use crate::model::email::Email;
use chrono::TimeDelta;

/// What a relay makes of a mail that comes again under its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repeats {
    /// For so long after the first time it recognises the mail and does not
    /// send it again.
    Recognised(TimeDelta),
    /// It sends the mail again.
    Sent,
}

/// The mail relay.
pub trait Mail {
    /// What the relay makes of a mail that comes again.
    fn repeats(&self) -> Repeats;

    /// Sends a mail.
    ///
    /// # Errors
    ///
    /// [`Failure::Unknown`] whenever it may have been sent all the same.
    async fn send(&self, email: &Email) -> Result<(), Failure>;

    /// Whether the relay answers at all, found out without sending anything. One that
    /// recognises mails need not be asked.
    ///
    /// # Errors
    ///
    /// [`Failure::Down`] where it does not.
    async fn look(&self) -> Result<(), Failure>;
}
