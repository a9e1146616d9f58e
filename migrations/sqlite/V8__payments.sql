-- Payments with a reference of the payment provider, which is recorded once in all, or with a
-- method. A row outlives its enrolment. `buyer` is a hash of the company on the invoice and of
-- the tax; empty for the user without a tax, and after an erasure. The amount is null if it was not known.
CREATE TABLE payments (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    reference TEXT NULL,
    method TEXT NULL,
    enrolment_id INTEGER NOT NULL,
    amount_hundredths INTEGER NULL,
    buyer TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    CONSTRAINT uq_payments_reference UNIQUE (reference)
);
CREATE INDEX ix_payments_enrolment ON payments (enrolment_id);
