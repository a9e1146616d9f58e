//! Variables of the app, of a component, and the interface for guests.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};

use crate::bindings::spin::variables::{Error, Host};
use crate::guest::State;
use crate::manifest::{Component, Manifest};
use crate::template::Template;

/// The values of the app's variables.
pub(crate) type Values = BTreeMap<String, String>;

/// Determines the value of every variable of the app: `given` takes precedence over the
/// environment, and the environment over the default.
///
/// Spin does this whenever a guest reads a variable; this host does it once, at start.
pub(crate) fn assign(
    manifest: &Manifest,
    given: &BTreeMap<String, String>,
    environment: impl Fn(&str) -> Result<Option<String>>,
) -> Result<Values> {
    if let Some(name) = given.keys().find(|name| !manifest.variables.contains_key(*name)) {
        bail!("the app does not declare the variable {name:?}");
    }
    let mut values = Values::new();
    for (name, variable) in &manifest.variables {
        let key = environment_key(name);
        let value = match given.get(name) {
            Some(value) => Some(value.clone()),
            None => environment(&key)?,
        };
        let value = value
            .or_else(|| variable.default.clone())
            .with_context(|| format!("the variable {name:?} is required: set {key}"))?;
        values.insert(name.clone(), value);
    }
    Ok(values)
}

/// Reads a key from the environment of this process.
pub(crate) fn from_environment(key: &str) -> Result<Option<String>> {
    match std::env::var(key) {
        Ok(value) => Ok(Some(value)),
        Err(std::env::VarError::NotPresent) => Ok(None),
        // The original error contains the value.
        Err(std::env::VarError::NotUnicode(_)) => bail!("{key} is not valid UTF-8"),
    }
}

fn environment_key(name: &str) -> String {
    format!("SPIN_VARIABLE_{}", name.to_ascii_uppercase())
}

/// The variables of one component, resolved.
pub(crate) fn of_component(component: &Component, values: &Values) -> Result<Values> {
    let mut resolved = Values::new();
    for (name, template) in &component.variables {
        resolved.insert(name.clone(), resolve(template, values)?);
    }
    Ok(resolved)
}

/// Fills in a template.
pub(crate) fn resolve(template: &str, values: &Values) -> Result<String> {
    Template::parse(template)?.resolve(|name| values.get(name).map(String::as_str))
}

/// Spin's rule for names: lower-case letters, digits and single underscores; the first
/// character is a letter, and the last one is not an underscore. The error is the reason.
pub(crate) fn check_name(name: &str) -> Result<(), String> {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    let reason = if name.is_empty() {
        "must not be empty"
    } else if !name.chars().all(allowed) {
        "may contain only lower-case letters, digits and underscores"
    } else if !name.starts_with(|c: char| c.is_ascii_lowercase()) {
        "must start with a lower-case letter"
    } else if name.ends_with('_') {
        "must not end with an underscore"
    } else if name.contains("__") {
        "must not contain two underscores in a row"
    } else {
        return Ok(());
    };
    Err(format!("{name:?}: {reason}"))
}

impl Host for State {
    async fn get(&mut self, name: String) -> Result<String, Error> {
        self.trace.variables += 1;
        check_name(&name).map_err(Error::InvalidName)?;
        let component = &self.component;
        component
            .variables
            .get(&name)
            .cloned()
            .ok_or_else(|| Error::Undefined(format!("no variable for {:?}.{name:?}", component.id)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest(variables: &str) -> Manifest {
        toml::from_str(&format!("spin_manifest_version = 2\n[application]\nname = \"app\"\n[variables]\n{variables}"))
            .unwrap()
    }

    fn nothing(_: &str) -> Result<Option<String>> {
        Ok(None)
    }

    #[test]
    fn given_values_take_precedence() {
        let manifest = manifest("mysql_user = { default = \"default\" }\n");
        let environment = |key: &str| Ok((key == "SPIN_VARIABLE_MYSQL_USER").then(|| "environment".to_owned()));
        let given = BTreeMap::from([("mysql_user".to_owned(), "given".to_owned())]);
        assert_eq!(assign(&manifest, &given, environment).unwrap()["mysql_user"], "given");
        assert_eq!(assign(&manifest, &BTreeMap::new(), environment).unwrap()["mysql_user"], "environment");
        assert_eq!(assign(&manifest, &BTreeMap::new(), nothing).unwrap()["mysql_user"], "default");
    }

    #[test]
    fn the_error_contains_the_missing_variable() {
        let error = assign(&manifest("token = { required = true }\n"), &BTreeMap::new(), nothing).unwrap_err();
        assert!(error.to_string().contains("SPIN_VARIABLE_TOKEN"));
    }

    #[test]
    fn a_value_for_an_unknown_variable_is_an_error() {
        let given = BTreeMap::from([("unknown".to_owned(), "s3cret".to_owned())]);
        let error = assign(&manifest(""), &given, nothing).unwrap_err().to_string();
        assert!(error.contains("\"unknown\"") && !error.contains("s3cret"));
    }

    #[test]
    fn names_follow_spins_rule() {
        for name in ["a", "mysql_tls", "a1_2b"] {
            check_name(name).unwrap();
        }
        for name in ["", "A", "1a", "_a", "a_", "a__b", "a-b", "ä"] {
            check_name(name).unwrap_err();
        }
    }
}
