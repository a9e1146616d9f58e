//! The settings of the account, and of the API where its behaviour is not documented or
//! differs between accounts.

use super::value::{is_yes, text};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The account. The default is as strict as a new account with KSeF.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Account {
    /// Whether KSeF is on.
    pub ksef: bool,
    /// Whether the account refuses a document that is invalid for KSeF. Otherwise it saves the
    /// document with its errors, and sending fails.
    pub validate_invoices_for_gov: bool,
    /// The documents that the account sends to KSeF automatically; none: only on request.
    pub gov_auto_send_mode: Option<AutoSend>,
    /// Whether an empty field counts as missing when the data of a client are filled in.
    pub fills_in_empty: bool,
    /// Whether a list can be filtered by `oid` and `from_invoice_id`.
    pub undocumented_filters: bool,
    /// Whether responses have ids as text.
    pub ids_as_text: bool,
    /// Whether responses have amounts as numbers.
    pub amounts_as_numbers: bool,
    /// The minimum size of a response with a document, in bytes.
    pub answer_bytes: usize,
    /// The maximum number of requests in a second; none: no limit.
    pub requests_per_second: Option<usize>,
    /// A problem of the account. It makes the account refuse documents.
    pub refuses: Option<Refusal>,
}

impl Default for Account {
    fn default() -> Self {
        Self {
            ksef: true,
            validate_invoices_for_gov: true,
            gov_auto_send_mode: None,
            fills_in_empty: false,
            undocumented_filters: false,
            ids_as_text: false,
            amounts_as_numbers: false,
            answer_bytes: 0,
            requests_per_second: None,
            refuses: None,
        }
    }
}

/// The documents that an account sends to KSeF automatically.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AutoSend {
    /// Documents for companies in Poland.
    PlCompanies,
    /// Documents for companies.
    AllCompanies,
    /// All documents.
    All,
}

impl AutoSend {
    pub(super) fn covers(self, document: &Value) -> bool {
        let company = is_yes(document.get("buyer_company"));
        match self {
            Self::PlCompanies => company && ["", "PL"].contains(&text(document, "buyer_country").as_str()),
            Self::AllCompanies => company,
            Self::All => true,
        }
    }
}

/// A problem of the account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// The monthly number of documents in its plan is used up.
    PlanLimit,
    /// The department does not exist.
    Department,
}

impl Refusal {
    /// The error for a document; none if the problem does not affect it.
    pub(super) fn of(self, document: &Value) -> Option<Value> {
        match self {
            Self::PlanLimit => Some(json!("Przekroczono limit dokumentów w wybranym planie")),
            Self::Department if text(document, "department_id").is_empty() => None,
            Self::Department => Some(json!({"department_id": ["- nie istnieje"]})),
        }
    }
}
