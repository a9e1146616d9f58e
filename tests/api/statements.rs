//! No statement reads a whole table, whatever the number of rows: every text in the
//! adapters' sources is explained by both databases.

use std::path::{Path, PathBuf};
use tests::{TestApp, TestDatabase};

crate::cases![no_statement_reads_a_whole_table];

/// Those that may, and why. SQLite's plan does not show that a condition is never true.
const MAY: [(&str, &str); 3] = [
    ("WRITABLE", "its condition is false: it reads no row"),
    ("BACKLOG", "on SQLite its index has no other rows"),
    ("TOTALS", "its tables have a row for each kind of event and each schedule"),
];

const ROWS: u32 = 100_000;

/// Named `file.rs: CONSTANT`, with its text for the database that is asked.
struct Statement {
    name: String,
    sql: String,
}

async fn no_statement_reads_a_whole_table(app: TestApp) {
    fill(&app).await;
    let on_mysql = matches!(app.database, TestDatabase::MariaDb { .. });
    let statements = statements(on_mysql);
    assert!(statements.len() > 70, "{} statements", statements.len());
    let mut whole = Vec::new();
    for Statement { name, sql } in statements.iter().filter(|statement| reads(&statement.sql)) {
        let may = MAY.iter().any(|(constant, _)| name.ends_with(&format!(": {constant}")));
        let steps = steps(&app, &with_values(sql)).await;
        if !may && steps.iter().any(|(_, bounded)| !bounded) {
            whole.push(format!("{name}: {steps:?}"));
        }
    }
    assert!(whole.is_empty(), "{}", whole.join("\n"));
}

/// Whether it reads a table: an INSERT of values does not.
fn reads(sql: &str) -> bool {
    !sql.starts_with("INSERT") || sql.contains("SELECT")
}

/// Rows of every kind: most are old and finished, as in a database that is in use.
async fn fill(app: &TestApp) {
    let on_mysql = matches!(app.database, TestDatabase::MariaDb { .. });
    let text = |prefix: &str| if on_mysql { format!("CONCAT('{prefix}', n)") } else { format!("'{prefix}' || n") };
    let day =
        if on_mysql { "DATE_ADD('2020-01-01', INTERVAL n MINUTE)" } else { "datetime('2020-01-01', n || ' minutes')" };
    let state =
        "CASE WHEN n % 50 = 0 THEN 'due' WHEN n % 200 = 1 THEN 'unknown' WHEN n % 200 = 2 THEN 'dead' ELSE 'done' END";
    let numbers = numbers();
    for (table, columns, values) in [
        (
            "enrolments",
            "id, reference, user_id, course_id, pay_until, status, payment_status, course_end_date",
            format!(
                "n, {}, {}, n % 500, CASE WHEN n % 7 = 0 THEN n END, CASE n % 3 WHEN 0 THEN 'ACTIVE' WHEN 1 THEN 'COMPLETED' ELSE 'CANCELED' END, \
                 CASE n % 3 WHEN 0 THEN 'PENDING' WHEN 1 THEN 'PAID' ELSE 'FAILED' END, {day}",
                text("order-"),
                text("user-")
            ),
        ),
        (
            "outbox",
            "id, job_key, enrolment_id, kind, payload, payload_version, state, attempts, due_at, created_at, finished_at",
            format!(
                "n, {}, n, CASE n % 3 WHEN 0 THEN 'invoice' WHEN 1 THEN 'event' ELSE 'payment_email' END, '{{}}', 1, \
                 {state}, 1, CASE WHEN n % 50 = 0 OR n % 200 = 1 THEN n END, n, n",
                text("invoice:")
            ),
        ),
        (
            "events",
            "id, position, enrolment_id, kind, occurred_at, user_id, course_id, status, payment_status",
            format!("n, CASE WHEN n < 99990 THEN n END, n, 'paid', n, {}, n % 500, 'ACTIVE', 'PAID'", text("user-")),
        ),
        (
            "documents",
            "id, enrolment_id, kind, vendor_id, issued_on, created_at",
            format!("n, n, 'invoice', n, DATE({day}), n"),
        ),
        (
            "mail_texts",
            "id, kind, language, subject, text, changed_at",
            "n, CASE n % 3 WHEN 0 THEN 'invoice' WHEN 1 THEN 'payment' ELSE 'refund' END, \
             CASE n % 2 WHEN 0 THEN 'en' ELSE 'pl' END, 'subject', 'text', n"
                .to_owned(),
        ),
        ("waiting", "id, course_id, user_id, created_at", format!("n, n % 500, {}, n", text("user-"))),
        ("course_seats", "course_id, seats", "n, 100".to_owned()),
        ("resolutions", "id, enrolment_id, kind, note, settled_at", "n, n, 'invoice', 'made', n".to_owned()),
        (
            "idempotency",
            "idempotency_key, request, lease_until, created_at, user_id, enrolment_id",
            format!("{}, 'pay', n, n, {}, n", text("key-"), text("user-")),
        ),
    ] {
        let insert = format!("INSERT INTO {table} ({columns}) SELECT {values} FROM ({numbers}) AS numbers");
        app.database.execute(&insert).await.unwrap();
    }
    app.database.execute("UPDATE event_positions SET last = 99989, owed = 99000").await.unwrap();
    if on_mysql {
        let analyze = "ANALYZE TABLE enrolments, outbox, events, documents, resolutions, idempotency, mail_texts, waiting, \
                       course_seats";
        app.database.execute(analyze).await.unwrap();
    }
}

/// A query that gives the numbers from 1 to [`ROWS`] as `n`.
fn numbers() -> String {
    let digits: Vec<_> = (0..10).map(|digit| format!("SELECT {digit} AS d")).collect();
    let digits = digits.join(" UNION ALL ");
    let tables: Vec<_> = (0..5).map(|place| format!("({digits}) AS d{place}")).collect();
    let sum: Vec<_> = (0..5).map(|place| format!("d{place}.d * {}", 10_u32.pow(place))).collect();
    format!("SELECT {} + 1 AS n FROM {} LIMIT {ROWS}", sum.join(" + "), tables.join(", "))
}

/// The statement with a typical value for each question mark: of a column by its name, and
/// bounds that let a small part through.
fn with_values(sql: &str) -> String {
    // The tests of the lists explain both of their shapes.
    let sql = sql.replace("{now}", "1500").replace("{columns}", "*").replace("{joined}", "");
    let mut filled = String::new();
    for (number, part) in sql.split('?').enumerate() {
        if number > 0 {
            let value = value(&filled);
            filled.push_str(value);
        }
        filled.push_str(part);
    }
    filled
}

fn value(before: &str) -> &'static str {
    let before = before.trim_end();
    let (column, operator) = match before.rsplit_once(' ') {
        Some((rest, operator @ ("=" | "<>" | "<" | "<=" | ">" | ">=" | "+"))) => {
            (rest.rsplit([' ', '.', '(']).next().unwrap_or_default(), operator)
        }
        Some((_, "LIMIT")) => return "100",
        _ if before.ends_with("INSTR(") => return "',invoice,'",
        _ if before.ends_with("JSON_TABLE(") || before.ends_with("json_each(") => return "'[1000, 1001]'",
        _ => return "1000",
    };
    match (column, operator) {
        ("user_id", _) => "'user-1000'",
        ("reference", _) => "'order-1000'",
        ("status", _) => "'ACTIVE'",
        ("payment_status", _) => "'PAID'",
        ("state", _) => "'due'",
        ("kind", _) => "'invoice'",
        ("job_key", _) => "'invoice:1000'",
        ("idempotency_key", _) => "'key-1000'",
        ("name", _) => "'mail'",
        ("language", _) => "'pl'",
        ("issued_on", "<=") => "'2020-01-03'",
        ("issued_on", _) => "'2020-01-02'",
        ("course_end_date" | "updated_at", _) => "'2020-01-02 00:00:00'",
        (
            "last_error" | "payload" | "url" | "number" | "ksef_number" | "token" | "lease_token" | "outcome"
            | "reason" | "runner",
            _,
        ) => "'text'",
        (_, ">" | ">=") => "500",
        (_, "<" | "<=") => "1500",
        _ => "1000",
    }
}

/// The tables that a statement reads, and whether it reads only a part of each, out of an
/// index.
async fn steps(app: &TestApp, sql: &str) -> Vec<(String, bool)> {
    match &app.database {
        TestDatabase::Sqlite(_) => {
            let rows = app.database.rows(&format!("EXPLAIN QUERY PLAN {sql}")).await;
            let rows = rows.unwrap_or_else(|error| panic!("{sql}: {error:#}"));
            let step = |row: &Vec<String>| {
                let (how, rest) = row[3].split_once(' ')?;
                let table = rest.split(' ').next().unwrap_or_default();
                let is_table = tables(sql).contains(&table);
                // A walk along the ids is a list of all rows, or goes past rows that are not asked for.
                let by_id = ["WHERE id >", "WHERE enrolments.id >"].iter().any(|condition| sql.contains(condition));
                let walks = rest.ends_with("(rowid>?)") && !by_id;
                (is_table && ["SCAN", "SEARCH"].contains(&how)).then(|| (table.to_owned(), how == "SEARCH" && !walks))
            };
            rows.iter().filter_map(step).collect()
        }
        TestDatabase::MariaDb { .. } => {
            // id, select_type, table, type, possible_keys, key, key_len, ref, rows, Extra
            let rows = app.database.rows(&format!("EXPLAIN {sql}")).await;
            let rows = rows.unwrap_or_else(|error| panic!("{sql}: {error:#}"));
            let lookups =
                ["system", "const", "eq_ref", "ref", "ref_or_null", "range", "unique_subquery", "index_subquery"];
            // A row without a type reads no table; a derived table is a part already, and so is a list of ids.
            let rows = rows.iter().filter(|row| row[3] != "null" && !row[2].starts_with('<') && row[2] != "wanted");
            rows.map(|row| (row[2].clone(), lookups.contains(&row[3].as_str()))).collect()
        }
    }
}

/// The names of the tables in a statement.
fn tables(sql: &str) -> Vec<&str> {
    let words: Vec<_> = sql.split([' ', '\n', '(', ')', ',']).filter(|word| !word.is_empty()).collect();
    let named = |(at, word): (usize, &&str)| {
        let is_before = ["FROM", "JOIN", "UPDATE"].contains(word);
        let place = if words.get(at + 2) == Some(&"AS") { at + 3 } else { at + 1 };
        is_before.then(|| words.get(place).copied()).flatten()
    };
    words.iter().enumerate().filter_map(named).collect()
}

/// Every text in the sources of the adapters for one of the databases.
fn statements(on_mysql: bool) -> Vec<Statement> {
    let mut files = Vec::new();
    files_of(&tests::root().join("crates/spin-adapters/src"), &mut files);
    files.iter().flat_map(|file| of_file(file, on_mysql)).collect()
}

fn files_of(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files_of(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

/// The texts of a file. Each is the whole of a constant: `Sql::both("…")`, `mysql: "…"` or
/// `sqlite: "…"` of a `Sql`, or of a `&str` whose name says the database.
fn of_file(file: &Path, on_mysql: bool) -> Vec<Statement> {
    let name = file.file_name().unwrap().to_str().unwrap();
    let source = std::fs::read_to_string(file).unwrap();
    let source = source.split("#[cfg(test)]").next().unwrap_or_default();
    let mut found = Vec::new();
    for (before, sql) in literals(source) {
        let is_statement = ["SELECT ", "INSERT ", "UPDATE ", "DELETE "].iter().any(|verb| sql.starts_with(verb));
        if !is_statement {
            continue;
        }
        let constant = before.rsplit_once("const ").and_then(|(_, rest)| rest.split_once(':')).map(|(own, _)| own);
        let constant = constant.unwrap_or_else(|| panic!("{name}: no constant: {sql}"));
        // What applies migrations speaks of the schema.
        if name == "migrate.rs" && constant != "READABLE" {
            continue;
        }
        let (mysql, sqlite) = match before.trim_end() {
            before if before.ends_with("Sql::both(") => (true, true),
            before if before.ends_with("mysql:") => (true, false),
            before if before.ends_with("sqlite:") => (false, true),
            _ => (constant.ends_with("_ON_MYSQL"), constant.ends_with("_ON_SQLITE")),
        };
        assert!(mysql || sqlite, "{name}: {constant} is for no database");
        if if on_mysql { mysql } else { sqlite } {
            found.push(Statement { name: format!("{name}: {constant}"), sql });
        }
    }
    assert!(found.is_empty() || !source.contains("concat!"), "{name} glues statements");
    found
}

/// The strings of a source, each with what stands before it.
fn literals(source: &str) -> Vec<(&str, String)> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(next) = source[at..].find(['"', '/', '\'']).map(|next| at + next) {
        let rest = &source[next..];
        at = next + 1;
        if rest.starts_with("//") {
            at = rest.find('\n').map_or(source.len(), |end| next + end);
        } else if rest.starts_with("'\"'") {
            at = next + 3;
        } else if rest.starts_with('"') && source[..next].ends_with("r#") {
            let end = rest.find("\"#").unwrap();
            found.push((&source[..next - 2], rest[1..end].to_owned()));
            at = next + end + 2;
        } else if let Some(inner) = rest.strip_prefix('"') {
            let mut text = String::new();
            let mut characters = inner.char_indices();
            while let Some((place, character)) = characters.next() {
                match character {
                    '"' => {
                        at = next + 1 + place + 1;
                        break;
                    }
                    // Of a line that goes on nothing is left; other escapes are in no statement.
                    '\\' => drop(characters.next()),
                    other => text.push(other),
                }
            }
            found.push((&source[..next], text.trim_start().to_owned()));
        }
    }
    found
}
