//! Delivering all that is due, in one bounded run.

use crate::Unavailable;
use crate::deliver::{deliver_invoice, deliver_mail};
use crate::job::{Job, Payload, Purchase};
use crate::outbox::{Counts, Fate};
use crate::ports::{Clock, Invoices, Mail, Outbox, Random, new_lease};
use std::time::Duration;

/// How many jobs are claimed at once.
const BATCH: u32 = 20;

/// How much a run may do. What is left over waits for the next one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// No delivery begins later than this after the run began. With the
    /// longest delivery on top it must stay below [`crate::job::Lease::LENGTH`].
    pub time: Duration,
    /// The most jobs that are looked at.
    pub jobs: u32,
    /// The most requests for invoices. Twice a minute this many keeps to what
    /// the invoicing service is known to bear (60 a minute).
    pub invoices: u32,
}

impl Limits {
    /// For one run by cron or by a caller.
    pub const RUN: Self = Self { time: Duration::from_secs(20), jobs: 2000, invoices: 30 };
}

/// Delivers what is due, longest due first, each job on its own: a job that
/// cannot be delivered does not keep the next from being. When a system as a
/// whole is out of reach, its other jobs are left alone for this run.
///
/// # Errors
///
/// When the database does not answer as it should. What was delivered by then
/// is written down; the other leases run out.
pub async fn deliver_due(
    store: &impl Outbox,
    invoices: &impl Invoices,
    mail: &impl Mail,
    env: &(impl Clock + Random),
    limits: Limits,
) -> Result<Counts, Unavailable> {
    let end = env.now() + limits.time;
    let mut run =
        Run { counts: Counts::default(), invoices_left: limits.invoices, mail_reachable: true, left_out: false };
    let mut jobs_left = limits.jobs;

    // With no job left to look at, none is claimed, and that ends it as well.
    while env.now() < end {
        let lease = new_lease(env);
        let batch = store.claim(&lease, BATCH.min(jobs_left), env.now()).await?;
        if batch.is_empty() {
            break;
        }
        jobs_left = jobs_left.saturating_sub(u32::try_from(batch.len()).unwrap_or(u32::MAX));
        run.left_out = false;
        for job in &batch {
            if env.now() >= end {
                run.left_out = true;
                break;
            }
            match &job.payload {
                Payload::Invoice(purchase) => {
                    if let Some(next) = run.invoice(store, invoices, env, job, purchase).await? {
                        run.mail(store, mail, env, &next).await?;
                    }
                }
                _ => run.mail(store, mail, env, job).await?,
            }
        }
        if run.left_out {
            // Not before this run is over, or it would claim them once more.
            store.release(&lease, end).await?;
        }
    }
    Ok(run.counts)
}

/// What a run has done and may still do.
struct Run {
    counts: Counts,
    invoices_left: u32,
    mail_reachable: bool,
    /// Whether a job of the batch was not tried, so that it has to be let go of.
    left_out: bool,
}

impl Run {
    /// Delivers an invoice; gives the mail that follows from it.
    async fn invoice(
        &mut self,
        store: &impl Outbox,
        invoices: &impl Invoices,
        env: &(impl Clock + Random),
        job: &Job,
        purchase: &Purchase,
    ) -> Result<Option<Job>, Unavailable> {
        if self.invoices_left == 0 {
            self.left_out = true;
            return Ok(None);
        }
        let (fate, invoiced) = deliver_invoice(store, invoices, env, job, purchase).await?;
        self.counts.add(fate);
        self.invoices_left = if fate == UNREACHABLE { 0 } else { self.invoices_left - 1 };
        Ok(invoiced.map(|invoiced| invoiced.mail))
    }

    async fn mail(
        &mut self,
        store: &impl Outbox,
        mail: &impl Mail,
        env: &(impl Clock + Random),
        job: &Job,
    ) -> Result<(), Unavailable> {
        if !self.mail_reachable {
            self.left_out = true;
            return Ok(());
        }
        let fate = deliver_mail(store, mail, env, job).await?;
        self.counts.add(fate);
        self.mail_reachable = fate != UNREACHABLE;
        Ok(())
    }
}

const UNREACHABLE: Fate = Fate::PutOff { whole_system: true };

#[cfg(test)]
mod tests;
