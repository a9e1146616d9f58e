//! The texts of the console, compared with the codes of the API.

use domain::jobs::Kind;
use domain::jobs::outbox::State;
use domain::model::event::EventKind;
use std::collections::BTreeSet;

/// The keys of the object `name`, which words.js has.
fn keys(name: &str) -> BTreeSet<String> {
    let text = std::fs::read_to_string(tests::root().join("components/pages/src/console/words.js")).unwrap();
    let (_, object) = text.split_once(&format!("const {name} = {{\n")).unwrap();
    let (object, _) = object.split_once("\n};").unwrap();
    let keys = object.lines().map(|line| line.split_once(": ").unwrap().0.trim().trim_matches('"').to_owned());
    keys.collect()
}

#[test]
fn every_text_has_a_code_and_every_state_a_text() {
    assert!(keys("KINDS").is_subset(&Kind::ALL.iter().map(|kind| kind.word().to_owned()).collect()));
    assert_eq!(keys("STATES"), State::NOT_DONE.iter().map(|state| state.as_str().to_owned()).collect());
    assert!(keys("EVENTS").is_subset(&EventKind::ALL.iter().map(|kind| kind.as_str().to_owned()).collect()));
}
