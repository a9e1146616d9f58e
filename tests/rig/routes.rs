//! The list of routes, compared with `openapi.json` and `spin.toml`.

use serde_json::Value;
use std::collections::BTreeSet;
use tests::{Effect, ROUTES, Route};

const BASE: &str = "/api/enrolment";

fn read(file: &str) -> String {
    std::fs::read_to_string(tests::root().join(file)).unwrap()
}

fn url(route: &Route) -> String {
    format!("{BASE}{}", route.pattern.strip_suffix('/').unwrap_or(route.pattern))
}

fn description() -> Value {
    serde_json::from_str(&read("openapi.json")).unwrap()
}

#[test]
fn the_list_has_every_described_route() {
    let description = description();
    let mut described = BTreeSet::new();
    for (path, item) in description["paths"].as_object().unwrap() {
        let methods = item.as_object().unwrap().iter().filter(|(_, operation)| operation["responses"].is_object());
        described.extend(methods.map(|(method, _)| format!("{} {path}", method.to_uppercase())));
    }
    let listed: BTreeSet<_> = ROUTES.iter().map(|route| format!("{} {}", route.method, url(route))).collect();
    assert_eq!(listed, described);
    assert_eq!(listed.len(), ROUTES.len(), "no route is listed twice");
}

#[test]
fn each_route_is_described() {
    let description = description();
    for route in ROUTES {
        let (name, operation) = (route.name(), &description["paths"][url(route)][route.method.to_lowercase()]);
        let secured = operation.get("security").unwrap_or(&description["security"]);
        assert_eq!(secured.as_array().is_some_and(|ways| !ways.is_empty()), route.token, "token of {name}");
        assert_eq!(operation["requestBody"].is_object(), !route.body.is_empty(), "body of {name}");
        assert!(operation["responses"].get(route.status.to_string()).is_some(), "status of {name}");
    }
}

#[test]
fn each_route_is_served_by_its_component() {
    let manifest: toml::Table = read("spin.toml").parse().unwrap();
    let triggers = manifest["trigger"]["http"].as_array().unwrap();
    let triggers = triggers.iter().map(|trigger| {
        let text = |key: &str| trigger[key].as_str().unwrap();
        (text("route"), text("component"))
    });
    let triggers: Vec<_> = triggers.collect();
    for route in ROUTES {
        let url = url(route);
        // An exact route comes before a wildcard, and a longer one before a shorter.
        let fits = |(pattern, _): &&(&str, &str)| match pattern.strip_suffix("/...") {
            Some(prefix) => url.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')),
            None => *pattern == url,
        };
        let served =
            triggers.iter().filter(fits).max_by_key(|(pattern, _)| (!pattern.ends_with("/..."), pattern.len()));
        assert_eq!(served.unwrap().1, route.component, "{}", route.name());
    }
    let serving: BTreeSet<_> = triggers.iter().map(|(_, component)| *component).collect();
    let listed: BTreeSet<_> = ROUTES.iter().map(|route| route.component).collect();
    assert_eq!(listed, serving);
    // A component that checks the token needs its variables.
    for route in ROUTES.iter().filter(|route| route.token) {
        let variables = &manifest["component"][route.component]["variables"];
        for variable in ["service_token", "tokens"] {
            assert!(variables.get(variable).is_some(), "{variable} of {}", route.component);
        }
    }
}

#[test]
fn names_of_measurements_are_unique() {
    let names: Vec<_> = ROUTES.iter().flat_map(|route| route.asked.iter().map(|asked| route.name_of(asked))).collect();
    assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len());
    for route in ROUTES {
        assert!(!route.asked.is_empty(), "{}", route.name());
        let own = [route.pattern, route.body, route.before].concat();
        assert!(
            route.effect != Effect::UsesUp || ["{id}", "{user_id}"].iter().any(|place| own.contains(place)),
            "{} uses nothing up",
            route.name()
        );
        assert!(route.effect != Effect::Makes || own.contains("{user}"), "{} makes nothing", route.name());
    }
}
