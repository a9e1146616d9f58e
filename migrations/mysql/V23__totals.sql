-- How many events of each kind there were, also of those that retention deleted.
CREATE TABLE IF NOT EXISTS event_totals (
    kind VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    number BIGINT NOT NULL,
    PRIMARY KEY (kind)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4;

-- When the last run of each schedule ended, in milliseconds since 1970 in UTC.
CREATE TABLE IF NOT EXISTS schedules (
    name VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    ended_at BIGINT NOT NULL,
    PRIMARY KEY (name)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4;

-- The position up to which event_totals has the events. Retention deletes none above it.
ALTER TABLE event_positions ADD COLUMN counted BIGINT NOT NULL DEFAULT 0;
