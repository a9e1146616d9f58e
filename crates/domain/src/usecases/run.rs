//! A run: delivers due jobs within limits, and removes old data.

mod gate;

use gate::{Gate, Run};

use crate::Unavailable;
use crate::jobs::outbox::{AttemptOutcome, Counts, SystemAction};
use crate::jobs::{Job, Kind, Lease, Target};
use crate::ports::{
    Claimed, Clock, EventQueue as _, Journal as _, Outbox, Ports, Random, Retention as _, Schedule, Schedules as _,
    Webhooks, new_lease,
};
use crate::usecases::deliver::{Delivered, deliver};
use crate::usecases::once::forget_old_keys;
use chrono::{DateTime, TimeDelta, Utc};
use futures::StreamExt as _;
use futures::channel::mpsc::{UnboundedReceiver, UnboundedSender, unbounded};
use futures::future::join_all;
use std::collections::{HashSet, VecDeque};
use std::time::Duration;

/// The limits of a run. Other jobs wait for the next run.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// How long after its begin the run may start a delivery. Together with the longest delivery it
    /// must be less than [`Lease::LENGTH`].
    pub time: Duration,
    /// The maximal number of jobs of a system, without those that follow from jobs of the run.
    pub jobs: fn(Target) -> u32,
}

impl Limits {
    /// The limits of a run by cron or by a caller.
    pub const RUN: Self = Self { time: Duration::from_secs(20), jobs: Target::jobs_per_run };
}

/// One run: delivers due jobs within [`Limits::RUN`], removes idempotency keys that are a day old,
/// prunes events and jobs that are older than `keep`, if it is set, and stores when it ended.
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
    ports.store().run_ended(Schedule::Deliveries, ports.env().now()).await?;
    Ok(counts)
}

/// Delivers due jobs, longest due first. A job that fails, or whose result cannot be stored, does not
/// stop the next one. The systems work at the same time, so that no system waits for another. A
/// system that is not reachable or does not answer is paused for the rest of this run, or for as
/// long as it asks; its jobs are given back. A system that asks for fewer requests gets them at that
/// pace. The pace that all runs share is in the database, see [`Paces`](crate::ports::Paces).
///
/// # Errors
///
/// When the database fails. Results that are stored by then stay; the other leases end.
pub async fn deliver_due(ports: &impl Ports, limits: Limits) -> Result<Counts, Unavailable> {
    let (store, env) = (ports.store(), ports.env());
    let end = env.now() + limits.time;
    // If the receiver's variables are invalid, events wait for it.
    let listening = ports.webhooks().map_or(true, Webhooks::is_set);
    // A failure here does not stop other jobs.
    if let Err(error) = store.enqueue_events(listening, env.now()).await {
        env.note("events", &error);
    }
    let sending = listening && !store.is_receiver_gone().await?;
    let targets: Vec<_> = Target::ALL.into_iter().filter(|target| sending || *target != Target::Webhooks).collect();
    let kinds: Vec<_> = Kind::ALL.iter().copied().filter(|kind| targets.contains(&kind.target())).collect();
    // One claim for all systems: mostly this takes all due jobs.
    let claimed = store.claim(&new_lease(env), &kinds, Lease::JOBS, env.now()).await?;
    if claimed.jobs.is_empty() && !claimed.more {
        return Ok(Counts::default());
    }
    // Boxed, so that the future of a run without work is small.
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
    let mut later_systems = Vec::new();
    let mut works = VecDeque::new();
    for &target in targets.iter().rev() {
        let (own, others) = jobs.into_iter().partition(|job: &Job| job.payload.kind().target() == target);
        jobs = others;
        let (follow, followers) = unbounded();
        let left = (limits.jobs)(target);
        let gate = Gate::new(target, &run, end);
        works.push_front(Work {
            target,
            jobs: own.into(),
            more,
            left,
            followers,
            later_systems: later_systems.clone(),
            gate,
            end,
        });
        later_systems.push((target, follow));
    }
    drop(later_systems);
    // Each is boxed, because a component's stack is small. If one fails, the others continue.
    let counts = join_all(works.into_iter().map(|work| Box::pin(work.run(ports)))).await;
    run.end(ports.store(), ports.env()).await?;
    counts.into_iter().try_fold(Counts::default(), |sum, counts| Ok(sum + counts?))
}

/// The work of one system in a run.
struct Work<'a> {
    target: Target,
    /// Claimed jobs that are not tried yet.
    jobs: VecDeque<Job>,
    /// Whether more may be due.
    more: bool,
    /// How many more jobs may be tried.
    left: u32,
    /// Jobs that follow from jobs of systems earlier in [`Target::ALL`].
    followers: UnboundedReceiver<Job>,
    /// The queues of systems later in [`Target::ALL`], for jobs that follow. If such a system has
    /// ended with an error, the leases of these jobs end.
    later_systems: Vec<(Target, UnboundedSender<Job>)>,
    /// Whether a request may be sent to the system.
    gate: Gate<'a>,
    end: DateTime<Utc>,
}

impl Work<'_> {
    async fn run(mut self, ports: &impl Ports) -> Result<Counts, Unavailable> {
        let (store, env) = (ports.store(), ports.env());
        let mut counts = Counts::default();
        // Jobs that were refused because of the pace. They are due again soon.
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
                    if matches!(outcome, AttemptOutcome::PutOff(SystemAction::SlowDown { .. })) {
                        paced.insert(job.key);
                        self.more = true;
                        continue;
                    }
                    paced.remove(&job.key);
                    counts.count(outcome);
                }
                Err(error) => {
                    env.note(job.key.as_str(), &error);
                    // The job stays under its lease. The others are given back and claimed again,
                    // if the database answers.
                    counts.count(AttemptOutcome::PutOff(SystemAction::Continue));
                    self.release(store).await?;
                    self.more = true;
                }
            }
        }
        for _ in paced {
            counts.count(AttemptOutcome::PutOff(SystemAction::Continue));
        }
        Ok(counts)
    }

    /// Sends the jobs that follow to the queues of their systems.
    fn pass_on(&self, delivered: Option<Delivered>) {
        for job in delivered.into_iter().flat_map(|delivered| delivered.jobs) {
            let target = job.payload.kind().target();
            if let Some((_, follow)) = self.later_systems.iter().find(|(system, _)| *system == target) {
                let _ = follow.unbounded_send(job);
            }
        }
    }

    /// The next job: first due jobs, then those that follow from jobs of other systems, until
    /// these systems have ended.
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
