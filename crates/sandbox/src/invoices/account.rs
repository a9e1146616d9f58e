//! The settings of the account, and how its API behaves where that is not known or not
//! the same for every account.

use super::value::{is_yes, text};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The account. By default as strict as a new one with KSeF.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Account {
    /// Whether KSeF is switched on.
    pub ksef: bool,
    /// Whether a document that KSeF would not take is refused. Otherwise it is saved with
    /// its faults, and cannot be sent.
    pub validate_invoices_for_gov: bool,
    /// Which documents it sends to KSeF by itself; none: only those that it is asked to.
    pub gov_auto_send_mode: Option<AutoSend>,
    /// Whether a field that was sent empty counts as missing when it is filled in from a
    /// client.
    pub fills_in_empty: bool,
    /// Whether the list can be filtered by `oid` and `from_invoice_id`.
    pub undocumented_filters: bool,
    /// Whether ids are answered as text.
    pub ids_as_text: bool,
    /// Whether amounts are answered as numbers.
    pub amounts_as_numbers: bool,
    /// How large the answer with a document is at least, in bytes.
    pub answer_bytes: usize,
    /// How many requests it takes in a second; none: any number.
    pub requests_per_second: Option<usize>,
    /// What is wrong with the account itself.
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

/// Which documents an account sends to KSeF by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AutoSend {
    /// Those for companies in Poland.
    PlCompanies,
    /// Those for companies.
    AllCompanies,
    /// All of them.
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

/// What can be wrong with the account, whatever the document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// Its plan has no document left this month.
    PlanLimit,
    /// It has no such department.
    Department,
}

impl Refusal {
    /// What it says to a document; none where it does not matter to it.
    pub(super) fn of(self, document: &Value) -> Option<Value> {
        match self {
            Self::PlanLimit => Some(json!("Przekroczono limit dokumentów w wybranym planie")),
            Self::Department if text(document, "department_id").is_empty() => None,
            Self::Department => Some(json!({"department_id": ["- nie istnieje"]})),
        }
    }
}
