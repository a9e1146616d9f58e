-- Texts of mails that operators wrote. Rows are added and never changed: a mail has the newest text of
-- the time when its job was created. Without subject and text it is the built-in one. changed_by is the
-- name of the token that was sent, if it has one.
CREATE TABLE mail_texts (
    id BIGINT NOT NULL AUTO_INCREMENT,
    kind VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    language VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    subject VARCHAR(200) NULL,
    text TEXT NULL,
    changed_at BIGINT NOT NULL,
    changed_by VARCHAR(64) NULL,
    PRIMARY KEY (id),
    KEY ix_mail_texts (kind, language, changed_at, id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4;
