//! Lists of enrolments by the time of their creation or of their last change.
//!
//! Each is a walk along the index of that time. Of one user it reads the user's enrolments and
//! sorts them: they are few. What else is asked for is looked at here.

use super::row::read;
use crate::sql::paging;
use crate::sql::{Columns, Connection, DbError, Param, Row, Sql, from_sql_time, sql_time};
use chrono::{DateTime, Utc};
use domain::Enrolment;
use domain::model::filter::{Filter, Listed, Order, Position};

// MySQL uses an index for a comparison of pairs only if it is written out, and SQLite only if it
// is not.

const CREATED: Sql = Sql {
    mysql: "SELECT /* replica */ id, user_id, course_id, status, payment_status, invoice_url,
                CAST(created_at AS CHAR), CAST(updated_at AS CHAR), reference
            FROM enrolments FORCE INDEX (ix_enrolments_created_at)
            WHERE ((created_at = ? AND id > ?) OR created_at > ?) AND created_at < ?
            ORDER BY created_at, id
            LIMIT ?",
    sqlite: "SELECT /* replica */ id, user_id, course_id, status, payment_status, invoice_url,
                 created_at, updated_at, reference
             FROM enrolments
             WHERE (created_at, id) > (?, ?) AND created_at >= ? AND created_at < ?
             ORDER BY created_at, id
             LIMIT ?",
};
const UPDATED: Sql = Sql {
    mysql: "SELECT /* replica */ id, user_id, course_id, status, payment_status, invoice_url,
                CAST(created_at AS CHAR), CAST(updated_at AS CHAR), reference
            FROM enrolments FORCE INDEX (ix_enrolments_updated_at)
            WHERE ((updated_at = ? AND id > ?) OR updated_at > ?) AND updated_at < ?
            ORDER BY updated_at, id
            LIMIT ?",
    sqlite: "SELECT /* replica */ id, user_id, course_id, status, payment_status, invoice_url,
                 created_at, updated_at, reference
             FROM enrolments
             WHERE (updated_at, id) > (?, ?) AND updated_at >= ? AND updated_at < ?
             ORDER BY updated_at, id
             LIMIT ?",
};
const CREATED_OF_USER: Sql = Sql {
    mysql: "SELECT /* replica */ id, user_id, course_id, status, payment_status, invoice_url,
                CAST(created_at AS CHAR), CAST(updated_at AS CHAR), reference
            FROM enrolments FORCE INDEX (ix_enrolments_user_id)
            WHERE user_id = ? AND ((created_at = ? AND id > ?) OR created_at > ?) AND created_at < ?
            ORDER BY created_at, id
            LIMIT ?",
    sqlite: "SELECT /* replica */ id, user_id, course_id, status, payment_status, invoice_url,
                 created_at, updated_at, reference
             FROM enrolments INDEXED BY ix_enrolments_user_id
             WHERE user_id = ? AND (created_at, id) > (?, ?) AND created_at >= ? AND created_at < ?
             ORDER BY created_at, id
             LIMIT ?",
};
const UPDATED_OF_USER: Sql = Sql {
    mysql: "SELECT /* replica */ id, user_id, course_id, status, payment_status, invoice_url,
                CAST(created_at AS CHAR), CAST(updated_at AS CHAR), reference
            FROM enrolments FORCE INDEX (ix_enrolments_user_id)
            WHERE user_id = ? AND ((updated_at = ? AND id > ?) OR updated_at > ?) AND updated_at < ?
            ORDER BY updated_at, id
            LIMIT ?",
    sqlite: "SELECT /* replica */ id, user_id, course_id, status, payment_status, invoice_url,
                 created_at, updated_at, reference
             FROM enrolments INDEXED BY ix_enrolments_user_id
             WHERE user_id = ? AND (updated_at, id) > (?, ?) AND updated_at >= ? AND updated_at < ?
             ORDER BY updated_at, id
             LIMIT ?",
};

/// An enrolment on the way.
struct Walked {
    enrolment: Enrolment,
    position: Position,
    /// Whether reference and times match.
    matches: bool,
}

/// Enrolments after this position that `filter` lets through.
pub(super) fn list(connection: &Connection, filter: &Filter, after: Position, limit: u32) -> Result<Listed, DbError> {
    let (sql, by, from, to) = match (filter.order(), &filter.user_id) {
        (Order::Updated, None) => (UPDATED, Order::Updated, filter.updated_from, None),
        (Order::Updated, Some(_)) => (UPDATED_OF_USER, Order::Updated, filter.updated_from, None),
        (_, None) => (CREATED, Order::Created, filter.created_from, filter.created_to),
        (_, Some(_)) => (CREATED_OF_USER, Order::Created, filter.created_from, filter.created_to),
    };
    let from = from.map_or(DateTime::UNIX_EPOCH, second);
    let (at, id) = after.at.filter(|at| *at >= from).map_or((from, 0), |at| (second(at), after.id));
    let to = to.map_or(latest(), second);
    if at >= to {
        return Ok(Listed { enrolments: Vec::new(), next: None });
    }
    let (at, to) = (sql_time(at), sql_time(to));
    let rows = paging::rows(limit, all_wanted(filter, by));
    let mut params: Vec<Param<'_>> = filter.user_id.iter().map(|user| user.as_str().into()).collect();
    let at = at.as_str();
    let period: [Param<'_>; 5] = [at.into(), id.into(), at.into(), to.as_str().into(), i64::from(rows).into()];
    params.extend(period);
    let walked = match connection.query(sql, &params) {
        // A user id that the table cannot hold has no enrolments.
        Err(DbError::NotStorable) => Vec::new(),
        result => result?,
    };
    let walked = walked.into_iter().map(|row| read_walked(row, filter, by)).collect::<Result<Vec<_>, _>>()?;
    let (page, next) = paging::page(walked, rows, limit, |walked| walked.position, |walked| walked.matches);
    Ok(Listed { enrolments: page.into_iter().map(|walked| walked.enrolment).collect(), next })
}

/// Whether all on the way is wanted.
fn all_wanted(filter: &Filter, by: Order) -> bool {
    let Filter { course_id, status, payment_status, reference, updated_from, .. } = filter;
    let others = course_id.is_some() || status.is_some() || payment_status.is_some() || reference.is_some();
    !others && (by == Order::Updated || updated_from.is_none())
}

fn read_walked(row: Row, filter: &Filter, by: Order) -> Result<Walked, DbError> {
    let mut columns = Columns::new(row);
    let enrolment = read(&mut columns)?;
    let (created_at, updated_at) = (from_sql_time(&columns.text()?)?, from_sql_time(&columns.text()?)?);
    let reference = columns.optional_text()?;
    let matches = filter.matches(&enrolment)
        && filter.updated_from.is_none_or(|from| updated_at >= from)
        && filter.reference.as_ref().is_none_or(|wanted| reference.as_deref() == Some(wanted.as_str()));
    let at = Some(if by == Order::Updated { updated_at } else { created_at });
    Ok(Walked { position: Position { at, id: enrolment.id.get() }, enrolment, matches })
}

/// The next whole second, if it is not one: the columns have whole seconds. It is one that both
/// databases can compare with.
fn second(time: DateTime<Utc>) -> DateTime<Utc> {
    let whole = time.timestamp().saturating_add(i64::from(time.timestamp_subsec_nanos() > 0));
    DateTime::from_timestamp(whole, 0).unwrap_or(time).clamp(DateTime::UNIX_EPOCH, latest())
}

/// The last second of 9999.
fn latest() -> DateTime<Utc> {
    DateTime::from_timestamp(253_402_300_799, 0).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_rounded_up_to_a_second_of_the_column() {
        let rounded = |text: &str| sql_time(second(text.parse().unwrap()));
        assert_eq!(rounded("2026-01-01T00:00:00Z"), "2026-01-01 00:00:00");
        assert_eq!(rounded("2026-01-01T00:00:00.001Z"), "2026-01-01 00:00:01");
        assert_eq!(rounded("0001-01-01T00:00:00Z"), "1970-01-01 00:00:00");
        assert_eq!(rounded("+10000-01-01T00:00:00Z"), "9999-12-31 23:59:59");
    }
}
