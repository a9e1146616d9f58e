//! The tables of what the outside systems' documents say: `RULES.md` beside each module.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

const HEADER: &str = "| rule | source | sandbox | test |";

/// The files below a folder whose name ends so, without what is built or kept by git.
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

/// The names behind `fn ` in a file.
fn functions(file: &Path) -> Vec<String> {
    let text = fs::read_to_string(file).unwrap();
    let name = |part: &str| part.chars().take_while(|&char| char.is_alphanumeric() || char == '_').collect();
    text.split("fn ").skip(1).map(name).collect()
}

/// The rows of a table, each with its cells.
fn rows(file: &Path) -> Vec<Vec<String>> {
    let text = fs::read_to_string(file).unwrap();
    assert!(text.lines().any(|line| line == HEADER), "{}: no table begins with {HEADER}", file.display());
    let lines = text.lines().filter(|line| line.starts_with('|') && *line != HEADER && !line.starts_with("| ---"));
    let cells = |line: &str| line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect();
    lines.map(cells).collect()
}

#[test]
fn every_rule_of_a_vendor_has_its_source_and_a_test() {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    let known: HashSet<_> = files(&own.join("../.."), ".rs").iter().flat_map(|file| functions(file)).collect();
    let tables = files(&own.join("src"), "RULES.md");
    assert!(!tables.is_empty());
    for table in tables {
        for row in rows(&table) {
            let place = format!("{}: {row:?}", table.display());
            assert!(row.len() == 4 && row.iter().all(|cell| !cell.is_empty()), "not four cells: {place}");
            for test in row[3].split(',').map(|name| name.trim().trim_matches('`')) {
                assert!(known.contains(test), "there is no test {test}: {place}");
            }
        }
    }
}
