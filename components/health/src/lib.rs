//! `GET /health`: whether the database answers. Anybody may ask.

use api::{Access, Methods};
use spin_adapters::Store;
use spin_adapters::inbound::{Call, Endpoint, serve};
use spin_sdk::http::{IncomingRequest, ResponseOutparam};
use spin_sdk::http_component;

fn route(segments: &[&str]) -> Option<Endpoint<()>> {
    (segments == ["health"]).then_some(Endpoint { target: (), pattern: "/health", methods: Methods(&["GET"]) })
}

#[http_component]
async fn handle(request: IncomingRequest, out: ResponseOutparam) {
    serve(request, out, Ok(Access::Open), route, health).await;
}

async fn health(call: Call<()>) {
    let pinged = Store::from_variables().and_then(|store| store.ping());
    if let Err(error) = &pinged {
        call.responder.log(&error.to_string());
    }
    call.responder.send(api::health(pinged.is_ok())).await;
}
