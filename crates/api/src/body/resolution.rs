//! Parsing of a resolution.

use super::Fields;
use crate::Problem;
use domain::model::link::Link;
use domain::model::resolution::{DocumentNumber, Note, Resolution};

/// Parses `{"note": string}` with optional `"number": string` and `"url": string`.
///
/// # Errors
///
/// 400 with every fault.
pub fn parse_resolution(body: &[u8]) -> Result<Resolution, Problem> {
    let mut fields = Fields::parse(body)?;
    let note = fields.text("note", "A note", Note::new);
    let number = fields.if_given("number", |fields, name| fields.text(name, "A number", DocumentNumber::new));
    let url = fields.if_given("url", |fields, name| fields.text(name, "A link", Link::new));
    match note {
        Some(note) if fields.faults.is_empty() => Ok(Resolution { note, number, url }),
        _ => Err(Problem::invalid(fields.faults)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(body: &str) -> Vec<String> {
        let details = parse_resolution(body.as_bytes()).unwrap_err().details;
        details.iter().map(|detail| format!("{} {}", detail.loc.join("."), detail.kind)).collect()
    }

    #[test]
    fn a_note_is_enough() {
        let read = |body: &str| parse_resolution(body.as_bytes()).unwrap();
        let resolution = read(r#"{"note": " made manually\nsee the folder ", "more": 1}"#);
        assert_eq!(resolution.note.as_str(), "made manually\nsee the folder");
        assert_eq!((resolution.number, resolution.url), (None, None));
        let resolution = read(r#"{"note": "made", "number": "7/2026", "url": "https://a.example/i"}"#);
        assert_eq!(resolution.number.unwrap().as_str(), "7/2026");
        assert_eq!(resolution.url.unwrap().as_str(), "https://a.example/i");
    }

    #[test]
    fn every_fault_is_reported() {
        assert_eq!(faults("{}"), ["note missing"]);
        assert_eq!(
            faults(r#"{"note": "", "number": null, "url": "ftp://a/b"}"#),
            ["note string_value", "number string_type", "url string_value"]
        );
        let long = format!(r#"{{"note": "{}", "number": "{}"}}"#, "n".repeat(501), "7".repeat(65));
        assert_eq!(faults(&long), ["note string_value", "number string_value"]);
        assert_eq!(faults(r#"{"note": "a\tb"}"#), ["note string_value"]);
    }
}
