-- Whoever holds the row of a course is the only one who counts and takes its seats.
CREATE TABLE course_seats (
    course_id INT NOT NULL,
    PRIMARY KEY (course_id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4;
