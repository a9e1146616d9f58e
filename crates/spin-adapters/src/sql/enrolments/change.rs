//! A change of one enrolment, and all that is written with it.

use super::is_enrolled;
use super::row::read_record;
use crate::sql::outbox::{billed, insert};
use crate::sql::{Columns, Connection, DbError, Sql, Store, sql_time, words};
use crate::sql::{documents, events, idempotency, payments, refunds, seats};
use domain::jobs::Job;
use domain::model::asked::Author;
use domain::model::note::Reason;
use domain::model::seats::Claim;
use domain::model::terms::InvoicesProvider;
use domain::ports::change::{After, Change, Record, SeatChange, Transition};
use domain::ports::{Billed, Commit, Rebillings};
use domain::{Enrolment, EnrolmentId, Error, Money};

/// The columns that [`read_record`] takes, in its order. SQLite locks the database when the
/// transaction begins.
const GET_LOCKED: Sql = Sql {
    mysql: "SELECT id, user_id, course_id, status, payment_status, invoice_url, paid_hundredths, paid_on,
                invoices_provider, refunded_at, refunded_hundredths, chain_end, canceled_at, canceled_by, reason,
                pay_until, lapsed
            FROM enrolments
            WHERE id = ?
            FOR UPDATE",
    sqlite: "SELECT id, user_id, course_id, status, payment_status, invoice_url, paid_hundredths, paid_on,
                 invoices_provider, refunded_at, refunded_hundredths, chain_end, canceled_at, canceled_by, reason,
                 pay_until, lapsed
             FROM enrolments
             WHERE id = ?",
};

/// The row is locked: nothing has changed since it was read.
const UPDATE: Sql = Sql::both(
    "UPDATE enrolments
     SET status = ?, payment_status = ?, paid_hundredths = ?, paid_on = ?, invoices_provider = ?, refunded_at = ?,
         refunded_hundredths = ?, chain_end = ?, canceled_at = ?, canceled_by = ?, reason = ?, pay_until = ?,
         lapsed = ?, updated_at = ?
     WHERE id = ?",
);

const DELETE: Sql = Sql::both("DELETE FROM enrolments WHERE id = ?");

impl Rebillings for Store {
    async fn rebill(
        &self,
        id: EnrolmentId,
        commit: &Commit<'_>,
        transition: impl Fn(&Record, &Billed) -> Transition,
    ) -> Result<(Enrolment, Vec<Job>), Error> {
        self.transaction(|connection| {
            // The job is locked after the row of its enrolment, as by every change.
            change(connection, id, commit, |record| {
                let documents = documents::of_enrolment(connection, id)?;
                Ok(transition(record, &Billed::new(billed::owed(connection, id)?, documents)))
            })
        })?
    }
}

/// Locks and reads the row, and writes the result of `transition`.
pub(super) fn change(
    connection: &Connection,
    id: EnrolmentId,
    commit: &Commit<'_>,
    transition: impl Fn(&Record) -> Result<Transition, DbError>,
) -> Result<Result<(Enrolment, Vec<Job>), Error>, DbError> {
    let written = sql_time(commit.now);
    idempotency::check_held(connection, commit.reservation)?;
    if let Some(course) = commit.course {
        seats::lock(connection, course)?;
    }
    let Some(before) = read_locked(connection, id)? else { return Ok(Err(Error::NotFound)) };
    let change = match transition(&before)? {
        Ok(change) => change,
        Err(error) => return Ok(Err(error)),
    };
    if let After::Changed(after) = &change.after
        && after.pay_until != before.pay_until
        && !seats::is_ready(connection)?
    {
        return Ok(Err(Error::NotYet));
    }
    let seat = change.seat(&before);
    if seat == SeatChange::Taken
        && let Err(error) = take_seat(connection, &before.enrolment, commit)?
    {
        return Ok(Err(error));
    }
    let Change { after, event, payment, refund, jobs, later, place, replaced, withdrawn } = change;
    if let Some(payment) = payment
        && let Err(recorded) = payments::insert(connection, id, &payment, commit.now)?
    {
        return Ok(Err(recorded));
    }
    if let Some(refund) = refund
        && let Err(recorded) = refunds::insert(connection, id, &refund, commit.now)?
    {
        return Ok(Err(recorded));
    }
    let deleted = matches!(after, After::Deleted);
    let enrolment = match after {
        After::Same | After::Deleted => before.enrolment,
        After::Changed(after) => {
            update(connection, &after, &written)?;
            after.enrolment
        }
    };
    idempotency::answer(connection, commit, &enrolment)?;
    if let Some(event) = event {
        events::insert(connection, (event, None), id, (commit.now, commit.by))?;
    }
    if deleted {
        connection.execute(DELETE, &[id.get().into()])?;
    }
    insert::withdraw(connection, id, withdrawn)?;
    if let Some((job, payload)) = replaced {
        billed::replace(connection, job, &payload)?;
    }
    if let Some((payload, after)) = later {
        insert::insert_later(connection, (id, None), (&payload, after), &commit.lease, commit.now)?;
    }
    let jobs = insert::insert_jobs(connection, (id, place), &jobs, &commit.lease, commit.now)?;
    if seat == SeatChange::Freed {
        seats::offer_free(connection, enrolment.course_id, commit.now)?;
    }
    Ok(Ok((enrolment, jobs)))
}

/// Locks and reads a row.
pub(in crate::sql) fn read_locked(connection: &Connection, id: EnrolmentId) -> Result<Option<Record>, DbError> {
    let row = connection.query(GET_LOCKED, &[id.get().into()])?.into_iter().next();
    row.map(|row| read_record(&mut Columns::new(row))).transpose()
}

/// Whether an enrolment that lapsed can have a seat again.
fn take_seat(
    connection: &Connection,
    enrolment: &Enrolment,
    commit: &Commit<'_>,
) -> Result<Result<(), Error>, DbError> {
    let Enrolment { user_id, course_id, .. } = enrolment;
    if is_enrolled(connection, user_id, *course_id)? {
        return Ok(Err(Error::AlreadyEnrolled));
    }
    let standing = seats::standing(connection, *course_id)?;
    Ok(standing.seats_for(Claim::LatePayment, commit.now).map(drop))
}

fn update(connection: &Connection, record: &Record, written: &str) -> Result<(), DbError> {
    let Record { enrolment, paid, paid_on, invoices_provider, refunded_at, refunded, chain_end, canceled, .. } = record;
    let paid_on = paid_on.map(|day| day.to_string());
    let canceled_by = canceled.as_ref().and_then(|canceled| canceled.by.as_ref());
    let row = [
        words::of_status(enrolment.status).into(),
        words::of_payment(enrolment.payment_status).into(),
        paid.map(Money::hundredths).into(),
        paid_on.as_deref().into(),
        invoices_provider.map(InvoicesProvider::word).into(),
        refunded_at.map(|at| at.timestamp_millis()).into(),
        refunded.map(Money::hundredths).into(),
        chain_end.map(|end| i64::from(end.get())).into(),
        canceled.as_ref().map(|canceled| canceled.at.timestamp_millis()).into(),
        canceled_by.map(|Author(name)| name.as_str()).into(),
        record.reason.as_ref().map(Reason::as_str).into(),
        record.pay_until.map(|time| time.timestamp_millis()).into(),
        record.lapsed.then_some(1).into(),
        written.into(),
        enrolment.id.get().into(),
    ];
    connection.execute(UPDATE, &row)
}
