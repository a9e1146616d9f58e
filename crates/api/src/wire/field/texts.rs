//! The schemas of texts.

use super::{Object, ObjectBuilder, Type};

// Patterns have only what ECMA-262, RE2 and Python read alike: no look-around, no `\s` and no
// `\u`. Above `\xff`, a character stands for itself.
pub(super) const CONTROL: &str = r"\x00-\x1f\x7f-\x9f";
const ALL_BUT_LINE_FEEDS: &str = r"\x00-\x09\x0b-\x1f\x7f-\x9f";
/// Whitespace as in [`char::is_whitespace`].
pub(super) const BLANKS: &str =
    "[\\x09-\\x0d\\x20\\x85\\xa0\u{1680}\u{2000}-\u{200a}\u{2028}\u{2029}\u{202f}\u{205f}\u{3000}]*";
/// A character that is neither whitespace nor a control character.
pub(super) const INK: &str =
    "[^\\x00-\\x20\\x7f-\\xa0\u{1680}\u{2000}-\u{200a}\u{2028}\u{2029}\u{202f}\u{205f}\u{3000}]";

/// A text of at most `max_chars` characters: not only blanks, no control characters.
pub(super) fn text(max_chars: usize) -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .min_length(Some(1))
        .max_length(Some(max_chars))
        .pattern(Some(format!("^[^{CONTROL}]*{INK}[^{CONTROL}]*$")))
}

/// The same for a text that is trimmed first; line breaks count as blanks.
pub(super) fn trimmed_text(max_chars: usize) -> ObjectBuilder {
    trimmed(CONTROL, &format!("{{0,{}}}", max_chars - 2))
}

/// The same with another set of forbidden control characters and another number of characters
/// between the first and the last.
fn trimmed(control: &str, times: &str) -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .min_length(Some(1))
        .pattern(Some(format!("^{BLANKS}{INK}([^{control}]{times}{INK})?{BLANKS}$")))
}

pub(crate) fn resolution_note() -> Object {
    let description = "What the operator did: 1 to 500 characters. Line feeds are the only control characters that \
                       are allowed. Blanks around the text are removed.";
    let times = format!("{{0,{}}}", domain::model::resolution::Note::MAX_CHARS - 2);
    trimmed(ALL_BUT_LINE_FEEDS, &times).description(Some(description)).build()
}

pub(crate) fn subject() -> Object {
    let description = "One line of 1 to 200 characters, with placeholders in braces. A placeholder that can be without \
                       a value is not allowed. Blanks around it are removed.";
    trimmed_text(domain::model::mail::MailText::MAX_SUBJECT).description(Some(description)).build()
}

pub(crate) fn mail_text() -> Object {
    let description = "1 to 8000 characters. Line feeds are the only control characters that are allowed; an empty \
                       line ends a paragraph. The text has all required placeholders of its kind, such as \
                       `{course}`, and no others than its optional ones. A URL becomes a link. Blanks around the \
                       text are removed.";
    // RE2 repeats at most 1000 times.
    let length = domain::model::mail::MailText::MAX_TEXT;
    trimmed(ALL_BUT_LINE_FEEDS, "*").max_length(Some(length)).description(Some(description)).build()
}

pub(crate) fn document_number() -> Object {
    let description = "The number of the document. Only for an `invoice`, a `correction`, and a `ksef_number` of a \
                       company's document.";
    trimmed_text(domain::model::resolution::DocumentNumber::MAX_CHARS).description(Some(description)).build()
}

/// An http or https URL with the characters of RFC 3986. Not allowed are `@`, the segments
/// `.` and `..` in any encoding, and percent-encoded control characters and slashes.
pub(crate) fn link() -> Object {
    let host = r"[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*(:[0-9]{1,5})?";
    let dot = r"(\.|%2[Ee])";
    let plain = "[!$&-,0-;=A-Z_a-z~-]|%(2[0-9A-Da-d]|5[0-9ABD-Fabd-f]|7[0-9A-Ea-e]|[3468-9A-Fa-f][0-9A-Fa-f])";
    let character = format!("({plain}|{dot})");
    // Not one or two dots alone.
    let segment = format!("({dot}{{0,2}}({plain}){character}*|{dot}{{3}}{character}*)?");
    let query = format!("({plain}|{dot}|[/?])*");
    let description = "The page that shows the document: an http or https URL with a path. Only for an `invoice`, a \
                       `correction`, and a `ksef_number` of a company's document.";
    ObjectBuilder::new()
        .schema_type(Type::String)
        .max_length(Some(domain::model::link::MAX_URL))
        .pattern(Some(format!(r"^https?://{host}(/{segment})+(\?{query})?$")))
        .description(Some(description))
        .build()
}
