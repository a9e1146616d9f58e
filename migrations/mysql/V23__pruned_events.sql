-- Up to where the last run has looked for events that are kept no longer.
ALTER TABLE event_positions ADD COLUMN pruned BIGINT NOT NULL DEFAULT 0;
