//! The scripts run with bash 3.2, which macOS has, and commands in pages with curl 7.81.

use std::path::PathBuf;
use tests::root;

fn read(file: &PathBuf) -> String {
    std::fs::read_to_string(file).unwrap()
}

#[test]
fn scripts_use_nothing_that_bash_3_has_not() {
    let scripts = root().join("scripts").read_dir().unwrap().map(|entry| entry.unwrap().path());
    let newer = ["mapfile", "readarray", "declare -A", "local -n", "wait -n", "^^}", ",,}", "&>>", "|&", "[@]}"];
    let mut bash = 0;
    for script in scripts.chain([root().join(".ci/run")]) {
        let text = read(&script);
        bash += usize::from(text.starts_with("#!/usr/bin/env bash"));
        // Comments may name it.
        let code = text.lines().filter(|line| !line.trim_start().starts_with('#'));
        for line in code {
            assert!(!newer.iter().any(|own| line.contains(own)), "{}: {line}", script.display());
        }
    }
    assert!(bash > 2);
}

/// `--json` came with curl 7.82.
#[test]
fn commands_in_pages_use_no_newer_curl() {
    let pages = ["", "deploy", "docs", "migrations"].map(|folder| root().join(folder).read_dir().unwrap());
    let pages = pages.into_iter().flatten().map(|entry| entry.unwrap().path());
    let pages: Vec<_> = pages.filter(|path| path.extension().is_some_and(|end| end == "md")).collect();
    assert!(pages.iter().any(|page| read(page).contains("curl ")));
    for page in pages {
        assert!(!read(&page).contains("--json"), "{}", page.display());
    }
}

/// `make up` gives the service the secret that the sandbox knows, and says how to begin anew.
#[test]
fn make_up_signs_webhooks_for_the_sandbox() {
    let script = read(&root().join("scripts/up"));
    let secret = format!("SPIN_VARIABLE_EVENTS_SECRET=${{SPIN_VARIABLE_EVENTS_SECRET-{}}}", sandbox::webhooks::SECRET);
    assert!(script.lines().any(|line| line == format!("export {secret}")));
    assert!(script.contains("delete .spin"));
}
