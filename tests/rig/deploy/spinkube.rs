//! The manifests for SpinKube.

mod spinapp;

use super::{Object, components, manifest, object, objects, read};
use serde::Deserialize;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

fn spin_app() -> spinapp::Spec {
    let app = object("base/spinapp.yaml", "core.spinkube.dev/v1alpha1", "SpinApp");
    assert_eq!(app.metadata.name, "enrolments");
    serde_json::from_value(app.spec.unwrap()).unwrap()
}

#[test]
fn the_spin_app_lists_the_http_components_and_no_other() {
    let listed: BTreeSet<_> = spin_app().components.into_iter().collect();
    assert_eq!(listed, components(&manifest(), "http"));
}

/// The variables of spin.toml with their defaults, without those that are secret or with only those.
fn declared(secret: bool) -> BTreeMap<String, String> {
    let manifest = manifest();
    let variables = manifest["variables"].as_table().unwrap().iter();
    let is_secret = |own: &toml::Value| own.get("secret").and_then(toml::Value::as_bool).unwrap_or(false);
    variables
        .filter(|(_, own)| is_secret(own) == secret)
        .map(|(name, own)| (name.clone(), own["default"].as_str().unwrap().to_owned()))
        .collect()
}

fn names(variables: &BTreeMap<String, String>) -> BTreeSet<String> {
    variables.keys().cloned().collect()
}

#[test]
fn every_variable_is_set_from_the_configuration_or_the_secret() {
    let mut sources = [BTreeSet::new(), BTreeSet::new()];
    for spinapp::Variable { name, value_from } in spin_app().variables {
        let (secret, from) = match (value_from.config_map_key_ref, value_from.secret_key_ref) {
            (Some(from), None) => (0, from),
            (None, Some(from)) => (1, from),
            _ => panic!("{name} has not one source"),
        };
        assert_eq!((from.name.as_str(), &from.key), ("enrolments", &name));
        assert!(sources[secret].insert(name.clone()), "{name} twice");
    }
    assert_eq!(sources, [false, true].map(|secret| names(&declared(secret))));
}

#[test]
fn the_configuration_has_the_defaults_except_for_addresses_and_the_database() {
    let (config, declared) = (object("base/config.yaml", "v1", "ConfigMap").data.unwrap(), declared(false));
    assert_eq!(names(&config), names(&declared));
    for (name, default) in &declared {
        let differs = default.contains("127.0.0.1") || ["database", "mysql_tls"].contains(&name.as_str());
        assert_eq!(config[name] != *default, differs, "{name}: {}", config[name]);
    }
}

#[test]
fn the_page_creates_every_key_of_the_secret() {
    let page = read("deploy/spinkube.md");
    let created = page.split("--from-literal=").skip(1).filter_map(|rest| rest.split('=').next());
    assert_eq!(created.map(str::to_owned).collect::<BTreeSet<_>>(), names(&declared(true)));
    let runtime = spin_app().runtime_config.unwrap().load_from_secret.unwrap();
    assert!(page.contains(&format!("create secret generic {runtime} --from-file=runtime-config.toml")));
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Kustomization {
    api_version: String,
    kind: String,
    namespace: Option<String>,
    resources: Vec<String>,
    #[serde(default)]
    patches: Vec<Patch>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Patch {
    path: String,
}

/// The kustomization of a folder, and the other files there.
fn kustomization(folder: &str) -> (Kustomization, BTreeSet<String>) {
    let read: Kustomization =
        serde_saphyr::from_str(&read(&format!("deploy/spinkube/{folder}/kustomization.yaml"))).unwrap();
    let version = "kustomize.config.k8s.io/v1beta1";
    assert_eq!((read.api_version.as_str(), read.kind.as_str()), (version, "Kustomization"));
    let files = tests::root().join("deploy/spinkube").join(folder).read_dir().unwrap();
    let mut files: BTreeSet<_> = files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    files.remove("kustomization.yaml");
    (read, files)
}

#[test]
fn the_base_has_all_files_and_the_overlay_patches_what_is_in_them() {
    let (base, files) = kustomization("base");
    assert_eq!(base.resources.iter().cloned().collect::<BTreeSet<_>>(), files);
    assert!(base.namespace.is_none() && base.patches.is_empty());
    let known: Vec<_> = files.iter().flat_map(|file| objects(&format!("base/{file}"))).collect();

    let (overlay, files) = kustomization("production");
    assert_eq!(overlay.resources, ["../base"]);
    // The commands of the page and the policies of network.yaml know this namespace.
    assert!(read("deploy/spinkube.md").contains(&format!("create namespace {}\n", overlay.namespace.unwrap())));
    assert_eq!(overlay.patches.into_iter().map(|patch| patch.path).collect::<BTreeSet<_>>(), files);
    for patch in files.iter().flat_map(|file| objects(&format!("production/{file}"))) {
        let same = |own: &&Object| {
            (&own.api_version, &own.kind, &own.metadata.name) == (&patch.api_version, &patch.kind, &patch.metadata.name)
        };
        let patched = known.iter().find(same).unwrap();
        for key in patch.data.iter().flat_map(BTreeMap::keys) {
            assert!(patched.data.as_ref().unwrap().contains_key(key), "{key}");
        }
        for key in patch.spec.iter().filter_map(Value::as_object).flat_map(serde_json::Map::keys) {
            assert!(patched.spec.as_ref().unwrap()[key].is_string(), "{key}");
        }
    }
}

/// The operator looks for the executor in the namespace of the app.
#[test]
fn the_executor_is_beside_the_spin_app() {
    let executor = object("base/executor.yaml", "core.spinkube.dev/v1alpha1", "SpinAppExecutor");
    assert_eq!(executor.metadata.name, spin_app().executor);
    assert_eq!(executor.spec.unwrap()["createDeployment"], true);
}

#[test]
fn the_spin_app_is_scaled_by_its_autoscaler_only() {
    let app = spin_app();
    assert_eq!((app.enable_autoscaling, app.replicas), (true, None));
    assert!(app.resources.requests.contains_key("cpu"), "the autoscaler needs a request");
    // 1,000 instances take 700 MB.
    assert_eq!(app.resources.limits["memory"], "1Gi");
    let version = env!("CARGO_PKG_VERSION");
    assert!(app.image.ends_with(&format!("/enrolments:{version}")), "{}", app.image);
    let scaler = object("base/autoscaler.yaml", "autoscaling/v2", "HorizontalPodAutoscaler").spec.unwrap();
    assert_eq!(scaler["scaleTargetRef"]["name"], "enrolments");
    assert_eq!(scaler["scaleTargetRef"]["kind"], "Deployment");
}

#[test]
fn probes_ask_for_paths_that_need_no_token() {
    let description: Value = serde_json::from_str(&read("openapi.json")).unwrap();
    let checks = spin_app().checks;
    for probe in [checks.readiness, checks.liveness] {
        let operation = &description["paths"][&probe.http_get.path]["get"];
        assert_eq!(operation["security"], serde_json::json!([]), "{}", probe.http_get.path);
    }
}

#[test]
fn schedules_call_what_the_cron_components_do() {
    let description: Value = serde_json::from_str(&read("openapi.json")).unwrap();
    let jobs = objects("base/schedules.yaml");
    assert_eq!(jobs.len(), components(&manifest(), "cron").len());
    for job in jobs {
        assert_eq!((job.api_version.as_str(), job.kind.as_str()), ("batch/v1", "CronJob"));
        let name = job.metadata.name;
        let pod = &job.spec.unwrap()["jobTemplate"]["spec"]["template"];
        let container = &pod["spec"]["containers"][0];
        let arguments: Vec<_> =
            container["args"].as_array().unwrap().iter().map(|argument| argument.as_str().unwrap()).collect();
        let after = |option: &str| arguments[arguments.iter().position(|own| *own == option).unwrap() + 1];
        let path = arguments.last().unwrap().strip_prefix("http://enrolments").unwrap();
        let operation = &description["paths"][path][after("--request").to_lowercase()];
        assert_eq!(operation["tags"][0], "schedules", "{name}");
        assert_eq!(after("--oauth2-bearer"), "$(SERVICE_TOKEN)", "{name}");
        assert_eq!(container["env"][0]["valueFrom"]["secretKeyRef"]["key"], "service_token", "{name}");
        // The network policy admits this label.
        assert_eq!(pod["metadata"]["labels"]["calls"], "enrolments", "{name}");
    }
    let policy = object("base/network.yaml", "networking.k8s.io/v1", "NetworkPolicy").spec.unwrap();
    assert_eq!(policy["podSelector"]["matchLabels"]["app"], spin_app().pod_labels["app"]);
    assert_eq!(policy["ingress"][0]["from"][0]["podSelector"]["matchLabels"]["calls"], "enrolments");
}
