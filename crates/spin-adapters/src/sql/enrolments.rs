//! The table `enrolments`.

use crate::sql::events;
use crate::sql::payments;
use crate::sql::refunds;
use crate::sql::words;
use crate::sql::{Columns, Connection, DbError, Sql, Store, sql_time};
use chrono::{DateTime, Utc};
use domain::jobs::Job;
use domain::model::asked::Author;
use domain::model::event::EventKind;
use domain::model::filter::{Filter, Listed, Order, Position};
use domain::model::full::FullEnrolment;
use domain::model::payment::ReferredPayment;
use domain::model::reference::PlatformReference;
use domain::model::refund::RecordedRefund;
use domain::ports::change::{Addition, Record, Transition};
use domain::ports::{Commit, Enrolments};
use domain::{CourseId, Enrolment, EnrolmentId, Error, Kept, Unavailable, UserId};
use row::{read, read_active, read_kept};
use view::{TimedEnrolment, View};

mod add;
pub(super) mod change;
mod full;
mod list;
mod list_by_time;
pub(super) mod row;
mod view;

/// The mark says that a replica may answer, see `deploy/scaling.md`.
const GET: Sql = Sql::both(
    "SELECT /* replica */ {columns}
     FROM enrolments {joined}
     WHERE enrolments.id = ?",
);

/// The columns that [`read`] takes, in its order. For a decision: it reads the primary.
const GET_CURRENT: Sql =
    Sql::both("SELECT id, user_id, course_id, status, payment_status, invoice_url FROM enrolments WHERE id = ?");

/// The columns that [`read_kept`] takes, in its order.
pub(super) const GET_KEPT: Sql = Sql::both(
    "SELECT id, user_id, course_id, status, payment_status, invoice_url, user_record, terms, pay_until, lapsed
     FROM enrolments
     WHERE id = ?",
);

/// The columns that [`read_active`] takes: not the status, which all rows have in common.
/// Without the hint MariaDB uses the index for the status alone, and walks it from its
/// beginning up to `id` for every page.
const ACTIVE: Sql = Sql {
    mysql: "SELECT /* replica */ id, user_id, course_id, payment_status, invoice_url
            FROM enrolments FORCE INDEX (ix_enrolments_active)
            WHERE status = 'ACTIVE' AND id > ?
            ORDER BY id
            LIMIT ?",
    sqlite: "SELECT /* replica */ id, user_id, course_id, payment_status, invoice_url
             FROM enrolments
             WHERE status = 'ACTIVE' AND id > ?
             ORDER BY id
             LIMIT ?",
};

const INSERT: Sql = Sql {
    mysql: "INSERT INTO enrolments (user_id, course_id, status, payment_status, created_at, updated_at,
                course_end_date, pay_until, user_record, terms, reference, metadata)
            VALUES (?, ?, 'ACTIVE', 'PENDING', ?, ?, ?, ?, ?, ?, ?, ?)",
    sqlite: "INSERT INTO enrolments (user_id, course_id, status, payment_status, created_at, updated_at,
                 course_end_date, pay_until, user_record, terms, reference, metadata)
             VALUES (?, ?, 'ACTIVE', 'PENDING', ?, ?, ?, ?, ?, ?, ?, ?)
             RETURNING id, EXISTS (SELECT 1 FROM course_seats AS c WHERE c.course_id = enrolments.course_id)",
};

/// The user's enrolment in the course that is not canceled, and whether the course has ever been seen with
/// seats.
const ID_OF_OPEN: Sql = Sql {
    mysql: "SELECT id, EXISTS (SELECT 1 FROM course_seats AS c WHERE c.course_id = enrolments.course_id),
                   EXISTS (SELECT 1 FROM mail_texts WHERE id > 0)
            FROM enrolments
            WHERE user_id = ? AND course_id = ? AND is_open = 1
            FOR UPDATE",
    sqlite: "SELECT id
             FROM enrolments
             WHERE user_id = ? AND course_id = ? AND is_open = 1",
};

/// The earliest end first, as the index has it.
const ENDED: Sql = Sql {
    mysql: "SELECT id, user_id, course_id, status, payment_status, invoice_url
            FROM enrolments
            WHERE status = 'ACTIVE' AND course_end_date <= ?
            ORDER BY course_end_date, id
            LIMIT ?
            FOR UPDATE",
    sqlite: "SELECT id, user_id, course_id, status, payment_status, invoice_url
             FROM enrolments
             WHERE status = 'ACTIVE' AND course_end_date <= ?
             ORDER BY course_end_date, id
             LIMIT ?",
};

const COMPLETE: Sql = Sql {
    mysql: "UPDATE JSON_TABLE(?, '$[*]' COLUMNS (id INT PATH '$')) AS wanted
            STRAIGHT_JOIN enrolments ON enrolments.id = wanted.id
            SET status = ?, updated_at = ?",
    sqlite: "WITH wanted AS (SELECT value AS id FROM json_each(?))
             UPDATE enrolments
             SET status = ?, updated_at = ?
             WHERE id IN (SELECT id FROM wanted)",
};

impl Enrolments for Store {
    async fn get(&self, id: EnrolmentId) -> Result<Option<Enrolment>, Unavailable> {
        self.read(|connection| get(connection, id))
    }

    async fn get_full(&self, id: EnrolmentId) -> Result<Option<FullEnrolment>, Unavailable> {
        self.read(|connection| {
            let mut found = get(connection, id)?;
            full::add_refunds(connection, found.as_mut_slice())?;
            Ok(found)
        })
    }

    async fn get_current(&self, id: EnrolmentId) -> Result<Option<Enrolment>, Unavailable> {
        self.read(|connection| {
            let row = connection.query(GET_CURRENT, &[id.get().into()])?.into_iter().next();
            row.map(|row| read(&mut Columns::new(row))).transpose()
        })
    }

    async fn get_kept(&self, id: EnrolmentId) -> Result<Option<(Enrolment, Kept)>, Unavailable> {
        self.read(|connection| {
            let row = connection.query(GET_KEPT, &[id.get().into()])?.into_iter().next();
            row.map(|row| read_kept(&mut Columns::new(row))).transpose()
        })
    }

    async fn active(&self, after: i64, limit: u32) -> Result<Vec<Enrolment>, Unavailable> {
        self.read(|connection| {
            let rows = connection.query(ACTIVE, &[after.into(), i64::from(limit).into()])?;
            rows.into_iter().map(|row| read_active(&mut Columns::new(row))).collect()
        })
    }

    async fn payment(
        &self,
        reference: &PlatformReference,
    ) -> Result<Option<(EnrolmentId, ReferredPayment)>, Unavailable> {
        self.read(|connection| payments::find(connection, reference))
    }

    async fn refund(
        &self,
        reference: &PlatformReference,
    ) -> Result<Option<(EnrolmentId, RecordedRefund)>, Unavailable> {
        self.read(|connection| refunds::find(connection, reference))
    }

    async fn list(&self, filter: &Filter, after: Position, limit: u32) -> Result<Listed, Unavailable> {
        self.read(|connection| match filter.order() {
            Order::Id => list::list(connection, filter, after.id, limit),
            Order::Created | Order::Updated => {
                let Listed { enrolments, next } = list_by_time::list(connection, filter, after, limit)?;
                let enrolments = enrolments.into_iter().map(|timed: TimedEnrolment| timed.enrolment).collect();
                Ok(Listed { enrolments, next })
            }
        })
    }

    async fn list_full(
        &self,
        filter: &Filter,
        after: Position,
        limit: u32,
    ) -> Result<Listed<FullEnrolment>, Unavailable> {
        self.read(|connection| {
            let mut listed = match filter.order() {
                Order::Id => list::list(connection, filter, after.id, limit),
                Order::Created | Order::Updated => list_by_time::list(connection, filter, after, limit),
            }?;
            full::add_refunds(connection, &mut listed.enrolments)?;
            Ok(listed)
        })
    }

    async fn add(&self, addition: &Addition, commit: &Commit<'_>) -> Result<(Enrolment, Vec<Job>), Error> {
        self.transaction(|connection| add::add(connection, addition, commit))?
    }

    async fn change(
        &self,
        id: EnrolmentId,
        commit: &Commit<'_>,
        transition: impl Fn(&Record) -> Transition,
    ) -> Result<(Enrolment, Vec<Job>), Error> {
        self.transaction(|connection| change::change(connection, id, commit, |record| Ok(transition(record))))?
    }

    async fn complete_ended(
        &self,
        now: DateTime<Utc>,
        by: Option<&Author>,
        limit: u32,
        transition: impl Fn(Enrolment) -> Option<Enrolment>,
    ) -> Result<Vec<Enrolment>, Unavailable> {
        let written = sql_time(now);
        self.transaction(|connection| {
            let rows = connection.query(ENDED, &[written.as_str().into(), i64::from(limit).into()])?;
            let ended = rows.into_iter().map(|row| read(&mut Columns::new(row))).collect::<Result<Vec<_>, _>>()?;
            let completed: Vec<_> = ended.into_iter().filter_map(&transition).collect();
            if let Some(Enrolment { status, .. }) = completed.last() {
                let ids: Vec<_> = completed.iter().map(|enrolment| enrolment.id.get()).collect();
                let (json, status) = (row::to_json(&ids), words::of_status(*status));
                connection.execute(COMPLETE, &[json.as_str().into(), status.into(), written.as_str().into()])?;
                events::insert_of_all(connection, EventKind::Completed, &json, (now, by))?;
            }
            Ok(completed)
        })
    }
}

/// Whether a user has an enrolment in a course that is not canceled.
pub(super) fn is_enrolled(connection: &Connection, user: &UserId, course: CourseId) -> Result<bool, DbError> {
    Ok(!connection.query(ID_OF_OPEN, &[user.as_str().into(), course.get().into()])?.is_empty())
}

fn get<V: View>(connection: &Connection, id: EnrolmentId) -> Result<Option<V>, DbError> {
    list::walked(connection, GET, &[id.get().into()])?.next().transpose()
}
