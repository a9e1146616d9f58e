//! The texts of mails.

use super::FakeStore;
use crate::Unavailable;
use crate::model::language::Language;
use crate::model::mail::{MailKind, TextVersion};
use crate::ports::MailTexts;
use chrono::{DateTime, Utc};

impl MailTexts for FakeStore {
    async fn version_at(
        &self,
        kind: MailKind,
        language: Language,
        time: DateTime<Utc>,
    ) -> Result<Option<TextVersion>, Unavailable> {
        self.check()?;
        let texts = self.texts.borrow();
        let mut own = texts.iter().rev().filter(|(of, _)| *of == (kind, language)).map(|(_, version)| version);
        Ok(own.find(|version| version.changed_at <= time).cloned())
    }

    async fn add_version(&self, kind: MailKind, language: Language, version: &TextVersion) -> Result<(), Unavailable> {
        self.check()?;
        self.texts.borrow_mut().push(((kind, language), version.clone()));
        Ok(())
    }
}
