//! `describe` generates the end of `openapi.json` from the types in `api`: the shared
//! responses and the schemas. The beginning of the file is maintained manually.

mod answers;
#[cfg(test)]
mod tests;

use anyhow::Context as _;
use serde::{Serialize, Serializer};
use std::fmt::Display;
use std::path::Path;

mod arguments {
    xflags::xflags! {
        /// Writes the shared responses and the schemas of openapi.json from the types in crates/api.
        cmd describe {}
    }
}

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../openapi.json");

/// The beginning of the generated part. The responses of a route have more indentation.
const BEGIN: &str = "\n    \"responses\": {";

fn main() -> anyhow::Result<()> {
    arguments::Describe::from_env_or_exit();
    let file = Path::new(FILE);
    let before = std::fs::read_to_string(file).context("openapi.json")?;
    std::fs::write(file, described(&before)?).context("openapi.json")
}

/// The description with a new generated part.
fn described(description: &str) -> anyhow::Result<String> {
    #[derive(Serialize)]
    struct Generated<R: Serialize, S: Serialize> {
        responses: R,
        schemas: S,
    }
    let (beginning, _) = description.split_once(BEGIN).context("components have no responses")?;
    let generated = Generated { responses: InOrder(answers::answers()), schemas: InOrder(api::schemas()) };
    let json = serde_json::to_string_pretty(&generated)?.replace('\n', "\n  ");
    let members = json.strip_prefix('{').context("not an object")?;
    Ok(format!("{beginning}{members}\n}}\n"))
}

/// An object that keeps the order of its members.
struct InOrder<K, V>(Vec<(K, V)>);

impl<K: Display, V: Serialize> Serialize for InOrder<K, V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(key, value)| (key.to_string(), value)))
    }
}
