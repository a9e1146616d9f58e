-- The position up to which events have the mails that follow from them.
ALTER TABLE event_positions ADD COLUMN noticed INTEGER NOT NULL DEFAULT 0;
