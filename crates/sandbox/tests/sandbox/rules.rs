//! The rules of the outside systems: `rules.toml` beside each module.

use serde::Deserialize;
use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The files below a folder with this end of their name, without `target` and hidden folders.
fn files(folder: &Path, end: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if path.is_dir() && name != "target" && !name.starts_with('.') {
            found.extend(files(&path, end));
        } else if path.is_file() && name.ends_with(end) {
            found.push(path);
        }
    }
    found
}

/// The names of the functions in a file.
fn functions(file: &Path) -> Vec<String> {
    let text = fs::read_to_string(file).unwrap();
    let name = |part: &str| part.chars().take_while(|&char| char.is_alphanumeric() || char == '_').collect();
    text.split("fn ").skip(1).map(name).collect()
}

/// The content of `rules.toml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rules {
    rule: Vec<Rule>,
}

/// A rule, its source, what the sandbox does, and the tests that show it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rule {
    rule: String,
    source: String,
    sandbox: String,
    tests: Vec<String>,
}

#[test]
fn every_rule_of_a_vendor_has_its_source_and_a_test() {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    let known: HashSet<_> = files(&own.join("../.."), ".rs").iter().flat_map(|file| functions(file)).collect();
    let tables = files(&own.join("src"), "rules.toml");
    assert!(!tables.is_empty());
    for table in tables {
        let text = fs::read_to_string(&table).unwrap();
        let rules: Rules = toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", table.display()));
        for rule in rules.rule {
            let place = format!("{}: {rule:?}", table.display());
            assert!([&rule.rule, &rule.source, &rule.sandbox].iter().all(|text| !text.is_empty()), "empty: {place}");
            assert!(!rule.tests.is_empty(), "no test: {place}");
            for test in &rule.tests {
                assert!(known.contains(test), "there is no test {test}: {place}");
            }
        }
    }
}
