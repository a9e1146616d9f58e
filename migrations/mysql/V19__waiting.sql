-- Who waits for a seat of a course that is full, in the order of id. user_record is the user as JSON, if the
-- request had them. User ids compare as those of enrolments after U3: before it the list is empty.
SET @collation = IF(VERSION() LIKE '%MariaDB%', 'utf8mb4_nopad_bin', 'utf8mb4_0900_bin');
SET @statement = CONCAT(
    'CREATE TABLE IF NOT EXISTS waiting (
        id BIGINT NOT NULL AUTO_INCREMENT,
        course_id INT NOT NULL,
        user_id VARCHAR(64) CHARACTER SET utf8mb4 COLLATE ', @collation, ' NOT NULL,
        user_record TEXT CHARACTER SET utf8mb4 NULL,
        created_at BIGINT NOT NULL,
        PRIMARY KEY (id),
        UNIQUE KEY uq_waiting (user_id, course_id),
        KEY ix_waiting_course (course_id, id)
    ) ENGINE = InnoDB'
);
PREPARE waiting FROM @statement;
EXECUTE waiting;
DEALLOCATE PREPARE waiting;

-- A course as a request saw it last: how many seats it has (null: no limit), its terms as JSON, and when
-- enrolling begins and ends, in milliseconds since 1970 in UTC.
ALTER TABLE course_seats
    ADD COLUMN seats BIGINT NULL,
    ADD COLUMN terms TEXT CHARACTER SET utf8mb4 NULL,
    ADD COLUMN opens_at BIGINT NULL,
    ADD COLUMN closes_at BIGINT NULL;
