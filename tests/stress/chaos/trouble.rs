//! The faults and their times.

mod copies;
mod gone;
mod receiver;

pub(crate) use copies::Forgotten;
pub(crate) use gone::Gone;

use crate::chaos::check::seats;
use crate::chaos::service::Service;
use crate::chaos::terms::Terms;
use anyhow::Result;
use fastrand::Rng;
use mysql_async::Conn;
use mysql_async::prelude::Queryable;
use sandbox::fault::{Active, Named};
use sandbox::{Fault, Sandbox, Target};
use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::{Duration, Instant};
use tests::{MariaDb, TestDatabase};

/// In milliseconds since 1970.
fn now() -> i64 {
    chrono::Utc::now().timestamp_millis()
}

/// Counts of the faults.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Counts {
    /// The service killed with -9.
    pub(crate) kills: u64,
    /// Connections to the database killed.
    pub(crate) connections: u64,
    /// The database killed and started again.
    pub(crate) restarts: u64,
    /// Faults of the other systems.
    pub(crate) faults: u64,
    /// The receiver of events killed.
    pub(crate) away: u64,
    /// Faults of the receiver.
    pub(crate) receiver_faults: u64,
    /// Users and courses that were not found for a while.
    pub(crate) gone: u64,
    /// How often the seats were counted.
    pub(crate) looks: u64,
}

pub(crate) struct Trouble {
    rng: Rng,
    sandbox: Arc<Sandbox>,
    pub(crate) receiver: Sandbox,
    server: Option<MariaDb>,
    /// Counts up before and after each restoration of a copy.
    restores: Arc<AtomicU64>,
    pub(crate) counts: Counts,
    pub(crate) forgotten: Vec<Forgotten>,
    pub(crate) gone: Gone,
    /// When something was killed, in milliseconds since 1970: requests of that time may not
    /// be recorded.
    pub(crate) killed: Vec<Range<i64>>,
    /// Courses with too many enrolments during the load.
    pub(crate) overbooked: Vec<String>,
}

impl Trouble {
    pub(crate) fn new(
        rng: Rng,
        (sandbox, receiver): (Arc<Sandbox>, Sandbox),
        server: Option<MariaDb>,
        restores: Arc<AtomicU64>,
    ) -> Self {
        let (counts, forgotten, gone, killed, overbooked) = Default::default();
        Self { rng, sandbox, receiver, server, restores, counts, forgotten, gone, killed, overbooked }
    }

    /// Causes faults until `end`. Twice it copies the database and restores the copy later.
    pub(crate) async fn make(&mut self, service: &mut Service, database: &TestDatabase, end: Instant) -> Result<()> {
        let begin = Instant::now();
        let part = |percent: u32| begin + (end - begin) * percent / 100;
        let mut steps: VecDeque<_> = [15..25, 35..45, 55..65, 75..85].map(|range| part(self.rng.u32(range))).into();
        let mut copy = None;
        while Instant::now() < end {
            tokio::time::sleep(Duration::from_millis(self.rng.u64(50..500))).await;
            if steps.front().is_some_and(|step| *step <= Instant::now()) {
                steps.pop_front();
                copy = match copy.take() {
                    None => Some(self.copy(service, database).await?),
                    Some(copy) => self.restore(service, database, copy).await.map(|()| None)?,
                };
                continue;
            }
            match self.rng.u8(..100) {
                0..=34 => {
                    self.kill(service).await?;
                    self.counts.kills += 1;
                    receiver::hurry(database).await?;
                    if self.rng.u8(..4) == 0 {
                        service.sell_under(Terms::any(&mut self.rng));
                    }
                    service.start().await?;
                }
                35..=52 => self.kill_connections().await,
                53..=55 => self.restart_database().await?,
                56..=70 => self.trouble_the_receiver().await?,
                71..=80 => {
                    self.overbooked.extend(seats::overbooked(database).await?);
                    self.counts.looks += 1;
                }
                81..=84 => crate::chaos::courses::change_a_price(&mut self.rng, &self.sandbox),
                _ => self.change_faults(),
            }
        }
        Ok(())
    }

    /// Ends all faults.
    pub(crate) async fn stop(&mut self, service: &mut Service) -> Result<()> {
        self.sandbox.clear_faults();
        self.gone.are_back();
        self.receiver_is_well().await?;
        if let Some(server) = &mut self.server {
            server.run().await?;
        }
        if !service.runs() {
            service.start().await?;
        }
        Ok(())
    }

    /// Kills the service once more, and ends all leases and turns while no run is active.
    pub(crate) async fn end_leases(&mut self, service: &mut Service, database: &TestDatabase) -> Result<()> {
        self.kill(service).await?;
        self.until_nobody_writes().await?;
        let now = now();
        database.execute(&format!("UPDATE outbox SET due_at = {now} WHERE lease_token IS NOT NULL")).await?;
        database.execute("UPDATE paces SET runner = '', runner_until = 0").await?;
        service.start().await
    }

    /// Kills the service.
    async fn kill(&mut self, service: &mut Service) -> Result<()> {
        let since = now();
        service.kill().await?;
        self.killed.push(since..now());
        Ok(())
    }

    async fn kill_connections(&mut self) {
        let Some(server) = &self.server else { return };
        let Ok(mut root) = Conn::new(server.root()).await else { return };
        let others = "SELECT id FROM information_schema.processlist WHERE user <> 'root' AND command <> 'Daemon'";
        let ids: Vec<u64> = root.query(others).await.unwrap_or_default();
        let since = now();
        for id in ids {
            if self.rng.bool() && root.query_drop(format!("KILL {id}")).await.is_ok() {
                self.counts.connections += 1;
            }
        }
        self.killed.push(since..now());
    }

    async fn restart_database(&mut self) -> Result<()> {
        let Some(server) = &mut self.server else { return Ok(()) };
        let since = now();
        server.kill();
        self.counts.restarts += 1;
        tokio::time::sleep(Duration::from_millis(self.rng.u64(50..1000))).await;
        server.run().await?;
        self.killed.push(since..now());
        Ok(())
    }

    /// Only temporary faults: a job that is refused is dead.
    fn change_faults(&mut self) {
        self.sandbox.clear_faults();
        self.gone.are_back();
        if self.rng.u8(..3) == 0 {
            self.counts.gone += self.gone.disappear(&mut self.rng, &self.sandbox);
        }
        let targets = [Target::Users, Target::Courses, Target::InvoicesCreate, Target::InvoicesFind, Target::Emails];
        for target in targets {
            let fault: Fault = match self.rng.u8(..13) {
                0 => Named::Reset.into(),
                1 | 2 => Named::ResetAfter.into(),
                3 => Named::Garbage.into(),
                4 => Named::Truncated.into(),
                5 => Named::Silence.into(),
                6 => Fault::status(500),
                7 => Fault::status(503),
                8 => Fault::status(429),
                10 => Fault::status_after(502),
                9 => Fault::Delay { delay_ms: self.rng.u64(100..3000) },
                _ => continue,
            };
            let probability = Some(self.rng.f64() * 0.6);
            self.sandbox.fault_when(Active { target, fault, times: None, probability, matching: None });
            self.counts.faults += 1;
        }
    }
}
