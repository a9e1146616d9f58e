-- How fast each outside system is asked, by all runs and replicas together. Times are
-- milliseconds since 1970 by the database's clock: when the next request may begin, the
-- pause between two that the system asked for and when it did, how often in a row it
-- left open whether something was delivered, and which run asks it and until when.
CREATE TABLE paces (
    name VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    free_at BIGINT NOT NULL DEFAULT 0,
    gap_ms BIGINT NOT NULL DEFAULT 0,
    learnt_at BIGINT NOT NULL DEFAULT 0,
    doubts BIGINT NOT NULL DEFAULT 0,
    runner VARCHAR(32) CHARACTER SET ascii NOT NULL DEFAULT '',
    runner_until BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (name)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4;
