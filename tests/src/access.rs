//! What each role may do, as `deploy/tokens.md` says it.

use std::collections::BTreeMap;

/// The columns of the table.
pub const ROLES: [&str; 4] = ["no token", "callers", "operators", "metrics"];

/// For each route, as [`crate::Route::name`] has it, what each of [`ROLES`] may do.
///
/// # Panics
///
/// When a cell of the table says neither yes nor no, or a row comes twice.
#[must_use]
pub fn access() -> BTreeMap<String, [bool; 4]> {
    let page = std::fs::read_to_string(crate::root().join("deploy/tokens.md")).expect("deploy/tokens.md");
    let mut rows = page.lines().filter_map(|line| line.strip_prefix("| ")?.strip_suffix(" |"));
    let head = rows.next().expect("a table").replace('`', "");
    assert_eq!(head.split('|').map(str::trim).skip(1).collect::<Vec<_>>(), ROLES, "the columns");
    let mut access = BTreeMap::new();
    for row in rows.filter(|row| !row.starts_with("---")) {
        let mut cells = row.split('|').map(str::trim);
        let route = cells.next().unwrap_or_default().trim_matches('`').to_owned();
        let may = cells.map(|cell| match cell {
            "yes" => true,
            "no" => false,
            other => panic!("{route}: {other:?} is neither yes nor no"),
        });
        let may: Vec<_> = may.collect();
        let before = access.insert(route.clone(), may.try_into().expect("a cell for each role"));
        assert_eq!(before, None, "{route} comes twice");
    }
    access
}
