-- Until when an enrolment that is not paid holds its seat, in milliseconds since 1970 in UTC; null: without an end.
-- lapsed is 1 if it was canceled because it was not paid by then.
ALTER TABLE enrolments ADD COLUMN pay_until INTEGER NULL;
ALTER TABLE enrolments ADD COLUMN lapsed INTEGER NULL;
-- pay_until, as long as it counts. The first index finds the courses with seats to free, the second counts and
-- frees those of one course.
ALTER TABLE enrolments ADD COLUMN unpaid_until INTEGER
    GENERATED ALWAYS AS (CASE WHEN status = 'ACTIVE' AND payment_status <> 'PAID' THEN pay_until END) VIRTUAL;
CREATE INDEX ix_enrolments_unpaid_until ON enrolments (unpaid_until, course_id) WHERE unpaid_until IS NOT NULL;
CREATE INDEX ix_enrolments_course_unpaid ON enrolments (course_id, unpaid_until) WHERE unpaid_until IS NOT NULL;
-- Who waits for a seat of a course that is full, in the order of id. user_record is the user as JSON, if the
-- request had them.
CREATE TABLE waiting (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    course_id INTEGER NOT NULL,
    user_id TEXT NOT NULL,
    user_record TEXT NULL,
    created_at INTEGER NOT NULL,
    CONSTRAINT uq_waiting UNIQUE (user_id, course_id)
);
CREATE INDEX ix_waiting_course ON waiting (course_id, id);
-- A course as a request saw it last: how many seats it has (null: no limit), its terms as JSON, and when
-- enrolling begins and ends, in milliseconds since 1970 in UTC.
CREATE TABLE course_seats (
    course_id INTEGER PRIMARY KEY,
    seats INTEGER NULL,
    terms TEXT NULL,
    opens_at INTEGER NULL,
    closes_at INTEGER NULL
);
