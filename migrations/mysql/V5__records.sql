-- What later jobs of an enrolment use, as JSON. user_record: the user, if the request to enrol had
-- them; terms: of the course, as they were then. Null: the release that enrolled the user had none.
ALTER TABLE enrolments
    ADD COLUMN user_record TEXT CHARACTER SET utf8mb4 NULL,
    ADD COLUMN terms TEXT CHARACTER SET utf8mb4 NULL;
