//! The rights of each role, compared with `openapi.json`.

use serde_json::{Value, json};
use std::collections::BTreeSet;
use tests::{ROLES, ROUTES};

#[test]
fn every_route_has_a_cell_for_every_role() {
    let listed: BTreeSet<_> = ROUTES.iter().map(tests::Route::name).collect();
    let documented: BTreeSet<_> = tests::access().into_keys().collect();
    assert_eq!(documented, listed, "deploy/tokens.md");
}

#[test]
fn each_route_is_described_with_its_roles() {
    let description = std::fs::read_to_string(tests::root().join("openapi.json")).unwrap();
    let description: Value = serde_json::from_str(&description).unwrap();
    let access = tests::access();
    for route in ROUTES {
        let name = route.name();
        let path = format!("/api/enrolment{}", route.pattern.strip_suffix('/').unwrap_or(route.pattern));
        let operation = &description["paths"][path][route.method.to_lowercase()];
        let may = access[&name];
        assert_eq!(may[0], !route.token, "{name}");
        if !route.token {
            assert_eq!((&operation["security"], may), (&json!([]), [true; 5]), "{name}");
            continue;
        }
        let roles: Vec<_> = ROLES.iter().zip(may).skip(1).filter(|(_, may)| *may).map(|(role, _)| role).collect();
        let ways: Vec<_> = roles.iter().map(|role| json!({"serviceToken": [role]})).collect();
        assert_eq!(operation["security"], Value::from(ways), "{name}");
        // The reference page does not show `security`.
        let words: Vec<_> = roles.iter().map(|role| format!("`{role}`")).collect();
        let last = format!("Roles: {}.", words.join(", "));
        assert_eq!(operation["description"].as_str().unwrap().lines().last(), Some(last.as_str()), "{name}");
        let refused = |status: &str| operation["responses"][status]["$ref"].as_str().map(str::to_owned);
        assert_eq!(refused("401").as_deref(), Some("#/components/responses/Unauthorized"), "{name}");
        assert_eq!(refused("403").as_deref(), Some("#/components/responses/Forbidden"), "{name}");
    }
}
