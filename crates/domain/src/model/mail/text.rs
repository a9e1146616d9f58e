//! The text of a mail: a subject and paragraphs, with placeholders in braces.

use super::{MailKind, Placeholder};
use crate::model::asked::Author;
use crate::model::language::Language;
use crate::model::text::{Invalid, check};
use chrono::{DateTime, Utc};

/// The subject and the text of a mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailText {
    /// One line, of at most [`MailText::MAX_SUBJECT`] characters.
    pub subject: String,
    /// Paragraphs with an empty line between them, of at most [`MailText::MAX_TEXT`] characters.
    pub text: String,
}

impl MailText {
    /// The maximal number of characters of a subject.
    pub const MAX_SUBJECT: usize = 200;
    /// The maximal number of characters of a text.
    pub const MAX_TEXT: usize = 8000;

    /// The text that this release has.
    #[must_use]
    pub fn built_in(kind: MailKind, language: Language) -> Self {
        let (subject, text) = kind.file(language).split_once("\n\n").unwrap_or_default();
        Self { subject: subject.to_owned(), text: text.trim_end().to_owned() }
    }
}

/// A text that an operator wrote, or the return to the built-in one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextVersion {
    /// `None` for the built-in one.
    pub text: Option<MailText>,
    /// Mails that are created from then on have it.
    pub changed_at: DateTime<Utc>,
    /// The token of who changed it, if it has a name.
    pub changed_by: Option<Author>,
}

/// Why a subject or a text cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidText {
    /// It is blank, too long, or has a control character.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// A brace is not part of a placeholder.
    #[error("must have braces around placeholders only")]
    Brace,
    /// The kind does not have this placeholder.
    #[error("must not have the placeholder {{{0}}}")]
    Unknown(String),
    /// The placeholder may have no value, and a subject cannot be left out.
    #[error("must not have {{{}}}, which may have no value", .0.word())]
    MayBeMissing(Placeholder),
    /// The text does not name what it has to name.
    #[error("must have {{{}}}", .0.word())]
    Missing(Placeholder),
}

/// Checks and trims the subject of a kind.
///
/// # Errors
///
/// The first broken rule.
pub fn check_subject(kind: MailKind, subject: &str) -> Result<String, InvalidText> {
    let subject = check(subject, MailText::MAX_SUBJECT, Invalid::Control, None)?;
    match named(kind, &subject)?.into_iter().find(|placeholder| placeholder.may_be_missing()) {
        Some(placeholder) => Err(InvalidText::MayBeMissing(placeholder)),
        None => Ok(subject),
    }
}

/// Checks and trims the text of a kind.
///
/// # Errors
///
/// The first broken rule.
pub fn check_text(kind: MailKind, text: &str) -> Result<String, InvalidText> {
    let text = check(text, MailText::MAX_TEXT, Invalid::ControlInText, Some('\n'))?;
    let named = named(kind, &text)?;
    match kind.required().iter().find(|required| !named.contains(required)) {
        Some(missing) => Err(InvalidText::Missing(*missing)),
        None => Ok(text),
    }
}

/// The placeholders in a text.
fn named(kind: MailKind, text: &str) -> Result<Vec<Placeholder>, InvalidText> {
    /// The most characters of a name that an error quotes.
    const QUOTED: usize = 32;
    let mut named = Vec::new();
    for piece in pieces(text) {
        match piece {
            Piece::Text(text) if text.contains(['{', '}']) => return Err(InvalidText::Brace),
            Piece::Text(_) => {}
            Piece::Braces(word) => {
                let placeholder = Placeholder::parse(word).filter(|placeholder| {
                    kind.required().contains(placeholder) || kind.optional().contains(placeholder)
                });
                let unknown = || InvalidText::Unknown(word.chars().take(QUOTED).collect());
                named.push(placeholder.ok_or_else(unknown)?);
            }
        }
    }
    Ok(named)
}

/// A piece of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Piece<'t> {
    Text(&'t str),
    /// What is between braces.
    Braces(&'t str),
}

/// The pieces of a text. A brace without its partner is part of the text.
pub(super) fn pieces(text: &str) -> impl Iterator<Item = Piece<'_>> {
    text.split_inclusive('}').flat_map(|part| {
        let braces = part.strip_suffix('}').and_then(|part| part.rsplit_once('{'));
        let (before, word) = braces.map_or((part, None), |(before, word)| (before, Some(word)));
        let before = Some(before).filter(|before| !before.is_empty()).map(Piece::Text);
        before.into_iter().chain(word.map(Piece::Braces))
    })
}

/// The paragraphs of a text.
pub(super) fn paragraphs(text: &str) -> impl Iterator<Item = &str> {
    text.split("\n\n").map(|paragraph| paragraph.trim_matches('\n')).filter(|paragraph| !paragraph.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const KIND: MailKind = MailKind::PaymentWithInvoice;

    #[test]
    fn built_in_texts_follow_the_rules() {
        for kind in MailKind::ALL {
            assert_eq!(MailKind::parse(kind.word()), Some(kind));
            for language in Language::ALL {
                let MailText { subject, text } = MailText::built_in(kind, language);
                assert_eq!(check_subject(kind, &subject), Ok(subject));
                assert_eq!(check_text(kind, &text), Ok(text));
            }
        }
    }

    #[test]
    fn a_text_has_the_placeholders_of_its_kind() {
        let link = "{course} {link}";
        assert_eq!(check_text(KIND, &format!(" {link} {{paid_on}}\n")), Ok(format!("{link} {{paid_on}}")));
        let unknown = |word: &str| Err(InvalidText::Unknown(word.to_owned()));
        for (text, error) in [
            ("{course}", Err(InvalidText::Missing(Placeholder::Link))),
            ("{link}", Err(InvalidText::Missing(Placeholder::Course))),
            ("{course} {link} {reason}", unknown("reason")),
            ("{course} {link} {Course}", unknown("Course")),
            ("{course} {link} { course }", unknown(" course ")),
            ("{course} {link} {}", unknown("")),
            ("{course} {link} {{amount}}", Err(InvalidText::Brace)),
            ("{course} {link} }", Err(InvalidText::Brace)),
            ("{course} {link} {", Err(InvalidText::Brace)),
            ("\n", Err(InvalidText::Invalid(Invalid::Blank))),
            ("{course}\t{link}", Err(InvalidText::Invalid(Invalid::ControlInText))),
        ] {
            assert_eq!(check_text(KIND, text), error, "{text}");
        }
        let long = format!("{link}{}", "ż".repeat(MailText::MAX_TEXT - link.len()));
        assert!(check_text(KIND, &long).is_ok());
        assert_eq!(check_text(KIND, &format!("{long}ż")), Err(Invalid::TooLong(MailText::MAX_TEXT).into()));
        let word = "x".repeat(33);
        assert_eq!(check_text(KIND, &format!("{{{word}}}")), unknown(&word[..32]));
    }

    #[test]
    fn a_subject_is_one_line_that_is_always_whole() {
        assert_eq!(check_subject(KIND, " {first_name}, {course} is paid ").unwrap(), "{first_name}, {course} is paid");
        for (subject, said) in [
            ("", "must not be blank"),
            ("a\nb", "must not contain control characters"),
            ("{amount}", "must not have {amount}, which may have no value"),
            ("{nothing}", "must not have the placeholder {nothing}"),
            ("{", "must have braces around placeholders only"),
        ] {
            assert_eq!(check_subject(KIND, subject).unwrap_err().to_string(), said);
        }
        assert!(check_subject(KIND, &"ż".repeat(200)).is_ok() && check_subject(KIND, &"ż".repeat(201)).is_err());
        assert_eq!(InvalidText::Missing(Placeholder::Link).to_string(), "must have {link}");
    }

    #[test]
    fn paragraphs_have_an_empty_line_between_them() {
        let found: Vec<_> = paragraphs("a\nb\n\n\nc\n\n\n\nd\n").collect();
        assert_eq!(found, ["a\nb", "c", "d"]);
    }

    proptest! {
        #[test]
        fn pieces_are_the_whole_text(text in "[a{} \n]{0,12}") {
            let joined: String = pieces(&text)
                .map(|piece| match piece {
                    Piece::Text(text) => text.to_owned(),
                    Piece::Braces(word) => format!("{{{word}}}"),
                })
                .collect();
            prop_assert_eq!(joined, text);
        }

        #[test]
        fn no_text_panics(text: String) {
            let _ = check_text(KIND, &text);
            let _ = check_subject(KIND, &text);
        }
    }
}
