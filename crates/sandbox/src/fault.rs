//! Faults on demand: `POST /sandbox/faults`.
//!
//! ```json
//! {"target": "invoices", "fault": {"status": 503}, "times": 1}
//! {"target": "emails", "fault": "reset_after", "probability": 0.1}
//! {"target": "emails_send", "fault": {"status_after": 502}, "times": 2}
//! ```

use crate::systems::Target;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// A fault.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
pub enum Fault {
    /// A fault without parameters.
    Named(Named),
    /// Another response.
    Status {
        /// The status.
        status: u16,
        /// The body: a string as it is, any other value as JSON.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        body: Option<Value>,
        /// More headers.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        headers: BTreeMap<String, String>,
    },
    /// The request is processed, then the response has this status, like that of a gateway.
    StatusAfter {
        /// The status, such as 502 or 504.
        status_after: u16,
    },
    /// The regular response, delayed.
    Delay {
        /// The delay, in milliseconds.
        delay_ms: u64,
    },
}

/// The faults without parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Named {
    /// The request is read and gets no response.
    Silence,
    /// The connection is closed without a response. The request is not processed.
    Reset,
    /// The request is processed, then the connection is closed without a response.
    ResetAfter,
    /// 200 with an HTML page.
    Garbage,
    /// The first half of the regular response.
    Truncated,
    /// 200 with 4 MiB of JSON.
    Oversized,
    /// 200 with an endless body of one byte every 100 ms.
    Drip,
}

impl Fault {
    /// The request is processed, then the response has this status.
    #[must_use]
    pub fn status_after(status: u16) -> Self {
        Self::StatusAfter { status_after: status }
    }

    /// A response with this status and no body.
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

/// An active fault.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Active {
    /// The calls that it applies to.
    pub target: Target,
    /// The fault.
    pub fault: Fault,
    /// The remaining number of times; none: until it is cleared.
    #[serde(default)]
    pub times: Option<u32>,
    /// The probability, from 0 to 1; none: always.
    #[serde(default)]
    pub probability: Option<f64>,
    /// Only for calls with this text in their path, query or body.
    #[serde(default, rename = "match")]
    pub matching: Option<String>,
}
