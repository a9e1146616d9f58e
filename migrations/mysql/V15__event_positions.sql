-- Whoever holds its one row gives positions: last is the highest so far, owed the one up to
-- which the platform is told.
CREATE TABLE event_positions (
    id INT NOT NULL,
    last BIGINT NOT NULL,
    owed BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4;
