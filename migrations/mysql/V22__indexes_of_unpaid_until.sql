-- The first finds the courses with seats to free, the second counts and frees those of one course.
ALTER TABLE enrolments
    ADD INDEX ix_enrolments_unpaid_until (unpaid_until, course_id),
    ADD INDEX ix_enrolments_course_unpaid (course_id, unpaid_until);
