//! `describe` writes the end of `openapi.json`: the answers that routes have in common
//! and the schemas, from the types in `api`. What stands before it is written by hand.

mod answers;
#[cfg(test)]
mod tests;

use anyhow::Context as _;
use serde::{Serialize, Serializer};
use std::fmt::Display;
use std::path::Path;

mod arguments {
    xflags::xflags! {
        /// Writes the answers and schemas of openapi.json from the types in crates/api.
        cmd describe {}
    }
}

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../openapi.json");

/// How what is generated begins. A route's own responses stand deeper.
const BEGIN: &str = "\n    \"responses\": {";

fn main() -> anyhow::Result<()> {
    arguments::Describe::from_env_or_exit();
    let file = Path::new(FILE);
    let before = std::fs::read_to_string(file).context("openapi.json")?;
    std::fs::write(file, described(&before)?).context("openapi.json")
}

/// The description with its generated end made anew.
fn described(description: &str) -> anyhow::Result<String> {
    #[derive(Serialize)]
    struct Generated<R: Serialize, S: Serialize> {
        responses: R,
        schemas: S,
    }
    let (by_hand, _) = description.split_once(BEGIN).context("components have no responses")?;
    let generated = Generated { responses: InOrder(answers::answers()), schemas: InOrder(api::schemas()) };
    let json = serde_json::to_string_pretty(&generated)?.replace('\n', "\n  ");
    let members = json.strip_prefix('{').context("not an object")?;
    Ok(format!("{by_hand}{members}\n}}\n"))
}

/// An object whose members keep their order.
struct InOrder<K, V>(Vec<(K, V)>);

impl<K: Display, V: Serialize> Serialize for InOrder<K, V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(key, value)| (key.to_string(), value)))
    }
}
