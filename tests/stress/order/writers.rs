//! The writers: each has a connection and writes one transaction after the other.

use crate::order::transaction::{ENROLMENTS, Held, Transaction};
use anyhow::{Context, Result, bail};
use fastrand::Rng;
use mysql_async::Conn;
use mysql_async::prelude::Queryable as _;
use std::path::Path;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tests::{TestApp, TestDatabase};
use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::task::JoinSet;

const WRITERS: usize = 16;

/// The mark of an event of a writer: its enrolment and, as its time, a number that grows while
/// the enrolment is locked.
pub(crate) type Mark = (i64, i64);

/// The results of the transactions.
#[derive(Default)]
pub(crate) struct Written {
    /// The committed events.
    pub(crate) kept: Vec<Mark>,
    /// The events that were rolled back.
    pub(crate) undone: Vec<Mark>,
    /// The number of commits.
    pub(crate) transactions: usize,
    /// The number of deadlocks.
    pub(crate) conflicts: usize,
    /// The longest transaction.
    pub(crate) longest: Duration,
}

/// The service's own statements.
struct Statements {
    session: Option<String>,
    lock: String,
    insert: String,
}

/// The shared state of the writers.
struct Shared {
    database: TestDatabase,
    statements: Statements,
    held: Held,
    left: Arc<AtomicU64>,
    marks: AtomicI64,
    written: Mutex<Written>,
    commits: watch::Sender<u64>,
    pages: watch::Sender<u64>,
    /// The queue of writers on SQLite. Its own waiting is not fair: the last of sixteen would
    /// give up.
    turn: Mutex<()>,
}

/// All writers.
pub(crate) struct Writers(Arc<Shared>);

impl Writers {
    /// Records the statements of the service, and adds the enrolments.
    pub(crate) async fn prepare(app: &TestApp, events: u64, held: Held) -> Result<Self> {
        let rows: Vec<_> =
            (1..=ENROLMENTS).map(|row| format!("('user-{row}', 1, 'ACTIVE', 'PENDING', NULL)")).collect();
        let columns = "user_id, course_id, status, payment_status, course_end_date";
        app.database.execute(&format!("INSERT INTO enrolments ({columns}) VALUES {}", rows.join(","))).await?;
        let id = app.enrolled("shows", 1).await;
        app.take_invocations().await;
        app.fail(id).await;
        let shown: Vec<_> = app.take_invocations().await.into_iter().flat_map(|run| run.statements).collect();
        let find = |what: &str, part: &str| {
            let own = shown.iter().find(|sql| sql.starts_with(what) && sql.contains(part));
            own.cloned().with_context(|| format!("no {what} in {shown:?}"))
        };
        let statements = Statements {
            session: find("SET SESSION", "READ-COMMITTED").ok(),
            lock: find("SELECT", "reason, pay_until, lapsed FROM enrolments WHERE id = ?")?,
            insert: find("INSERT INTO events", "FROM enrolments")?,
        };
        Ok(Self(Arc::new(Shared {
            database: app.database.clone(),
            statements,
            held,
            left: Arc::new(AtomicU64::new(events)),
            marks: AtomicI64::new(1),
            written: Mutex::default(),
            commits: watch::Sender::default(),
            pages: watch::Sender::default(),
            turn: Mutex::default(),
        })))
    }

    /// The number of events that are left.
    pub(crate) fn left(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.0.left)
    }

    /// Reports every commit; it closes after the last one.
    pub(crate) fn committed(&self) -> watch::Receiver<u64> {
        self.0.commits.subscribe()
    }

    /// Sends the commits of others.
    pub(crate) fn commits(&self) -> watch::Sender<u64> {
        self.0.commits.clone()
    }

    /// Sends the pages of readers.
    pub(crate) fn pages(&self) -> watch::Sender<u64> {
        self.0.pages.clone()
    }

    /// Writes all events.
    pub(crate) async fn write(self, rng: &mut Rng) -> Result<Written> {
        let mut writers = JoinSet::new();
        for _ in 0..WRITERS {
            let (shared, rng) = (Arc::clone(&self.0), rng.fork());
            match &self.0.database {
                TestDatabase::MariaDb { .. } => drop(writers.spawn(async move { shared.on_mariadb(rng).await })),
                TestDatabase::Sqlite(file) => {
                    let file = file.clone();
                    writers.spawn_blocking(move || shared.on_sqlite(&file, rng));
                }
            }
        }
        while let Some(ended) = writers.join_next().await {
            ended??;
        }
        Ok(std::mem::take(&mut self.0.written()))
    }
}

impl Shared {
    fn written(&self) -> std::sync::MutexGuard<'_, Written> {
        self.written.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next transaction, if events are left.
    fn next(&self, rng: &mut Rng) -> Option<Transaction> {
        let left = self.left.load(Ordering::Relaxed);
        (left > 0).then(|| Transaction::new(rng, left, self.held))
    }

    /// An event's mark, drawn under its enrolment's lock.
    fn mark(&self, owner: i64) -> Mark {
        (owner, self.marks.fetch_add(1, Ordering::Relaxed))
    }

    fn ended(&self, transaction: &Transaction, marks: Vec<Mark>) {
        let mut written = self.written();
        written.longest = written.longest.max(transaction.held);
        if transaction.kept {
            let number = marks.len() as u64;
            let _ =
                self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| Some(left.saturating_sub(number)));
            written.transactions += 1;
            written.kept.extend(marks);
            drop(written);
            self.commits.send_modify(|number| *number += 1);
        } else {
            written.undone.extend(marks);
        }
    }

    async fn on_mariadb(&self, mut rng: Rng) -> Result<()> {
        let mut connection = self.database.connect().await?;
        connection.exec_drop(self.statements.session.as_deref().context("no session")?, ("OFF",)).await?;
        while let Some(transaction) = self.next(&mut rng) {
            match self.locked(&mut connection, &transaction.owners).await {
                Ok(()) => {}
                Err(mysql_async::Error::Server(error)) if [1205, 1213].contains(&error.code) => {
                    connection.query_drop("ROLLBACK").await?;
                    self.written().conflicts += 1;
                    continue;
                }
                Err(error) => return Err(error.into()),
            }
            let mut marks = Vec::new();
            for (index, owner) in transaction.events.iter().enumerate() {
                if index == transaction.held_before {
                    tokio::time::sleep(transaction.held).await;
                }
                let mark = self.mark(*owner);
                marks.push(mark);
                connection.exec_drop(&self.statements.insert, row(mark)).await?;
            }
            if transaction.held_before == transaction.events.len() {
                tokio::time::sleep(transaction.held).await;
            }
            connection.query_drop(if transaction.kept { "COMMIT" } else { "ROLLBACK" }).await?;
            self.ended(&transaction, marks);
        }
        Ok(connection.disconnect().await?)
    }

    async fn locked(&self, connection: &mut Conn, owners: &[i64]) -> mysql_async::Result<()> {
        for owner in owners {
            connection.exec_drop(&self.statements.lock, (owner,)).await?;
        }
        Ok(())
    }

    fn on_sqlite(&self, file: &Path, mut rng: Rng) -> Result<()> {
        let connection = rusqlite::Connection::open(file)?;
        connection.busy_timeout(Duration::from_secs(60))?;
        while let Some(transaction) = self.next(&mut rng) {
            let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
            let mut pages = self.pages.subscribe();
            connection.execute_batch("BEGIN IMMEDIATE")?;
            let mut insert = connection.prepare_cached(&self.statements.insert)?;
            let mut marks = Vec::new();
            for (index, owner) in transaction.events.iter().enumerate() {
                if index == transaction.held_before {
                    std::thread::sleep(transaction.held);
                }
                let mark = self.mark(*owner);
                marks.push(mark);
                if insert.execute(row(mark))? != 1 {
                    bail!("no row");
                }
            }
            if transaction.held_before == transaction.events.len() {
                std::thread::sleep(transaction.held);
            }
            connection.execute_batch(if transaction.kept { "COMMIT" } else { "ROLLBACK" })?;
            self.ended(&transaction, marks);
            // Otherwise the next writer gets the lock before others ask for it again. A
            // reader asks once more after each commit.
            if transaction.kept && rng.bool() {
                let _ = Handle::current().block_on(pages.changed());
            }
        }
        Ok(())
    }
}

/// The columns of an event, in the order of the service's statement.
fn row((owner, mark): Mark) -> Row {
    ("enrolment.payment_failed", None, mark, None, owner)
}

/// The type, the place of a document, the time, who asked, and the enrolment, whose row has the rest.
type Row = (&'static str, Option<i64>, i64, Option<String>, i64);
