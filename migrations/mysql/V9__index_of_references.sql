-- Lists by reference.
ALTER TABLE enrolments ADD INDEX ix_enrolments_reference (reference);
