//! The table `idempotency`. Its times are milliseconds since 1970.
//!
//! A row with a token is a request under way: `lease_until`, by the database's clock, is
//! when it counts as given up. One without a token is answered, by `outcome`. A row that has
//! both is a request whose change is committed and whose answer is
//! provisional.

use crate::sql::stored_answer;
use crate::sql::{Columns, Connection, DbError, Row, Sql, Store};
use chrono::{DateTime, Utc};
use domain::model::idempotency::{Fingerprint, IdempotencyKey, KeyState, Outcome, REMEMBERED, RESERVED, Reservation};
use domain::ports::{Answer, Commit, IdempotencyKeys};
use domain::{Enrolment, EnrolmentId, Unavailable, UserId};

/// [`RESERVED`] in milliseconds.
const RESERVED_MS: i64 = RESERVED.as_secs().cast_signed() * 1000;

const FIND: Sql = Sql::both(
    "SELECT request, token, lease_until - {now}, outcome, created_at
     FROM idempotency
     WHERE idempotency_key = ?",
);

/// The user and the enrolment only for the request to be found by: see `erasure.rs`.
const RESERVE: Sql = Sql::both(
    "INSERT INTO idempotency (idempotency_key, request, token, lease_until, created_at, user_id, enrolment_id)
     VALUES (?, ?, ?, {now} + ?, ?, ?, ?)",
);

/// A key whose request was answered in time has no token.
const SETTLE: Sql = Sql::both(
    "UPDATE idempotency
     SET token = NULL
     WHERE idempotency_key = ? AND token = ? AND outcome IS NOT NULL",
);

const FORGET_GIVEN_UP: Sql =
    Sql::both("DELETE FROM idempotency WHERE idempotency_key = ? AND token = ? AND outcome IS NULL");

const FORGET_OLD: Sql = Sql::both("DELETE FROM idempotency WHERE idempotency_key = ? AND created_at = ?");

const HELD: Sql = Sql {
    mysql: "SELECT created_at FROM idempotency WHERE idempotency_key = ? AND token = ? FOR UPDATE",
    sqlite: "SELECT created_at FROM idempotency WHERE idempotency_key = ? AND token = ?",
};

const NOTE: Sql = Sql::both("UPDATE idempotency SET outcome = ? WHERE idempotency_key = ? AND token = ?");

const CONCLUDE: Sql =
    Sql::both("UPDATE idempotency SET outcome = ?, token = NULL WHERE idempotency_key = ? AND token = ?");

/// 5,000 rows at a time.
const PRUNE: Sql = Sql {
    mysql: "DELETE FROM idempotency WHERE created_at < ? ORDER BY created_at LIMIT 5000",
    sqlite: "DELETE FROM idempotency
             WHERE idempotency_key IN
                   (SELECT idempotency_key FROM idempotency WHERE created_at < ? ORDER BY created_at LIMIT 5000)",
};

/// How often a key may change hands while it is looked at.
const LOOKS: usize = 8;

impl IdempotencyKeys for Store {
    async fn begin(
        &self,
        key: &IdempotencyKey,
        fingerprint: &Fingerprint,
        token: &str,
        now: DateTime<Utc>,
    ) -> Result<KeyState, Unavailable> {
        let reservation = Reservation { key: key.clone(), token: token.to_owned() };
        for _ in 0..LOOKS {
            if let Some(begun) = self.read(|connection| look(connection, &reservation, fingerprint, now))? {
                return Ok(begun);
            }
        }
        Ok(KeyState::InProgress)
    }

    async fn conclude(&self, reservation: &Reservation, outcome: &Outcome) -> Result<bool, Unavailable> {
        let Some(outcome) = stored_answer::to_json(outcome) else { return Ok(false) };
        self.transaction(|connection| {
            let held = held(connection, reservation)?;
            if held {
                write(connection, CONCLUDE, reservation, &outcome)?;
            }
            Ok(held)
        })
    }

    async fn abandon(&self, reservation: &Reservation) -> Result<(), Unavailable> {
        let row = [reservation.key.as_str().into(), reservation.token.as_str().into()];
        self.write(FORGET_GIVEN_UP, &row)
    }

    async fn prune(&self, before: DateTime<Utc>) -> Result<(), Unavailable> {
        self.write(PRUNE, &[before.timestamp_millis().into()])
    }
}

/// What the key says now; none if it has to be looked at again. It writes one statement at most, which is a transaction
/// of its own, and changes nothing if the row is no longer as it was read.
fn look(
    connection: &Connection,
    reservation: &Reservation,
    fingerprint: &Fingerprint,
    now: DateTime<Utc>,
) -> Result<Option<KeyState>, DbError> {
    let key = reservation.key.as_str();
    let Some(row) = connection.query(FIND, &[key.into()])?.into_iter().next() else {
        let row = [
            key.into(),
            fingerprint.as_str().into(),
            reservation.token.as_str().into(),
            RESERVED_MS.into(),
            now.timestamp_millis().into(),
            fingerprint.user_id().map(UserId::as_str).into(),
            fingerprint.enrolment_id().map(EnrolmentId::get).into(),
        ];
        connection.prepare_to_write()?;
        return match connection.execute(RESERVE, &row) {
            Ok(()) => Ok(Some(KeyState::Reserved(reservation.clone()))),
            Err(DbError::Duplicate(_)) => Ok(None),
            Err(error) => Err(error),
        };
    };
    let found = Found::read(row)?;
    if found.created_at < (now - REMEMBERED).timestamp_millis() {
        connection.prepare_to_write()?;
        connection.execute(FORGET_OLD, &[key.into(), found.created_at.into()])?;
        return Ok(None);
    }
    if found.request != fingerprint.as_str() {
        return Ok(Some(KeyState::KeyReused));
    }
    let Some(holder) = &found.token else {
        let outcome = found.outcome.as_deref().and_then(stored_answer::from_json).ok_or_else(unreadable)?;
        return Ok(Some(match outcome {
            stored_answer::Read::Outcome(outcome) => KeyState::Answered(outcome),
            stored_answer::Read::Later => KeyState::InProgress,
        }));
    };
    if found.lease_left > 0 {
        return Ok(Some(KeyState::InProgress));
    }
    // Given up: what is written down stands, else the request begins anew.
    let statement = if found.outcome.is_some() { SETTLE } else { FORGET_GIVEN_UP };
    connection.prepare_to_write()?;
    connection.execute(statement, &[key.into(), holder.as_str().into()])?;
    Ok(None)
}

struct Found {
    request: String,
    token: Option<String>,
    /// In milliseconds, below 0 once it is over.
    lease_left: i64,
    outcome: Option<String>,
    created_at: i64,
}

impl Found {
    fn read(row: Row) -> Result<Self, DbError> {
        let mut columns = Columns::new(row);
        Ok(Self {
            request: columns.text()?,
            token: columns.optional_text()?,
            lease_left: columns.int()?,
            outcome: columns.optional_text()?,
            created_at: columns.int()?,
        })
    }
}

/// Fails if another has taken the request over. To be called first in the
/// transaction of a change.
pub(crate) fn check_held(connection: &Connection, reservation: Option<&Reservation>) -> Result<(), DbError> {
    match reservation {
        Some(reservation) if !held(connection, reservation)? => {
            Err(DbError::Failed("the request was taken over".to_owned()))
        }
        _ => Ok(()),
    }
}

/// Writes the answer down, in the transaction of the change.
pub(crate) fn answer(connection: &Connection, commit: &Commit<'_>, enrolment: &Enrolment) -> Result<(), DbError> {
    let Some(reservation) = commit.reservation else { return Ok(()) };
    let outcome = stored_answer::to_json(&Ok(enrolment.clone())).ok_or_else(unreadable)?;
    let statement = match commit.answer {
        Answer::Final => CONCLUDE,
        Answer::Provisional => NOTE,
    };
    write(connection, statement, reservation, &outcome)
}

fn held(connection: &Connection, reservation: &Reservation) -> Result<bool, DbError> {
    let row = [reservation.key.as_str().into(), reservation.token.as_str().into()];
    Ok(!connection.query(HELD, &row)?.is_empty())
}

fn write(connection: &Connection, statement: Sql, reservation: &Reservation, outcome: &str) -> Result<(), DbError> {
    let row = [outcome.into(), reservation.key.as_str().into(), reservation.token.as_str().into()];
    connection.execute(statement, &row)
}

fn unreadable() -> DbError {
    DbError::Failed("unreadable outcome".to_owned())
}
