//! Deliveries: those that follow an answer, and runs that a schedule or a caller starts.

use crate::inbound::Answered;
use crate::{Deadline, Environment, Fakturownia, Relay, Store};
use domain::Unavailable;
use domain::deliver::deliver_email;
use domain::drain::{Limits, deliver_due};
use domain::job::Job;
use domain::once::forget_old_keys;
use domain::outbox::Counts;

/// Delivers the emails that an answered request has left its holder with. One that
/// cannot be put off either is taken over once its lease has run out.
pub async fn deliver_after(answered: &Answered, store: &Store, relay: &Relay, emails: &[Job]) {
    for email in emails {
        if let Err(error) = deliver_email(store, relay, &Environment, email).await {
            answered.log(&error.to_string());
        }
    }
}

/// Delivers what is due in the outbox, within [`Limits::RUN`], and forgets
/// idempotency keys that are a day old.
///
/// # Errors
///
/// When a variable is missing or unreadable, or the database does not answer as it
/// should; see [`deliver_due`].
pub async fn run_deliveries() -> Result<Counts, Unavailable> {
    let store = Store::from_variables()?;
    let invoices = Fakturownia::from_variables(Deadline::BACKGROUND)?;
    let relay = Relay::from_variables(Deadline::BACKGROUND)?;
    let counts = deliver_due(&store, &invoices, &relay, &Environment, Limits::RUN).await?;
    forget_old_keys(&store, &Environment).await?;
    Ok(counts)
}
