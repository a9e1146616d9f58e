//! The behaviour of the outside systems without faults: `GET` and `PUT /sandbox/settings`.
//!
//! ```json
//! {"invoices": {"gov_auto_send_mode": "pl_companies"}}
//! ```
//!
//! A setting that is left out does not change. A reset restores the settings at start.

use crate::systems::invoices::Account;
use crate::systems::mail;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The settings, with a section for each system.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// The account at Fakturownia.
    pub invoices: Account,
    /// The account at the mail relay.
    pub emails: mail::Settings,
}

impl Settings {
    /// A copy with some values changed. `changes` has the JSON form of the settings; it may be
    /// incomplete.
    ///
    /// # Errors
    ///
    /// If a setting or its value is unknown.
    pub fn changed(&self, changes: Value) -> serde_json::Result<Self> {
        let mut whole = serde_json::to_value(self)?;
        merge(&mut whole, changes);
        serde_json::from_value(whole)
    }
}

/// Merges objects, key by key.
pub(crate) fn merge(into: &mut Value, changes: Value) {
    match (&mut *into, changes) {
        (Value::Object(into), Value::Object(changes)) => {
            for (key, value) in changes {
                merge(into.entry(key).or_insert(Value::Null), value);
            }
        }
        // A list instead of an object would be read as an object without keys.
        (Value::Object(_), _) => *into = Value::Null,
        (into, changes) => *into = changes,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn other_settings_do_not_change() {
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
