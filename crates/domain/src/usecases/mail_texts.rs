//! The texts of mails: shows, changes and previews them.

use crate::Unavailable;
use crate::model::asked::Author;
use crate::model::language::Language;
use crate::model::mail::{MailKind, MailText, Rendered, TextVersion, preview};
use crate::ports::{Clock, MailTexts};
use chrono::{DateTime, Utc};

/// The text of a kind of mail in a language, as it is now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CurrentText {
    /// The kind.
    pub kind: MailKind,
    /// The language.
    pub language: Language,
    /// The text of mails that are created now.
    pub text: MailText,
    /// Whether an operator wrote it.
    pub own: bool,
    /// When it was changed, and by whom; `None` if it never was.
    pub changed: Option<(DateTime<Utc>, Option<Author>)>,
}

/// All texts.
///
/// # Errors
///
/// When the database fails; the same below.
pub async fn mail_texts(store: &impl MailTexts, env: &impl Clock) -> Result<Vec<CurrentText>, Unavailable> {
    let mut texts = Vec::new();
    for kind in MailKind::ALL {
        for language in Language::ALL {
            texts.push(current(kind, language, store.version_at(kind, language, env.now()).await?));
        }
    }
    Ok(texts)
}

/// Gives mails that are created from now on another text.
///
/// # Errors
///
/// As for [`mail_texts`].
pub async fn set_mail_text(
    store: &impl MailTexts,
    env: &impl Clock,
    (kind, language): (MailKind, Language),
    text: MailText,
    changed_by: Option<Author>,
) -> Result<CurrentText, Unavailable> {
    let version = TextVersion { text: Some(text), changed_at: env.now(), changed_by };
    store.add_version(kind, language, &version).await?;
    Ok(current(kind, language, Some(version)))
}

/// Gives mails that are created from now on the built-in text.
///
/// # Errors
///
/// As for [`mail_texts`].
pub async fn reset_mail_text(
    store: &impl MailTexts,
    env: &impl Clock,
    (kind, language): (MailKind, Language),
    changed_by: Option<Author>,
) -> Result<(), Unavailable> {
    let now = env.now();
    if store.version_at(kind, language, now).await?.is_none_or(|version| version.text.is_none()) {
        return Ok(());
    }
    store.add_version(kind, language, &TextVersion { text: None, changed_at: now, changed_by }).await
}

/// A mail with sample values. A part that is `None` is as it is now.
///
/// # Errors
///
/// As for [`mail_texts`].
pub async fn preview_mail(
    store: &impl MailTexts,
    env: &impl Clock,
    (kind, language): (MailKind, Language),
    (subject, text): (Option<String>, Option<String>),
) -> Result<Rendered, Unavailable> {
    let now = current(kind, language, store.version_at(kind, language, env.now()).await?).text;
    let text = MailText { subject: subject.unwrap_or(now.subject), text: text.unwrap_or(now.text) };
    Ok(preview(kind, language, &text))
}

fn current(kind: MailKind, language: Language, version: Option<TextVersion>) -> CurrentText {
    let (own, changed) = match version {
        Some(TextVersion { text, changed_at, changed_by }) => (text, Some((changed_at, changed_by))),
        None => (None, None),
    };
    let (text, own) = (own.clone().unwrap_or_else(|| MailText::built_in(kind, language)), own.is_some());
    CurrentText { kind, language, text, own, changed }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fakes::{Env, FakeStore, start};
    use chrono::TimeDelta;
    use futures::executor::block_on;

    const OF: (MailKind, Language) = (MailKind::Cancellation, Language::Polish);

    fn text(subject: &str) -> MailText {
        MailText { subject: subject.to_owned(), text: "{course} {reason}".to_owned() }
    }

    fn now(store: &FakeStore, env: &Env) -> CurrentText {
        let all = block_on(mail_texts(store, env)).unwrap();
        assert_eq!(all.len(), MailKind::ALL.len() * Language::ALL.len());
        let (own, others): (Vec<_>, Vec<_>) = all.into_iter().partition(|text| (text.kind, text.language) == OF);
        assert!(others.iter().all(|other| !other.own && other.changed.is_none()));
        own.into_iter().next().unwrap()
    }

    #[test]
    fn an_own_text_counts_until_it_is_removed() {
        let (store, env) = (FakeStore::default(), Env::new());
        let built_in = MailText::built_in(OF.0, OF.1);
        assert_eq!((now(&store, &env).text, now(&store, &env).changed), (built_in.clone(), None));
        let author = Author("ann".to_owned());
        block_on(reset_mail_text(&store, &env, OF, Some(author.clone()))).unwrap();
        assert_eq!(store.texts.borrow().len(), 0, "there was nothing to remove");
        let set = block_on(set_mail_text(&store, &env, OF, text("First"), Some(author.clone()))).unwrap();
        assert_eq!((now(&store, &env), set.own), (set, true));
        env.advance(TimeDelta::seconds(1));
        block_on(reset_mail_text(&store, &env, OF, None)).unwrap();
        block_on(reset_mail_text(&store, &env, OF, Some(author))).unwrap();
        let CurrentText { text, own, changed, .. } = now(&store, &env);
        assert_eq!((text, own, changed), (built_in, false, Some((start() + TimeDelta::seconds(1), None))));
        assert_eq!(store.texts.borrow().len(), 2);
    }

    #[test]
    fn a_preview_has_the_parts_that_are_given_and_the_others_as_they_are() {
        let (store, env) = (FakeStore::default(), Env::new());
        let previewed = |parts| block_on(preview_mail(&store, &env, OF, parts)).unwrap();
        assert_eq!(previewed((None, None)), preview(OF.0, OF.1, &MailText::built_in(OF.0, OF.1)));
        block_on(set_mail_text(&store, &env, OF, text("First"), None)).unwrap();
        let Rendered { subject, text, .. } = previewed((None, Some("{course}!".to_owned())));
        assert_eq!((subject.as_str(), text.as_str()), ("First", "Rust dla początkujących!\n"));
        let Rendered { subject, text, .. } = previewed((Some("{course}".to_owned()), None));
        assert_eq!(subject, "Rust dla początkujących");
        assert_eq!(text, "Rust dla początkujących Kurs się nie odbędzie.\n");
    }
}
