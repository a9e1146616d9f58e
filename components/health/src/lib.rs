//! `GET /health`: whether the variables are valid and the database can be read; with
//! `?deep=1` also whether it can be written, and the counts of pending deliveries. It
//! requires no token. `GET /metrics`: the same counts, totals of what happened, and when runs ended, for
//! Prometheus.

use api::{Checks, Figures, Methods, Needs, Problem, Reply};
use domain::jobs::outbox::Backlog;
use domain::ports::Clock as _;
use domain::{System, Unavailable};
use spin_adapters::server::{Call, Endpoint, by_token, serve};
use spin_adapters::{Environment, Store, config};
use spin_sdk::http::{IncomingRequest, ResponseOutparam};
use spin_sdk::http_component;

#[derive(Clone, Copy)]
enum Target {
    Health,
    Metrics,
}

fn route(segments: &[&str]) -> Option<Endpoint<Target>> {
    let (target, pattern, methods) = match segments {
        // A probe has no secret.
        ["health"] => (Target::Health, "/health", &[("GET", Needs::NoToken)]),
        ["metrics"] => (Target::Metrics, "/metrics", &[("GET", Needs::Metrics)]),
        _ => return None,
    };
    Some(Endpoint { target, pattern, methods: Methods(methods) })
}

#[http_component]
async fn handle(request: IncomingRequest, out: ResponseOutparam) {
    serve(request, out, by_token, route, async |call: Call<Target>| match call.target {
        Target::Health => health(call).await,
        Target::Metrics => call.responder.answer(metrics(&call.query)).await,
    })
    .await;
}

async fn health<T>(call: Call<T>) {
    let deep = match api::deep(&call.query) {
        Ok(deep) => deep,
        Err(problem) => return call.responder.fail(problem).await,
    };
    let faults = config::faults();
    let names_faults = !faults.is_empty() && call.knows_a_token();
    for fault in &faults {
        call.responder.log(&format!("configuration: variable {} is unreadable", fault.name));
    }
    let database = database(deep);
    if let Err(error) = &database
        && error.system != System::Configuration
    {
        call.responder.log(&error.to_string());
    }
    let checks = Checks {
        database_is_down: database.is_err(),
        faults: &faults,
        names_faults,
        backlog: database.as_ref().ok().and_then(Option::as_ref),
    };
    drop(call.responder.send(api::health(&checks, Environment.now())).await);
}

/// Checks the database; with `deep` it also counts pending deliveries.
fn database(deep: bool) -> Result<Option<Backlog>, Unavailable> {
    let store = Store::from_variables()?;
    store.check_readable()?;
    if !deep {
        return Ok(None);
    }
    let backlog = store.backlog()?;
    store.check_writable()?;
    Ok(Some(backlog))
}

fn metrics(query: &str) -> Result<Reply, Problem> {
    api::no_parameters(query)?;
    let store = Store::from_variables()?;
    let figures = Figures {
        faults: config::faults().len(),
        newest: store.newest()?,
        backlog: &store.backlog()?,
        totals: &store.totals()?,
    };
    Ok(api::metrics(figures, Environment.now()))
}
