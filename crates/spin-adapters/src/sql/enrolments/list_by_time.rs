//! Lists of enrolments by the time of their creation or of their last change.
//!
//! Each is a walk along the index of that time. Of one user it reads the user's enrolments and
//! sorts them: they are few. What else is asked for is looked at here.

use super::list::walked;
use super::view::Timed;
use crate::sql::paging;
use crate::sql::{Connection, DbError, Param, Sql, sql_time};
use chrono::{DateTime, Utc};
use domain::model::filter::{Filter, Listed, Order, Position};

// MySQL uses an index for a comparison of pairs only if it is written out, and SQLite only if it
// is not.

const CREATED: Sql = Sql {
    mysql: "SELECT /* replica */ {columns}
            FROM enrolments FORCE INDEX (ix_enrolments_created_at) {joined}
            WHERE ((enrolments.created_at = ? AND enrolments.id > ?) OR enrolments.created_at > ?)
              AND enrolments.created_at < ?
            ORDER BY enrolments.created_at, enrolments.id
            LIMIT ?",
    sqlite: "SELECT /* replica */ {columns}
             FROM enrolments {joined}
             WHERE (enrolments.created_at, enrolments.id) > (?, ?) AND enrolments.created_at >= ?
               AND enrolments.created_at < ?
             ORDER BY enrolments.created_at, enrolments.id
             LIMIT ?",
};
const UPDATED: Sql = Sql {
    mysql: "SELECT /* replica */ {columns}
            FROM enrolments FORCE INDEX (ix_enrolments_updated_at) {joined}
            WHERE ((updated_at = ? AND enrolments.id > ?) OR updated_at > ?) AND updated_at < ?
            ORDER BY updated_at, enrolments.id
            LIMIT ?",
    sqlite: "SELECT /* replica */ {columns}
             FROM enrolments {joined}
             WHERE (updated_at, enrolments.id) > (?, ?) AND updated_at >= ? AND updated_at < ?
             ORDER BY updated_at, enrolments.id
             LIMIT ?",
};
const CREATED_OF_USER: Sql = Sql {
    mysql: "SELECT /* replica */ {columns}
            FROM enrolments FORCE INDEX (ix_enrolments_user_id) {joined}
            WHERE user_id = ? AND ((enrolments.created_at = ? AND enrolments.id > ?) OR enrolments.created_at > ?)
              AND enrolments.created_at < ?
            ORDER BY enrolments.created_at, enrolments.id
            LIMIT ?",
    sqlite: "SELECT /* replica */ {columns}
             FROM enrolments INDEXED BY ix_enrolments_user_id {joined}
             WHERE user_id = ? AND (enrolments.created_at, enrolments.id) > (?, ?) AND enrolments.created_at >= ?
               AND enrolments.created_at < ?
             ORDER BY enrolments.created_at, enrolments.id
             LIMIT ?",
};
const UPDATED_OF_USER: Sql = Sql {
    mysql: "SELECT /* replica */ {columns}
            FROM enrolments FORCE INDEX (ix_enrolments_user_id) {joined}
            WHERE user_id = ? AND ((updated_at = ? AND enrolments.id > ?) OR updated_at > ?) AND updated_at < ?
            ORDER BY updated_at, enrolments.id
            LIMIT ?",
    sqlite: "SELECT /* replica */ {columns}
             FROM enrolments INDEXED BY ix_enrolments_user_id {joined}
             WHERE user_id = ? AND (updated_at, enrolments.id) > (?, ?) AND updated_at >= ? AND updated_at < ?
             ORDER BY updated_at, enrolments.id
             LIMIT ?",
};

/// Enrolments after this position that `filter` lets through.
pub(super) fn list<V: Timed>(
    connection: &Connection,
    filter: &Filter,
    after: Position,
    limit: u32,
) -> Result<Listed<V>, DbError> {
    let (sql, by, from, to) = match (filter.order(), &filter.user_id) {
        (Order::Updated, None) => (UPDATED, Order::Updated, filter.updated_from, None),
        (Order::Updated, Some(_)) => (UPDATED_OF_USER, Order::Updated, filter.updated_from, None),
        (_, None) => (CREATED, Order::Created, filter.created_from, filter.created_to),
        (_, Some(_)) => (CREATED_OF_USER, Order::Created, filter.created_from, filter.created_to),
    };
    let from = from.map_or(DateTime::UNIX_EPOCH, second);
    let begin = |after: &Position| after.at.filter(|at| *at >= from).map_or((from, 0), |at| (second(at), after.id));
    let to = to.map_or(latest(), second);
    if begin(&after).0 >= to {
        return Ok(Listed { enrolments: Vec::new(), next: None });
    }
    let to = sql_time(to);
    let read = |after: &Position, rows: u32| {
        let (at, id) = begin(after);
        let at = sql_time(at);
        let mut params: Vec<Param<'_>> = filter.user_id.iter().map(|user| user.as_str().into()).collect();
        let period: [Param<'_>; 5] =
            [at.as_str().into(), id.into(), at.as_str().into(), to.as_str().into(), i64::from(rows).into()];
        params.extend(period);
        walked(connection, sql, &params)
    };
    let position = |view: &V| {
        let at = if by == Order::Updated { view.updated_at() } else { view.created_at() };
        Position { at: Some(at), id: view.enrolment().id.get() }
    };
    let wanted = |view: &V| {
        filter.matches(view.enrolment())
            && filter.updated_from.is_none_or(|from| view.updated_at() >= from)
            && filter.reference.as_ref().is_none_or(|wanted| view.reference() == Some(wanted.as_str()))
    };
    let (enrolments, next) = paging::page(limit, all_wanted(filter, by), after, read, position, wanted)?;
    Ok(Listed { enrolments, next })
}

/// Whether all on the way is wanted.
fn all_wanted(filter: &Filter, by: Order) -> bool {
    let Filter { course_id, status, payment_status, reference, updated_from, .. } = filter;
    let others = course_id.is_some() || status.is_some() || payment_status.is_some() || reference.is_some();
    !others && (by == Order::Updated || updated_from.is_none())
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
