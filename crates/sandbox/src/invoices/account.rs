//! The settings of the account, and how its API behaves where that is not the same for
//! every account.

use serde::{Deserialize, Serialize};

/// The account. By default as strict as a new one with KSeF.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Account {
    /// Which documents it sends to KSeF by itself; none: only those that it is asked to.
    pub gov_auto_send_mode: Option<AutoSend>,
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
