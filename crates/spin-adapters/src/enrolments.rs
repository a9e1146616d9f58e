//! The table `enrolments`.

use crate::database::{Columns, Connection, DbError, Isolation, Param, Sql, Store};
use crate::enums;
use crate::idempotency;
use crate::jobs;
use chrono::{DateTime, SubsecRound, Utc};
use domain::NewEnrolment;
use domain::change::Addition;
use domain::change::{Change, Transition};
use domain::job::Job;
use domain::ports::{Commit, Enrolments};
use domain::{CourseId, Enrolment, EnrolmentId, Error, PaymentStatus, Status, Unavailable, UserId};

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

/// The row is locked: nothing has changed since it was read.
const UPDATE: Sql = Sql::both("UPDATE enrolments SET status = ?, payment_status = ?, updated_at = ? WHERE id = ?");

const SET_INVOICE_URL: Sql = Sql::both("UPDATE enrolments SET invoice_url = ?, updated_at = ? WHERE id = ?");

/// The last row of [`ENDED`] names the end of the range that [`COMPLETE`]
/// changes: earliest end first, as the index has it.
const ENDED: Sql = Sql {
    mysql: "SELECT id, user_id, course_id, status, payment_status, invoice_url, CAST(course_end_date AS CHAR) \
            FROM enrolments WHERE status = 'ACTIVE' AND course_end_date <= ? \
            ORDER BY course_end_date, id LIMIT ? FOR UPDATE",
    sqlite: "SELECT id, user_id, course_id, status, payment_status, invoice_url, course_end_date \
             FROM enrolments WHERE status = 'ACTIVE' AND course_end_date <= ? \
             ORDER BY course_end_date, id LIMIT ?",
};

const COMPLETE: Sql = Sql::both(
    "UPDATE enrolments SET status = ?, updated_at = ? WHERE status = 'ACTIVE' \
     AND course_end_date <= ? AND (course_end_date < ? OR id <= ?)",
);

const DELETE: Sql = Sql::both("DELETE FROM enrolments WHERE id = ?");

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

    async fn add(&self, addition: &Addition, commit: &Commit<'_>) -> Result<(Enrolment, Vec<Job>), Error> {
        let NewEnrolment { user_id, course_id } = &addition.new;
        let written = sql_time(commit.now);
        let ends_at = addition.course_ends_at.map(sql_time);
        self.transaction(|connection| {
            idempotency::check_held(connection, commit.reservation)?;
            let key: [Param<'_>; 2] = [user_id.as_str().into(), course_id.get().into()];
            let [user, course] = key;
            let row = [user, course, written.as_str().into(), written.as_str().into(), ends_at.as_deref().into()];
            let id = match connection.insert(INSERT, &row, ID_OF, &key) {
                Err(DbError::Duplicate) => return Ok(Err(Error::AlreadyEnrolled)),
                // Of all the values, only the user id is a caller's text.
                Err(DbError::NotStorable) => return Ok(Err(Error::UserIdNotStorable)),
                result => result?,
            };
            let enrolment = Enrolment {
                id: EnrolmentId::new(id).ok_or_else(unreadable)?,
                user_id: user_id.clone(),
                course_id: *course_id,
                status: Status::Active,
                payment_status: PaymentStatus::Pending,
                invoice_url: None,
            };
            idempotency::answer(connection, commit, &enrolment)?;
            let jobs = jobs::insert_jobs(connection, enrolment.id, &addition.jobs, commit)?;
            Ok(Ok((enrolment, jobs)))
        })?
    }

    async fn change(
        &self,
        id: EnrolmentId,
        commit: &Commit<'_>,
        transition: impl Fn(&Enrolment) -> Transition,
    ) -> Result<(Enrolment, Vec<Job>), Error> {
        let written = sql_time(commit.now);
        self.transaction(|connection| {
            idempotency::check_held(connection, commit.reservation)?;
            let Some(before) = get(connection, GET_LOCKED, id)? else { return Ok(Err(Error::NotFound)) };
            let Change { enrolment: after, jobs, withdrawn } = match transition(&before) {
                Ok(change) => change,
                Err(error) => return Ok(Err(error)),
            };
            match &after {
                Some(after) => {
                    let (status, payment) = (enums::of_status(after.status), enums::of_payment(after.payment_status));
                    let row = [status.into(), payment.into(), written.as_str().into(), id.get().into()];
                    connection.execute(UPDATE, &row)?;
                }
                None => connection.execute(DELETE, &[id.get().into()])?,
            }
            let enrolment = after.unwrap_or(before);
            idempotency::answer(connection, commit, &enrolment)?;
            jobs::withdraw(connection, id, withdrawn)?;
            let jobs = jobs::insert_jobs(connection, id, &jobs, commit)?;
            Ok(Ok((enrolment, jobs)))
        })?
    }

    async fn complete_ended(
        &self,
        now: DateTime<Utc>,
        limit: u32,
        transition: impl Fn(Enrolment) -> Option<Enrolment>,
    ) -> Result<Vec<Enrolment>, Unavailable> {
        let now = sql_time(now);
        // What is completed is a range of an index: all of it must have been read.
        self.isolated_transaction(Isolation::Ranges, |connection| {
            let rows = connection.query(ENDED, &[now.as_str().into(), i64::from(limit).into()])?;
            let mut completed = Vec::with_capacity(rows.len());
            let mut last_end = String::new();
            for row in rows {
                let mut columns = Columns::new(row);
                completed.extend(transition(read(&mut columns)?));
                last_end = columns.text()?;
            }
            if let Some(last) = completed.last() {
                let (status, now, end) = (enums::of_status(last.status), now.as_str(), last_end.as_str());
                let row = [status.into(), now.into(), end.into(), end.into(), last.id.get().into()];
                connection.execute(COMPLETE, &row)?;
            }
            Ok(completed)
        })
    }
}

/// Notes the page that shows an enrolment's invoice.
pub(crate) fn set_invoice_url(
    connection: &Connection,
    id: EnrolmentId,
    url: &str,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    connection.execute(SET_INVOICE_URL, &[url.into(), sql_time(now).as_str().into(), id.get().into()])
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
        status: enums::status(&columns.text()?).ok_or_else(unreadable)?,
        payment_status: enums::payment(&columns.text()?).ok_or_else(unreadable)?,
        invoice_url: link(columns.optional_text()?),
    })
}

fn read_active(columns: &mut Columns) -> Result<Enrolment, DbError> {
    Ok(Enrolment {
        id: EnrolmentId::new(columns.int()?).ok_or_else(unreadable)?,
        user_id: UserId::stored(columns.text()?),
        course_id: CourseId::new(columns.int()?).ok_or_else(unreadable)?,
        status: Status::Active,
        payment_status: enums::payment(&columns.text()?).ok_or_else(unreadable)?,
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
fn sql_time(time: DateTime<Utc>) -> String {
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
