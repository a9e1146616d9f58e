-- What was paid, when it went back, and why: in hundredths, and milliseconds since 1970
-- in UTC. The Flask service writes none of them. One statement, so that a failure leaves
-- nothing of it.
ALTER TABLE enrolments
    ADD COLUMN paid_hundredths BIGINT NULL,
    ADD COLUMN refunded_at BIGINT NULL,
    ADD COLUMN reason VARCHAR(255) CHARACTER SET utf8mb4 NULL;
