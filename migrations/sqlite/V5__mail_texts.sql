-- Texts of mails that operators wrote. Rows are added and never changed: a mail has the newest text of
-- the time when its job was created. Without subject and text it is the built-in one. changed_by is the
-- name of the token that was sent, if it has one.
CREATE TABLE mail_texts (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    language TEXT NOT NULL,
    subject TEXT NULL,
    text TEXT NULL,
    changed_at INTEGER NOT NULL,
    changed_by TEXT NULL
);

CREATE INDEX ix_mail_texts ON mail_texts (kind, language, changed_at, id);
