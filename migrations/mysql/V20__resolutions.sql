-- What people settled by hand in the place of a delivery; rows are added and never taken
-- away. settled_by is the name of the token that was sent, if it has one; settled_at is
-- milliseconds since 1970 in UTC. The note of a person who was erased is empty.
CREATE TABLE resolutions (
    id BIGINT NOT NULL AUTO_INCREMENT,
    enrolment_id INT NOT NULL,
    kind VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    note VARCHAR(500) NOT NULL,
    settled_by VARCHAR(64) NULL,
    settled_at BIGINT NOT NULL,
    PRIMARY KEY (id),
    KEY ix_resolutions_enrolment (enrolment_id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4;
