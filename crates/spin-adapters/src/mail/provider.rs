//! Which relay is spoken to.

/// Whose API is spoken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Provider {
    Resend,
    Smtp2go,
    Brevo,
    Postmark,
}

impl Provider {
    /// As the variable `mail_provider` has it.
    pub(crate) fn named(name: &str) -> Option<Self> {
        match name.trim() {
            "resend" => Some(Self::Resend),
            "smtp2go" => Some(Self::Smtp2go),
            "brevo" => Some(Self::Brevo),
            "postmark" => Some(Self::Postmark),
            _ => None,
        }
    }
}
