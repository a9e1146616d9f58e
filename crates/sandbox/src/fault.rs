//! Faults on demand: `POST /sandbox/faults`.
//!
//! ```json
//! {"target": "invoices", "fault": {"status": 503}, "times": 1}
//! {"target": "emails", "fault": "reset_after", "probability": 0.1}
//! {"target": "emails_send", "fault": {"status_after": 502}, "times": 2}
//! ```

use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// Which calls a fault meets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// The users service.
    Users,
    /// The courses service.
    Courses,
    /// Fakturownia, whatever it is asked.
    Invoices,
    /// Fakturownia, asked to issue an invoice or a correction.
    InvoicesCreate,
    /// Fakturownia, asked which documents there are.
    InvoicesFind,
    /// The mail relay, whatever it is asked.
    Emails,
    /// The mail relay, asked to send.
    EmailsSend,
    /// The mail relay, asked for something that sends nothing.
    EmailsLook,
    /// The receiver of events.
    Webhooks,
}

impl Target {
    /// Whether a fault for this target meets a call of `other`.
    #[must_use]
    pub fn covers(self, other: Self) -> bool {
        match self {
            Self::Invoices => matches!(other, Self::Invoices | Self::InvoicesCreate | Self::InvoicesFind),
            Self::Emails => matches!(other, Self::Emails | Self::EmailsSend | Self::EmailsLook),
            _ => self == other,
        }
    }
}

/// What happens instead of an answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
pub enum Fault {
    /// One of the faults that need no more than a name.
    Named(Named),
    /// Another answer.
    Status {
        /// Its status.
        status: u16,
        /// Its body: text as it is, anything else as JSON.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        body: Option<Value>,
        /// More headers.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        headers: BTreeMap<String, String>,
    },
    /// The request is carried out, then a gateway answers with this status.
    StatusAfter {
        /// Such as 502 or 504.
        status_after: u16,
    },
    /// The proper answer, late.
    Delay {
        /// How late, in milliseconds.
        delay_ms: u64,
    },
}

/// The faults that need no more than a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Named {
    /// The request is read and never answered.
    Silence,
    /// The connection ends without an answer; nothing is done.
    Reset,
    /// The request is carried out, then the connection ends without an answer.
    ResetAfter,
    /// 200 with a page of HTML.
    Garbage,
    /// The proper answer, cut in the middle.
    Truncated,
    /// 200 with 4 MiB of JSON.
    Oversized,
    /// 200 with one byte every 100 ms, without an end.
    Drip,
}

impl Fault {
    /// The request is carried out, then answered with this status.
    #[must_use]
    pub fn status_after(status: u16) -> Self {
        Self::StatusAfter { status_after: status }
    }

    /// Another answer with this status and nothing in it.
    #[must_use]
    pub fn status(status: u16) -> Self {
        Self::Status { status, body: None, headers: BTreeMap::new() }
    }
}

impl From<Named> for Fault {
    fn from(named: Named) -> Self {
        Self::Named(named)
    }
}

/// A fault in force.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Active {
    /// Which calls it meets.
    pub target: Target,
    /// What happens.
    pub fault: Fault,
    /// How often it still happens; without it, until it is cleared.
    #[serde(default)]
    pub times: Option<u32>,
    /// How likely it is, from 0 to 1; without it, certain.
    #[serde(default)]
    pub probability: Option<f64>,
    /// Only for calls with this text in their path, query or body.
    #[serde(default, rename = "match")]
    pub matching: Option<String>,
}
