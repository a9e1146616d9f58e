//! Older copies of the database, and their restoration.

use super::Trouble;
use crate::chaos::service::Service;
use anyhow::Result;
use mysql_async::Conn;
use mysql_async::prelude::Queryable;
use std::ops::Range;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};
use tests::{Backup, TestDatabase};

/// How much the other systems had received at some time.
#[derive(Clone, Copy, Debug)]
struct Received {
    invoices: usize,
    corrections: usize,
    emails: usize,
    webhooks: usize,
}

impl Received {
    fn of(trouble: &Trouble) -> Self {
        let (state, receiver) = (trouble.sandbox.state(), trouble.receiver.state());
        Self {
            invoices: state.invoices.len(),
            corrections: state.corrections.len(),
            emails: state.emails.len(),
            webhooks: receiver.webhooks.len(),
        }
    }
}

/// What the service has forgotten because of a restored copy.
#[derive(Clone, Debug)]
pub(crate) struct Forgotten {
    /// When the copy was made and when it was restored: what was acknowledged
    /// between may be gone.
    pub(crate) time: Range<Instant>,
    /// What was received between, by its place among all: it may come again.
    pub(crate) invoices: Range<usize>,
    pub(crate) corrections: Range<usize>,
    pub(crate) emails: Range<usize>,
    pub(crate) webhooks: Range<usize>,
}

/// A copy of the database, and what there was outside when it was made.
pub(super) struct Copy {
    at: Instant,
    backup: Backup,
    received: Received,
}

impl Trouble {
    /// Copies the database while the service is down.
    pub(super) async fn copy(&mut self, service: &mut Service, database: &TestDatabase) -> Result<Copy> {
        let at = Instant::now();
        self.kill(service).await?;
        self.until_nobody_writes().await?;
        let received = Received::of(self);
        let copy = Copy { at, backup: database.back_up().await?, received };
        service.start().await?;
        Ok(copy)
    }

    /// Restores an older copy of the database.
    pub(super) async fn restore(&mut self, service: &mut Service, database: &TestDatabase, copy: Copy) -> Result<()> {
        self.restores.fetch_add(1, Ordering::SeqCst);
        self.kill(service).await?;
        self.until_nobody_writes().await?;
        database.restore(&copy.backup).await?;
        let (before, now) = (copy.received, Received::of(self));
        self.forgotten.push(Forgotten {
            time: copy.at..Instant::now(),
            invoices: before.invoices..now.invoices,
            corrections: before.corrections..now.corrections,
            emails: before.emails..now.emails,
            webhooks: before.webhooks..now.webhooks,
        });
        self.restores.fetch_add(1, Ordering::SeqCst);
        service.start().await
    }

    /// A server rolls back what a killed client left when it notices.
    pub(super) async fn until_nobody_writes(&self) -> Result<()> {
        let Some(server) = &self.server else { return Ok(()) };
        let mut root = Conn::new(server.root()).await?;
        let others = "SELECT COUNT(*) FROM information_schema.processlist WHERE user NOT IN ('root', 'system user') \
                      AND command <> 'Daemon'";
        while root.query_first::<u64, _>(others).await? != Some(0) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        Ok(())
    }
}
