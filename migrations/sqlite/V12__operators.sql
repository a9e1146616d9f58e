-- How many events of each kind there were, also of those that retention deleted.
CREATE TABLE event_totals (
    kind TEXT NOT NULL PRIMARY KEY,
    number INTEGER NOT NULL
);
-- When the last run of each schedule ended, in milliseconds since 1970 in UTC.
CREATE TABLE schedules (
    name TEXT NOT NULL PRIMARY KEY,
    ended_at INTEGER NOT NULL
);
-- The position up to which event_totals has the events. Retention deletes none above it.
ALTER TABLE event_positions ADD COLUMN counted INTEGER NOT NULL DEFAULT 0;
-- Counts the jobs that are not done, without the table.
CREATE INDEX ix_outbox_pending ON outbox (state, kind, last_error, created_at) WHERE state <> 'done';
-- The search for documents.
CREATE INDEX ix_documents_number ON documents (number);
CREATE INDEX ix_documents_ksef_number ON documents (ksef_number);
