-- What is owed to customers. Times are milliseconds since 1970 in UTC.
-- due_at is when the next worker may take the row: for one that is held under
-- a lease that is the lease's end; a finished or dead row has none.
CREATE TABLE outbox (
    id BIGINT NOT NULL AUTO_INCREMENT,
    enrolment_id INT NOT NULL,
    kind VARCHAR(32) NOT NULL,
    payload TEXT NOT NULL,
    state VARCHAR(16) NOT NULL,
    attempts INT NOT NULL,
    due_at BIGINT NULL,
    lease_token VARCHAR(32) NULL,
    unknown_since BIGINT NULL,
    last_error VARCHAR(255) NULL,
    created_at BIGINT NOT NULL,
    finished_at BIGINT NULL,
    PRIMARY KEY (id),
    UNIQUE KEY uq_outbox (enrolment_id, kind),
    KEY ix_outbox_due (due_at, id),
    -- Operators look at jobs by state.
    KEY ix_outbox_state (state, id),
    KEY ix_outbox_lease (lease_token)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4;
