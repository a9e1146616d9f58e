-- Each refund, with the payment provider's reference, which is recorded once in all. A row outlives
-- its enrolment. The amount is null for all of a payment whose amount is not known.
CREATE TABLE IF NOT EXISTS refunds (
    id BIGINT NOT NULL AUTO_INCREMENT,
    reference VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL,
    enrolment_id INT NOT NULL,
    amount_hundredths BIGINT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (id),
    UNIQUE KEY uq_refunds_reference (reference),
    KEY ix_refunds_enrolment (enrolment_id)
) ENGINE = InnoDB;

-- How much of a payment is refunded: null if nothing is, or all of it by a release that refunds no
-- parts. The place of the newest document in the chain: null if that release wrote it, or there is
-- only the payment's invoice.
ALTER TABLE enrolments
    ADD COLUMN refunded_hundredths BIGINT NULL,
    ADD COLUMN chain_end INT NULL;
