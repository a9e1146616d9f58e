-- Every table of the service beside enrolments. Times are milliseconds since 1970 in UTC.
-- A failure can leave some of the tables: each statement can be run again, and the last one,
-- which cannot, is whole or not there.

-- Jobs: deliveries that are still to be made, and those that are made.
-- job_key names a job, such as invoice:7. due_at is when the next worker may take the row: for
-- a job under a lease that is the end of the lease; a job that is done or dead has none.
CREATE TABLE IF NOT EXISTS outbox (
    id BIGINT NOT NULL AUTO_INCREMENT,
    job_key VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    enrolment_id INT NOT NULL,
    kind VARCHAR(32) NOT NULL,
    payload TEXT NOT NULL,
    payload_version INT NOT NULL,
    state VARCHAR(16) NOT NULL,
    attempts INT NOT NULL,
    due_at BIGINT NULL,
    lease_token VARCHAR(32) NULL,
    unknown_since BIGINT NULL,
    last_error VARCHAR(255) NULL,
    created_at BIGINT NOT NULL,
    finished_at BIGINT NULL,
    PRIMARY KEY (id),
    UNIQUE KEY uq_outbox_job (job_key),
    KEY ix_outbox_due (due_at, id),
    KEY ix_outbox_state (state, id),
    KEY ix_outbox_lease (lease_token),
    KEY ix_outbox_enrolment (enrolment_id, kind)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4;

-- The answer to a request with an Idempotency-Key; a row is deleted after a day. A row
-- without a token is answered. user_id and enrolment_id say which user, byte for byte, and
-- which enrolment the request names, so that the row is found when the user is erased.
CREATE TABLE IF NOT EXISTS idempotency (
    idempotency_key VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    request VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    token VARCHAR(32) NULL,
    lease_until BIGINT NOT NULL,
    outcome TEXT NULL,
    user_id VARBINARY(256) NULL,
    enrolment_id INT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (idempotency_key),
    KEY ix_idempotency_created_at (created_at),
    KEY ix_idempotency_user (user_id, enrolment_id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4;

-- The row of a course is locked while its seats are counted and taken.
CREATE TABLE IF NOT EXISTS course_seats (
    course_id INT NOT NULL,
    PRIMARY KEY (course_id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4;

-- Invoices and corrections that were issued. gross_hundredths is below 0 for a correction.
-- vendor_id is the invoicing service's own id for the document. ksef_status is the progress
-- of the document at KSeF in the invoicing service's words, ksef_number the number that KSeF
-- gave it; both are null for a document that does not go there.
CREATE TABLE IF NOT EXISTS documents (
    id BIGINT NOT NULL AUTO_INCREMENT,
    enrolment_id INT NOT NULL,
    kind VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    vendor_id BIGINT NULL,
    number VARCHAR(100) NULL,
    url VARCHAR(512) NULL,
    gross_hundredths BIGINT NULL,
    currency VARCHAR(16) NULL,
    issued_on VARCHAR(10) NULL,
    ksef_status VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NULL,
    ksef_number VARCHAR(64) NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (id),
    UNIQUE KEY uq_documents (enrolment_id, kind)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4;

-- Events of enrolments. Rows are added and never changed, except for the position: the id
-- under which readers get an event. Committed events get it, in the order of id.
CREATE TABLE IF NOT EXISTS events (
    id BIGINT NOT NULL AUTO_INCREMENT,
    position BIGINT NULL,
    enrolment_id INT NOT NULL,
    kind VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    occurred_at BIGINT NOT NULL,
    user_id VARCHAR(64) CHARACTER SET utf8mb4 NOT NULL,
    course_id INT NOT NULL,
    status VARCHAR(16) NOT NULL,
    payment_status VARCHAR(16) NOT NULL,
    invoice_url VARCHAR(512) NULL,
    PRIMARY KEY (id),
    KEY ix_events_position (position, id),
    KEY ix_events_enrolment (enrolment_id),
    KEY ix_events_user (user_id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4;

-- One row, which is locked while positions are given. last is the highest position, owed the
-- position up to which events have jobs, pruned the position up to which retention has
-- looked, removed the highest position of an event that retention deleted.
CREATE TABLE IF NOT EXISTS event_positions (
    id INT NOT NULL,
    last BIGINT NOT NULL,
    owed BIGINT NOT NULL,
    pruned BIGINT NOT NULL,
    removed BIGINT NOT NULL,
    PRIMARY KEY (id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4;

INSERT IGNORE INTO event_positions (id, last, owed, pruned, removed) VALUES (1, 0, 0, 0, 0);

-- Deliveries that people resolved; rows are never deleted. settled_by is the name of the token
-- that was sent, if it has one. The note about a user who was erased is empty.
CREATE TABLE IF NOT EXISTS resolutions (
    id BIGINT NOT NULL AUTO_INCREMENT,
    enrolment_id INT NOT NULL,
    kind VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    note VARCHAR(500) NOT NULL,
    settled_by VARCHAR(64) NULL,
    settled_at BIGINT NOT NULL,
    PRIMARY KEY (id),
    KEY ix_resolutions_enrolment (enrolment_id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4;

-- The pace of requests to each outside system, for all runs and replicas together. Times are
-- by the database's clock: free_at is when the next request may begin, gap_ms the pause
-- between two requests that the system asked for, learnt_at when it asked. doubts counts the
-- deliveries in a row whose outcome is unknown. runner names the run that works for the
-- system, until runner_until. A row begins with the defaults.
CREATE TABLE IF NOT EXISTS paces (
    name VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    free_at BIGINT NOT NULL DEFAULT 0,
    gap_ms BIGINT NOT NULL DEFAULT 0,
    learnt_at BIGINT NOT NULL DEFAULT 0,
    doubts BIGINT NOT NULL DEFAULT 0,
    runner VARCHAR(32) CHARACTER SET ascii NOT NULL DEFAULT '',
    runner_until BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (name)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4;

-- 1 unless the enrolment is canceled: only one enrolment of a user in a course is open. It
-- stands alone: together with other columns MySQL would copy the table.
ALTER TABLE enrolments
    ADD COLUMN is_open TINYINT GENERATED ALWAYS AS (CASE WHEN status = 'CANCELED' THEN NULL ELSE 1 END) VIRTUAL;
