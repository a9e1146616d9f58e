//! The rights of each role, from the table in `deploy/tokens.md`.

use std::collections::BTreeMap;

/// Callers: one without a token, and one of each role.
pub const ROLES: [&str; 5] = ["no token", "callers", "viewers", "operators", "metrics"];

/// For each route, by [`crate::Route::name`], the rights of each of [`ROLES`].
///
/// # Panics
///
/// When the table names an unknown role, or a route twice.
#[must_use]
pub fn access() -> BTreeMap<String, [bool; 5]> {
    let page = std::fs::read_to_string(crate::root().join("deploy/tokens.md")).expect("deploy/tokens.md");
    let rows = page.lines().skip_while(|line| !line.starts_with("| ---")).skip(1);
    let mut access = BTreeMap::new();
    for row in rows.take_while(|line| line.starts_with("| ")) {
        let cells: Vec<_> = row.split('|').map(str::trim).collect();
        let [_, roles, routes, _] = cells[..] else { panic!("{row}: not two cells") };
        let roles: Vec<_> = roles.split(", ").map(|role| role.trim_matches('`')).collect();
        let known = |role: &&str| *role == "everybody" || ROLES.contains(role);
        assert!(roles.iter().all(known), "{row}: an unknown role");
        let may = ROLES.map(|role| roles.contains(&"everybody") || roles.contains(&role));
        for route in routes.split(", ").map(|route| route.trim_matches('`')) {
            assert_eq!(access.insert(route.to_owned(), may), None, "{route} comes twice");
        }
    }
    access
}
