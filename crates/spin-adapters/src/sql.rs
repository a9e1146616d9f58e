//! The database: its stores, and the seam to SQLite and MySQL.
//!
//! Statements are portable; where the databases differ, a [`Sql`] has both
//! texts. Every write is a [`Store::transaction`]: run as a whole, tried again
//! as a whole after a deadlock, and rolled back by dropping the connection
//! when anything else goes wrong. What finds SQLite's schema behind is run again
//! as well, once it is brought up to date.

mod documents;
mod enrolments;
mod erasure;
mod error;
mod events;
mod health;
mod idempotency;
mod mail_texts;
mod migrate;
mod mysql;
mod outbox;
mod paces;
mod packed;
mod paging;
mod payments;
mod refunds;
mod resolutions;
mod retention;
mod row;
mod schedules;
mod search;
mod seats;
mod sqlite;
mod statement;
mod stored_answer;
mod time;
mod wait;
mod words;

pub(crate) use error::{DbError, Key};
pub(crate) use row::{Columns, Row, Value, unreadable};
pub(crate) use statement::{Param, Shape, Sql};
pub(crate) use time::{from_sql_day, from_sql_time, millis, sql_time};

use crate::config::Target;
use chrono::{DateTime, Utc};
use domain::Unavailable;
use std::cell::RefCell;
use std::rc::Rc;
use wait::Request;

/// An open connection.
pub(crate) enum Connection {
    MySql(mysql::Connection),
    Sqlite(sqlite::Connection),
}

impl Connection {
    fn open(target: &Target, request: &Rc<Request>) -> Result<Self, DbError> {
        match target {
            Target::MySql(url) => mysql::Connection::open(url).map(Self::MySql),
            Target::Sqlite => sqlite::Connection::open(Rc::clone(request)).map(Self::Sqlite),
        }
    }

    /// Runs a statement that gives rows.
    pub(crate) fn query(&self, sql: Sql, params: &[Param<'_>]) -> Result<Vec<Row>, DbError> {
        self.query_shape(sql, Shape::FIXED, params)
    }

    /// The same for a statement that reads rows in this shape.
    pub(crate) fn query_shape(&self, sql: Sql, shape: Shape, params: &[Param<'_>]) -> Result<Vec<Row>, DbError> {
        match self {
            Self::MySql(connection) => connection.query(&sql.on_mysql(shape), params),
            Self::Sqlite(connection) => connection.run(&sql.on_sqlite(shape), params),
        }
    }

    /// Runs a statement that gives none.
    pub(crate) fn execute(&self, sql: Sql, params: &[Param<'_>]) -> Result<(), DbError> {
        match self {
            Self::MySql(connection) => connection.execute(&sql.on_mysql(Shape::FIXED), params),
            Self::Sqlite(connection) => connection.run(&sql.on_sqlite(Shape::FIXED), params).map(drop),
        }
    }

    /// Runs an INSERT and gives the id of its row, and what else the statement names. SQLite has the
    /// statement give it; MySQL knows no RETURNING and is asked with `id_of` and `key`.
    pub(crate) fn insert(
        &self,
        sql: Sql,
        params: &[Param<'_>],
        id_of: &'static str,
        key: &[Param<'_>],
    ) -> Result<Columns, DbError> {
        let rows = match self {
            Self::MySql(connection) => {
                connection.execute(sql.mysql, params)?;
                connection.query(id_of, key)?
            }
            Self::Sqlite(connection) => connection.run(sql.sqlite, params)?,
        };
        rows.into_iter().next().ok_or_else(row::unreadable).map(Columns::new)
    }

    /// Reads the last column of a row, which only MySQL's statements have: whether operators have written any text
    /// of a mail. If not, the mail that follows needs no statement of its own to find that out.
    pub(crate) fn note_texts(&self, columns: &mut Columns, now: DateTime<Utc>) -> Result<(), DbError> {
        if let Self::MySql(connection) = self
            && columns.int()? == 0
        {
            connection.no_texts_at.set(Some(now));
        }
        Ok(())
    }

    /// Whether it is known that operators had written no text of a mail at this time.
    fn had_no_texts_at(&self, time: DateTime<Utc>) -> bool {
        matches!(self, Self::MySql(connection) if connection.no_texts_at.get().is_some_and(|at| time <= at))
    }

    /// Fails if SQLite's schema, whose highest version a row begins with, is behind.
    pub(crate) fn check_version(&self, row: Row) -> Result<(), DbError> {
        match self {
            // Without `make migrate` its statements fail.
            Self::MySql(_) => Ok(()),
            Self::Sqlite(_) => migrate::check(Columns::new(row).optional_int()?),
        }
    }

    fn begin(&self) -> Result<(), DbError> {
        match self {
            Self::MySql(connection) => connection.begin(),
            Self::Sqlite(connection) => connection.run("BEGIN IMMEDIATE", &[]).map(drop),
        }
    }

    fn commit(&self) -> Result<(), DbError> {
        match self {
            Self::MySql(connection) => connection.commit(),
            Self::Sqlite(connection) => connection.run("COMMIT", &[]).map(drop),
        }
    }

    /// SQLite's statements are transactions without being told.
    fn prepare_to_write(&self) -> Result<(), DbError> {
        match self {
            Self::MySql(connection) => connection.prepare_to_write(),
            Self::Sqlite(_) => Ok(()),
        }
    }
}

/// How often a transaction is begun before a deadlock counts as a failure.
const TRIES: u32 = 3;

/// The enrolments and the outbox in the configured database. It connects when
/// it is first used and keeps that one connection.
pub struct Store {
    target: Target,
    request: Rc<Request>,
    connection: RefCell<Option<Rc<Connection>>>,
    /// The texts of mails that were read.
    texts: RefCell<Vec<mail_texts::Known>>,
}

impl Store {
    /// The database that the variables name.
    ///
    /// # Errors
    ///
    /// When a variable is missing or unreadable.
    pub fn from_variables() -> Result<Self, Unavailable> {
        let request = Rc::new(Request::begin());
        Ok(Self {
            target: crate::config::database()?,
            request,
            connection: RefCell::new(None),
            texts: RefCell::default(),
        })
    }

    fn connection(&self) -> Result<Rc<Connection>, DbError> {
        if let Some(connection) = self.connection.borrow().as_ref() {
            return Ok(Rc::clone(connection));
        }
        let connection = Rc::new(Connection::open(&self.target, &self.request)?);
        *self.connection.borrow_mut() = Some(Rc::clone(&connection));
        Ok(connection)
    }

    /// Runs `work` outside of a transaction.
    pub(crate) fn read<T>(&self, work: impl Fn(&Connection) -> Result<T, DbError>) -> Result<T, Unavailable> {
        self.until_recovered(work)
    }

    /// Runs `work` in a transaction and commits it.
    pub(crate) fn transaction<T>(&self, work: impl Fn(&Connection) -> Result<T, DbError>) -> Result<T, Unavailable> {
        self.until_recovered(|connection| {
            connection.begin()?;
            let value = work(connection)?;
            connection.commit()?;
            Ok(value)
        })
    }

    fn until_recovered<T>(&self, work: impl Fn(&Connection) -> Result<T, DbError>) -> Result<T, Unavailable> {
        let mut tries = 1;
        loop {
            match self.connection().and_then(|connection| work(&connection)) {
                Ok(value) => return Ok(value),
                Err(error) => self.recover(error, tries)?,
            }
            tries += 1;
        }
    }

    /// Runs one statement that is a transaction of its own.
    pub(crate) fn write(&self, sql: Sql, params: &[Param<'_>]) -> Result<(), Unavailable> {
        self.writing(|connection| connection.execute(sql, params))
    }

    /// Runs `work`, whose only statement that writes is a transaction of its own.
    pub(crate) fn writing<T>(&self, work: impl Fn(&Connection) -> Result<T, DbError>) -> Result<T, Unavailable> {
        self.until_recovered(|connection| {
            connection.prepare_to_write()?;
            work(connection)
        })
    }

    /// Makes ready for the next try, if another one can help.
    fn recover(&self, error: DbError, tries: u32) -> Result<(), Unavailable> {
        let recovered = match error {
            // A server that saw a deadlock has rolled back already; nothing is left to chance.
            DbError::Deadlock if tries < TRIES => self.roll_back().map_err(|_| error),
            DbError::Schema(_) if tries == 1 => self.bring_up_to_date().and_then(|done| done.ok_or(error)),
            error => Err(error),
        };
        if recovered.is_err() {
            self.disconnect();
        }
        Ok(recovered?)
    }

    fn roll_back(&self) -> Result<(), DbError> {
        self.connection()?.execute(Sql::both("ROLLBACK"), &[])
    }

    /// None where that is somebody else's, or there is nothing to begin with.
    fn bring_up_to_date(&self) -> Result<Option<()>, DbError> {
        self.disconnect();
        match &*self.connection()? {
            Connection::MySql(_) => Ok(None),
            Connection::Sqlite(connection) => migrate::bring_up_to_date(connection),
        }
    }

    /// The answer is sent: no caller waits for the rest of the work.
    pub(crate) fn answered(&self) {
        self.request.answered();
    }

    /// Closes the connection, and rolls back what is open. The next use opens another one.
    pub(crate) fn disconnect(&self) {
        self.connection.borrow_mut().take();
    }
}
