//! How the outside systems behave, faults aside: `GET` and `PUT /sandbox/settings`.
//!
//! ```json
//! {"invoices": {"gov_auto_send_mode": "pl_companies"}}
//! ```
//!
//! What is left out stays as it is. A reset brings back what the sandbox was started with.

use crate::invoices::Account;
use crate::mail;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The settings, a section for each system.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// The account at Fakturownia.
    pub invoices: Account,
    /// The account at the mail relay.
    pub emails: mail::Settings,
}

impl Settings {
    /// The same with some values changed: `changes` has the JSON form of the settings,
    /// without what stays.
    ///
    /// # Errors
    ///
    /// When there is no such setting, or it has no such value.
    pub fn changed(&self, changes: Value) -> serde_json::Result<Self> {
        let mut whole = serde_json::to_value(self)?;
        merge(&mut whole, changes);
        serde_json::from_value(whole)
    }
}

/// Puts values into objects, key by key.
pub(crate) fn merge(into: &mut Value, changes: Value) {
    match (&mut *into, changes) {
        (Value::Object(into), Value::Object(changes)) => {
            for (key, value) in changes {
                merge(into.entry(key).or_insert(Value::Null), value);
            }
        }
        // A list in the place of an object would be taken for one without keys.
        (Value::Object(_), _) => *into = Value::Null,
        (into, changes) => *into = changes,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_left_out_stays() {
        let own = Settings::default();
        let changed = own.changed(json!({"invoices": {"gov_auto_send_mode": "all"}})).unwrap();
        assert_ne!(changed, own);
        assert_eq!(changed.changed(json!({"invoices": {}})).unwrap(), changed);
        assert_eq!(changed.changed(json!({"invoices": {"gov_auto_send_mode": null}})).unwrap(), own);
        for wrong in [json!({"moon": {}}), json!({"invoices": {"moon": 1}}), json!({"invoices": []})] {
            assert!(own.changed(wrong.clone()).is_err(), "{wrong}");
        }
        assert!(own.changed(json!({"invoices": {"gov_auto_send_mode": "some"}})).is_err());
    }
}
