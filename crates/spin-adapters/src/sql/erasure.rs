//! Erasing a user, in every table that says something of one: `enrolments`, `events`,
//! `outbox`, `resolutions`, `payments` and `idempotency`.
//!
//! Not every column compares user ids exactly: what a look-up finds is compared here.

use crate::sql::outbox::erase;
use crate::sql::unreadable;
use crate::sql::{Columns, Connection, DbError, Param, Sql, Store};
use domain::jobs::{Kind, Payload};
use domain::ports::{ErasedJob, Pseudonym};
use domain::ports::{Erasure, OfUser};
use domain::{EnrolmentId, Unavailable, UserId};

/// A place to go on after, the number of the enrolment, and whose it is. MySQL might walk
/// the primary key instead.
const ENROLMENTS: Sql = Sql {
    mysql: "SELECT id, id, user_id
            FROM enrolments FORCE INDEX (ix_enrolments_user_id)
            WHERE user_id = ? AND id > ?
            ORDER BY id
            LIMIT ?",
    sqlite: "SELECT id, id, user_id FROM enrolments WHERE user_id = ? AND id > ? ORDER BY id LIMIT ?",
};

const EVENTS: Sql = Sql {
    mysql: "SELECT id, enrolment_id, user_id
            FROM events FORCE INDEX (ix_events_user)
            WHERE user_id = ? AND id > ?
            ORDER BY id
            LIMIT ?",
    sqlite: "SELECT id, enrolment_id, user_id FROM events WHERE user_id = ? AND id > ? ORDER BY id LIMIT ?",
};

// A list has [`Erasure::AT_ONCE`] ids. A shorter one is filled up with its last id.

/// A change of one of these rows comes before or after the whole erasure.
const LOCK: Sql = Sql {
    mysql: "SELECT id, user_id
            FROM enrolments FORCE INDEX (PRIMARY)
            WHERE id IN (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ORDER BY id
            FOR UPDATE",
    sqlite: "SELECT id, user_id
             FROM enrolments
             WHERE id IN (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
};

const REPLACE_IN_EVENTS: Sql = Sql {
    mysql: "UPDATE events FORCE INDEX (ix_events_enrolment)
            SET user_id = ?
            WHERE enrolment_id IN (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) AND user_id = ?",
    sqlite: "UPDATE events
             SET user_id = ?
             WHERE enrolment_id IN (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) AND user_id = ?",
};

const EMPTY_NOTES: Sql = Sql::both(
    "UPDATE resolutions
     SET note = ''
     WHERE enrolment_id IN (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
);

/// The hash of a company may say who the user is.
const FORGET_BUYERS: Sql = Sql {
    mysql: "UPDATE payments FORCE INDEX (ix_payments_enrolment)
            SET buyer = ''
            WHERE enrolment_id IN (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    sqlite: "UPDATE payments
             SET buyer = ''
             WHERE enrolment_id IN (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
};

/// Those that name no user.
const FORGET_REQUESTS_ABOUT: Sql = Sql::both(
    "DELETE FROM idempotency
     WHERE user_id IS NULL AND enrolment_id IN (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
);

const REPLACE_IN_ENROLMENTS: Sql = Sql {
    mysql: "UPDATE enrolments FORCE INDEX (PRIMARY)
            SET user_id = ?, reason = NULL, user_record = NULL, reference = NULL, metadata = NULL
            WHERE id IN (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    sqlite: "UPDATE enrolments
             SET user_id = ?, reason = NULL, user_record = NULL, reference = NULL, metadata = NULL
             WHERE id IN (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
};

/// 1,000 rows at a time.
const FORGET_REQUESTS: Sql = Sql {
    mysql: "DELETE FROM idempotency WHERE user_id = ? LIMIT 1000",
    sqlite: "DELETE FROM idempotency
             WHERE idempotency_key IN (SELECT idempotency_key FROM idempotency WHERE user_id = ? LIMIT 1000)",
};

const ANY_REQUEST: Sql = Sql::both("SELECT 1 FROM idempotency WHERE user_id = ? LIMIT 1");

impl Erasure for Store {
    async fn enrolments_of(&self, user_id: &UserId, after: i64) -> Result<OfUser, Unavailable> {
        self.read(|connection| walk(connection, ENROLMENTS, user_id, after))
    }

    async fn enrolments_with_events_of(&self, user_id: &UserId, after: i64) -> Result<OfUser, Unavailable> {
        self.read(|connection| walk(connection, EVENTS, user_id, after))
    }

    async fn replace(
        &self,
        pseudonym: &Pseudonym<'_>,
        enrolments: &[EnrolmentId],
        erased: impl Fn(Kind, Option<&Payload>) -> ErasedJob,
    ) -> Result<(), Unavailable> {
        let Some(all) = filled(enrolments) else { return Ok(()) };
        let Pseudonym { of, instead, now } = pseudonym;
        let instead = Param::from(instead.as_str());
        self.transaction(|connection| {
            let own = lock(connection, &all, of)?;
            erase::leave(connection, &all, *now, &erased)?;
            let row = [&[instead], all.as_slice(), &[of.as_str().into()]].concat();
            connection.execute(REPLACE_IN_EVENTS, &row)?;
            connection.execute(EMPTY_NOTES, &all)?;
            connection.execute(FORGET_BUYERS, &all)?;
            connection.execute(FORGET_REQUESTS_ABOUT, &all)?;
            match filled(&own) {
                Some(own) => connection.execute(REPLACE_IN_ENROLMENTS, &[&[instead], own.as_slice()].concat()),
                None => Ok(()),
            }
        })
    }

    async fn forget_requests_of(&self, user_id: &UserId) -> Result<bool, Unavailable> {
        let user: [Param<'_>; 1] = [user_id.as_str().into()];
        // Mostly there is none.
        if self.read(|connection| Ok(connection.query(ANY_REQUEST, &user)?.is_empty()))? {
            return Ok(false);
        }
        self.write(FORGET_REQUESTS, &user).map(|()| true)
    }
}

/// The user's own among what is found.
fn walk(connection: &Connection, sql: Sql, user_id: &UserId, after: i64) -> Result<OfUser, DbError> {
    const AT_ONCE: usize = <Store as Erasure>::AT_ONCE;
    let limit = i64::try_from(AT_ONCE).unwrap_or(i64::MAX);
    let found = match connection.query(sql, &[user_id.as_str().into(), after.into(), limit.into()]) {
        // A user id that the table cannot hold has no enrolments.
        Err(DbError::NotStorable) => Vec::new(),
        result => result?,
    };
    let full = found.len() == AT_ONCE;
    let (mut enrolments, mut last) = (Vec::new(), None);
    for row in found {
        let mut columns = Columns::new(row);
        last = Some(columns.int()?);
        let id = EnrolmentId::new(columns.int()?).ok_or_else(unreadable)?;
        if columns.text()? == user_id.as_str() && !enrolments.contains(&id) {
            enrolments.push(id);
        }
    }
    Ok(OfUser { enrolments, next: last.filter(|_| full) })
}

/// Locks the rows that are there, and gives the numbers of those that are the user's.
fn lock(connection: &Connection, all: &[Param<'_>], user_id: &UserId) -> Result<Vec<EnrolmentId>, DbError> {
    let mut own = Vec::new();
    for row in connection.query(LOCK, all)? {
        let mut columns = Columns::new(row);
        let id = EnrolmentId::new(columns.int()?).ok_or_else(unreadable)?;
        if columns.text()? == user_id.as_str() {
            own.push(id);
        }
    }
    Ok(own)
}

/// As many ids as the statements have parameters. None if the list is empty.
fn filled(ids: &[EnrolmentId]) -> Option<Vec<Param<'static>>> {
    let last = ids.last()?;
    let filled = ids.iter().chain(std::iter::repeat(last)).take(<Store as Erasure>::AT_ONCE);
    Some(filled.map(|id| Param::from(id.get())).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_as_long_as_the_statements_have_it() {
        let ids: Vec<_> = (1..=3).map(|id| EnrolmentId::new(id).unwrap()).collect();
        let questions = EMPTY_NOTES.mysql.matches('?').count();
        assert_eq!((filled(&ids).unwrap().len(), questions), (<Store as Erasure>::AT_ONCE, questions));
        assert!(filled(&[]).is_none());
    }
}
