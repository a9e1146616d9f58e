-- What later jobs of an enrolment use, as JSON. user_record: the user, if the request to enrol had
-- them; terms: of the course, as they were then. Null: the release that enrolled the user had none.
ALTER TABLE enrolments ADD COLUMN user_record TEXT NULL;
ALTER TABLE enrolments ADD COLUMN terms TEXT NULL;
-- 1 if an enrolment is not active any longer but still has a user_record. Retention reads such rows
-- by the time of their last change.
ALTER TABLE enrolments ADD COLUMN ended_with_user INTEGER
    GENERATED ALWAYS AS (CASE WHEN status <> 'ACTIVE' AND user_record IS NOT NULL THEN 1 END) VIRTUAL;
CREATE INDEX ix_enrolments_ended_with_user ON enrolments (ended_with_user, updated_at);
