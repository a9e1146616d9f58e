-- Two user ids are the same only byte for byte: alice, ALICE and "alice " are
-- three users. From here on rows can be written that the Flask service's own
-- schema does not allow, so on its database this is the last step and is taken
-- only when asked for. It copies the table.
-- The collation that compares so and does not pad with blanks has another name
-- on MariaDB than on MySQL.
SET @collation = IF(VERSION() LIKE '%MariaDB%', 'utf8mb4_nopad_bin', 'utf8mb4_0900_bin');
SET @statement = CONCAT(
    'ALTER TABLE enrolments MODIFY user_id VARCHAR(64) CHARACTER SET utf8mb4 COLLATE ', @collation, ' NOT NULL'
);
PREPARE exact_user_ids FROM @statement;
EXECUTE exact_user_ids;
DEALLOCATE PREPARE exact_user_ids;
