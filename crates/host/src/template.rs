//! Templates: texts with placeholders `{{ name }}`.

use anyhow::{Context, Result};

/// A parsed template.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Template<'a> {
    parts: Vec<Part<'a>>,
}

#[derive(Debug, PartialEq, Eq)]
enum Part<'a> {
    Text(&'a str),
    Name(&'a str),
}

impl<'a> Template<'a> {
    /// Parses `text`. Unclosed braces are an error.
    pub(crate) fn parse(text: &'a str) -> Result<Self> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("{{") {
            let (name, after) = after.split_once("}}").with_context(|| format!("{text:?} has an unclosed \"{{{{\""))?;
            if !before.is_empty() {
                parts.push(Part::Text(before));
            }
            parts.push(Part::Name(name.trim()));
            rest = after;
        }
        if !rest.is_empty() {
            parts.push(Part::Text(rest));
        }
        Ok(Self { parts })
    }

    /// The names of its variables.
    pub(crate) fn names(&self) -> impl Iterator<Item = &'a str> + '_ {
        self.parts.iter().filter_map(|part| match part {
            Part::Name(name) => Some(*name),
            Part::Text(_) => None,
        })
    }

    /// Whether it has no variables.
    pub(crate) fn is_literal(&self) -> bool {
        self.names().next().is_none()
    }

    /// The text with the values of its variables.
    pub(crate) fn resolve<'v>(&self, value: impl Fn(&str) -> Option<&'v str>) -> Result<String> {
        let mut text = String::new();
        for part in &self.parts {
            match part {
                Part::Text(literal) => text.push_str(literal),
                Part::Name(name) => {
                    text.push_str(value(name).with_context(|| format!("unknown variable {name:?}"))?);
                }
            }
        }
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolve(text: &str) -> Result<String> {
        Template::parse(text)?.resolve(|name| (name == "host").then_some("db.example"))
    }

    #[test]
    fn names_are_replaced_and_text_is_kept() {
        assert_eq!(resolve("").unwrap(), "");
        assert_eq!(resolve("plain }} text").unwrap(), "plain }} text");
        assert_eq!(resolve("mysql://{{ host }}:3306").unwrap(), "mysql://db.example:3306");
        assert_eq!(resolve("{{host}}{{  host  }}").unwrap(), "db.exampledb.example");
    }

    #[test]
    fn unclosed_braces_and_unknown_names_are_errors() {
        assert!(resolve("{{ host }} {{ host").unwrap_err().to_string().contains("unclosed"));
        assert!(resolve("{{ missing }}").unwrap_err().to_string().contains("\"missing\""));
    }

    #[test]
    fn names_are_listed() {
        let template = Template::parse("{{ a }}-{{ b }}").unwrap();
        assert_eq!(template.names().collect::<Vec<_>>(), ["a", "b"]);
        assert!(!template.is_literal());
        assert!(Template::parse("a-b").unwrap().is_literal());
    }
}
