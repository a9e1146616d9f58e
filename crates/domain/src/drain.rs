//! Delivering all that is due, in one bounded run.

use crate::Unavailable;
use crate::deliver::{deliver_email, deliver_invoice};
use crate::job::{Job, Kind, Lease, Target};
use crate::outbox::{AttemptOutcome, Counts};
use crate::ports::{Claimed, Clock, Invoices, Mail, Outbox, Random, new_lease};
use chrono::{DateTime, Utc};
use futures::StreamExt as _;
use futures::channel::mpsc::{UnboundedReceiver, unbounded};
use futures::future::join;
use std::collections::VecDeque;
use std::time::Duration;

/// How much a run may do. What is left over waits for the next one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// No delivery begins later than this after the run began. With the
    /// longest delivery on top it must stay below [`Lease::LENGTH`].
    pub time: Duration,
    /// The most invoices that are looked at. Twice a minute this many keeps to
    /// what the invoicing service is known to bear (60 a minute).
    pub invoices: u32,
    /// The most mails that are looked at, those not counted that follow from
    /// the run's own invoices.
    pub mails: u32,
}

impl Limits {
    /// For one run by cron or by a caller.
    pub const RUN: Self = Self { time: Duration::from_secs(20), invoices: 30, mails: 2000 };
}

/// Delivers what is due, longest due first, each job on its own: a job that
/// cannot be delivered, or whose end cannot be written down, does not keep the
/// next from being. The invoicing service and the mail relay are kept busy side
/// by side, so that neither waits for the other. One that is out of reach,
/// silent or asks for a pause is left alone for the rest of this run, and its
/// jobs stay as long due as they were.
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
    // One claim for both: mostly there is nothing due, or not more than this.
    let Claimed { jobs, more } = store.claim(&new_lease(env), Kind::ALL, Lease::JOBS, env.now()).await?;
    if jobs.is_empty() && !more {
        return Ok(Counts::default());
    }
    let (owed_invoices, owed_mails): (VecDeque<_>, _) =
        jobs.into_iter().partition(|job| job.payload.kind().target() == Target::Invoices);
    let (follow, followers) = unbounded();
    let invoice_work = Work {
        kinds: Target::Invoices.kinds(),
        jobs: owed_invoices,
        more,
        left: limits.invoices,
        followers: None,
        stopped: false,
        end,
    };
    let mail_work = Work {
        kinds: Target::Mail.kinds(),
        jobs: owed_mails,
        more,
        left: limits.mails,
        followers: Some(followers),
        stopped: false,
        end,
    };

    let invoiced = invoice_work.run(store, env, async move |job| {
        let (outcome, invoiced) = deliver_invoice(store, invoices, env, job).await?;
        for job in invoiced.into_iter().flat_map(|invoiced| invoiced.jobs) {
            // Nobody takes it where the emails have ended with an error; its
            // lease then runs out.
            let _ = follow.unbounded_send(job);
        }
        Ok(outcome)
    });
    let mailed = mail_work.run(store, env, async |job| deliver_email(store, mail, env, job).await);
    // Whatever fails in one, the other is seen through.
    let (invoiced, mailed) = join(invoiced, mailed).await;
    Ok(invoiced? + mailed?)
}

const PUT_OFF: AttemptOutcome = AttemptOutcome::PutOff { whole_system: false };

/// What one system has to do in a run.
struct Work {
    kinds: Vec<Kind>,
    /// Claimed and not tried yet.
    jobs: VecDeque<Job>,
    /// Whether more may be due.
    more: bool,
    /// How many jobs may still be looked at.
    left: u32,
    /// Jobs that follow from what the other system does.
    followers: Option<UnboundedReceiver<Job>>,
    /// Whether the system is left alone from here on.
    stopped: bool,
    end: DateTime<Utc>,
}

impl Work {
    async fn run(
        mut self,
        store: &impl Outbox,
        env: &(impl Clock + Random),
        deliver: impl AsyncFn(&Job) -> Result<AttemptOutcome, Unavailable>,
    ) -> Result<Counts, Unavailable> {
        let mut counts = Counts::default();
        while let Some(job) = self.next(store, env).await? {
            if self.stopped || env.now() >= self.end {
                store.release(&[job]).await?;
                continue;
            }
            match deliver(&job).await {
                Ok(outcome) => {
                    counts.count(outcome);
                    self.stopped = outcome == AttemptOutcome::PutOff { whole_system: true };
                }
                Err(_) => {
                    // It stays under its lease. A database that answers at all
                    // lets go of the others, and they are claimed again.
                    counts.count(PUT_OFF);
                    self.release(store).await?;
                    self.more = true;
                }
            }
        }
        Ok(counts)
    }

    /// The job to be tried now: first what is due, then what follows from the
    /// other system's work, until that has ended.
    async fn next(&mut self, store: &impl Outbox, env: &(impl Clock + Random)) -> Result<Option<Job>, Unavailable> {
        while !self.stopped && self.left > 0 && env.now() < self.end {
            if let Some(job) = self.jobs.pop_front() {
                self.left -= 1;
                return Ok(Some(job));
            }
            if !self.more {
                break;
            }
            let limit = self.left.min(Lease::JOBS);
            let claimed = store.claim(&new_lease(env), &self.kinds, limit, env.now()).await?;
            (self.jobs, self.more) = (claimed.jobs.into(), claimed.more);
        }
        self.release(store).await?;
        match &mut self.followers {
            Some(followers) => Ok(followers.next().await),
            None => Ok(None),
        }
    }

    async fn release(&mut self, store: &impl Outbox) -> Result<(), Unavailable> {
        if self.jobs.is_empty() {
            return Ok(());
        }
        store.release(self.jobs.make_contiguous()).await?;
        self.jobs.clear();
        Ok(())
    }
}

#[cfg(test)]
mod tests;
