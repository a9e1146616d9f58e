//! `POST /deliveries`: deliver what is due, for platforms without a cron
//! trigger. `GET /deliveries` and `POST /deliveries/{id}/retry`: what is owed,
//! for operators.

use api::{Methods, Problem, Reply};
use domain::drain::{Limits, deliver_due};
use domain::idempotency::forget_old_keys;
use domain::job::JobId;
use domain::ports::Clock as _;
use spin_adapters::inbound::{Call, Endpoint, by_token, serve};
use spin_adapters::{Environment, Fakturownia, Patience, Relay, Store};
use spin_sdk::http::{IncomingRequest, ResponseOutparam};
use spin_sdk::http_component;
use std::time::Duration;

/// For each exchange with the invoicing service and the relay.
const PATIENCE: Patience = Patience::Each(Duration::from_secs(10));

/// What a path names.
#[derive(Clone, Copy)]
enum Target {
    All,
    Retry(JobId),
}

fn route(segments: &[&str]) -> Option<Endpoint<Target>> {
    let (target, pattern, methods) = match segments {
        ["deliveries"] => (Target::All, "/deliveries", &["GET", "POST"][..]),
        ["deliveries", id, "retry"] => (Target::Retry(api::delivery_id(id)?), "/deliveries/{id}/retry", &["POST"][..]),
        _ => return None,
    };
    Some(Endpoint { target, pattern, methods: Methods(methods) })
}

#[http_component]
async fn handle(request: IncomingRequest, out: ResponseOutparam) {
    serve(request, out, by_token, route, async |call: Call<Target>| {
        let reply = match (call.target, call.method) {
            (Target::All, "GET") => list(&call.query),
            (Target::All, _) => deliver().await,
            (Target::Retry(id), _) => retry(id),
        };
        match reply {
            Ok(reply) => drop(call.responder.send(reply).await),
            Err(problem) => call.responder.fail(problem).await,
        }
    })
    .await;
}

fn list(query: &str) -> Result<Reply, Problem> {
    let page = api::deliveries_page(query)?;
    let owed = Store::from_variables()?.jobs(page.state, page.after, page.limit)?;
    Ok(api::deliveries(page, &owed))
}

fn retry(id: JobId) -> Result<Reply, Problem> {
    api::requeued(&Store::from_variables()?.requeue(id, Environment.now())?)
}

async fn deliver() -> Result<Reply, Problem> {
    let store = Store::from_variables()?;
    let invoices = Fakturownia::from_variables(PATIENCE)?;
    let relay = Relay::from_variables(PATIENCE)?;
    let counts = deliver_due(&store, &invoices, &relay, &Environment, Limits::RUN).await?;
    forget_old_keys(&store, &Environment).await?;
    Ok(api::delivered(counts))
}
