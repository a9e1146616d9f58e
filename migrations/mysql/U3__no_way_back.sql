-- From here on rows can be written that the Flask service's own schema does not allow. On a
-- database of the Flask service this step is taken only on request.

-- User ids are equal only byte for byte: alice, ALICE and "alice " are three users. This copies
-- the table, except where the column is so already. The collation that compares so, and does
-- not pad with blanks, has another name on MariaDB than on MySQL.
SET @collation = IF(VERSION() LIKE '%MariaDB%', 'utf8mb4_nopad_bin', 'utf8mb4_0900_bin');
SET @statement = CONCAT(
    'ALTER TABLE enrolments MODIFY user_id VARCHAR(64) CHARACTER SET utf8mb4 COLLATE ', @collation, ' NOT NULL'
);
PREPARE exact_user_ids FROM @statement;
EXECUTE exact_user_ids;
DEALLOCATE PREPARE exact_user_ids;

-- A user can have any number of canceled enrolments in a course beside the open one. The Flask
-- service's unique key can have any name: it is found by its columns. One statement: a failure
-- leaves both keys as they were, and the file can be run again.
SET @unique_key = (
    SELECT index_name FROM information_schema.statistics
    WHERE table_schema = DATABASE() AND table_name = 'enrolments' AND non_unique = 0
    GROUP BY index_name
    HAVING GROUP_CONCAT(column_name ORDER BY seq_in_index) = 'user_id,course_id'
    LIMIT 1
);
SET @statement = CONCAT(
    'ALTER TABLE enrolments ADD UNIQUE KEY uq_enrolments_open (user_id, course_id, is_open)',
    IF(@unique_key IS NULL, '', CONCAT(', DROP INDEX `', @unique_key, '`'))
);
PREPARE open_enrolments FROM @statement;
EXECUTE open_enrolments;
DEALLOCATE PREPARE open_enrolments;
