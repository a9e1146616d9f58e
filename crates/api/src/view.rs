//! How much of an enrolment an answer has.

use crate::Problem;
use crate::query::{Fault, Query};
use crate::wire::words::fault;

/// How much of an enrolment an answer has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum View {
    /// The six keys.
    #[default]
    Short,
    /// Everything.
    Full,
}

impl View {
    /// The parameter.
    pub(crate) const NAME: &str = "view";

    /// Reads the optional parameter.
    pub(crate) fn read(query: &mut Query<'_>) -> Self {
        query.read(Self::NAME, word).unwrap_or_default()
    }
}

fn word(text: &str) -> Result<View, Fault> {
    if text == "full" { Ok(View::Full) } else { Err(("full is required".to_owned(), fault::ENUM)) }
}

/// Parses the optional parameter `view`.
///
/// # Errors
///
/// 400 for another value and for an unknown parameter.
pub fn view(query: &str) -> Result<View, Problem> {
    // The usual case.
    if query.is_empty() {
        return Ok(View::Short);
    }
    let mut query = Query::parse(query, &[View::NAME]);
    let view = View::read(&mut query);
    query.end().map(|()| view)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_only_view_is_full() {
        assert_eq!((view(""), view("view=full")), (Ok(View::Short), Ok(View::Full)));
        for (query, name) in [
            ("view=", "view"),
            ("view=FULL", "view"),
            ("view=short", "view"),
            ("view=full&view=full", "view"),
            ("full=view", "full"),
        ] {
            assert_eq!(view(query).unwrap_err().details[0].loc, [name], "{query}");
        }
    }
}
