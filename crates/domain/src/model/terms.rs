//! The terms of a sale. The jobs of a payment have them, so that a changed setting has an effect
//! only on later payments.

mod billing;
mod currency;
mod tax;

pub use billing::{Billing, InvoicesProvider};
pub use currency::Currency;
pub use tax::{Exemption, MissingGround, NotSubject, Rate, Tax, TaxWord};

use crate::model::gtu::GtuCode;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The terms of one sale. They have no personal data and no secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// The account that issues the invoice.
    pub account: Account,
    /// The prefix of the number by which the invoice is looked up.
    pub prefix: String,
    /// The seller's department; `None` for the account's default.
    pub department_id: Option<String>,
    /// The tax, with its legal basis if it needs one.
    pub tax: Tax,
    /// The currency of the amount.
    pub currency: Currency,
    /// The GTU code of the course, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gtu_code: Option<GtuCode>,
    /// The payment type in the invoicing service's words.
    pub payment_type: String,
    /// For which documents this service asks for a KSeF number.
    pub ksef: KsefPolicy,
}

/// An account at the invoicing service: the origin of its URL, such as
/// `https://school.fakturownia.pl`. It is normalised, so that equal origins compare equal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Account(String);

impl Account {
    /// The account at `origin`: a scheme, a host and an optional port.
    #[must_use]
    pub fn new(origin: &str) -> Self {
        let origin = origin.trim_end_matches('/').to_ascii_lowercase();
        let default_port = if origin.starts_with("https:") { ":443" } else { ":80" };
        Self(origin.strip_suffix(default_port).unwrap_or(&origin).to_owned())
    }

    /// The account of a page; `None` if `url` has no host.
    #[must_use]
    pub fn of_page(url: &str) -> Option<Self> {
        let (scheme, rest) = url.split_once("://")?;
        let host = rest.split(['/', '?', '#']).next().filter(|host| !host.is_empty())?;
        Some(Self::new(&format!("{scheme}://{host}")))
    }
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// For which documents this service asks for a KSeF number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KsefPolicy {
    /// For none: the account's own setting decides.
    Account,
    /// For those whose buyer is a company.
    Companies,
    /// For all.
    Always,
}

impl KsefPolicy {
    /// Reads `account`, `companies` or `always`, with or without whitespace around it.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        match word.trim() {
            "account" => Some(Self::Account),
            "companies" => Some(Self::Companies),
            "always" => Some(Self::Always),
            _ => None,
        }
    }

    /// Whether to ask for a number; `company` says whether the buyer is a company.
    #[must_use]
    pub fn asks_for(self, company: bool) -> bool {
        match self {
            Self::Account => false,
            Self::Companies => company,
            Self::Always => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fakes::terms;

    #[test]
    fn equal_origins_are_the_same_account() {
        let account = Account::new("https://school.fakturownia.pl");
        for same in ["https://School.Fakturownia.pl/", "HTTPS://school.fakturownia.pl:443"] {
            assert_eq!(Account::new(same), account);
        }
        for other in ["http://school.fakturownia.pl", "https://school.fakturownia.pl:80", "https://a.fakturownia.pl"] {
            assert_ne!(Account::new(other), account);
        }
        assert_eq!(Account::new("http://[::1]:80").to_string(), "http://[::1]");
        assert_eq!(Account::new("http://127.0.0.1:3001").to_string(), "http://127.0.0.1:3001");
    }

    #[test]
    fn a_page_belongs_to_the_account_of_its_origin() {
        let account = Account::new("https://school.fakturownia.pl");
        for rest in ["", "/invoice/abc", "?a", "#a", ":443/invoice/abc"] {
            assert_eq!(Account::of_page(&format!("https://school.fakturownia.pl{rest}")), Some(account.clone()));
        }
        for none in ["", "N/A", "https://", "https:///a"] {
            assert_eq!(Account::of_page(none), None, "{none}");
        }
    }

    #[test]
    fn each_policy_asks_for_its_documents() {
        let asks = |word| KsefPolicy::parse(word).map(|policy| [policy.asks_for(false), policy.asks_for(true)]);
        assert_eq!(asks("account"), Some([false, false]));
        assert_eq!(asks("companies\n"), Some([false, true]));
        assert_eq!(asks("always"), Some([true, true]));
        assert_eq!((asks(""), asks("Always"), asks("never")), (None, None, None));
    }

    #[test]
    fn the_serialized_form_does_not_change() {
        let json = r#"{"account":"https://account.example","prefix":"enrolment","department_id":null,"tax":{"rate":"23"},"currency":"PLN","payment_type":"transfer","ksef":"account"}"#;
        assert_eq!(serde_json::to_string(&terms()).unwrap(), json);
        assert_eq!(serde_json::from_str::<Terms>(json).unwrap(), terms());
        for (right, wrong) in [("PLN", "pln"), (r#""23""#, r#""23%""#), ("\"account\"}", "\"never\"}")] {
            assert!(serde_json::from_str::<Terms>(&json.replace(right, wrong)).is_err(), "{wrong}");
        }
    }
}
