-- 1 unless the enrolment is canceled: of several for one user and course only one may be.
-- In a file of its own, for MySQL would copy the table if it were added with others.
ALTER TABLE enrolments
    ADD COLUMN is_open TINYINT GENERATED ALWAYS AS (CASE WHEN status = 'CANCELED' THEN NULL ELSE 1 END) VIRTUAL;
