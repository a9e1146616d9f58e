-- pay_until, as long as it counts. It stands alone: together with other columns MySQL would copy the table.
ALTER TABLE enrolments
    ADD COLUMN unpaid_until BIGINT
    GENERATED ALWAYS AS (CASE WHEN status = 'ACTIVE' AND payment_status <> 'PAID' THEN pay_until END) VIRTUAL;
