//! The relays.

mod brevo;
mod postmark;
mod resend;
mod smtp2go;

use super::api::Api;

/// A relay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Provider {
    Resend,
    Smtp2go,
    Brevo,
    Postmark,
}

impl Provider {
    /// By the value of the variable `mail_provider`.
    pub(crate) fn named(name: &str) -> Option<Self> {
        match name.trim() {
            "resend" => Some(Self::Resend),
            "smtp2go" => Some(Self::Smtp2go),
            "brevo" => Some(Self::Brevo),
            "postmark" => Some(Self::Postmark),
            _ => None,
        }
    }

    /// Apart from the names, so that a component that only checks the variable is small.
    pub(super) fn api(self) -> &'static Api {
        match self {
            Self::Resend => &resend::API,
            Self::Smtp2go => &smtp2go::API,
            Self::Brevo => &brevo::API,
            Self::Postmark => &postmark::API,
        }
    }
}

#[cfg(test)]
mod tests;
