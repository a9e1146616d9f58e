//! The path of a record, with a placeholder for its id.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

/// A path, maybe with a query, in which one placeholder stands for the id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Template {
    before: String,
    after: String,
}

impl Template {
    /// None unless the text is a path with exactly one `{placeholder}` and no other brace.
    pub(crate) fn parse(text: &str, placeholder: &str) -> Option<Self> {
        let (before, after) = text.trim().split_once(&format!("{{{placeholder}}}"))?;
        let template = Self { before: before.to_owned(), after: after.to_owned() };
        let is_path = crate::config::parse::path(&template.with("0")).is_some();
        let is_plain = !before.contains(['{', '}']) && !after.contains(['{', '}']);
        (is_path && is_plain && before.starts_with('/')).then_some(template)
    }

    /// The path of the record with this id, which is percent-encoded.
    pub(super) fn with(&self, id: &str) -> String {
        format!("{}{}{}", self.before, utf8_percent_encode(id, NON_ALPHANUMERIC), self.after)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_is_encoded_in_its_place() {
        for (text, path) in [
            ("/api/users/id?user_id={user_id}", "/api/users/id?user_id=a%2Fb%20%C5%BC"),
            (" /v2/people/{user_id}/card?full=1\n", "/v2/people/a%2Fb%20%C5%BC/card?full=1"),
            ("/{user_id}", "/a%2Fb%20%C5%BC"),
        ] {
            assert_eq!(Template::parse(text, "user_id").unwrap().with("a/b ż"), path);
        }
    }

    #[test]
    fn a_template_has_one_placeholder() {
        for text in [
            "",
            "/users",
            "/users/{id}",
            "/{user_id}/{user_id}",
            "/{user_id}/{course_id}",
            "/{{user_id}}",
            "users/{user_id}",
            "{user_id}",
            "/a b/{user_id}",
            "/ż/{user_id}",
            "https://host/{user_id}",
        ] {
            assert_eq!(Template::parse(text, "user_id"), None, "{text}");
        }
    }
}
