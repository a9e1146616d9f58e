//! Delivering all that is due, in one bounded run.

mod gate;

use gate::{Gate, Run};

use crate::Unavailable;
use crate::deliver::{Delivered, deliver_data, deliver_document, deliver_email, deliver_event, deliver_ksef_number};
use crate::job::{Job, Kind, Lease, Target};
use crate::outbox::{AttemptOutcome, Counts, Others};
use crate::ports::{
    Claimed, Clock, Courses, Documents, EventQueue, Invoices, Journal, Mail, Outbox, Paces, Random, Recipients,
    Services, Timer, Users, Webhooks, new_lease,
};
use chrono::{DateTime, Utc};
use futures::StreamExt as _;
use futures::channel::mpsc::{UnboundedReceiver, unbounded};
use futures::future::join5;
use std::collections::{HashSet, VecDeque};
use std::time::Duration;

/// How much a run may do. What is left over waits for the next one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// No delivery begins later than this after the run began. With the
    /// longest delivery on top it must stay below [`Lease::LENGTH`].
    pub time: Duration,
    /// The most payments without an invoice and mails without an address that are looked at.
    pub records: u32,
    /// The most invoices and corrections that are looked at, those not counted that
    /// follow from the run itself. How fast the invoicing service is asked is another
    /// matter, see [`Rate::INVOICES`](crate::pace::Rate::INVOICES).
    pub invoices: u32,
    /// The most documents that are looked at on their way to KSeF, so that they leave the
    /// invoices their turns.
    pub ksef: u32,
    /// The most mails that are looked at, those not counted that follow from
    /// the run's own invoices.
    pub mails: u32,
    /// The most events that are posted.
    pub events: u32,
}

impl Limits {
    /// For one run by cron or by a caller.
    pub const RUN: Self =
        Self { time: Duration::from_secs(20), records: 30, invoices: 24, ksef: 6, mails: 2000, events: 2000 };
}

/// Delivers what is due, longest due first, each job on its own: a job that
/// cannot be delivered, or whose end cannot be written down, does not keep the
/// next from being. The systems are kept busy side by side, so that none waits for
/// another. One that is out of reach or silent is left alone for the rest of this run, or
/// for as long as it asked, and its jobs stay as long due as they were. One that asks for
/// fewer requests is waited for and asked at that pace. What all runs together ask a
/// system for is in the database, see [`Paces`].
///
/// # Errors
///
/// When the database does not answer as it should. What was delivered by then
/// is written down; the other leases run out.
pub async fn deliver_due(
    services: &Services<
        '_,
        impl Outbox + Documents + EventQueue + Paces,
        impl Users,
        impl Courses,
        impl Clock + Random + Timer + Journal,
    >,
    recipients: &Recipients<'_, impl Invoices, impl Mail, impl Webhooks>,
    limits: Limits,
) -> Result<Counts, Unavailable> {
    let &Services { store, env, .. } = services;
    let end = env.now() + limits.time;
    let listening = recipients.webhooks.is_set();
    // What goes wrong with the events holds nothing else up.
    if let Err(error) = store.owe_events(listening, env.now()).await {
        env.note("events", &error);
    }
    let sending = listening && !store.is_receiver_gone().await?;
    let limits = if sending { limits } else { Limits { events: 0, ..limits } };
    let kinds: Vec<_> = Kind::ALL.iter().copied().filter(|kind| sending || kind.target() != Target::Webhooks).collect();
    // One claim for all: mostly there is nothing due, or not more than this.
    let claimed = store.claim(&new_lease(env), &kinds, Lease::JOBS, env.now()).await?;
    if claimed.jobs.is_empty() && !claimed.more {
        return Ok(Counts::default());
    }
    // Boxed, so that a run without work does not carry its state along.
    Box::pin(deliver_claimed(services, recipients, limits, claimed, end)).await
}

async fn deliver_claimed(
    services: &Services<
        '_,
        impl Outbox + Documents + EventQueue + Paces,
        impl Users,
        impl Courses,
        impl Clock + Random + Timer + Journal,
    >,
    recipients: &Recipients<'_, impl Invoices, impl Mail, impl Webhooks>,
    Limits { records, invoices, ksef, mails, events, .. }: Limits,
    claimed: Claimed,
    end: DateTime<Utc>,
) -> Result<Counts, Unavailable> {
    let &Services { store, env, .. } = services;
    let Claimed { jobs, more } = claimed;
    let &Recipients { invoices: invoicing, mail, webhooks } = recipients;
    let run = Run::new(new_lease(env).token);
    let mut jobs = VecDeque::from(jobs);
    let mut work = |target: Target, left, followers| {
        let (own, others) = jobs.drain(..).partition(|job: &Job| job.payload.kind().target() == target);
        jobs = others;
        let gate = Gate::new(target, &run, end);
        Work { kinds: target.kinds(), jobs: own, more, left, followers, gate, end }
    };
    let (bill, bills) = unbounded();
    let (follow, followers) = unbounded();
    let records_work = work(Target::Records, records, None);
    let invoices_work = work(Target::Invoices, invoices, Some(bills));
    let ksef_work = work(Target::Ksef, ksef, None);
    let mail_work = work(Target::Mail, mails, Some(followers));
    let events_work = work(Target::Webhooks, events, None);

    // What is sent is taken by nobody where the next system's work has ended with an error;
    // its lease then runs out.
    let mailing = follow.clone();
    // Each boxed, and what may need many steps once more: a component's stack is small, and
    // the states are moved about on it.
    let found = Box::pin(records_work.run(store, env, async move |job| {
        let (outcome, delivered) = Box::pin(deliver_data(services, job)).await?;
        for job in following(delivered) {
            let to = if job.payload.kind().target() == Target::Mail { &mailing } else { &bill };
            let _ = to.unbounded_send(job);
        }
        Ok(outcome)
    }));
    let issued = Box::pin(invoices_work.run(store, env, async move |job| {
        let (outcome, delivered) = Box::pin(deliver_document(store, invoicing, env, job)).await?;
        for job in following(delivered) {
            let _ = follow.unbounded_send(job);
        }
        Ok(outcome)
    }));
    let followed = Box::pin(
        ksef_work.run(store, env, async |job| Box::pin(deliver_ksef_number(store, invoicing, env, job)).await),
    );
    let mailed = Box::pin(mail_work.run(store, env, async |job| deliver_email(store, mail, env, job).await));
    let told = Box::pin(events_work.run(store, env, async |job| deliver_event(store, webhooks, env, job).await));
    // Whatever fails in one, the others are seen through.
    let (found, issued, followed, mailed, told) = join5(found, issued, followed, mailed, told).await;
    run.end(store, env).await?;
    Ok(found? + issued? + followed? + mailed? + told?)
}

fn following(delivered: Option<Delivered>) -> Vec<Job> {
    delivered.map(|delivered| delivered.jobs).unwrap_or_default()
}

/// What one system has to do in a run.
struct Work<'a> {
    kinds: Vec<Kind>,
    /// Claimed and not tried yet.
    jobs: VecDeque<Job>,
    /// Whether more may be due.
    more: bool,
    /// How many jobs may still be looked at.
    left: u32,
    /// Jobs that follow from what the other system does.
    followers: Option<UnboundedReceiver<Job>>,
    /// Whether the system may be asked.
    gate: Gate<'a>,
    end: DateTime<Utc>,
}

impl Work<'_> {
    async fn run(
        mut self,
        store: &(impl Outbox + Paces),
        env: &(impl Clock + Random + Timer + Journal),
        deliver: impl AsyncFn(&Job) -> Result<AttemptOutcome, Unavailable>,
    ) -> Result<Counts, Unavailable> {
        let mut counts = Counts::default();
        // What was not taken for the pace, and is due again in a moment.
        let mut paced = HashSet::new();
        while let Some(job) = self.next(store, env).await? {
            if !self.gate.opens(store, env).await? {
                store.release(&[job]).await?;
                continue;
            }
            match deliver(&job).await {
                Ok(outcome) => {
                    self.gate.learn(store, env, outcome).await?;
                    if matches!(outcome, AttemptOutcome::PutOff(Others::SlowDown { .. })) {
                        paced.insert(job.key);
                        self.more = true;
                        continue;
                    }
                    paced.remove(&job.key);
                    counts.count(outcome);
                }
                Err(error) => {
                    env.note(job.key.as_str(), &error);
                    // It stays under its lease. A database that answers at all
                    // lets go of the others, and they are claimed again.
                    counts.count(AttemptOutcome::PutOff(Others::GoOn));
                    self.release(store).await?;
                    self.more = true;
                }
            }
        }
        for _ in paced {
            counts.count(AttemptOutcome::PutOff(Others::GoOn));
        }
        Ok(counts)
    }

    /// The job to be tried now: first what is due, then what follows from the
    /// other system's work, until that has ended.
    async fn next(&mut self, store: &impl Outbox, env: &(impl Clock + Random)) -> Result<Option<Job>, Unavailable> {
        while !self.gate.is_closed() && self.left > 0 && env.now() < self.end {
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
