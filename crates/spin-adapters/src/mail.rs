//! The mail relay, through its HTTP API. Which one is spoken is chosen by the
//! variable `mail_provider`.

mod resend;

use crate::Patience;
use crate::outbound::exchange;
use domain::letter::Letter;
use domain::outbox::Failure;
use domain::ports::Mail;
use domain::{System, Unavailable};

/// An account at a mail relay.
pub struct Relay {
    provider: Provider,
    account: Account,
    patience: Patience,
}

/// Whose API is spoken.
enum Provider {
    Resend,
}

/// What every relay needs.
pub(crate) struct Account {
    pub(crate) origin: String,
    pub(crate) token: String,
    /// `Name <address>` or an address alone.
    pub(crate) from: String,
}

impl Relay {
    /// As the variables `mail_*` have it.
    ///
    /// # Errors
    ///
    /// When a variable is missing or unreadable.
    pub fn from_variables(patience: Patience) -> Result<Self, Unavailable> {
        use crate::config::{filled, origin, text};
        let provider = match text("mail_provider")?.as_str() {
            "resend" => Provider::Resend,
            _ => return Err(Unavailable::new(System::Configuration, "variable mail_provider is unreadable")),
        };
        let account = Account { origin: origin("mail_url")?, token: filled("mail_token")?, from: filled("mail_from")? };
        Ok(Self { provider, account, patience })
    }
}

impl Mail for Relay {
    async fn send(&self, letter: &Letter) -> Result<(), Failure> {
        match self.provider {
            Provider::Resend => resend::send(&self.account, letter, self.patience).await,
        }
    }
}
