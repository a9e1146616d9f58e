-- What was answered under an Idempotency-Key; rows are forgotten after a day.
-- Times are milliseconds since 1970 in UTC. A row without a token is answered.
CREATE TABLE idempotency (
    idempotency_key VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    request VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    token VARCHAR(32) NULL,
    lease_until BIGINT NOT NULL,
    outcome TEXT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (idempotency_key),
    KEY ix_idempotency_created_at (created_at)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4;
