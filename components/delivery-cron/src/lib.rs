//! On its schedule, delivers what is due in the outbox and forgets idempotency
//! keys that are a day old.

use domain::drain::{Limits, deliver_due};
use domain::idempotency::forget_old_keys;
use spin_adapters::{Environment, Fakturownia, Patience, Relay, Store};
use std::time::Duration;

#[allow(missing_docs, reason = "generated")]
mod cron {
    wit_bindgen::generate!({ path: "../../crates/spin-adapters/wit/cron.wit" });
}

/// For each exchange with the invoicing service and the relay.
const PATIENCE: Patience = Patience::Each(Duration::from_secs(10));

struct Component;

impl cron::Guest for Component {
    /// A failed run is logged here and made up for by the next one; an error
    /// would say nothing more to the host.
    fn handle_cron_event(_: cron::Metadata) -> Result<(), cron::Error> {
        if let Err(error) = spin_sdk::http::run(run()) {
            spin_adapters::log::work_failed("cron", "delivery-cron", &error.to_string());
        }
        Ok(())
    }
}

async fn run() -> Result<(), domain::Unavailable> {
    let store = Store::from_variables()?;
    let invoices = Fakturownia::from_variables(PATIENCE)?;
    let relay = Relay::from_variables(PATIENCE)?;
    deliver_due(&store, &invoices, &relay, &Environment, Limits::RUN).await?;
    forget_old_keys(&store, &Environment).await
}

cron::export!(Component with_types_in cron);
