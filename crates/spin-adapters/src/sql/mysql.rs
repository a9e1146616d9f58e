//! MySQL and MariaDB through `fermyon:spin/mysql`.
//!
//! Everything goes through the prepared protocol, where MySQL refuses `BEGIN`;
//! a session without autocommit is always in a transaction instead. Each text costs
//! a round trip to prepare it, once in a connection, and one each time it runs. Errors are
//! texts whose beginning has the code and whose end may hold user data, so
//! only the code is read.

use super::{DbError, Key, Param, Row, Value, wait};
use chrono::{DateTime, Utc};
use spin_sdk::mysql::{self, DbValue, MysqlError, ParameterValue};
use std::borrow::Cow;
use std::cell::Cell;
use std::time::Duration;

/// For a session that writes. `OFF` begins a transaction. `ON` commits it, and each statement after that is one of its
/// own (MySQL's manual, "autocommit"). One text does both, so that it is prepared once. Waits for locks on rows and on
/// tables are bounded, in seconds, so that a caller has an answer before it gives up. Whatever the server's own mode
/// is, what does not fit a column is an error: neither cut off nor stored with question marks. No statement needs locks
/// on the gaps between rows, for which workers of the outbox would wait in circles. The variable for the isolation has
/// another name on MariaDB (before 11.1) than on MySQL: each reads the comment that is for it.
const SETTINGS: &str = "\
    SET SESSION autocommit = ?, SESSION innodb_lock_wait_timeout = 2, SESSION lock_wait_timeout = 2,
    SESSION sql_mode = 'TRADITIONAL'
    /*!80000 , SESSION transaction_isolation = 'READ-COMMITTED' */
    /*M!100600 , SESSION tx_isolation = 'READ-COMMITTED' */";

const ACCESS_DENIED: &str = "access denied";

/// The same for a read in a session without those settings, within the statement:
/// MariaDB runs the comment before it, MySQL heeds the hint within it. Waiting for
/// a table's lock while the statement is prepared ends by `lock_wait_timeout`
/// alone; on MySQL `MAX_EXECUTION_TIME` does not end it either.
const BOUNDED_SELECT: &str = "/*M!100100 SET STATEMENT lock_wait_timeout = 2, max_statement_time = 2 FOR */ \
                              SELECT /*+ SET_VAR(lock_wait_timeout = 2) MAX_EXECUTION_TIME(2000) */";

/// How long opening a connection is tried again: the request has done nothing yet.
const OPENING: Duration = Duration::from_secs(1);

pub(crate) struct Connection {
    connection: mysql::Connection,
    /// Whether the session has the settings to write.
    writes: Cell<bool>,
    /// When operators had written no text of a mail.
    pub(super) no_texts_at: Cell<Option<DateTime<Utc>>>,
}

impl Connection {
    pub(crate) fn open(url: &str) -> Result<Self, DbError> {
        let open = || mysql::Connection::open(url).map_err(|error| name_open(&error, url));
        let connection = wait::until_taken_on(open, |now| now + OPENING, wait::for_a_connection)?;
        Ok(Self { connection, writes: Cell::new(false), no_texts_at: Cell::new(None) })
    }

    pub(crate) fn query(&self, sql: &str, params: &[Param<'_>]) -> Result<Vec<Row>, DbError> {
        let params: Vec<_> = params.iter().map(to_host).collect();
        let sql = if self.writes.get() { Cow::Borrowed(sql) } else { bounded(sql) };
        let result = self.connection.query(&sql, &params).map_err(|error| name(&error))?;
        result.rows.into_iter().map(|row| row.into_iter().map(from_host).collect()).collect()
    }

    pub(crate) fn execute(&self, sql: &str, params: &[Param<'_>]) -> Result<(), DbError> {
        let params: Vec<_> = params.iter().map(to_host).collect();
        self.connection.execute(sql, &params).map_err(|error| name(&error))
    }

    pub(crate) fn begin(&self) -> Result<(), DbError> {
        self.set("OFF")
    }

    pub(crate) fn commit(&self) -> Result<(), DbError> {
        self.set("ON")
    }

    /// Makes ready for statements that are a transaction each.
    pub(crate) fn prepare_to_write(&self) -> Result<(), DbError> {
        if self.writes.get() { Ok(()) } else { self.commit() }
    }

    fn set(&self, autocommit: &str) -> Result<(), DbError> {
        self.execute(SETTINGS, &[autocommit.into()])?;
        self.writes.set(true);
        Ok(())
    }
}

fn bounded(sql: &str) -> Cow<'_, str> {
    match sql.strip_prefix("SELECT") {
        Some(rest) => Cow::Owned([BOUNDED_SELECT, rest].concat()),
        None => Cow::Borrowed(sql),
    }
}

fn to_host(param: &Param<'_>) -> ParameterValue {
    match param {
        Param::Int(value) => ParameterValue::Int64(*value),
        Param::Text(value) => ParameterValue::Str((*value).to_owned()),
        Param::Null => ParameterValue::DbNull,
    }
}

/// Integers come in the width of their column, and text of a `_bin` collation
/// as bytes.
fn from_host(value: DbValue) -> Result<Value, DbError> {
    Ok(match value {
        DbValue::Int8(value) => Value::Int(value.into()),
        DbValue::Int16(value) => Value::Int(value.into()),
        DbValue::Int32(value) => Value::Int(value.into()),
        DbValue::Int64(value) => Value::Int(value),
        DbValue::Uint32(value) => Value::Int(value.into()),
        DbValue::Uint64(value) => Value::Int(i64::try_from(value).map_err(|_| super::row::unreadable())?),
        DbValue::Str(value) => Value::Text(value),
        DbValue::Binary(value) => Value::Text(String::from_utf8(value).map_err(|_| super::row::unreadable())?),
        DbValue::DbNull => Value::Null,
        _ => return Err(super::row::unreadable()),
    })
}

/// MariaDB says no more than that to who comes without TLS where it is required.
fn name_open(error: &MysqlError, url: &str) -> DbError {
    match name(error) {
        DbError::Failed(cause) if cause == ACCESS_DENIED && url.contains("?ssl-mode=DISABLED&") => {
            DbError::Failed(format!("{ACCESS_DENIED} (without TLS)"))
        }
        other => other,
    }
}

/// The last words name the key, behind what may be anybody's data; MySQL puts the table
/// before it.
fn key(text: &str) -> Key {
    let (_, key) = text.rsplit_once("for key '").unwrap_or_default();
    let key = key.strip_prefix("enrolments.").unwrap_or(key);
    if key.starts_with("uq_enrolments_open'") { Key::Open } else { Key::Other }
}

fn name(error: &MysqlError) -> DbError {
    let (text, fallback) = match error {
        MysqlError::ConnectionFailed(text) if text.contains("Connection refused") => {
            return DbError::Busy("connection refused");
        }
        MysqlError::ConnectionFailed(text) => (text.as_str(), "connection failed"),
        MysqlError::QueryFailed(text) => (text.as_str(), "connection lost"),
        MysqlError::ValueConversionFailed(_) => return super::row::unreadable(),
        // What fails after the first row comes so.
        MysqlError::BadParameter(text) | MysqlError::Other(text) => (text.as_str(), "statement failed"),
    };
    let cause = match code(text) {
        Some(1062) => return DbError::Duplicate(key(text)),
        Some(1176) => return DbError::NoIndex,
        Some(1213) => return DbError::Deadlock,
        // MariaDB has the first on writing, MySQL the last; both have the second on
        // comparing.
        Some(1366 | 1267 | 1406 | 3988) => return DbError::NotStorable,
        Some(1040 | 1203 | 1226) => return DbError::Busy("too many connections"),
        Some(1205) => "lock wait timed out".to_owned(),
        Some(1969 | 3024) => "statement timed out".to_owned(),
        Some(1290 | 1836) => "the server is read-only".to_owned(),
        Some(1792) => "the transaction is read-only".to_owned(),
        Some(3032) => "the server is offline".to_owned(),
        // A node of a cluster that has not joined it, or has lost it.
        Some(1047) => "node is not ready (1047)".to_owned(),
        Some(1044 | 1045 | 1130 | 1698) => ACCESS_DENIED.to_owned(),
        Some(1049) => "no such database".to_owned(),
        Some(1129) => "the server has blocked this host".to_owned(),
        Some(1820 | 1862) => "the password has expired".to_owned(),
        Some(3118 | 4151) => "the account is locked".to_owned(),
        Some(3159) => "the server requires TLS".to_owned(),
        // `make migrate` was not run.
        Some(1054) => "missing column".to_owned(),
        Some(1146) => "missing table".to_owned(),
        Some(code) => format!("error {code}"),
        None => transport(text).unwrap_or(fallback).to_owned(),
    };
    DbError::Failed(cause)
}

/// What kept a connection from being made, in the words of the driver and of the
/// two libraries for TLS that it is built with: OpenSSL's on Spin, rustls' in the
/// stand-in host.
fn transport(text: &str) -> Option<&'static str> {
    if text.starts_with("Driver error: `Client asked for SSL") {
        return Some("the server offers no TLS");
    }
    let text = text.strip_prefix("Input/output error: ")?;
    let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
    Some(if has(&["failed to lookup address"]) {
        "the server's name is not known"
    } else if !has(&["certificate", "TLS error"]) {
        return None;
    } else if has(&["mismatch", "not valid for name", "NotValidForName"]) {
        "the server's certificate is for another name"
    } else if has(&["certificate expired", "certificate has expired"]) {
        "the server's certificate has expired"
    } else if has(&["certificate"]) {
        "the server's certificate is not trusted"
    } else {
        "the TLS handshake failed"
    })
}

/// The server's code, from where the host writes it and from nowhere else. On
/// opening a connection that is `ERROR HY000 (1040)`, with the state of five
/// characters first, or `ERROR 1226 (42000)` (the driver has both).
fn code(text: &str) -> Option<u32> {
    let digits = match text.strip_prefix("Server(ServerError { code: ") {
        Some(digits) => digits,
        None => {
            let rest = text.strip_prefix("Server error: `").unwrap_or(text).strip_prefix("ERROR ")?;
            rest.get(5..).and_then(|rest| rest.strip_prefix(" (")).unwrap_or(rest)
        }
    };
    let end = digits.find(|character: char| !character.is_ascii_digit())?;
    digits.get(..end)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn failed(cause: &str) -> DbError {
        DbError::Failed(cause.to_owned())
    }

    #[test]
    fn codes_are_read_from_the_beginning_only() {
        let query = |text: &str| name(&MysqlError::QueryFailed(text.to_owned()));
        assert_eq!(
            query(
                "Server(ServerError { code: 1062, message: \"Duplicate entry 'x' for key 'uq'\", state: \"23000\" })"
            ),
            DbError::Duplicate(Key::Other)
        );
        for table in ["", "enrolments."] {
            let text = format!("code: 1062, message: \"Duplicate entry 'x-1-1' for key '{table}uq_enrolments_open'\"");
            assert_eq!(key(&text), Key::Open);
        }
        // A user's id.
        assert_eq!(key("Duplicate entry 'for key 'uq_enrolments_open'-1' for key 'uq_enrolments'"), Key::Other);
        assert_eq!(key("Duplicate entry"), Key::Other);
        assert_eq!(query("Server(ServerError { code: 1213, message: \"\", state: \"40001\" })"), DbError::Deadlock);
        assert_eq!(query("Server(ServerError { code: 1205, message: \"\" })"), failed("lock wait timed out"));
        assert_eq!(query("Server(ServerError { code: 1146, message: \"\" })"), failed("missing table"));
        for (code, cause) in [
            (1054, "missing column"),
            (1290, "the server is read-only"),
            (1836, "the server is read-only"),
            (1792, "the transaction is read-only"),
            (3032, "the server is offline"),
            (1969, "statement timed out"),
            (3024, "statement timed out"),
        ] {
            assert_eq!(query(&format!("Server(ServerError {{ code: {code}, message: \"\" }})")), failed(cause));
        }
        let streaming = "Server error: `ERROR 70100 (1969): Query execution was interrupted'";
        assert_eq!(name(&MysqlError::Other(streaming.to_owned())), failed("statement timed out"));
        assert_eq!(query("Server(ServerError { code: 9999, message: \"code: 1062\" })"), failed("error 9999"));
        assert_eq!(query("Io(Io(Custom { kind: UnexpectedEof, error: \"code: 1062\" }))"), failed("connection lost"));
    }

    #[test]
    fn failed_connections_are_named() {
        let open = |text: &str| name(&MysqlError::ConnectionFailed(text.to_owned()));
        let too_many = DbError::Busy("too many connections");
        assert_eq!(open("Server error: `ERROR HY000 (1040): Too many connections'"), too_many);
        assert_eq!(open("Server error: `ERROR 28000 (1045): Access denied for user 'u'@'h'`"), failed("access denied"));
        assert_eq!(open("Server error: `ERROR 08S01 (1047): WSREP has not"), failed("node is not ready (1047)"));
        assert_eq!(open("Server error: `ERROR 1226 (42000): User 'u' has exceeded'"), too_many);
        assert_eq!(open("Server error: `ERROR HY000 (3032): The server is'"), failed("the server is offline"));
        assert_eq!(open("ERROR 42000 (1049): Unknown database 'secret'"), failed("no such database"));
        assert_eq!(open("address mysql://u:secret@h/d is not permitted"), failed("connection failed"));
        assert_eq!(open("Input/output error: Connection refused (os error 111)"), DbError::Busy("connection refused"));
    }

    #[test]
    fn reads_outside_of_a_transaction_are_bounded_on_both_servers() {
        let sql = bounded("SELECT id FROM enrolments WHERE id = ?");
        assert!(sql.starts_with("/*M!100100 SET STATEMENT ") && sql.ends_with(" */ id FROM enrolments WHERE id = ?"));
        // MySQL takes a hint nowhere but here.
        assert!(sql.contains(" FOR */ SELECT /*+ "), "{sql}");
        assert_eq!(bounded("COMMIT"), "COMMIT");
    }

    #[test]
    fn what_a_column_cannot_hold_is_told_apart() {
        for code in [1366, 1406, 1267, 3988] {
            let text = format!("Server(ServerError {{ code: {code}, message: \"'x'\", state: \"HY000\" }})");
            assert_eq!(name(&MysqlError::QueryFailed(text)), DbError::NotStorable);
        }
    }

    /// As OpenSSL on Spin and rustls in the stand-in host have it.
    #[test]
    fn certificates_are_named() {
        let openssl = |reason: &str| {
            format!(
                "Input/output error: TLS error: `error:0A000086:SSL routines:tls_post_process_server_certificate:\
                 certificate verify failed:ssl/statem/statem_clnt.c:1889: ({reason})'"
            )
        };
        let rustls = |reason: &str| {
            format!("Input/output error: Input/output error: invalid peer certificate: {reason}\n\nCaused by:\n    0:")
        };
        for (text, cause) in [
            (openssl("self-signed certificate in certificate chain"), "the server's certificate is not trusted"),
            (openssl("unable to get local issuer certificate"), "the server's certificate is not trusted"),
            (openssl("hostname mismatch"), "the server's certificate is for another name"),
            (openssl("IP address mismatch"), "the server's certificate is for another name"),
            (openssl("certificate has expired"), "the server's certificate has expired"),
            (rustls("UnknownIssuer"), "the server's certificate is not trusted"),
            (rustls("certificate not valid for name \"db\"; certificate is"), "the server's certificate is for another name"),
            (rustls("certificate expired: verification time 1"), "the server's certificate has expired"),
            ("Input/output error: TLS error: `unexpected EOF'".to_owned(), "the TLS handshake failed"),
            (
                "Driver error: `Client asked for SSL but server does not have this capability'".to_owned(),
                "the server offers no TLS",
            ),
            (
                "Input/output error: Input/output error: failed to lookup address information: Name or service not known"
                    .to_owned(),
                "the server's name is not known",
            ),
            ("Server error: `ERROR HY000 (3159): Connections using insecure transport".to_owned(), "the server requires TLS"),
            ("address mysql://u:certificate@h/d is not permitted".to_owned(), "connection failed"),
        ] {
            assert_eq!(name(&MysqlError::ConnectionFailed(text.clone())), failed(cause), "{text}");
        }
    }

    #[test]
    fn who_is_denied_without_tls_is_told_so() {
        let denied = MysqlError::ConnectionFailed("Server error: `ERROR 28000 (1045): Access denied'".to_owned());
        let url = |tls| format!("mysql://u:p@h/d?ssl-mode={tls}&prefer_socket=false");
        assert_eq!(name_open(&denied, &url("DISABLED")), failed("access denied (without TLS)"));
        assert_eq!(name_open(&denied, &url("REQUIRED")), failed("access denied"));
    }

    #[test]
    fn values_of_every_width_are_integers_and_bytes_are_text() {
        for value in [
            DbValue::Int8(7),
            DbValue::Int16(7),
            DbValue::Int32(7),
            DbValue::Int64(7),
            DbValue::Uint32(7),
            DbValue::Uint64(7),
        ] {
            assert_eq!(from_host(value), Ok(Value::Int(7)));
        }
        assert_eq!(from_host(DbValue::Binary("ż".as_bytes().to_vec())), Ok(Value::Text("ż".to_owned())));
        from_host(DbValue::Binary(vec![0xff])).unwrap_err();
        from_host(DbValue::Uint64(u64::MAX)).unwrap_err();
        from_host(DbValue::Floating64(1.0)).unwrap_err();
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text: String) {
            code(&text);
            code(&format!("Server error: `ERROR {text}"));
            code(&format!("Server(ServerError {{ code: {text}"));
        }
    }
}
