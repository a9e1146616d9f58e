//! What follows an answer: the jobs that a request leaves its caller with.

use crate::Unavailable;
use crate::jobs::Job;
use crate::ports::Ports;
use crate::usecases::deliver::deliver;
use std::collections::VecDeque;

/// Delivers the jobs that a request left, and those that follow from them. What cannot be
/// delivered is put off. It gives why a job could not even be put off, for the log: that one
/// is taken over once its lease has run out.
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
