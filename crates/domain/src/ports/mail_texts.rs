//! The texts of mails that operators write.

use crate::Unavailable;
use crate::model::language::Language;
use crate::model::mail::{MailKind, TextVersion};
use chrono::{DateTime, Utc};

/// The texts of mails in the database. A version is never changed, so that a mail that is tried
/// again has the text of its first attempt.
pub trait MailTexts {
    /// The newest version at a time; `None` if there was none. A run asks for the same text many
    /// times: it is read again only if it may have changed before that time.
    ///
    /// # Errors
    ///
    /// When the database fails; the same below.
    async fn version_at(
        &self,
        kind: MailKind,
        language: Language,
        time: DateTime<Utc>,
    ) -> Result<Option<TextVersion>, Unavailable>;

    /// Adds a version.
    ///
    /// # Errors
    ///
    /// As for [`MailTexts::version_at`].
    async fn add_version(&self, kind: MailKind, language: Language, version: &TextVersion) -> Result<(), Unavailable>;
}
