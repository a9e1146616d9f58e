//! `openapi.json`, held to the types and parsers of `api`. The shared responses and the
//! schemas are generated from the types; the beginning of the file is maintained manually.
//! `UPDATE=1` writes the generated part (`make openapi`).
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

mod answers;
mod bodies;

use jsonschema::Validator;
use serde::{Serialize, Serializer};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;
use std::sync::LazyLock;

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../openapi.json");

/// The beginning of the generated part. The responses of a route have more indentation.
const BEGIN: &str = "\n    \"responses\": {";

static DESCRIPTION: LazyLock<Value> = LazyLock::new(|| serde_json::from_str(&text()).unwrap());

fn text() -> String {
    std::fs::read_to_string(FILE).unwrap()
}

#[test]
fn openapi_json_is_up_to_date() {
    let before = text();
    let described = described(&before);
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(FILE, described).unwrap();
    } else {
        assert!(before == described, "run `make openapi`");
    }
}

/// A validator that knows all schemas to which `schema` refers.
fn validator(schema: &Value) -> Validator {
    jsonschema::validator_for(&json!({"allOf": [schema], "components": DESCRIPTION["components"]})).unwrap()
}

/// The description with a new generated part.
fn described(description: &str) -> String {
    #[derive(Serialize)]
    struct Generated<R: Serialize, S: Serialize> {
        responses: R,
        schemas: S,
    }
    let (beginning, _) = description.split_once(BEGIN).unwrap();
    let generated = Generated { responses: InOrder(answers::answers()), schemas: InOrder(api::schemas()) };
    let json = serde_json::to_string_pretty(&generated).unwrap().replace('\n', "\n  ");
    // Whitespace that an editor does not show.
    let escape =
        |c: char| if c.is_whitespace() && !c.is_ascii() { format!("\\u{:04x}", u32::from(c)) } else { c.into() };
    let json: String = json.chars().map(escape).collect();
    let members = json.strip_prefix('{').unwrap();
    format!("{beginning}{members}\n}}\n")
}

/// An object that keeps the order of its members.
struct InOrder<K, V>(Vec<(K, V)>);

impl<K: Display, V: Serialize> Serialize for InOrder<K, V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(key, value)| (key.to_string(), value)))
    }
}

/// Calls `each` with every object in `value`.
fn objects(value: &Value, each: &mut impl FnMut(&Value)) {
    match value {
        Value::Object(members) => {
            each(value);
            members.values().for_each(|member| objects(member, each));
        }
        Value::Array(items) => items.iter().for_each(|item| objects(item, each)),
        _ => {}
    }
}

#[test]
fn examples_are_valid() {
    let mut number = 0;
    objects(&DESCRIPTION, &mut |object| {
        let Some(schema) = object.get("schema") else { return };
        let more = object.get("examples").and_then(Value::as_object);
        let more = more.into_iter().flatten().map(|(_, example)| &example["value"]);
        for example in object.get("example").into_iter().chain(more) {
            number += 1;
            let right = validator(schema).is_valid(example);
            assert!(right, "{example} does not match {schema}");
        }
    });
    assert!(number > 40, "{number}");
}

/// The reference page would send it.
#[test]
fn optional_parameters_have_no_example() {
    let mut number = 0;
    for part in ["paths", "components"] {
        objects(&DESCRIPTION[part], &mut |object| {
            if object.get("in").is_some_and(Value::is_string) && object.get("required").is_none() {
                number += 1;
                assert!(object.get("example").is_none(), "{object}");
            }
        });
    }
    assert!(number > 10, "{number}");
}

#[test]
fn routes_use_shared_responses_with_their_status() {
    let statuses: BTreeMap<_, _> =
        answers::answers().into_iter().map(|(name, answer)| (name, answer.statuses())).collect();
    let mut used = BTreeMap::new();
    objects(&DESCRIPTION["paths"], &mut |object| {
        for (status, answer) in object.get("responses").and_then(Value::as_object).into_iter().flatten() {
            if let Some(name) = answer["$ref"].as_str().and_then(|place| place.strip_prefix("#/components/responses/"))
            {
                let status: u16 = status.parse().unwrap();
                assert!(statuses[name].iter().all(|own| *own == status), "{name} with {status}");
                *used.entry(name.to_owned()).or_insert(0) += 1;
            }
        }
    });
    assert!(statuses.keys().eq(used.keys()), "{used:?}");
}

/// `done` is not a filter: such deliveries are only listed for an enrolment.
#[test]
fn the_filter_of_deliveries_lists_all_states() {
    use domain::jobs::outbox::State;
    let asked = DESCRIPTION["paths"]["/api/enrolment/deliveries"]["get"]["parameters"].as_array().unwrap();
    let state = asked.iter().find(|asked| asked["name"] == "state").unwrap();
    assert_eq!(state["schema"]["enum"], json!(State::NOT_DONE.map(State::as_str)));
}

/// RE2 has no look-around and no `\u`, and repeats at most 1000 times. What `\s`, `\d` and `\w`
/// match depends on the language.
#[test]
fn patterns_are_the_same_in_every_language() {
    let mut number = 0;
    objects(&DESCRIPTION, &mut |object| {
        if let Some(pattern) = object.get("pattern").and_then(Value::as_str) {
            number += 1;
            assert!(["(?", "\\u", "\\s", "\\d", "\\w"].iter().all(|part| !pattern.contains(part)), "{pattern}");
            let most = pattern.split(',').filter_map(|part| part.split('}').next()?.parse::<u32>().ok()).max();
            assert!(most.is_none_or(|most| most <= 1000), "{pattern}");
        }
        assert_eq!(object.get("enum").map(|_| "string"), object.get("enum").and(object["type"].as_str()), "{object}");
    });
    assert!(number > 20, "{number}");
}

/// Their values are in the example of the response.
#[test]
fn links_lead_to_operations() {
    let mut operations = BTreeSet::new();
    objects(&DESCRIPTION, &mut |object| {
        if object.get("responses").is_some()
            && let Some(id) = object["operationId"].as_str()
        {
            assert!(operations.insert(id.to_owned()), "{id} comes twice");
        }
    });
    let mut number = 0;
    objects(&DESCRIPTION, &mut |response| {
        let example = &response["content"]["application/json"]["example"];
        for (name, link) in response.get("links").and_then(Value::as_object).into_iter().flatten() {
            number += 1;
            assert!(operations.contains(link["operationId"].as_str().unwrap()), "{name}");
            let values = ["parameters", "requestBody"].iter().filter_map(|part| link[part].as_object()).flatten();
            for (field, value) in values {
                let pointer = value.as_str().and_then(|value| value.strip_prefix("$response.body#")).unwrap();
                // A list may be empty.
                assert!(!pointer.contains("/0") && example.pointer(pointer).is_some(), "{name}: {field}");
            }
        }
    });
    assert!(number > 10, "{number}");
}
