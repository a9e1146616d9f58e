//! What goes wrong, and when.

use crate::service::Service;
use anyhow::Result;
use fastrand::Rng;
use mysql_async::Conn;
use mysql_async::prelude::Queryable;
use sandbox::fault::{Active, Named};
use sandbox::{Fault, Sandbox, Target};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tests::MariaDb;

/// What was done to the service.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Counts {
    /// The service killed with -9.
    pub(crate) kills: u64,
    /// Connections to the database killed.
    pub(crate) connections: u64,
    /// The database killed and started again.
    pub(crate) restarts: u64,
    /// Faults put into the outside systems.
    pub(crate) faults: u64,
}

pub(crate) struct Trouble {
    rng: Rng,
    sandbox: Arc<Sandbox>,
    server: Option<MariaDb>,
    pub(crate) counts: Counts,
}

impl Trouble {
    pub(crate) fn new(rng: Rng, sandbox: Arc<Sandbox>, server: Option<MariaDb>) -> Self {
        Self { rng, sandbox, server, counts: Counts::default() }
    }

    /// Makes trouble until `end`.
    pub(crate) async fn make(&mut self, service: &mut Service, end: Instant) -> Result<()> {
        while Instant::now() < end {
            tokio::time::sleep(Duration::from_millis(self.rng.u64(50..500))).await;
            match self.rng.u8(..100) {
                0..=39 => {
                    service.kill().await?;
                    self.counts.kills += 1;
                    service.start().await?;
                }
                40..=59 => self.kill_connections().await,
                60..=62 => self.restart_database().await?,
                _ => self.change_faults(),
            }
        }
        Ok(())
    }

    /// Everything is well again.
    pub(crate) async fn stop(&mut self, service: &mut Service) -> Result<()> {
        self.sandbox.clear_faults();
        if let Some(server) = &mut self.server {
            server.run().await?;
        }
        if !service.runs() {
            service.start().await?;
        }
        Ok(())
    }

    async fn kill_connections(&mut self) {
        let Some(server) = &self.server else { return };
        let Ok(mut root) = Conn::new(server.root()).await else { return };
        let others = "SELECT id FROM information_schema.processlist WHERE user <> 'root' AND command <> 'Daemon'";
        let ids: Vec<u64> = root.query(others).await.unwrap_or_default();
        for id in ids {
            if self.rng.bool() && root.query_drop(format!("KILL {id}")).await.is_ok() {
                self.counts.connections += 1;
            }
        }
    }

    async fn restart_database(&mut self) -> Result<()> {
        let Some(server) = &mut self.server else { return Ok(()) };
        server.kill();
        self.counts.restarts += 1;
        tokio::time::sleep(Duration::from_millis(self.rng.u64(50..1000))).await;
        server.run().await
    }

    /// Only what goes away by itself: what is refused for good is rightly dead.
    fn change_faults(&mut self) {
        self.sandbox.clear_faults();
        let targets = [Target::Users, Target::Courses, Target::InvoicesCreate, Target::InvoicesFind, Target::Emails];
        for target in targets {
            let fault: Fault = match self.rng.u8(..12) {
                0 => Named::Reset.into(),
                1 | 2 => Named::ResetAfter.into(),
                3 => Named::Garbage.into(),
                4 => Named::Truncated.into(),
                5 => Named::Silence.into(),
                6 => Fault::status(500),
                7 => Fault::status(503),
                8 => Fault::status(429),
                9 => Fault::Delay { delay_ms: self.rng.u64(100..3000) },
                _ => continue,
            };
            let probability = Some(self.rng.f64() * 0.6);
            self.sandbox.fault_when(Active { target, fault, times: None, probability, matching: None });
            self.counts.faults += 1;
        }
    }
}
