//! `POST /deliveries`: deliver what is due, for platforms without a cron
//! trigger.

use api::{Methods, Problem, Reply};
use domain::drain::{Limits, deliver_due};
use spin_adapters::inbound::{Call, Endpoint, by_token, serve};
use spin_adapters::{Environment, Fakturownia, Patience, Relay, Store};
use spin_sdk::http::{IncomingRequest, ResponseOutparam};
use spin_sdk::http_component;
use std::time::Duration;

/// For each exchange with the invoicing service and the relay.
const PATIENCE: Patience = Patience::Each(Duration::from_secs(10));

fn route(segments: &[&str]) -> Option<Endpoint<()>> {
    (segments == ["deliveries"]).then_some(Endpoint { target: (), pattern: "/deliveries", methods: Methods(&["POST"]) })
}

#[http_component]
async fn handle(request: IncomingRequest, out: ResponseOutparam) {
    serve(request, out, by_token(), route, deliver).await;
}

async fn deliver(call: Call<()>) {
    match delivered().await {
        Ok(reply) => drop(call.responder.send(reply).await),
        Err(problem) => call.responder.fail(problem).await,
    }
}

async fn delivered() -> Result<Reply, Problem> {
    let store = Store::from_variables()?;
    let invoices = Fakturownia::from_variables(PATIENCE)?;
    let relay = Relay::from_variables(PATIENCE)?;
    let counts = deliver_due(&store, &invoices, &relay, &Environment, Limits::RUN).await?;
    Ok(api::deliveries(counts))
}
