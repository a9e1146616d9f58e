//! `SpinApp`, core.spinkube.dev/v1alpha1, with its published fields. Other fields are refused.

use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[allow(dead_code, reason = "a field that exists may stand in the manifest")]
pub(super) struct Spec {
    pub(super) executor: String,
    pub(super) image: String,
    image_pull_secrets: Option<Vec<Value>>,
    pub(super) checks: Checks,
    pub(super) replicas: Option<u32>,
    #[serde(default)]
    pub(super) enable_autoscaling: bool,
    pub(super) runtime_config: Option<RuntimeConfig>,
    volumes: Option<Vec<Value>>,
    volume_mounts: Option<Vec<Value>>,
    pub(super) variables: Vec<Variable>,
    service_annotations: Option<BTreeMap<String, String>>,
    deployment_annotations: Option<BTreeMap<String, String>>,
    pod_annotations: Option<BTreeMap<String, String>>,
    #[serde(default)]
    pub(super) pod_labels: BTreeMap<String, String>,
    pub(super) resources: Resources,
    pub(super) components: Vec<String>,
    service_account_name: Option<String>,
    invocation_limits: Option<BTreeMap<String, String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Checks {
    pub(super) readiness: Probe,
    pub(super) liveness: Probe,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[allow(dead_code, reason = "a field that exists may stand in the manifest")]
pub(super) struct Probe {
    pub(super) http_get: HttpGet,
    initial_delay_seconds: Option<u32>,
    timeout_seconds: Option<u32>,
    period_seconds: Option<u32>,
    success_threshold: Option<u32>,
    failure_threshold: Option<u32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[allow(dead_code, reason = "a field that exists may stand in the manifest")]
pub(super) struct HttpGet {
    pub(super) path: String,
    http_headers: Option<Vec<Value>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[allow(dead_code, reason = "a field that exists may stand in the manifest")]
pub(super) struct RuntimeConfig {
    pub(super) load_from_secret: Option<String>,
    sqlite_databases: Option<Vec<Value>>,
    key_value_stores: Option<Vec<Value>>,
    llm_compute: Option<Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Variable {
    pub(super) name: String,
    pub(super) value_from: Source,
}

/// Where a value comes from.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Source {
    pub(super) config_map_key_ref: Option<KeyRef>,
    pub(super) secret_key_ref: Option<KeyRef>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct KeyRef {
    pub(super) name: String,
    pub(super) key: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Resources {
    pub(super) limits: BTreeMap<String, String>,
    pub(super) requests: BTreeMap<String, String>,
}
