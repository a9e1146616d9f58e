//! Delivers the jobs of a request after its answer.

use crate::Unavailable;
use crate::jobs::Job;
use crate::ports::Ports;
use crate::usecases::deliver::deliver;
use std::collections::VecDeque;

/// Delivers the jobs of a request, and those that follow from them. A job that cannot be delivered
/// is retried later. Returns the errors of jobs whose result could not be stored, for the log: a
/// run takes such a job over when its lease ends.
pub async fn deliver_jobs(ports: &impl Ports, jobs: Vec<Job>) -> Vec<Unavailable> {
    let mut failures = Vec::new();
    let mut jobs = VecDeque::from(jobs);
    while let Some(job) = jobs.pop_front() {
        match deliver(ports, &job).await {
            Ok((_, delivered)) => jobs.extend(delivered.into_iter().flat_map(|delivered| delivered.jobs)),
            Err(error) => failures.push(error),
        }
    }
    failures
}

#[cfg(test)]
mod tests;
