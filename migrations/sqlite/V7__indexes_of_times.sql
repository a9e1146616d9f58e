-- Lists by the time of creation and of the last change.
CREATE INDEX ix_enrolments_created_at ON enrolments (created_at);
CREATE INDEX ix_enrolments_updated_at ON enrolments (updated_at);
