-- Nothing reads by it: the seats of a course are freed by the ids of enrolments, and every write costs less without it.
DROP INDEX ix_enrolments_course_unpaid;
