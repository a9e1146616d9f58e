//! Checks every answer of every test against `openapi.json`.

use crate::app::Answer;
use jsonschema::Validator;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::LazyLock;

const BASE: &str = "/api/enrolment";

/// The description in the repository.
pub static CONTRACT: LazyLock<Contract> = LazyLock::new(|| {
    let text = std::fs::read_to_string(crate::root().join("openapi.json")).expect("openapi.json");
    Contract::new(&serde_json::from_str(&text).expect("JSON"))
});

/// The documented answers.
pub struct Contract {
    /// By the segments of their templates; those without a parameter first.
    paths: Vec<(Vec<String>, BTreeMap<String, Operation>)>,
}

/// The documented answers to one method at one path, by status.
type Operation = BTreeMap<String, Response>;

struct Response {
    /// Name, whether it is required, and its value.
    headers: Vec<(String, bool, Validator)>,
    /// By its type; empty for an answer without a body.
    content: BTreeMap<String, Validator>,
}

impl Contract {
    fn new(description: &Value) -> Self {
        let compile = |schema: &Value| {
            // References lead to the same document.
            let schema = json!({"allOf": [schema], "components": description["components"]});
            jsonschema::validator_for(&schema).expect("a schema")
        };
        let resolve = |value: &Value| match value["$ref"].as_str() {
            Some(pointer) => description.pointer(pointer.trim_start_matches('#')).expect("what is referred to").clone(),
            None => value.clone(),
        };
        let response = |response: &Value| {
            let response = resolve(response);
            let headers = object(&response["headers"]).map(|(name, header)| {
                let header = resolve(header);
                (name.to_ascii_lowercase(), header["required"] == true, compile(&header["schema"]))
            });
            let headers = headers.collect();
            let content = object(&response["content"]);
            let content = content.map(|(kind, content)| (kind.clone(), compile(&content["schema"]))).collect();
            Response { headers, content }
        };
        let mut paths: Vec<_> = object(&description["paths"])
            .map(|(template, item)| {
                let methods = object(item).filter(|(_, operation)| operation["responses"].is_object());
                let operation = |operation: &Value| {
                    object(&operation["responses"]).map(|(status, own)| (status.clone(), response(own))).collect()
                };
                let methods = methods.map(|(method, own)| (method.to_ascii_uppercase(), operation(own))).collect();
                (segments(template), methods)
            })
            .collect();
        paths.sort_by_key(|(template, _)| template.iter().any(|segment| segment.starts_with('{')));
        Self { paths }
    }

    /// Checks an answer to `method` at `path` below the base.
    ///
    /// # Panics
    ///
    /// When the description does not allow for it.
    pub fn check(&self, method: &str, path: &str, answer: &Answer) {
        let Err(why) = self.allows(method, path, answer) else { return };
        panic!("openapi.json does not allow for {method} {path} → {} {}: {why}", answer.status, answer.text);
    }

    /// Whether the description allows for an answer to `method` at `path` below the base.
    ///
    /// # Errors
    ///
    /// What it does not allow for.
    pub fn allows(&self, method: &str, path: &str, answer: &Answer) -> Result<(), String> {
        let whole = format!("{BASE}{}", path.split('?').next().unwrap_or_default());
        let Some(methods) = self.methods(&whole) else {
            let of_a_page = |path: &str| path.starts_with("/docs/") || path.starts_with("/console/");
            return if whole.strip_prefix(BASE).is_some_and(of_a_page) { Ok(()) } else { among(answer, &[401, 404]) };
        };
        // A path that matches a template may have no valid id.
        let undescribed = match method {
            "OPTIONS" => &[204, 401, 404],
            _ => &[405, 401, 404],
        };
        let head = method == "HEAD";
        let Some(operation) = methods.get(if head { "GET" } else { method }) else {
            return among(answer, undescribed);
        };
        let response = operation.get(&answer.status.to_string()).ok_or("status")?;
        for (name, required, validator) in &response.headers {
            let value = answer.header(name);
            let typed = value.parse::<i64>().map_or_else(|_| json!(value), |number| json!(number));
            let right = validator.is_valid(&json!(value)) || validator.is_valid(&typed);
            if value.is_empty() && *required || !value.is_empty() && !right {
                return Err(format!("header {name}: {value:?}"));
            }
        }
        let essence = answer.header("content-type").split(';').next().unwrap_or_default().to_owned();
        match response.content.get(&essence) {
            None if response.content.is_empty() && answer.text.is_empty() && essence.is_empty() => Ok(()),
            None => Err(format!("a body of the type {essence:?}")),
            Some(_) if head => Ok(()),
            Some(validator) => {
                let body = if essence == "application/json" { answer.json() } else { json!(answer.text) };
                validator.validate(&body).map_err(|error| error.to_string())
            }
        }
    }

    /// The methods of a path; one slash at its end makes no difference.
    fn methods(&self, path: &str) -> Option<&BTreeMap<String, Operation>> {
        let given = segments(path.strip_suffix('/').unwrap_or(path));
        let fits = |template: &[String]| {
            let mut pairs = template.iter().zip(&given);
            template.len() == given.len()
                && pairs.all(|(own, given)| own.starts_with('{') && !given.is_empty() || own == given)
        };
        self.paths.iter().find(|(template, _)| fits(template)).map(|(_, methods)| methods)
    }
}

fn among(answer: &Answer, statuses: &[u16]) -> Result<(), String> {
    if statuses.contains(&answer.status) { Ok(()) } else { Err(format!("expected one of {statuses:?}")) }
}

fn object(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

fn segments(path: &str) -> Vec<String> {
    path.split('/').map(str::to_owned).collect()
}
