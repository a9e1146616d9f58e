//! The table `mail_texts`: texts of mails that operators wrote. Rows are added and never changed.

use crate::sql::{Columns, DbError, Param, Row, Sql, Store, millis};
use chrono::{DateTime, Utc};
use domain::Unavailable;
use domain::model::asked::Author;
use domain::model::language::Language;
use domain::model::mail::{MailKind, MailText, TextVersion};
use domain::ports::{Clock as _, MailTexts};

/// The newest version at a time.
const AT: Sql = Sql::both(
    "SELECT subject, text, changed_at, changed_by
     FROM mail_texts
     WHERE kind = ? AND language = ? AND changed_at <= ?
     ORDER BY changed_at DESC, id DESC
     LIMIT 1",
);

const INSERT: Sql = Sql::both(
    "INSERT INTO mail_texts (kind, language, subject, text, changed_at, changed_by) VALUES (?, ?, ?, ?, ?, ?)",
);

/// The newest version of a text, as it was read.
pub(crate) struct Known {
    of: (MailKind, Language),
    read_at: DateTime<Utc>,
    version: Option<TextVersion>,
}

impl MailTexts for Store {
    async fn version_at(
        &self,
        kind: MailKind,
        language: Language,
        time: DateTime<Utc>,
    ) -> Result<Option<TextVersion>, Unavailable> {
        if self.connection.borrow().as_ref().is_some_and(|connection| connection.had_no_texts_at(time)) {
            return Ok(None);
        }
        let of = (kind, language);
        let known = |known: &Known| known.of == of && known.read_at >= time;
        let found = self.texts.borrow().iter().find(|text| known(text)).map(|known| known.version.clone());
        let newest = match found {
            Some(version) => version,
            None => {
                let read_at = crate::Environment.now().max(time);
                let version = self.text_at(of, read_at)?;
                let mut texts = self.texts.borrow_mut();
                texts.retain(|known| known.of != of);
                texts.push(Known { of, read_at, version: version.clone() });
                version
            }
        };
        match newest {
            Some(version) if version.changed_at > time => self.text_at(of, time),
            version => Ok(version),
        }
    }

    async fn add_version(&self, kind: MailKind, language: Language, version: &TextVersion) -> Result<(), Unavailable> {
        let TextVersion { text, changed_at, changed_by } = version;
        let row = [
            kind.word().into(),
            language.code().into(),
            text.as_ref().map(|text| text.subject.as_str()).into(),
            text.as_ref().map(|text| text.text.as_str()).into(),
            changed_at.timestamp_millis().into(),
            changed_by.as_ref().map(|Author(name)| name.as_str()).into(),
        ];
        self.write(INSERT, &row)
    }
}

impl Store {
    fn text_at(
        &self,
        (kind, language): (MailKind, Language),
        time: DateTime<Utc>,
    ) -> Result<Option<TextVersion>, Unavailable> {
        let of: [Param<'_>; 3] = [kind.word().into(), language.code().into(), time.timestamp_millis().into()];
        self.read(|connection| connection.query(AT, &of)?.into_iter().next().map(read).transpose())
    }
}

fn read(row: Row) -> Result<TextVersion, DbError> {
    let mut columns = Columns::new(row);
    let text = columns.optional_text()?.zip(columns.optional_text()?);
    Ok(TextVersion {
        text: text.map(|(subject, text)| MailText { subject, text }),
        changed_at: millis(columns.int()?)?,
        changed_by: columns.optional_text()?.map(Author),
    })
}
