//! The known costs, and their changes.

use crate::cost::{Cost, Costs};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The tolerance for sizes and instructions: patch releases of dependencies change them, and
/// so does the number of wake-ups of a waiting component.
const TOLERANCE: f64 = 0.05;

/// The costs that `tests/guard/values.json` keeps.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct Values {
    /// Bytes of each component.
    pub components: BTreeMap<String, u64>,
    /// By database, then by request.
    pub requests: BTreeMap<String, Costs>,
}

impl Values {
    /// The changes, a line each.
    #[must_use]
    pub fn compare(&self, found: &Self) -> Vec<String> {
        let mut changed = Vec::new();
        for (component, was, is) in pairs(&self.components, &found.components) {
            changed.extend(near(&format!("bytes of {component}"), was.copied(), is.copied()));
        }
        let none = Costs::new();
        let mut exact = Vec::new();
        for (database, was, is) in pairs(&self.requests, &found.requests) {
            for (request, was, is) in pairs(was.unwrap_or(&none), is.unwrap_or(&none)) {
                let instructions = |cost: Option<&Cost>| cost.map(|cost| cost.instructions);
                let what = format!("{database}: instructions of {request}");
                changed.extend(near(&what, instructions(was), instructions(is)));
                let exactly =
                    |cost: Option<&Cost>| cost.map(|cost| Cost { instructions: 0, texts: Vec::new(), ..cost.clone() });
                let (was, is) = (exactly(was), exactly(is));
                if was != is {
                    exact.push(format!("{database}: {request}: {}, was {}", shown(is), shown(was)));
                }
            }
        }
        changed.extend(exact);
        changed
    }
}

/// Every name of either, with the values of both.
fn pairs<'a, T>(
    was: &'a BTreeMap<String, T>,
    is: &'a BTreeMap<String, T>,
) -> impl Iterator<Item = (&'a String, Option<&'a T>, Option<&'a T>)> {
    let names: BTreeSet<_> = was.keys().chain(is.keys()).collect();
    names.into_iter().map(move |name| (name, was.get(name), is.get(name)))
}

fn near(what: &str, was: Option<u64>, is: Option<u64>) -> Option<String> {
    #[allow(clippy::cast_precision_loss, reason = "far below 2^52")]
    let off = was.zip(is).map(|(was, is)| (is as f64 - was as f64).abs() / (was as f64).max(1.0));
    let changed = off.is_none_or(|off| off > TOLERANCE);
    changed.then(|| format!("{what}: {}, was {}", shown(is), shown(was)))
}

fn shown(value: Option<impl std::fmt::Debug>) -> String {
    value.map_or_else(|| "not there".to_owned(), |value| format!("{value:?}"))
}
