//! What the guard reports as a change.

use serde_json::json;
use tests::Values;

/// The values of one component and one request on one database.
fn values(bytes: u64, instructions: u64, statements: u64) -> Values {
    let cost = json!({"instructions": instructions, "memory": 320, "growths": 0, "variables": 0,
        "connections": 1, "statements": statements, "round_trips": 4, "calls": 0});
    serde_json::from_value(json!({"components": {"docs": bytes}, "requests": {"sqlite": {"GET /docs": cost}}})).unwrap()
}

#[test]
fn five_percent_of_a_size_is_no_change() {
    assert_eq!(values(1000, 1000, 2).compare(&values(1050, 950, 2)), [""; 0]);
}

#[test]
fn more_than_the_tolerance_is_a_change() {
    for (found, line) in [
        (values(1051, 1000, 2), "bytes of docs: 1051, was 1000"),
        (values(1000, 949, 2), "sqlite: instructions of GET /docs: 949, was 1000"),
    ] {
        assert_eq!(values(1000, 1000, 2).compare(&found), [line]);
    }
    let changed = values(1000, 1000, 2).compare(&values(1000, 1000, 1));
    assert!(changed.len() == 1 && changed[0].starts_with("sqlite: GET /docs: Cost {"), "{changed:?}");
}

#[test]
fn new_and_missing_values_are_changes() {
    let known = values(1000, 1000, 2);
    let mut fewer = known.clone();
    fewer.components.clear();
    fewer.requests.get_mut("sqlite").unwrap().clear();
    let gone = known.compare(&fewer);
    assert_eq!(gone[0], "bytes of docs: not there, was 1000");
    assert!(gone[2].starts_with("sqlite: GET /docs: not there, was Cost {"), "{gone:?}");
    let mut without_a_database = known.clone();
    without_a_database.requests.clear();
    assert_eq!(known.compare(&without_a_database).len(), 2);
    assert_eq!(fewer.compare(&known).len(), gone.len());
}
