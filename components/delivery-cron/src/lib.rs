//! On its schedule, runs due deliveries and deletes idempotency keys that are a day old.

#[allow(missing_docs, reason = "generated")]
mod cron {
    wit_bindgen::generate!({ path: "../../crates/spin-adapters/wit/cron.wit" });
}

struct Component;

impl cron::Guest for Component {
    /// Logs a failed run; the next run does its work. The host gets no error, because it
    /// would only log it again.
    fn handle_cron_event(_: cron::Metadata) -> Result<(), cron::Error> {
        if let Err(error) = spin_sdk::http::run(spin_adapters::run_deliveries()) {
            spin_adapters::log::run_failed("delivery-cron", &error.to_string());
        }
        Ok(())
    }
}

cron::export!(Component with_types_in cron);
