//! Responses with the texts of mails.

use crate::Reply;
use crate::json::to_vec;
use crate::wire::{Mail, MailList, MailPreview, time};
use domain::model::asked::Author;
use domain::model::language::Language;
use domain::model::mail::{MailKind, Placeholder, Rendered};
use domain::usecases::mail_texts::CurrentText;
use http::StatusCode;

/// The kind and the language of a mail in path segments; none for an unknown one.
#[must_use]
pub fn mail_in_path(kind: &str, language: &str) -> Option<(MailKind, Language)> {
    MailKind::parse(kind).zip(Language::parse(language))
}

impl<'a> From<&'a CurrentText> for Mail<'a> {
    fn from(current: &'a CurrentText) -> Self {
        let CurrentText { kind, language, text, own, changed } = current;
        let words = |placeholders: &[Placeholder]| placeholders.iter().map(|placeholder| placeholder.word()).collect();
        let (changed_at, changed_by) = match changed {
            Some((at, by)) => (Some(time(*at)), by.as_ref().map(|Author(name)| name.as_str())),
            None => (None, None),
        };
        Self {
            kind: kind.word(),
            language: language.code(),
            subject: &text.subject,
            text: &text.text,
            own: *own,
            changed_at,
            changed_by,
            required: words(kind.required()),
            optional: words(kind.optional()),
        }
    }
}

/// 200 with all texts.
#[must_use]
pub fn mails(texts: &[CurrentText]) -> Reply {
    Reply::json(StatusCode::OK, to_vec(&MailList { mails: texts.iter().map(Mail::from).collect() }))
}

/// 200 with the text of a mail.
#[must_use]
pub fn mail(text: &CurrentText) -> Reply {
    Reply::json(StatusCode::OK, to_vec(&Mail::from(text)))
}

/// 200 with a mail that has sample values.
#[must_use]
pub fn mail_preview(Rendered { subject, html, text }: &Rendered) -> Reply {
    Reply::json(StatusCode::OK, to_vec(&MailPreview { subject, text, html }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::model::mail::MailText;
    use serde_json::{Value, json};

    #[test]
    fn a_text_says_who_wrote_it_and_what_it_may_name() {
        let (kind, language) = mail_in_path("payment_with_invoice", "pl").unwrap();
        let text = MailText { subject: "Opłacone".to_owned(), text: "{course}: {link}".to_owned() };
        let changed_at = "2026-12-01T10:00:00Z".parse().unwrap();
        let changed = Some((changed_at, Some(Author("ann".to_owned()))));
        let current = CurrentText { kind, language, text, own: true, changed };
        let expected = json!({
            "kind": "payment_with_invoice", "language": "pl", "subject": "Opłacone", "text": "{course}: {link}",
            "own": true, "changed_at": "2026-12-01T10:00:00.000Z", "changed_by": "ann",
            "required": ["course", "link"], "optional": ["first_name", "amount", "paid_on"],
        });
        let json = |reply: &Reply| serde_json::from_slice::<Value>(&reply.body).unwrap();
        assert_eq!(json(&mail(&current)), expected);
        let built_in = CurrentText { own: false, changed: None, ..current };
        let listed = &json(&mails(&[built_in]))["mails"][0];
        assert_eq!(
            (&listed["own"], &listed["changed_at"], &listed["changed_by"]),
            (&json!(false), &Value::Null, &Value::Null)
        );
        assert_eq!((mail_in_path("payment", "de"), mail_in_path("Payment", "en")), (None, None));
    }
}
