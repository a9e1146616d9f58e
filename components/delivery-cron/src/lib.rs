//! On its schedule, delivers what is due in the outbox and forgets idempotency
//! keys that are a day old.

#[allow(missing_docs, reason = "generated")]
mod cron {
    wit_bindgen::generate!({ path: "../../crates/spin-adapters/wit/cron.wit" });
}

struct Component;

impl cron::Guest for Component {
    /// A failed run is logged here and made up for by the next one; an error
    /// would say nothing more to the host.
    fn handle_cron_event(_: cron::Metadata) -> Result<(), cron::Error> {
        if let Err(error) = spin_sdk::http::run(spin_adapters::run_deliveries()) {
            spin_adapters::log::run_failed("delivery-cron", &error.to_string());
        }
        Ok(())
    }
}

cron::export!(Component with_types_in cron);
