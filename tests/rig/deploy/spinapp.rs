//! `SpinApp`, core.spinkube.dev/v1alpha1, with its published fields. Other fields are refused.

use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[allow(dead_code, reason = "a field that exists may stand in the manifest")]
pub(crate) struct Spec {
    pub(crate) executor: String,
    pub(crate) image: String,
    image_pull_secrets: Option<Vec<Value>>,
    pub(crate) checks: Checks,
    pub(crate) replicas: Option<u32>,
    #[serde(default)]
    pub(crate) enable_autoscaling: bool,
    runtime_config: Option<RuntimeConfig>,
    volumes: Option<Vec<Value>>,
    volume_mounts: Option<Vec<Value>>,
    pub(crate) variables: Vec<Variable>,
    service_annotations: Option<BTreeMap<String, String>>,
    deployment_annotations: Option<BTreeMap<String, String>>,
    pod_annotations: Option<BTreeMap<String, String>>,
    #[serde(default)]
    pub(crate) pod_labels: BTreeMap<String, String>,
    pub(crate) resources: Resources,
    pub(crate) components: Vec<String>,
    service_account_name: Option<String>,
    invocation_limits: Option<BTreeMap<String, String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Checks {
    pub(crate) readiness: Probe,
    pub(crate) liveness: Probe,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[allow(dead_code, reason = "a field that exists may stand in the manifest")]
pub(crate) struct Probe {
    pub(crate) http_get: HttpGet,
    initial_delay_seconds: Option<u32>,
    timeout_seconds: Option<u32>,
    period_seconds: Option<u32>,
    success_threshold: Option<u32>,
    failure_threshold: Option<u32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[allow(dead_code, reason = "a field that exists may stand in the manifest")]
pub(crate) struct HttpGet {
    pub(crate) path: String,
    http_headers: Option<Vec<Value>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[allow(dead_code, reason = "a field that exists may stand in the manifest")]
struct RuntimeConfig {
    load_from_secret: Option<String>,
    sqlite_databases: Option<Vec<Value>>,
    key_value_stores: Option<Vec<Value>>,
    llm_compute: Option<Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Variable {
    pub(crate) name: String,
    pub(crate) value: Option<String>,
    pub(crate) value_from: Option<Source>,
}

/// Where a value comes from.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Source {
    pub(crate) config_map_key_ref: Option<KeyRef>,
    pub(crate) secret_key_ref: Option<KeyRef>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct KeyRef {
    pub(crate) name: String,
    pub(crate) key: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Resources {
    pub(crate) limits: BTreeMap<String, String>,
    pub(crate) requests: BTreeMap<String, String>,
}
