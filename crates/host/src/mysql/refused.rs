//! Statements that MySQL cannot prepare. MariaDB can, so this host refuses them itself, with
//! MySQL's error text.

use mysql_async::{Error, ServerError};

/// Refuses `statement` if MySQL would.
pub(super) fn check(statement: &str) -> Result<(), Error> {
    if is_refused(statement) {
        return Err(Error::Server(ServerError {
            code: 1295,
            message: "This command is not supported in the prepared statement protocol yet".to_owned(),
            state: "HY000".to_owned(),
        }));
    }
    Ok(())
}

fn is_refused(statement: &str) -> bool {
    let mut words = Words(statement);
    let mut next = || words.next().unwrap_or_default();
    match next().as_str() {
        "BEGIN" | "SAVEPOINT" | "RELEASE" | "LOCK" | "UNLOCK" | "PREPARE" | "EXECUTE" | "DEALLOCATE" | "USE" | "XA"
        | "HANDLER" | "HELP" | "SIGNAL" | "RESIGNAL" | "GET" | "BINLOG" => true,
        "START" => next() == "TRANSACTION",
        "ROLLBACK" => match next().as_str() {
            "TO" => true,
            "WORK" => next() == "TO",
            _ => false,
        },
        "LOAD" => matches!(next().as_str(), "DATA" | "XML"),
        "CREATE" | "ALTER" | "DROP" => is_routine(next),
        _ => false,
    }
}

/// Whether the words after CREATE, ALTER or DROP name a stored program.
fn is_routine(mut next: impl FnMut() -> String) -> bool {
    loop {
        match next().as_str() {
            "PROCEDURE" | "FUNCTION" | "TRIGGER" | "EVENT" => return true,
            // CREATE OR REPLACE DEFINER = user@host AGGREGATE FUNCTION …
            "OR" | "REPLACE" | "AGGREGATE" => {}
            "DEFINER" => {
                next();
            }
            _ => return false,
        }
    }
}

/// The words of a statement in upper case, without comments and operators:
/// `DEFINER = x@y` has two.
struct Words<'a>(&'a str);

impl Iterator for Words<'_> {
    type Item = String;

    fn next(&mut self) -> Option<String> {
        self.skip_blank();
        let end = self.0.find(|c: char| !is_word(c)).unwrap_or(self.0.len());
        let (word, rest) = self.0.split_at(end);
        self.0 = rest;
        (!word.is_empty()).then(|| word.to_ascii_uppercase())
    }
}

impl Words<'_> {
    fn skip_blank(&mut self) {
        loop {
            let rest = self.0.trim_start_matches(|c: char| c.is_whitespace() || "=;(".contains(c));
            let after = if rest.starts_with('#') || rest.starts_with("-- ") || rest.starts_with("--\t") {
                rest.split_once('\n').map_or("", |(_, after)| after)
            } else if let Some(comment) = rest.strip_prefix("/*!") {
                // MySQL executes the content of such a comment.
                comment.trim_start_matches(|c: char| c.is_ascii_digit())
            } else if rest.starts_with("/*") {
                rest.split_once("*/").map_or("", |(_, after)| after)
            } else {
                self.0 = rest;
                return;
            };
            self.0 = after;
        }
    }
}

/// Whether a character belongs to a word. A definer such as `'app'@'%'` is one word.
fn is_word(c: char) -> bool {
    c.is_alphanumeric() || "_$@`'%.".contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_that_mysql_cannot_prepare_are_refused() {
        for statement in [
            "BEGIN",
            " begin work",
            "START TRANSACTION",
            "start\n transaction read only",
            "/* why */ -- and how\n BEGIN",
            "/*!40000 BEGIN */",
            "SAVEPOINT a",
            "ROLLBACK TO SAVEPOINT a",
            "ROLLBACK WORK TO a",
            "RELEASE SAVEPOINT a",
            "LOCK TABLES enrolments WRITE",
            "UNLOCK TABLES",
            "PREPARE s FROM 'SELECT 1'",
            "EXECUTE s",
            "DEALLOCATE PREPARE s",
            "USE other",
            "XA START 'a'",
            "LOAD DATA INFILE 'x' INTO TABLE t",
            "CREATE OR REPLACE PROCEDURE p() SELECT 1",
            "CREATE DEFINER = 'app'@'%' TRIGGER t BEFORE INSERT ON e FOR EACH ROW SET @a = 1",
            "DROP EVENT e",
        ] {
            assert!(check(statement).is_err(), "{statement}");
        }
    }

    #[test]
    fn statements_that_mysql_can_prepare_are_allowed() {
        for statement in [
            "SELECT 1",
            "(SELECT 1)",
            "WITH a AS (SELECT 1) SELECT * FROM a",
            "SET autocommit = 0",
            "COMMIT",
            "ROLLBACK",
            "ROLLBACK WORK",
            "INSERT INTO event (begin) VALUES ('START TRANSACTION')",
            "CREATE TABLE event (id INT)",
            "DROP TABLE function_log",
            "START SLAVE",
            "LOAD INDEX INTO CACHE t",
            "UPDATE enrolments SET status = 'BEGIN'",
            "",
            "/* never closed",
        ] {
            assert!(check(statement).is_ok(), "{statement}");
        }
    }

    #[test]
    fn the_error_is_that_of_mysql() {
        assert_eq!(
            format!("{:?}", check("BEGIN").unwrap_err()),
            "Server(ServerError { code: 1295, message: \"This command is not supported in the prepared statement protocol yet\", state: \"HY000\" })"
        );
    }
}
