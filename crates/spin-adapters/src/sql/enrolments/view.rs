//! How much is read of each enrolment.

use super::row::read;
use crate::sql::{Columns, DbError, Shape, Sql, from_sql_time};
use chrono::{DateTime, Utc};
use domain::Enrolment;

/// How much is read of each enrolment.
pub(super) trait View: Sized {
    /// The columns that [`View::read`] takes, in its order.
    const SHAPE: Shape;

    /// What is kept from one row for the next.
    type Kept: Default;

    /// Reads a row.
    fn read(columns: &mut Columns, kept: &mut Self::Kept) -> Result<Self, DbError>;

    /// The fields of every answer.
    fn enrolment(&self) -> &Enrolment;
}

/// A view that a list by a time can be made of.
pub(super) trait Timed: View {
    fn created_at(&self) -> DateTime<Utc>;
    fn updated_at(&self) -> DateTime<Utc>;
    fn reference(&self) -> Option<&str>;
}

impl View for Enrolment {
    const SHAPE: Shape = Shape {
        columns: Sql::both("id, user_id, course_id, status, payment_status, invoice_url"),
        joined: Sql::both(""),
    };

    type Kept = ();

    fn read(columns: &mut Columns, (): &mut ()) -> Result<Self, DbError> {
        read(columns)
    }

    fn enrolment(&self) -> &Enrolment {
        self
    }
}

/// An enrolment with what lists by a time look at.
pub(super) struct TimedEnrolment {
    pub(super) enrolment: Enrolment,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    reference: Option<String>,
}

impl View for TimedEnrolment {
    const SHAPE: Shape = Shape {
        columns: Sql {
            mysql: "id, user_id, course_id, status, payment_status, invoice_url,
                CAST(created_at AS CHAR), CAST(updated_at AS CHAR), reference",
            sqlite: "id, user_id, course_id, status, payment_status, invoice_url, created_at, updated_at, reference",
        },
        joined: Sql::both(""),
    };

    type Kept = ();

    fn read(columns: &mut Columns, (): &mut ()) -> Result<Self, DbError> {
        Ok(Self {
            enrolment: read(columns)?,
            created_at: from_sql_time(&columns.text()?)?,
            updated_at: from_sql_time(&columns.text()?)?,
            reference: columns.optional_text()?,
        })
    }

    fn enrolment(&self) -> &Enrolment {
        &self.enrolment
    }
}

impl Timed for TimedEnrolment {
    fn created_at(&self) -> DateTime<Utc> {
        self.created_at
    }

    fn updated_at(&self) -> DateTime<Utc> {
        self.updated_at
    }

    fn reference(&self) -> Option<&str> {
        self.reference.as_deref()
    }
}
