-- The table of the Flask service, as its own migrations make it. A table that exists already
-- is taken over as it stands. The Flask service can still write it afterwards.
CREATE TABLE IF NOT EXISTS enrolments (
    id INT NOT NULL AUTO_INCREMENT,
    course_id INT NOT NULL,
    user_id VARCHAR(64) NOT NULL,
    invoice_url VARCHAR(512) NULL,
    status ENUM ('ACTIVE', 'CANCELED', 'COMPLETED') NOT NULL,
    payment_status ENUM ('PENDING', 'PAID', 'FAILED') NOT NULL,
    created_at DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
    updated_at DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
    course_end_date DATETIME NULL DEFAULT CURRENT_TIMESTAMP,
    PRIMARY KEY (id),
    UNIQUE KEY uq_enrolments (user_id, course_id),
    KEY ix_enrolments_course_id (course_id),
    KEY ix_enrolments_user_id (user_id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4;

-- What was paid, in hundredths; when it was refunded, in milliseconds since 1970 in UTC; the
-- reason of a cancellation or refund. The Flask service writes none of them.
-- Expiry reads active rows by end date, GET /active by id, lists by payment status, and by
-- course and status. The last index also counts the seats of a course.
-- One statement: a failure leaves nothing of it, and the file can be run again.
ALTER TABLE enrolments
    ADD COLUMN paid_hundredths BIGINT NULL,
    ADD COLUMN refunded_at BIGINT NULL,
    ADD COLUMN reason VARCHAR(255) CHARACTER SET utf8mb4 NULL,
    ADD INDEX ix_enrolments_expiry (status, course_end_date, id),
    ADD INDEX ix_enrolments_active (status, id),
    ADD INDEX ix_enrolments_payment (payment_status),
    ADD INDEX ix_enrolments_course_status (course_id, status);
