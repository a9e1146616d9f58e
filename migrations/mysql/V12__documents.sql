-- Invoices and corrections that were issued. gross_hundredths is below 0 for a
-- correction; created_at is milliseconds since 1970 in UTC; vendor_id is the invoicing
-- service's own number for the document.
CREATE TABLE documents (
    id BIGINT NOT NULL AUTO_INCREMENT,
    enrolment_id INT NOT NULL,
    kind VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    vendor_id BIGINT NULL,
    number VARCHAR(100) NULL,
    url VARCHAR(512) NULL,
    gross_hundredths BIGINT NULL,
    currency VARCHAR(16) NULL,
    issued_on VARCHAR(10) NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (id),
    UNIQUE KEY uq_documents (enrolment_id, kind)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4;
