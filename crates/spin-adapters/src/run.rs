//! Runs that a schedule or a caller starts.

use crate::{Deadline, Environment, Fakturownia, Relay, Store};
use domain::Unavailable;
use domain::drain::{Limits, deliver_due};
use domain::once::forget_old_keys;
use domain::outbox::Counts;
use std::time::Duration;

/// For each exchange with the invoicing service and the relay.
const DEADLINE: Deadline = Deadline::Each(Duration::from_secs(10));

/// Delivers what is due in the outbox, within [`Limits::RUN`], and forgets
/// idempotency keys that are a day old.
///
/// # Errors
///
/// When a variable is missing or unreadable, or the database does not answer as it
/// should; see [`deliver_due`].
pub async fn run_deliveries() -> Result<Counts, Unavailable> {
    let store = Store::from_variables()?;
    let invoices = Fakturownia::from_variables(DEADLINE)?;
    let relay = Relay::from_variables(DEADLINE)?;
    let counts = deliver_due(&store, &invoices, &relay, &Environment, Limits::RUN).await?;
    forget_old_keys(&store, &Environment).await?;
    Ok(counts)
}
