-- Lists by the time of creation and of the last change.
ALTER TABLE enrolments
    ADD INDEX ix_enrolments_created_at (created_at),
    ADD INDEX ix_enrolments_updated_at (updated_at);
