//! The files in `deploy/`, checked without the platforms: every name in them is in `spin.toml`.

mod one_machine;
mod spinkube;

use serde::Deserialize;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Object {
    api_version: String,
    kind: String,
    metadata: Metadata,
    spec: Option<Value>,
    data: Option<BTreeMap<String, String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Metadata {
    name: String,
}

fn read(path: &str) -> String {
    std::fs::read_to_string(tests::root().join(path)).unwrap()
}

fn objects(file: &str) -> Vec<Object> {
    serde_saphyr::from_multiple(&read(&format!("deploy/spinkube/{file}"))).unwrap()
}

fn object(file: &str, api_version: &str, kind: &str) -> Object {
    let object = objects(file).remove(0);
    assert_eq!((object.api_version.as_str(), object.kind.as_str()), (api_version, kind), "{file}");
    object
}

fn manifest() -> toml::Table {
    read("spin.toml").parse().unwrap()
}

/// The components with a kind of trigger, or all components.
fn components(manifest: &toml::Table, trigger: &str) -> BTreeSet<String> {
    let triggers = manifest["trigger"].get(trigger).and_then(toml::Value::as_array).into_iter().flatten();
    triggers.map(|trigger| trigger["component"].as_str().unwrap().to_owned()).collect()
}

/// Half a body must not take an instance.
#[test]
fn proxies_buffer_bodies() {
    let kib = api::MAX_BODY / 1024;
    let seconds = api::BODY_SECONDS;
    let settings = |file: &str| {
        let lines: BTreeSet<_> = read(file).lines().map(|line| line.trim().to_owned()).collect();
        move |setting: String| assert!(lines.contains(&setting), "{setting}")
    };
    let caddy = settings("deploy/Caddyfile");
    caddy("buffer_requests".to_owned());
    caddy(format!("max_buffer_size {}KiB", 2 * kib));
    caddy(format!("max_size {kib}KiB"));
    caddy(format!("read_header {seconds}s"));
    caddy("write 60s".to_owned());
    let nginx = settings("deploy/nginx.conf");
    nginx("proxy_request_buffering on;".to_owned());
    nginx(format!("client_body_buffer_size {kib}k;"));
    nginx(format!("client_max_body_size {kib}k;"));
    nginx(format!("client_header_timeout {seconds}s;"));
    nginx(format!("client_body_timeout {seconds}s;"));
    nginx("limit_conn enrolments_clients 100;".to_owned());
    nginx("send_timeout 10s;".to_owned());
}

/// nginx in a cluster has the settings of nginx.conf: its files are where that expects them, and it calls the
/// service by its name.
#[test]
fn the_ingress_is_nginx_with_its_settings() {
    let [deployment, service] = objects("ingress/nginx.yaml").try_into().ok().unwrap();
    let names = [&deployment, &service].map(|object| (object.kind.as_str(), object.metadata.name.as_str()));
    assert_eq!(names, [("Deployment", "enrolments-nginx"), ("Service", "enrolments-nginx")]);
    let (deployment, service) = (deployment.spec.unwrap(), service.spec.unwrap());
    let labels = &deployment["template"]["metadata"]["labels"];
    assert_eq!((&service["selector"]["app"], &labels["calls"]), (&labels["app"], &"enrolments".into()));
    let pod = &deployment["template"]["spec"];
    let mounts = pod["containers"][0]["volumeMounts"].as_array().unwrap();
    let folder = |volume: &str| mounts.iter().find(|mount| mount["name"] == volume).unwrap()["mountPath"].clone();
    let conf = read("deploy/nginx.conf");
    assert_eq!(folder("settings"), "/etc/nginx/conf.d");
    for file in pod["volumes"][1]["secret"]["items"].as_array().unwrap() {
        let path = format!("{}/{};", folder("certificate").as_str().unwrap(), file["path"].as_str().unwrap());
        assert!(conf.contains(&path), "{path}");
    }
    let page = read("deploy/spinkube.md");
    let line = page.lines().find(|line| line.trim().starts_with("sed ")).unwrap();
    let command = line.trim().strip_suffix(" > enrolments.conf").unwrap();
    let output = Command::new("sh").args(["-c", command]).current_dir(tests::root()).output().unwrap();
    let written = String::from_utf8(output.stdout).unwrap();
    assert!(written.contains("proxy_pass http://enrolments.enrolments.svc.cluster.local;"), "{written}");
}

/// Runs the line of akamai.md.
#[test]
fn the_manifest_without_cron_is_complete() {
    let page = read("deploy/akamai.md");
    let line = page.lines().find(|line| line.trim().starts_with("awk ")).unwrap();
    let command = line.trim().strip_suffix(" > spin-http.toml").unwrap();
    let output = Command::new("sh").args(["-c", command]).current_dir(tests::root()).output().unwrap();
    let reduced: toml::Table = String::from_utf8(output.stdout).unwrap().parse().unwrap();
    let whole = manifest();
    assert_eq!(components(&reduced, "http"), components(&whole, "http"));
    assert!(reduced["trigger"].get("cron").is_none());
    let left: BTreeSet<_> = reduced["component"].as_table().unwrap().keys().cloned().collect();
    assert_eq!(left, components(&whole, "http"));
    assert_eq!(reduced["variables"], whole["variables"]);
}

/// The anchors of the headings of a page.
fn headings(page: &Path) -> BTreeSet<String> {
    let text = std::fs::read_to_string(page).unwrap();
    let name = |heading: &str| {
        let kept = heading.trim().chars().filter(|char| char.is_alphanumeric() || "-_ ".contains(*char));
        kept.collect::<String>().to_lowercase().replace(' ', "-")
    };
    text.lines().filter(|line| line.starts_with('#')).map(|line| name(line.trim_start_matches('#'))).collect()
}

/// Pages that start Spin say how to raise the limit of open files, which `spin up` ends at.
#[test]
fn pages_that_start_spin_raise_the_limit_of_open_files() {
    let starts = |page: &Path| {
        let text = std::fs::read_to_string(page).unwrap();
        let commands = text.lines().filter_map(|line| line.strip_prefix("    "));
        let starts = commands.map(str::trim).any(|line| line.starts_with("spin up"));
        starts.then(|| {
            assert!(
                text.contains("    ulimit -n 16384\n") || text.contains("    ulimit -n 16384 "),
                "{}",
                page.display()
            )
        })
    };
    assert!(pages().iter().filter_map(|page| starts(page)).count() > 1);
    assert!(read("README.md").contains("16,384 open"));
    assert!(read("scripts/up").contains("16384"));
    assert!(read("deploy/enrolments.service").lines().any(|line| line == "LimitNOFILE=16384"));
}

/// The figures of scaling.md are those that the guard measures.
#[test]
fn the_round_trips_are_those_of_today() {
    let page = read("deploy/scaling.md");
    let (_, figures) = page.split_once("**Round trips.** ").unwrap();
    let (figures, _) = figures.split_once('.').unwrap();
    let values: Value = serde_json::from_str(&read("tests/guard/values.json")).unwrap();
    let named: Vec<_> = figures.split('`').skip(1).collect();
    for pair in named.chunks_exact(2) {
        let figure: u64 = pair[1].trim_matches([' ', ',']).parse().unwrap();
        assert_eq!(values["requests"]["mariadb"][pair[0]]["round_trips"], figure, "{}", pair[0]);
    }
    assert_eq!(named.len(), 6);
}

/// All pages.
fn pages() -> Vec<PathBuf> {
    let folders = ["", "bench", "deploy", "docs", "migrations", "tests"].map(|folder| tests::root().join(folder));
    let files = folders.iter().flat_map(|folder| folder.read_dir().unwrap()).map(|entry| entry.unwrap().path());
    files.filter(|file| file.extension().is_some_and(|end| end == "md")).collect()
}

/// Every relative link of every page leads to a file and, if it has a fragment, to a heading.
#[test]
fn links_have_targets() {
    for page in pages() {
        let text = std::fs::read_to_string(&page).unwrap();
        for target in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            if target.contains("://") {
                continue;
            }
            let (file, heading) = target.split_once('#').unwrap_or((target, ""));
            let to = if file.is_empty() { page.clone() } else { page.with_file_name(file) };
            assert!(to.exists(), "{}: {target}", page.display());
            assert!(heading.is_empty() || headings(&to).contains(heading), "{}: {target}", page.display());
        }
    }
}

/// All files below a folder, without `target` and hidden folders.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for path in folder.read_dir().unwrap().map(|entry| entry.unwrap().path()) {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if !path.is_dir() {
            found.push(path);
        } else if name != "target" && !name.starts_with('.') {
            found.extend(files(&path));
        }
    }
    found
}

/// Every file that a page of `docs/` names in backticks exists: by its path, or by the end of it.
#[test]
fn the_documentation_names_files_that_exist() {
    let existing = files(&tests::root());
    for page in files(&tests::root().join("docs")) {
        let text = std::fs::read_to_string(&page).unwrap();
        let quoted = text.split('`').skip(1).step_by(2);
        let is_file = |word: &&str| {
            let ends = [".rs", ".toml", ".js", ".json", ".md", ".sql"];
            ends.iter().any(|end| word.ends_with(end)) && !word.contains(['<', ' ', '*'])
        };
        for file in quoted.filter(is_file) {
            assert!(existing.iter().any(|path| path.ends_with(file)), "{}: {file}", page.display());
        }
    }
}
