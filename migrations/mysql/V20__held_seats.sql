-- Until when an enrolment that is not paid holds its seat, in milliseconds since 1970 in UTC; null: without an end.
-- lapsed is 1 if it was canceled because it was not paid by then.
ALTER TABLE enrolments
    ADD COLUMN pay_until BIGINT NULL,
    ADD COLUMN lapsed TINYINT NULL;
