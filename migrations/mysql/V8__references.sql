-- What the platform stores with an enrolment for itself: its own number, and texts as a JSON object.
ALTER TABLE enrolments
    ADD COLUMN reference VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL,
    ADD COLUMN metadata TEXT CHARACTER SET utf8mb4 NULL;
