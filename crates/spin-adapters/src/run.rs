//! Deliveries: those that follow an answer, and runs that a schedule or a caller starts.

use crate::adapters::WhenAsked;
use crate::config::table::RETENTION_DAYS;
use crate::inbound::Answered;
use crate::log::run_failed;
use crate::{Adapters, Configured, Deadline, Environment, Fakturownia, Receiver, Relay, Store};
use chrono::TimeDelta;
use domain::Unavailable;
use domain::deliver::{deliver_data, deliver_document, deliver_email};
use domain::drain::{Limits, deliver_due};
use domain::job::{Job, Target};
use domain::once::forget_old_keys;
use domain::outbox::Counts;
use domain::ports::{Clock as _, Recipients, Retention as _, Services};
use std::collections::VecDeque;

/// Delivers the emails that an answered request has left its holder with, and looks up to
/// whom those go that have no address yet. One that cannot be put off either is taken over
/// once its lease has run out.
pub async fn deliver_after(answered: &Answered, with: &Adapters, jobs: Vec<Job>) {
    with.store.answered();
    let mut jobs = VecDeque::from(jobs);
    while let Some(job) = jobs.pop_front() {
        let delivered = if job.payload.kind().target() == Target::Records {
            // Boxed for it is rare: every request would carry its state along.
            Box::pin(deliver_data(&with.services(), &job)).await.map(|(_, delivered)| delivered)
        } else {
            deliver_email(&with.store, &with.relay, &Environment, &job).await.map(|_| None)
        };
        match delivered {
            Ok(delivered) => jobs.extend(delivered.into_iter().flat_map(|delivered| delivered.jobs)),
            Err(error) => answered.log(&error.to_string()),
        }
    }
}

/// Delivers the correction that an answered request has left its holder with, and the
/// email that follows; where there is no correction, the email alone.
pub async fn correct_after(
    answered: &Answered,
    (with, invoices): &(Adapters, Configured<Fakturownia>),
    jobs: Vec<Job>,
) {
    with.store.answered();
    let (corrections, mut emails): (Vec<_>, Vec<_>) =
        jobs.into_iter().partition(|job| job.payload.kind().target() == Target::Invoices);
    for correction in corrections {
        match deliver_document(&with.store, invoices, &Environment, &correction).await {
            Ok((_, delivered)) => emails.extend(delivered.into_iter().flat_map(|delivered| delivered.jobs)),
            Err(error) => answered.log(&error.to_string()),
        }
    }
    deliver_after(answered, with, emails).await;
}

/// Delivers what is due in the outbox, within [`Limits::RUN`], and forgets
/// idempotency keys that are a day old and what is kept no longer.
///
/// A system whose variables cannot be used is logged, and its deliveries wait.
///
/// # Errors
///
/// When a variable of the database is missing or unreadable, or the database does not answer
/// as it should; see [`deliver_due`].
pub async fn run_deliveries() -> Result<Counts, Unavailable> {
    let store = Store::from_variables()?;
    let invoices = configured(Fakturownia::from_variables(Deadline::BACKGROUND));
    let relay = configured(Relay::from_variables(Deadline::BACKGROUND));
    let webhooks = configured(Receiver::from_variables(Deadline::BACKGROUND));
    let services = Services { store: &store, users: &WhenAsked, courses: &WhenAsked, env: &Environment };
    let recipients = Recipients { invoices: &invoices, mail: &relay, webhooks: &webhooks };
    let counts = deliver_due(&services, &recipients, Limits::RUN).await?;
    forget_old_keys(&store, &Environment).await?;
    match RETENTION_DAYS.read() {
        Ok(None) => {}
        Ok(Some(days)) => store.prune_before(Environment.now() - TimeDelta::days(days.into())).await?,
        Err(fault) => log_fault(&fault),
    }
    Ok(counts)
}

fn configured<T>(system: Result<T, Unavailable>) -> Configured<T> {
    if let Err(fault) = &system {
        log_fault(fault);
    }
    Configured::new(system)
}

fn log_fault(fault: &Unavailable) {
    run_failed("deliveries", &fault.to_string());
}
