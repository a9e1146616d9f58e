-- Retention reads the rows with a user_record by the time of their last change.
ALTER TABLE enrolments ADD INDEX ix_enrolments_ended_with_user (ended_with_user, updated_at);
