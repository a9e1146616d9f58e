//! The webhook receiver fails, hangs and is killed.

use super::{Trouble, now};
use anyhow::Result;
use sandbox::fault::{Active, Named};
use sandbox::{Fault, Target};
use tests::TestDatabase;

/// Makes all webhooks due and ends their leases: their waits are longer than the service
/// lives here. No run is active.
pub(super) async fn hurry(database: &TestDatabase) -> Result<()> {
    let now = now();
    database.execute(&format!("UPDATE outbox SET due_at = {now} WHERE kind = 'event' AND due_at > {now}")).await
}

impl Trouble {
    /// Kills it, or restarts it with other faults. No fault loses an accepted event, and none
    /// is a 410.
    pub(super) async fn trouble_the_receiver(&mut self) -> Result<()> {
        self.receiver_is_well().await?;
        if self.rng.u8(..4) == 0 {
            let since = now();
            self.receiver.pause().await;
            self.killed.push(since..now());
            self.counts.away += 1;
            return Ok(());
        }
        for _ in 0..self.rng.u8(1..=2) {
            let fault: Fault = match self.rng.u8(..12) {
                0 => Named::Reset.into(),
                1 | 2 => Named::Silence.into(),
                3 => Fault::status(429),
                4 => Fault::status(503),
                5 => Fault::status(500),
                6 => Fault::status(404),
                7 => Fault::Delay { delay_ms: self.rng.u64(10..1000) },
                _ => Named::ResetAfter.into(),
            };
            let probability = Some(self.rng.f64() * 0.6);
            self.receiver.fault_when(Active {
                target: Target::Webhooks,
                fault,
                times: None,
                probability,
                matching: None,
            });
            self.counts.receiver_faults += 1;
        }
        Ok(())
    }

    pub(super) async fn receiver_is_well(&mut self) -> Result<()> {
        self.receiver.clear_faults();
        Ok(self.receiver.resume().await?)
    }
}
