-- Payments with a reference of the payment provider, which is recorded once in all, or with a
-- method. A row outlives its enrolment. `buyer` is a hash of the company on the invoice and of
-- the tax; empty for the user without a tax, and after an erasure. The amount is null if it was not known.
CREATE TABLE payments (
    id BIGINT NOT NULL AUTO_INCREMENT,
    reference VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL,
    method VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL,
    enrolment_id INT NOT NULL,
    amount_hundredths BIGINT NULL,
    buyer VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (id),
    UNIQUE KEY uq_payments_reference (reference),
    KEY ix_payments_enrolment (enrolment_id)
) ENGINE = InnoDB;
