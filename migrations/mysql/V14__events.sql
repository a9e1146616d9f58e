-- What happened to enrolments; rows are added and never changed, but for the position:
-- the number under which readers get an event, given to what is committed by then, in the
-- order of id. occurred_at is milliseconds since 1970 in UTC.
CREATE TABLE events (
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
    KEY ix_events_enrolment (enrolment_id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4;
