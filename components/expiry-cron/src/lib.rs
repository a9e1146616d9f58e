//! On its schedule, completes enrolments whose course has ended.

use domain::usecases::expire::expire;
use spin_adapters::{Environment, Store};

#[allow(missing_docs, reason = "generated")]
mod cron {
    wit_bindgen::generate!({ path: "../../crates/spin-adapters/wit/cron.wit" });
}

struct Component;

impl cron::Guest for Component {
    /// Logs a failed run; the next run does its work. The host gets no error, because it
    /// would only log it again.
    fn handle_cron_event(_: cron::Metadata) -> Result<(), cron::Error> {
        if let Err(error) = spin_sdk::http::run(run()) {
            spin_adapters::log::run_failed("expiry-cron", &error.to_string());
        }
        Ok(())
    }
}

async fn run() -> Result<usize, domain::Unavailable> {
    expire(&Store::from_variables()?, &Environment).await
}

cron::export!(Component with_types_in cron);
