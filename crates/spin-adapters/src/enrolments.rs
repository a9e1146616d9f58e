//! The table `enrolments`.

use crate::database::{Columns, Connection, DbError, Isolation, Param, Sql, Store};
use crate::idempotency;
use crate::outbox::insert_job;
use crate::words;
use chrono::{DateTime, SubsecRound, Utc};
use domain::ports::{Alongside, Enrolments, Inserted, Marked};
use domain::{CourseId, Enrolment, EnrolmentId, PaymentStatus, Status, Unavailable, UserId};

/// The columns that [`read`] takes, in its order.
macro_rules! select {
    ($rest:literal) => {
        concat!("SELECT id, user_id, course_id, status, payment_status, invoice_url FROM enrolments ", $rest)
    };
}

const GET: Sql = Sql::both(select!("WHERE id = ?"));

/// SQLite has locked the database when its transaction began.
const GET_LOCKED: Sql = Sql { mysql: select!("WHERE id = ? FOR UPDATE"), sqlite: select!("WHERE id = ?") };

/// The columns that [`read_active`] takes: what all rows have alike costs time in
/// every one of them.
macro_rules! select_active {
    ($index:literal) => {
        concat!(
            "SELECT id, user_id, course_id, payment_status, invoice_url FROM enrolments ",
            $index,
            "WHERE status = 'ACTIVE' AND id > ? ORDER BY id LIMIT ?"
        )
    };
}

/// MariaDB would take the index for the status alone, and walk it up to `id`
/// from its beginning for every page.
const ACTIVE: Sql = Sql { mysql: select_active!("FORCE INDEX (ix_enrolments_active) "), sqlite: select_active!("") };

macro_rules! insert {
    ($returning:literal) => {
        concat!(
            "INSERT INTO enrolments \
             (user_id, course_id, status, payment_status, created_at, updated_at, course_end_date) \
             VALUES (?, ?, 'ACTIVE', 'PENDING', ?, ?, ?)",
            $returning
        )
    };
}

const INSERT: Sql = Sql { mysql: insert!(""), sqlite: insert!(" RETURNING id") };

/// For MySQL, whose INSERT does not give the id.
const ID_OF: &str = "SELECT id FROM enrolments WHERE user_id = ? AND course_id = ?";

const MARK_PAID: Sql = Sql::both(
    "UPDATE enrolments SET payment_status = 'PAID', updated_at = ? \
     WHERE id = ? AND payment_status <> 'PAID' AND status <> 'CANCELED'",
);

/// The last row of [`ENDED`] names the end of the range that [`COMPLETE`]
/// changes: earliest end first, as the index has it.
const ENDED: Sql = Sql {
    mysql: "SELECT id, user_id, course_id, 'COMPLETED', payment_status, invoice_url, CAST(course_end_date AS CHAR) \
            FROM enrolments WHERE status = 'ACTIVE' AND course_end_date <= ? \
            ORDER BY course_end_date, id LIMIT ? FOR UPDATE",
    sqlite: "SELECT id, user_id, course_id, 'COMPLETED', payment_status, invoice_url, course_end_date \
             FROM enrolments WHERE status = 'ACTIVE' AND course_end_date <= ? \
             ORDER BY course_end_date, id LIMIT ?",
};

const COMPLETE: Sql = Sql::both(
    "UPDATE enrolments SET status = 'COMPLETED', updated_at = ? WHERE status = 'ACTIVE' \
     AND course_end_date <= ? AND (course_end_date < ? OR id <= ?)",
);

const DELETE: Sql =
    Sql { mysql: "DELETE FROM enrolments WHERE id = ?", sqlite: "DELETE FROM enrolments WHERE id = ? RETURNING id" };

/// A confirmation that is being sent at this moment is sent all the same.
const DELETE_CONFIRMATION: Sql =
    Sql::both("DELETE FROM outbox WHERE enrolment_id = ? AND kind = 'enrolment_email' AND state <> 'done'");

impl Enrolments for Store {
    async fn get(&self, id: EnrolmentId) -> Result<Option<Enrolment>, Unavailable> {
        self.read(|connection| get(connection, GET, id))
    }

    async fn active(&self, after: i64, limit: u32) -> Result<Vec<Enrolment>, Unavailable> {
        self.read(|connection| {
            let rows = connection.query(ACTIVE, &[after.into(), i64::from(limit).into()])?;
            rows.into_iter().map(|row| read_active(&mut Columns::new(row))).collect()
        })
    }

    async fn insert(
        &self,
        user_id: &UserId,
        course_id: CourseId,
        course_ends_at: Option<DateTime<Utc>>,
        alongside: &Alongside<'_>,
    ) -> Result<Inserted, Unavailable> {
        let written = sql_time(alongside.now);
        let ends_at = course_ends_at.map(sql_time);
        self.transaction(|connection| {
            idempotency::check_held(connection, alongside.reservation)?;
            let key: [Param<'_>; 2] = [user_id.as_str().into(), course_id.get().into()];
            let [user, course] = key;
            let row = [user, course, written.as_str().into(), written.as_str().into(), ends_at.as_deref().into()];
            let id = match connection.insert(INSERT, &row, ID_OF, &key) {
                Err(DbError::Duplicate) => return Ok(Inserted::AlreadyEnrolled),
                // Of all the values, only the user id is a caller's text.
                Err(DbError::NotStorable) => return Ok(Inserted::NotStorable),
                result => result?,
            };
            let enrolment = Enrolment {
                id: EnrolmentId::new(id).ok_or_else(unreadable)?,
                user_id: user_id.clone(),
                course_id,
                status: Status::Active,
                payment_status: PaymentStatus::Pending,
                invoice_url: None,
            };
            idempotency::conclude(connection, alongside.reservation, &enrolment)?;
            let job = insert_job(connection, enrolment.id, alongside)?;
            Ok(Inserted::Enrolled(enrolment, Box::new(job)))
        })
    }

    async fn mark_paid(&self, id: EnrolmentId, alongside: &Alongside<'_>) -> Result<Marked, Unavailable> {
        let written = sql_time(alongside.now);
        self.transaction(|connection| {
            idempotency::check_held(connection, alongside.reservation)?;
            let Some(mut enrolment) = get(connection, GET_LOCKED, id)? else { return Ok(Marked::NotFound) };
            match (enrolment.payment_status, enrolment.status) {
                (PaymentStatus::Paid, _) => return Ok(Marked::AlreadyPaid),
                (_, Status::Canceled) => return Ok(Marked::Canceled),
                _ => {}
            }
            connection.execute(MARK_PAID, &[written.as_str().into(), id.get().into()])?;
            enrolment.payment_status = PaymentStatus::Paid;
            idempotency::note(connection, alongside.reservation, &enrolment)?;
            let job = insert_job(connection, id, alongside)?;
            Ok(Marked::Paid(enrolment, Box::new(job)))
        })
    }

    async fn complete_ended(&self, now: DateTime<Utc>, limit: u32) -> Result<Vec<Enrolment>, Unavailable> {
        let now = sql_time(now);
        // What is completed is a range of an index: all of it must have been read.
        self.isolated_transaction(Isolation::Ranges, |connection| {
            let rows = connection.query(ENDED, &[now.as_str().into(), i64::from(limit).into()])?;
            let mut completed = Vec::with_capacity(rows.len());
            let mut last_end = String::new();
            for row in rows {
                let mut columns = Columns::new(row);
                completed.push(read(&mut columns)?);
                last_end = columns.text()?;
            }
            if let Some(last) = completed.last() {
                let end = last_end.as_str();
                connection.execute(COMPLETE, &[now.as_str().into(), end.into(), end.into(), last.id.get().into()])?;
            }
            Ok(completed)
        })
    }

    async fn delete(&self, id: EnrolmentId) -> Result<bool, Unavailable> {
        self.transaction(|connection| {
            let deleted = connection.delete(DELETE, &[id.get().into()])?;
            if deleted {
                connection.execute(DELETE_CONFIRMATION, &[id.get().into()])?;
            }
            Ok(deleted)
        })
    }
}

fn get(connection: &Connection, sql: Sql, id: EnrolmentId) -> Result<Option<Enrolment>, DbError> {
    let row = connection.query(sql, &[id.get().into()])?.into_iter().next();
    row.map(|row| read(&mut Columns::new(row))).transpose()
}

fn read(columns: &mut Columns) -> Result<Enrolment, DbError> {
    Ok(Enrolment {
        id: EnrolmentId::new(columns.int()?).ok_or_else(unreadable)?,
        user_id: UserId::stored(columns.text()?),
        course_id: CourseId::new(columns.int()?).ok_or_else(unreadable)?,
        status: words::status(&columns.text()?).ok_or_else(unreadable)?,
        payment_status: words::payment(&columns.text()?).ok_or_else(unreadable)?,
        invoice_url: link(columns.optional_text()?),
    })
}

fn read_active(columns: &mut Columns) -> Result<Enrolment, DbError> {
    Ok(Enrolment {
        id: EnrolmentId::new(columns.int()?).ok_or_else(unreadable)?,
        user_id: UserId::stored(columns.text()?),
        course_id: CourseId::new(columns.int()?).ok_or_else(unreadable)?,
        status: Status::Active,
        payment_status: words::payment(&columns.text()?).ok_or_else(unreadable)?,
        invoice_url: link(columns.optional_text()?),
    })
}

/// The Flask service stored `N/A` for an invoice without a link.
fn link(stored: Option<String>) -> Option<String> {
    stored.filter(|url| url != "N/A")
}

fn unreadable() -> DbError {
    DbError::Failed("unreadable row".to_owned())
}

/// A time as both databases keep it in `enrolments`: UTC, to the second.
pub(crate) fn sql_time(time: DateTime<Utc>) -> String {
    time.naive_utc().trunc_subsecs(0).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::database::{Row, Value};

    fn row(status: &str, payment: &str, url: Option<&str>) -> Row {
        let text = |text: &str| Value::Text(text.to_owned());
        vec![Value::Int(1), text("u "), Value::Int(7), text(status), text(payment), url.map_or(Value::Null, text)]
    }

    #[test]
    fn rows_are_read_as_the_schema_has_them() {
        let enrolment = read(&mut Columns::new(row("COMPLETED", "FAILED", Some("https://a.example/i")))).unwrap();
        assert_eq!((enrolment.id.get(), enrolment.user_id.as_str(), enrolment.course_id.get()), (1, "u ", 7));
        assert_eq!((enrolment.status, enrolment.payment_status), (Status::Completed, PaymentStatus::Failed));
        assert_eq!(enrolment.invoice_url.as_deref(), Some("https://a.example/i"));
        let enrolment = read(&mut Columns::new(row("CANCELED", "PAID", None))).unwrap();
        assert_eq!((enrolment.status, enrolment.payment_status), (Status::Canceled, PaymentStatus::Paid));
    }

    #[test]
    fn an_invoice_without_a_link_has_none() {
        assert_eq!(read(&mut Columns::new(row("ACTIVE", "PAID", Some("N/A")))).unwrap().invoice_url, None);
    }

    #[test]
    fn unknown_words_are_errors() {
        read(&mut Columns::new(row("active", "PAID", None))).unwrap_err();
        read(&mut Columns::new(row("ACTIVE", "", None))).unwrap_err();
    }
}
