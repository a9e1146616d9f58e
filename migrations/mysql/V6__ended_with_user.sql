-- 1 if an enrolment is not active any longer but still has a user_record. It stands alone: together
-- with other columns MySQL would copy the table.
ALTER TABLE enrolments
    ADD COLUMN ended_with_user TINYINT
    GENERATED ALWAYS AS (CASE WHEN status <> 'ACTIVE' AND user_record IS NOT NULL THEN 1 END) VIRTUAL;
