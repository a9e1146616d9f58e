-- The table of the Flask service, as its own migrations made it; one that is
-- there already is taken over as it stands.
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
