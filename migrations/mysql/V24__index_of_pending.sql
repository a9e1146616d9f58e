-- Counts the jobs that are not done, without the table.
ALTER TABLE outbox ADD INDEX ix_outbox_pending (state, kind, last_error, created_at);
