//! Two linters have no error and no warning about `openapi.json`. Their files say which rules are
//! off, and why.

use tests::{root, run_tool};

#[test]
fn redocly_has_no_warning() {
    let file = "tests/rig/description/redocly.yaml";
    run_tool(&root(), &["redocly", "lint", "--config", file, "openapi.json"]);
}

#[test]
fn spectral_has_no_warning() {
    let file = "tests/rig/description/spectral.yaml";
    run_tool(&root(), &["spectral", "lint", "--fail-severity=hint", "--ruleset", file, "openapi.json"]);
}
