//! `spin.toml`, version 2, as far as this host supports it.
//!
//! An unknown key is an error, so that an app does not run without a feature that it needs.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;

use crate::template::Template;
use crate::variables::check_name;

/// The parsed manifest, checked by [`Manifest::load`].
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Manifest {
    spin_manifest_version: u32,
    pub(crate) application: Application,
    #[serde(default)]
    pub(crate) variables: BTreeMap<String, Variable>,
    #[serde(default)]
    pub(crate) trigger: Triggers,
    #[serde(default)]
    pub(crate) component: BTreeMap<String, Component>,
}

/// Other keys are ignored.
#[derive(Debug, Deserialize)]
pub(crate) struct Application {
    pub(crate) name: String,
}

/// One entry of `[variables]`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Variable {
    pub(crate) default: Option<String>,
    #[serde(default)]
    pub(crate) required: bool,
    #[serde(default)]
    pub(crate) secret: bool,
    #[serde(rename = "description")]
    _description: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Triggers {
    #[serde(default)]
    pub(crate) http: Vec<HttpTrigger>,
    #[serde(default)]
    pub(crate) cron: Vec<CronTrigger>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct HttpTrigger {
    pub(crate) route: String,
    pub(crate) component: String,
    #[serde(rename = "id")]
    _id: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CronTrigger {
    pub(crate) cron_expression: String,
    pub(crate) component: String,
    #[serde(rename = "id")]
    _id: Option<String>,
}

/// One `[component.*]` section.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Component {
    /// Path of the `.wasm`, relative to the manifest.
    pub(crate) source: String,
    #[serde(default)]
    pub(crate) allowed_outbound_hosts: Vec<String>,
    #[serde(default)]
    pub(crate) sqlite_databases: BTreeSet<String>,
    #[serde(default)]
    pub(crate) variables: BTreeMap<String, String>,
    #[serde(default)]
    pub(crate) environment: BTreeMap<String, String>,
    #[serde(rename = "description")]
    _description: Option<String>,
    // Build commands and the data of other tools are ignored.
    #[serde(rename = "build")]
    _build: Option<toml::Table>,
    #[serde(rename = "tool")]
    _tool: Option<toml::Table>,
}

impl Manifest {
    /// Reads and checks the manifest at `path`.
    pub(crate) fn load(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        Self::parse(&text).with_context(|| format!("{} is invalid", path.display()))
    }

    fn parse(text: &str) -> Result<Self> {
        let manifest: Self = toml::from_str(text)?;
        manifest.check()?;
        Ok(manifest)
    }

    fn check(&self) -> Result<()> {
        ensure!(
            self.spin_manifest_version == 2,
            "spin_manifest_version is {}, but only 2 is supported",
            self.spin_manifest_version
        );
        for (name, variable) in &self.variables {
            check_name(name).map_err(|reason| anyhow::anyhow!("variable {reason}"))?;
            ensure!(
                variable.required != variable.default.is_some(),
                "variable {name:?} must be `required` or have a `default`, but not both"
            );
        }
        for (id, component) in &self.component {
            self.check_component(component).with_context(|| format!("component {id:?}"))?;
        }
        for trigger in &self.trigger.http {
            self.check_target(&trigger.component).with_context(|| format!("the HTTP trigger {:?}", trigger.route))?;
        }
        for trigger in &self.trigger.cron {
            self.check_target(&trigger.component)
                .with_context(|| format!("the cron trigger {:?}", trigger.cron_expression))?;
        }
        Ok(())
    }

    fn check_component(&self, component: &Component) -> Result<()> {
        for (name, value) in &component.variables {
            check_name(name).map_err(|reason| anyhow::anyhow!("variable {reason}"))?;
            self.check_template(value).with_context(|| format!("variable {name:?}"))?;
        }
        for host in &component.allowed_outbound_hosts {
            self.check_template(host).context("allowed_outbound_hosts")?;
        }
        for label in &component.sqlite_databases {
            ensure!(label == "default", "this host supports only the SQLite database \"default\", not {label:?}");
        }
        Ok(())
    }

    fn check_template(&self, template: &str) -> Result<()> {
        for name in Template::parse(template)?.names() {
            ensure!(self.variables.contains_key(name), "{template:?} refers to the unknown variable {name:?}");
        }
        Ok(())
    }

    fn check_target(&self, component: &str) -> Result<()> {
        if !self.component.contains_key(component) {
            bail!("refers to the unknown component {component:?}");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const APP: &str = "spin_manifest_version = 2\n[application]\nname = \"app\"\n";

    fn refusal(rest: &str) -> String {
        format!("{:#}", Manifest::parse(&format!("{APP}{rest}")).unwrap_err())
    }

    #[test]
    fn a_manifest_is_parsed() {
        let manifest = Manifest::parse(&format!(
            r#"{APP}
            [variables]
            url = {{ default = "http://127.0.0.1" }}
            token = {{ required = true, secret = true, description = "of the relay" }}
            [[trigger.http]]
            route = "/..."
            component = "a"
            [[trigger.cron]]
            cron_expression = "0 * * * * *"
            component = "a"
            [component.a]
            source = "a.wasm"
            allowed_outbound_hosts = ["{{{{ url }}}}"]
            sqlite_databases = ["default"]
            [component.a.variables]
            token = "{{{{ token }}}}"
            [component.a.build]
            command = "make"
            watch = ["src"]
            "#
        ))
        .unwrap();
        assert_eq!(manifest.application.name, "app");
        assert!(manifest.variables["token"].secret);
        assert_eq!(manifest.component["a"].source, "a.wasm");
        assert_eq!(manifest.trigger.http[0].route, "/...");
        assert_eq!(manifest.trigger.cron[0].component, "a");
    }

    #[test]
    fn an_error_contains_the_invalid_value() {
        let trigger = "[[trigger.http]]\nroute = \"/x\"\ncomponent = \"missing\"\n";
        assert!(refusal(trigger).contains("\"/x\": refers to the unknown component \"missing\""));
        let template = "[component.a]\nsource = \"a\"\nvariables = { v = \"{{ what }}\" }\n";
        let text = refusal(template);
        assert!(text.contains("\"a\"") && text.contains("unknown variable \"what\""), "{text}");
        let host = "[component.a]\nsource = \"a\"\nallowed_outbound_hosts = [\"{{ what }}\"]\n";
        assert!(refusal(host).contains("unknown variable \"what\""));
        let neither = "[variables]\nv = { secret = true }\n";
        assert!(refusal(neither).contains("\"v\" must be `required` or have a `default`"));
        let name = "[variables]\n\"V-1\" = { default = \"\" }\n";
        assert!(refusal(name).contains("\"V-1\""));
        let database = "[component.a]\nsource = \"a\"\nsqlite_databases = [\"other\"]\n";
        assert!(refusal(database).contains("\"other\""));
    }

    #[test]
    fn unsupported_features_are_refused() {
        let files = "[component.a]\nsource = \"a\"\nfiles = [\"x\"]\n";
        assert!(refusal(files).contains("files"));
        assert!(refusal("[[trigger.redis]]\naddress = \"x\"\n").contains("redis"));
        let other = APP.replace('2', "1");
        assert!(format!("{:#}", Manifest::parse(&other).unwrap_err()).contains("only 2 is supported"));
    }
}
