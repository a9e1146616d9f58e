-- The highest position of an event that retention took away: behind it the events are whole.
ALTER TABLE event_positions ADD COLUMN removed BIGINT NOT NULL DEFAULT 0;
