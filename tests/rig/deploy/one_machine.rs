//! The commands of `deploy/one-machine.md`, run in a scratch folder: they create what the unit uses.

use super::{manifest, read};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What the test cannot run. Each refuses what it does not know.
const STAND_INS: [(&str, &str); 5] = [
    ("sudo", r#"while :; do case $1 in -H) shift ;; -u) shift 2 ;; *) exec "$@" ;; esac; done"#),
    (
        "useradd",
        r#"while [ $# -gt 1 ]; do
               case $1 in --system) ;; --create-home) make=mkdir ;; --home-dir) shift; home=$1 ;; *) exit 2 ;; esac
               shift
           done
           ${make:-true} "$home" && printf '%s' "$1" > "$ROOT/user""#,
    ),
    ("spin", r#"[ "$*" = "plugins install --yes trigger-cron" ]"#),
    (
        "make",
        r#"[ "$*" = build ] && sed -n 's/^source = "\(.*\)"/\1/p' spin.toml | while read -r file; do
               mkdir -p "${file%/*}" && echo component > "$file"
           done"#,
    ),
    ("systemctl", r#"[ "$*" = "enable --now enrolments" ] && [ -f "$ROOT/etc/systemd/system/$3.service" ]"#),
];

/// Runs the commands in a copy of the repository. Absolute paths are below `root`.
fn run(root: &Path) {
    let page = read("deploy/one-machine.md");
    let (commands, _) = page.split_once("\n## ").unwrap();
    let commands: Vec<_> = commands.lines().filter_map(|line| line.strip_prefix("    ")).collect();
    let commands = commands.join("\n").replace(" /opt/", " $ROOT/opt/").replace(" /etc/", " $ROOT/etc/");

    let (repository, programs) = (root.join("repository"), root.join("programs"));
    for folder in ["opt", "etc/systemd/system", "programs", "repository/deploy", "repository/migrations/sqlite"] {
        fs::create_dir_all(root.join(folder)).unwrap();
    }
    for file in ["spin.toml", "runtime-config.toml", "deploy/enrolments.service", "migrations/sqlite/schema.sql"] {
        fs::copy(tests::root().join(file), repository.join(file)).unwrap();
    }
    for (name, script) in STAND_INS {
        fs::write(programs.join(name), format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(programs.join(name), fs::Permissions::from_mode(0o755)).unwrap();
    }
    let path = std::env::var_os("PATH").unwrap();
    let path = std::env::join_paths([programs].into_iter().chain(std::env::split_paths(&path))).unwrap();
    let mut shell = Command::new("bash");
    shell.args(["-euxo", "pipefail", "-c", &commands]).current_dir(repository).env("PATH", path).env("ROOT", root);
    let output = shell.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// The settings of the installed unit.
fn unit(root: &Path) -> BTreeMap<String, String> {
    let text = fs::read_to_string(root.join("etc/systemd/system/enrolments.service")).unwrap();
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(|line| line.split_once('=')).map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
}

#[test]
fn the_commands_create_what_the_unit_uses() {
    let scratch = tempfile::tempdir().unwrap();
    let root = scratch.path();
    run(root);
    let unit = unit(root);
    let at = |path: &str| root.join(path.strip_prefix('/').unwrap());
    assert_eq!(fs::read_to_string(root.join("user")).unwrap(), unit["User"]);
    // `ProtectHome` hides the other places of homes. Spin's plugins are in the home.
    let work = &unit["WorkingDirectory"];
    assert!(work.starts_with("/opt/"), "{work}");

    let words: Vec<_> = unit["ExecStart"].split(' ').collect();
    let after = |option: &str| words[words.iter().position(|word| *word == option).unwrap() + 1];
    let mut files: BTreeSet<PathBuf> = BTreeSet::new();
    files.insert(after("--sqlite").strip_prefix('@').unwrap().into());
    files.insert(after("--runtime-config-file").into());
    files.insert("spin.toml".into());
    let manifest = manifest();
    files.extend(manifest["component"].as_table().unwrap().values().map(|own| own["source"].as_str().unwrap().into()));
    for file in files {
        assert!(at(work).join(&file).is_file(), "{}", file.display());
    }

    let variables = at(&unit["EnvironmentFile"]);
    assert_eq!(variables.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    for line in fs::read_to_string(variables).unwrap().lines() {
        let (name, value) = line.split_once('=').unwrap();
        let name = name.strip_prefix("SPIN_VARIABLE_").unwrap().to_lowercase();
        assert!(manifest["variables"].get(&name).is_some() && value.len() == 64, "{line}");
    }

    // systemd creates these, and nothing else can be written.
    assert_eq!(unit["ProtectSystem"], "strict");
    assert_eq!(after("--state-dir"), format!("/var/lib/{}", unit["StateDirectory"]));
    assert_eq!(after("--log-dir"), format!("/var/log/{}", unit["LogsDirectory"]));
    assert_eq!(unit["Environment"], format!("XDG_CACHE_HOME=/var/cache/{}", unit["CacheDirectory"]));
}

/// The database of the unit is where the pages look for it.
#[test]
fn the_pages_name_the_database_of_the_unit() {
    let named = |page: &str| {
        let page = read(page);
        let places: Vec<_> = page.match_indices("sqlite_db.db").map(|(at, _)| page[..at].to_owned()).collect();
        assert!(places.iter().all(|before| before.ends_with("/var/lib/enrolments/")), "{page}");
        places.len()
    };
    assert!(named("deploy/personal-data.md") > 0);
    assert!(named("deploy/one-machine.md") > 0);
}
