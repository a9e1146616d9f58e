//! Payments: `PATCH /paid`, `PATCH /failed`, `PATCH /refunded`, `PATCH /rebilled`.

mod failed;
mod paid;
mod rebilled;
mod refunded;

use api::{Methods, Needs};
use spin_adapters::server::{Call, Endpoint, by_token, serve};
use spin_sdk::http::{IncomingRequest, ResponseOutparam};
use spin_sdk::http_component;

/// The target of a path.
enum Target {
    Paid,
    Failed,
    Refunded,
    Rebilled,
}

fn route(segments: &[&str]) -> Option<Endpoint<Target>> {
    let (target, pattern, methods) = match segments {
        ["paid"] => (Target::Paid, "/paid", &[("PATCH", Needs::Callers)]),
        ["failed"] => (Target::Failed, "/failed", &[("PATCH", Needs::Callers)]),
        // It cancels an invoice.
        ["refunded"] => (Target::Refunded, "/refunded", &[("PATCH", Needs::Operators)]),
        ["rebilled"] => (Target::Rebilled, "/rebilled", &[("PATCH", Needs::Operators)]),
        _ => return None,
    };
    Some(Endpoint { target, pattern, methods: Methods(methods) })
}

#[http_component]
async fn handle(request: IncomingRequest, out: ResponseOutparam) {
    serve(request, out, by_token, route, async |call: Call<Target>| match call.target {
        Target::Paid => Box::pin(paid::paid(call)).await,
        Target::Failed => Box::pin(failed::failed(call)).await,
        Target::Refunded => Box::pin(refunded::refunded(call)).await,
        Target::Rebilled => Box::pin(rebilled::rebilled(call)).await,
    })
    .await;
}
