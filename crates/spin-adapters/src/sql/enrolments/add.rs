//! A new enrolment, and all that is written with it.

use super::row::to_json;
use super::{ID_OF_OPEN, INSERT, is_enrolled};
use crate::sql::outbox::insert;
use crate::sql::{Columns, Connection, DbError, Key, Param, events, idempotency, seats, sql_time, unreadable};
use chrono::{DateTime, Utc};
use domain::jobs::Job;
use domain::model::event::EventKind;
use domain::model::reference::PlatformReference;
use domain::model::seats::{Claim, Standing};
use domain::ports::Commit;
use domain::ports::change::Addition;
use domain::{Enrolment, EnrolmentId, Error, NewEnrolment, PaymentStatus, Status};

pub(super) fn add(
    connection: &Connection,
    addition: &Addition,
    commit: &Commit<'_>,
) -> Result<Result<(Enrolment, Vec<Job>), Error>, DbError> {
    let NewEnrolment { user_id, course_id, .. } = &addition.new;
    let (seen, now) = (&addition.course, commit.now);
    idempotency::check_held(connection, commit.reservation)?;
    if addition.pay_until.is_some() && !seats::is_ready(connection)? {
        return Ok(Err(Error::NotYet));
    }
    // Also for a seat that is held: a run that lets enrolments lapse must not see it appear.
    let counted = seen.limit.is_some() || addition.pay_until.is_some();
    let standing = if counted {
        seats::see(connection, *course_id, seen, now)?
    } else {
        Standing { window: seen.window.clone(), ..Standing::default() }
    };
    if let Err(none) = standing.seats_for(Claim::Enrol, now) {
        if !counted {
            seats::see_if_known(connection, *course_id, seen, now)?;
        }
        return Ok(Err(if is_enrolled(connection, user_id, *course_id)? { Error::AlreadyEnrolled } else { none }));
    }
    let mut added = match insert_row(connection, addition, now)? {
        Ok(added) => added,
        Err(none) => return Ok(Err(none)),
    };
    let id = EnrolmentId::new(added.int()?).ok_or_else(unreadable)?;
    let had_a_limit = added.int()? == 1;
    connection.note_texts(&mut added, now)?;
    if !counted && had_a_limit {
        seats::see(connection, *course_id, seen, now)?;
    }
    let enrolment = Enrolment {
        id,
        user_id: user_id.clone(),
        course_id: *course_id,
        status: Status::Active,
        payment_status: PaymentStatus::Pending,
        invoice_url: None,
    };
    idempotency::answer(connection, commit, &enrolment)?;
    events::insert(connection, (EventKind::Created, None), id, (now, commit.by))?;
    if let Some((payload, after)) = &addition.later {
        insert::insert_later(connection, (id, None), (payload, *after), &commit.lease, now)?;
    }
    let jobs = insert::insert_jobs(connection, (id, None), &addition.jobs, &commit.lease, now)?;
    Ok(Ok((enrolment, jobs)))
}

/// Gives the id of the new row, and whether the course has ever been seen with seats.
fn insert_row(
    connection: &Connection,
    addition: &Addition,
    now: DateTime<Utc>,
) -> Result<Result<Columns, Error>, DbError> {
    let NewEnrolment { user_id, course_id, user, reference, metadata, .. } = &addition.new;
    let terms = &addition.course.terms;
    let key: [Param<'_>; 2] = [user_id.as_str().into(), course_id.get().into()];
    let (written, ends_at) = (sql_time(now), terms.ends_at.map(sql_time));
    let (user, terms) = (user.as_ref().map(to_json), to_json(terms));
    let metadata = (!metadata.is_empty()).then(|| to_json(metadata));
    let row: [Param<'_>; 10] = [
        user_id.as_str().into(),
        course_id.get().into(),
        written.as_str().into(),
        written.as_str().into(),
        ends_at.as_deref().into(),
        addition.pay_until.map(|time| time.timestamp_millis()).into(),
        user.as_deref().into(),
        terms.as_str().into(),
        reference.as_ref().map(PlatformReference::as_str).into(),
        metadata.as_deref().into(),
    ];
    match connection.insert(INSERT, &row, ID_OF_OPEN.mysql, &key) {
        Err(DbError::Duplicate(Key::Open)) => Ok(Err(Error::AlreadyEnrolled)),
        // Until the step without a way back a canceled one keeps others out.
        Err(DbError::Duplicate(Key::Other)) => {
            let enrolled = is_enrolled(connection, user_id, *course_id)?;
            Ok(Err(if enrolled { Error::AlreadyEnrolled } else { Error::CanceledInTheWay }))
        }
        // Of all the columns, only that of the user id can lack a character.
        Err(DbError::NotStorable) => Ok(Err(Error::UserIdNotStorable)),
        result => result.map(Ok),
    }
}
