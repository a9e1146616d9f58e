//! How a job ends that leads to something: with its row in the outbox what it led to is
//! written, in one transaction. This is part of every payment, so statements are saved.

use crate::sql::documents;
use crate::sql::events;
use crate::sql::outbox::insert::{insert_jobs, insert_later};
use crate::sql::outbox::lease::held;
use crate::sql::sql_time;
use crate::sql::{Columns, Connection, DbError};
use chrono::{DateTime, Utc};
use domain::EnrolmentId;
use domain::jobs::{Finished, Job, JobKey, Lease};
use domain::model::asked::Author;
use domain::model::invoice::DocumentKind;

/// MySQL changes both rows in one statement, and the job's alone where it gets no id of an enrolment, or that
/// of one that is deleted.
const FINISH_AND_LINK_ON_MYSQL: &str = "\
    UPDATE outbox
    LEFT JOIN enrolments ON enrolments.id = ?
    SET outbox.state = 'done', outbox.payload = '{}', outbox.due_at = NULL, outbox.lease_token = NULL,
        outbox.last_error = NULL, outbox.finished_at = ?, enrolments.invoice_url = ?, enrolments.updated_at = ?
    WHERE outbox.job_key = ? AND outbox.lease_token = ?";

/// MySQL's does not say whether there was such a row.
const HELD_ON_MYSQL: &str = "\
    SELECT EXISTS (SELECT 1 FROM mail_texts WHERE id > 0)
    FROM outbox
    WHERE job_key = ? AND lease_token = ?
    FOR UPDATE";

/// Gives the row if there was one.
const FINISH_ON_SQLITE: &str = "\
    UPDATE outbox
    SET state = 'done', payload = '{}', due_at = NULL, lease_token = NULL, last_error = NULL, finished_at = ?
    WHERE job_key = ? AND lease_token = ?
    RETURNING id";

const LINK_ON_SQLITE: &str = "UPDATE enrolments SET invoice_url = ?, updated_at = ? WHERE id = ?";

/// A job that is held: all that its end needs to know of it.
pub(crate) struct Held<'a> {
    pub(crate) key: &'a JobKey,
    pub(crate) enrolment_id: EnrolmentId,
    pub(crate) lease: &'a Lease,
}

impl<'a> From<&'a Job> for Held<'a> {
    fn from(job: &'a Job) -> Self {
        Self { key: &job.key, enrolment_id: job.enrolment_id, lease: &job.lease }
    }
}

/// Writes that the job is done, and what follows; the jobs are held under its lease. None
/// if the lease was lost. `by` is the operator who resolves it.
pub(crate) fn finish(
    connection: &Connection,
    job: &Held<'_>,
    finished: &Finished,
    (now, by): (DateTime<Utc>, Option<&Author>),
) -> Result<Option<Vec<Job>>, DbError> {
    let Finished { document, kept, released, jobs, later } = finished;
    // What others hear of.
    let issued = document.as_ref().map(|document| (document.kind, document.url.as_deref()));
    let issued = issued.or_else(|| released.as_ref().map(|released| (released.kind, released.url.as_deref())));
    let link = issued.filter(|(kind, _)| *kind == DocumentKind::Invoice).and_then(|(_, url)| url);
    let place = job.key.chain_no();
    if !finish_held(connection, job, link, now)? {
        return Ok(None);
    }
    if let Some(document) = document.as_ref().or(kept.as_ref()) {
        documents::insert(connection, job.enrolment_id, document, now)?;
    }
    if let Some(released) = released {
        documents::release(connection, job.enrolment_id, released)?;
    }
    if let Some((kind, _)) = issued {
        events::insert(connection, (kind.event(), Some(place)), job.enrolment_id, (now, by))?;
    }
    for later in later {
        insert_later(connection, (job.enrolment_id, Some(place)), (later, Finished::LATER), job.lease, now)?;
    }
    insert_jobs(connection, (job.enrolment_id, Some(place)), jobs, job.lease, now).map(Some)
}

/// Writes that a job is done that leads to nothing.
pub(crate) fn finish_alone(connection: &Connection, job: &Held<'_>, now: DateTime<Utc>) -> Result<(), DbError> {
    end(connection, job, None, now).map(drop)
}

/// Whether the job was held, and so is done; then the page of its invoice is noted with
/// the enrolment.
fn finish_held(
    connection: &Connection,
    job: &Held<'_>,
    link: Option<&str>,
    now: DateTime<Utc>,
) -> Result<bool, DbError> {
    if let Connection::MySql(on_mysql) = connection {
        let row = on_mysql.query(HELD_ON_MYSQL, &held(job.key, job.lease))?.into_iter().next();
        let Some(row) = row else { return Ok(false) };
        connection.note_texts(&mut Columns::new(row), now)?;
    }
    end(connection, job, link, now)
}

/// Ends a job that is held. Whether it was is known on SQLite alone.
fn end(connection: &Connection, job: &Held<'_>, link: Option<&str>, now: DateTime<Utc>) -> Result<bool, DbError> {
    let [key, token] = held(job.key, job.lease);
    let (at, written) = (now.timestamp_millis().into(), sql_time(now));
    let (written, id) = (written.as_str().into(), job.enrolment_id.get());
    match connection {
        Connection::MySql(connection) => {
            let row = [link.map(|_| id).into(), at, link.into(), written, key, token];
            connection.execute(FINISH_AND_LINK_ON_MYSQL, &row)?;
            Ok(true)
        }
        Connection::Sqlite(connection) => {
            let was_held = !connection.run(FINISH_ON_SQLITE, &[at, key, token])?.is_empty();
            if let (true, Some(url)) = (was_held, link) {
                connection.run(LINK_ON_SQLITE, &[url.into(), written, id.into()])?;
            }
            Ok(was_held)
        }
    }
}
