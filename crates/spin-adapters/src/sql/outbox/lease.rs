//! A job that is held under a lease.

use crate::sql::{Connection, DbError, Param, Sql};
use domain::jobs::{JobId, JobKey, Lease};

/// [`Lease::LENGTH`] in milliseconds.
pub(crate) const LEASE: i64 = Lease::LENGTH.as_secs().cast_signed() * 1000;

/// What names a job that is held.
pub(crate) fn held<'a>(key: &'a JobKey, lease: &'a Lease) -> [Param<'a>; 2] {
    [key.as_str().into(), lease.token.as_str().into()]
}

/// A job ends under a lease: this one gets a lease for the moment of its end.
const HOLD: Sql = Sql::both("UPDATE outbox SET lease_token = ? WHERE id = ?");

/// Puts a job under this lease, even if another worker holds it.
pub(crate) fn hold(connection: &Connection, id: JobId, lease: &Lease) -> Result<(), DbError> {
    connection.execute(HOLD, &[lease.token.as_str().into(), id.0.into()])
}
