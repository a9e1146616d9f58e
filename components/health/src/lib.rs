//! `GET /health`: whether the database answers, and with `?deep=1` what is
//! owed. Anybody may ask.

use api::{Access, Methods, Reply};
use domain::Unavailable;
use domain::ports::Clock as _;
use spin_adapters::inbound::{Call, Endpoint, serve};
use spin_adapters::{Environment, Store};
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
    let reply = examine(&call.query).unwrap_or_else(|error| {
        call.responder.log(&error.to_string());
        api::unhealthy()
    });
    call.responder.send(reply).await;
}

fn examine(query: &str) -> Result<Reply, Unavailable> {
    let store = Store::from_variables()?;
    if api::deep(query) {
        return Ok(api::healthy(Some(&store.backlog()?), Environment.now()));
    }
    store.ping()?;
    Ok(api::healthy(None, Environment.now()))
}
