-- The position up to which events have the mails that follow from them.
ALTER TABLE event_positions ADD COLUMN noticed BIGINT NOT NULL DEFAULT 0;
