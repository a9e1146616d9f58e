//! A run: delivering all that is due, within bounds, and forgetting what is old.

mod gate;

use gate::{Gate, Run};

use crate::Unavailable;
use crate::jobs::outbox::{AttemptOutcome, Counts, Others};
use crate::jobs::{Job, Kind, Lease, Target};
use crate::ports::{
    Claimed, Clock, EventQueue as _, Journal as _, Outbox, Ports, Random, Retention as _, Webhooks, new_lease,
};
use crate::usecases::deliver::{Delivered, deliver};
use crate::usecases::once::forget_old_keys;
use chrono::{DateTime, TimeDelta, Utc};
use futures::StreamExt as _;
use futures::channel::mpsc::{UnboundedReceiver, UnboundedSender, unbounded};
use futures::future::join_all;
use std::collections::{HashSet, VecDeque};
use std::time::Duration;

/// How much a run may do. What is left over waits for the next one.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// No delivery begins later than this after the run began. With the
    /// longest delivery on top it must stay below [`Lease::LENGTH`].
    pub time: Duration,
    /// The most jobs of a system that are tried, without those that follow from the run.
    pub jobs: fn(Target) -> u32,
}

impl Limits {
    /// For one run by cron or by a caller.
    pub const RUN: Self = Self { time: Duration::from_secs(20), jobs: Target::jobs_per_run };
}

/// One run: delivers what is due, within [`Limits::RUN`], forgets idempotency keys that are a
/// day old, and prunes what happened longer ago than `keep`; without that, nothing.
///
/// # Errors
///
/// As for [`deliver_due`].
pub async fn run(ports: &impl Ports, keep: Option<TimeDelta>) -> Result<Counts, Unavailable> {
    let counts = deliver_due(ports, Limits::RUN).await?;
    forget_old_keys(ports.store(), ports.env()).await?;
    if let Some(keep) = keep {
        ports.store().prune_before(ports.env().now() - keep).await?;
    }
    Ok(counts)
}

/// Delivers what is due, longest due first, each job on its own: a job that
/// cannot be delivered, or whose end cannot be written down, does not keep the
/// next from being. The systems are kept busy side by side, so that none waits for
/// another. One that is out of reach or silent is left alone for the rest of this run, or
/// for as long as it asked, and its jobs stay as long due as they were. One that asks for
/// fewer requests is waited for and asked at that pace. What all runs together ask a
/// system for is in the database, see [`Paces`](crate::ports::Paces).
///
/// # Errors
///
/// When the database does not answer as it should. What was delivered by then
/// is written down; the other leases run out.
pub async fn deliver_due(ports: &impl Ports, limits: Limits) -> Result<Counts, Unavailable> {
    let (store, env) = (ports.store(), ports.env());
    let end = env.now() + limits.time;
    // A receiver that cannot be used is meant to be there: events wait for it.
    let listening = ports.webhooks().map_or(true, Webhooks::is_set);
    // What goes wrong with the events holds nothing else up.
    if let Err(error) = store.owe_events(listening, env.now()).await {
        env.note("events", &error);
    }
    let sending = listening && !store.is_receiver_gone().await?;
    let targets: Vec<_> = Target::ALL.into_iter().filter(|target| sending || *target != Target::Webhooks).collect();
    let kinds: Vec<_> = Kind::ALL.iter().copied().filter(|kind| targets.contains(&kind.target())).collect();
    // One claim for all: mostly there is nothing due, or not more than this.
    let claimed = store.claim(&new_lease(env), &kinds, Lease::JOBS, env.now()).await?;
    if claimed.jobs.is_empty() && !claimed.more {
        return Ok(Counts::default());
    }
    // Boxed, so that a run without work does not carry its state along.
    Box::pin(deliver_claimed(ports, limits, &targets, claimed, end)).await
}

async fn deliver_claimed(
    ports: &impl Ports,
    limits: Limits,
    targets: &[Target],
    Claimed { mut jobs, more }: Claimed,
    end: DateTime<Utc>,
) -> Result<Counts, Unavailable> {
    let run = Run::new(new_lease(ports.env()).token);
    let mut below = Vec::new();
    let mut works = VecDeque::new();
    for &target in targets.iter().rev() {
        let (own, others) = jobs.into_iter().partition(|job: &Job| job.payload.kind().target() == target);
        jobs = others;
        let (follow, followers) = unbounded();
        let left = (limits.jobs)(target);
        let gate = Gate::new(target, &run, end);
        works.push_front(Work { target, jobs: own.into(), more, left, followers, below: below.clone(), gate, end });
        below.push((target, follow));
    }
    drop(below);
    // Each boxed: a component's stack is small, and the states are moved about on it.
    // Whatever fails in one, the others are seen through.
    let counts = join_all(works.into_iter().map(|work| Box::pin(work.run(ports)))).await;
    run.end(ports.store(), ports.env()).await?;
    counts.into_iter().try_fold(Counts::default(), |sum, counts| Ok(sum + counts?))
}

/// What one system has to do in a run.
struct Work<'a> {
    target: Target,
    /// Claimed and not tried yet.
    jobs: VecDeque<Job>,
    /// Whether more may be due.
    more: bool,
    /// How many jobs may still be tried.
    left: u32,
    /// Jobs that follow from the work of the systems above this one.
    followers: UnboundedReceiver<Job>,
    /// Where the jobs go that follow from this work. A system whose work has ended with an
    /// error takes none: their lease runs out.
    below: Vec<(Target, UnboundedSender<Job>)>,
    /// Whether the system may be asked.
    gate: Gate<'a>,
    end: DateTime<Utc>,
}

impl Work<'_> {
    async fn run(mut self, ports: &impl Ports) -> Result<Counts, Unavailable> {
        let (store, env) = (ports.store(), ports.env());
        let mut counts = Counts::default();
        // What was not taken for the pace, and is due again in a moment.
        let mut paced = HashSet::new();
        while let Some(job) = self.next(store, env).await? {
            if !self.gate.opens(store, env).await? {
                store.release(&[job]).await?;
                continue;
            }
            match deliver(ports, &job).await {
                Ok((outcome, delivered)) => {
                    self.pass_on(delivered);
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

    /// Hands the jobs that follow to their systems.
    fn pass_on(&self, delivered: Option<Delivered>) {
        for job in delivered.into_iter().flat_map(|delivered| delivered.jobs) {
            let target = job.payload.kind().target();
            if let Some((_, follow)) = self.below.iter().find(|(below, _)| *below == target) {
                let _ = follow.unbounded_send(job);
            }
        }
    }

    /// The job to be tried now: first what is due, then what follows from the
    /// work of the systems above, until that has ended.
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
            let claimed = store.claim(&new_lease(env), &self.target.kinds(), limit, env.now()).await?;
            (self.jobs, self.more) = (claimed.jobs.into(), claimed.more);
        }
        self.release(store).await?;
        Ok(self.followers.next().await)
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
