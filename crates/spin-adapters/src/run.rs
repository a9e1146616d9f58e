//! Deliveries: those that follow an answer, and runs that a schedule or a caller starts.

use crate::config::table::RETENTION_DAYS;
use crate::log::run_failed;
use crate::server::Answered;
use crate::systems::Receiver;
use crate::{Adapters, Deadline};
use api::{Problem, ReceiverTest};
use chrono::TimeDelta;
use domain::Unavailable;
use domain::jobs::Job;
use domain::jobs::outbox::Counts;
use domain::ports::{Invoices, Ports as _, Webhooks};
use domain::usecases::after::deliver_jobs;
use domain::usecases::run::run;

/// Delivers the jobs that an answered request has left, and those that follow from them.
pub async fn deliver_after<I: Invoices, W: Webhooks>(answered: &Answered, with: &Adapters<I, W>, jobs: Vec<Job>) {
    with.store().answered();
    for failure in deliver_jobs(with, jobs).await {
        answered.log(&failure.to_string());
    }
}

/// One [`run`]. A system whose variables cannot be used is logged, and its deliveries wait.
///
/// # Errors
///
/// When a variable of the database is missing or unreadable, or the database does not answer
/// as it should; see [`run`].
pub async fn run_deliveries() -> Result<Counts, Unavailable> {
    let with = Adapters::from_variables()?.with_invoices().with_webhooks();
    with.faults().for_each(log_fault);
    let keep = RETENTION_DAYS.read().unwrap_or_else(|fault| {
        log_fault(&fault);
        None
    });
    run(&with, keep.map(|days| TimeDelta::days(days.into()))).await
}

/// Sends a test event to the receiver.
///
/// # Errors
///
/// 409 without a receiver, 503 when a variable is missing or unreadable.
pub async fn test_receiver() -> Result<ReceiverTest, Problem> {
    Receiver::from_variables(Deadline::WAITED_FOR)?.test().await.ok_or_else(Problem::no_receiver)
}

fn log_fault(fault: &Unavailable) {
    run_failed("deliveries", &fault.to_string());
}
