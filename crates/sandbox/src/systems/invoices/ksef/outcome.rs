//! The possible outcomes of a document that is sent to KSeF.

use serde::{Deserialize, Deserializer, de};

/// An outcome: the final `gov_status` and the error messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The name in JSON.
    name: &'static str,
    status: &'static str,
    messages: &'static [&'static str],
    /// Whether the account uses KSeF's demo environment.
    demo: bool,
}

const DUPLICATE: &[&str] = &["440: Duplikat faktury"];

impl Outcome {
    /// The document is accepted and gets its KSeF number.
    pub const OK: Self = Self::new("ok", "ok", &[]);
    /// The document is refused because of its content.
    pub const SEND_ERROR: Self =
        Self::new("send_error", "send_error", &["NIP nabywcy jest nieprawidłowy", "Brak adresu nabywcy"]);
    /// KSeF fails.
    pub const SERVER_ERROR: Self = Self::new("server_error", "server_error", &["Serwer KSeF nie odpowiada"]);
    /// KSeF has the document already. The vendor's documentation lacks this status, but clients
    /// get it.
    pub const DUPLICATE_ERROR: Self = Self::new("duplicate_error", "duplicate_error", DUPLICATE);
    /// KSeF has the document already, which only the messages say.
    pub const SEND_ERROR_DUPLICATE: Self = Self::new("send_error_duplicate", "send_error", DUPLICATE);
    /// The document stays `processing`.
    pub const PROCESSING: Self = Self::new("processing", "processing", &[]);
    /// The account has no access to KSeF.
    pub const NOT_CONNECTED: Self = Self::new("not_connected", "not_connected", &[]);

    const ALL: [Self; 7] = [
        Self::OK,
        Self::SEND_ERROR,
        Self::SERVER_ERROR,
        Self::DUPLICATE_ERROR,
        Self::SEND_ERROR_DUPLICATE,
        Self::PROCESSING,
        Self::NOT_CONNECTED,
    ];

    const fn new(name: &'static str, status: &'static str, messages: &'static [&'static str]) -> Self {
        Self { name, status, messages, demo: false }
    }

    /// The same in KSeF's demo environment: the status begins with `demo_`.
    #[must_use]
    pub const fn demo(self) -> Self {
        Self { demo: true, ..self }
    }

    pub(super) fn is_accepted(self) -> bool {
        self.status == Self::OK.status
    }

    pub(super) fn status(self) -> String {
        self.prefixed(self.status)
    }

    /// The status until the outcome is known.
    pub(super) fn processing(self) -> String {
        self.prefixed(Self::PROCESSING.status)
    }

    pub(super) fn messages(self) -> &'static [&'static str] {
        self.messages
    }

    fn prefixed(self, status: &str) -> String {
        format!("{}{status}", if self.demo { "demo_" } else { "" })
    }
}

impl<'de> Deserialize<'de> for Outcome {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        let (plain, demo) = name.strip_prefix("demo_").map_or((name.as_str(), false), |plain| (plain, true));
        let known = Self::ALL.into_iter().find(|outcome| outcome.name == plain);
        known
            .map(|outcome| Self { demo, ..outcome })
            .ok_or_else(|| de::Error::custom(format!("unknown outcome {name}")))
    }
}
