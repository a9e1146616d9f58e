//! `GET /health`: whether the database can be read, and with `?deep=1` whether it
//! can be written and what is owed; anybody may ask. `GET /metrics`: what is owed,
//! and how far the enrolments have come, for Prometheus.

use api::{Methods, Needs, Problem, Reply};
use domain::Unavailable;
use domain::ports::Clock as _;
use spin_adapters::inbound::{Call, Endpoint, by_token, serve};
use spin_adapters::{Environment, Store};
use spin_sdk::http::{IncomingRequest, ResponseOutparam};
use spin_sdk::http_component;

#[derive(Clone, Copy)]
enum Target {
    Health,
    Metrics,
}

fn route(segments: &[&str]) -> Option<Endpoint<Target>> {
    let (target, pattern, methods) = match segments {
        // So that a probe needs no secret.
        ["health"] => (Target::Health, "/health", &[("GET", Needs::NoToken)]),
        ["metrics"] => (Target::Metrics, "/metrics", &[("GET", Needs::Metrics)]),
        _ => return None,
    };
    Some(Endpoint { target, pattern, methods: Methods(methods) })
}

#[http_component]
async fn handle(request: IncomingRequest, out: ResponseOutparam) {
    serve(request, out, by_token, route, async |call: Call<Target>| match call.target {
        Target::Health => {
            let deep = match api::deep(&call.query) {
                Ok(deep) => deep,
                Err(problem) => return call.responder.fail(problem).await,
            };
            let reply = health(deep).unwrap_or_else(|error| {
                call.responder.log(&error.to_string());
                api::unhealthy()
            });
            drop(call.responder.send(reply).await);
        }
        Target::Metrics => call.responder.answer(metrics()).await,
    })
    .await;
}

fn health(deep: bool) -> Result<Reply, Unavailable> {
    let store = Store::from_variables()?;
    store.check_readable()?;
    if !deep {
        return Ok(api::healthy(None, Environment.now()));
    }
    let backlog = store.backlog()?;
    store.check_writable()?;
    Ok(api::healthy(Some(&backlog), Environment.now()))
}

fn metrics() -> Result<Reply, Problem> {
    let store = Store::from_variables()?;
    Ok(api::metrics(store.newest()?, &store.backlog()?, Environment.now()))
}
