//! `POST /deliveries`: run due deliveries, for platforms without a cron trigger. For
//! operators: `GET /deliveries`, `GET /deliveries/summary`, `GET /deliveries/{id}`,
//! `GET /deliveries/{id}/invoice`, `POST /deliveries/retry`,
//! `POST /deliveries/{id}/retry`, `POST /deliveries/{id}/resolution`, `POST /events/test` and
//! `GET /documents/check`.

mod check;
mod resolution;

use api::{Methods, Needs, Problem, Reply};
use domain::jobs::JobId;
use domain::ports::Clock as _;
use domain::usecases::retry::{retry, retry_dead};
use spin_adapters::server::{Call, Endpoint, by_token, serve};
use spin_adapters::{Environment, Store, run_deliveries, test_receiver};
use spin_sdk::http::{IncomingRequest, ResponseOutparam};
use spin_sdk::http_component;

/// The target of a path.
#[derive(Clone, Copy)]
enum Target {
    All,
    Summary,
    RetryDead,
    One(JobId),
    Invoice(JobId),
    Retry(JobId),
    Resolution(JobId),
    TestEvent,
    Check,
}

fn route(segments: &[&str]) -> Option<Endpoint<Target>> {
    let (target, pattern, methods) = match segments {
        ["deliveries"] => (Target::All, "/deliveries", &[("GET", Needs::Viewers), ("POST", Needs::Callers)][..]),
        ["deliveries", "summary"] => (Target::Summary, "/deliveries/summary", &[("GET", Needs::Viewers)][..]),
        ["deliveries", "retry"] => (Target::RetryDead, "/deliveries/retry", &[("POST", Needs::Operators)][..]),
        ["deliveries", id] => (Target::One(api::delivery_id(id)?), "/deliveries/{id}", &[("GET", Needs::Viewers)][..]),
        ["deliveries", id, "invoice"] => {
            (Target::Invoice(api::delivery_id(id)?), "/deliveries/{id}/invoice", &[("GET", Needs::Viewers)][..])
        }
        ["deliveries", id, "retry"] => {
            (Target::Retry(api::delivery_id(id)?), "/deliveries/{id}/retry", &[("POST", Needs::Operators)][..])
        }
        ["deliveries", id, "resolution"] => (
            Target::Resolution(api::delivery_id(id)?),
            "/deliveries/{id}/resolution",
            &[("POST", Needs::Operators)][..],
        ),
        ["events", "test"] => (Target::TestEvent, "/events/test", &[("POST", Needs::Operators)][..]),
        ["documents", "check"] => (Target::Check, "/documents/check", &[("GET", Needs::Viewers)][..]),
        _ => return None,
    };
    Some(Endpoint { target, pattern, methods: Methods(methods) })
}

#[http_component]
async fn handle(request: IncomingRequest, out: ResponseOutparam) {
    serve(request, out, by_token, route, async |call: Call<Target>| {
        let reply = match (call.target, call.method) {
            (Target::All, "GET") => list(&call.query),
            (Target::All, _) => match api::no_parameters(&call.query) {
                Ok(()) => Box::pin(run_deliveries()).await.map(api::delivered).map_err(Problem::from),
                Err(problem) => Err(problem),
            },
            (Target::Summary, _) => summary(&call.query),
            (Target::One(id), _) => one(id, &call.query),
            (Target::Invoice(id), _) => invoice(id, &call.query),
            (Target::RetryDead, _) => return retry_all(call).await,
            (Target::Retry(id), _) => retry_one(id, &call.query).await,
            (Target::TestEvent, _) => test_event(&call.query).await,
            (Target::Check, _) => Box::pin(check::check(&call.query)).await,
            (Target::Resolution(id), _) => return Box::pin(resolution::resolve(id, call)).await,
        };
        call.responder.answer(reply).await;
    })
    .await;
}

fn list(query: &str) -> Result<Reply, Problem> {
    let (filter, paging) = api::deliveries_page(query)?;
    Ok(api::deliveries(&Store::from_variables()?.jobs(&filter, paging.after(), paging.limit())?))
}

fn summary(query: &str) -> Result<Reply, Problem> {
    api::no_parameters(query)?;
    Ok(api::delivery_summary(&Store::from_variables()?.backlog()?, Environment.now()))
}

fn one(id: JobId, query: &str) -> Result<Reply, Problem> {
    api::no_parameters(query)?;
    api::delivery(Store::from_variables()?.job(id)?.as_ref())
}

fn invoice(id: JobId, query: &str) -> Result<Reply, Problem> {
    api::no_parameters(query)?;
    api::planned_invoice(Store::from_variables()?.planned_invoice(id)?.as_ref())
}

async fn retry_all(call: Call<Target>) {
    let Some((body, responder)) = call.into_body().await else { return };
    let retried = async {
        let dead = api::parse_dead(&body)?;
        Ok(api::retried_dead(retry_dead(&Store::from_variables()?, &dead).await?))
    };
    let retried = retried.await;
    responder.answer(retried).await;
}

async fn retry_one(id: JobId, query: &str) -> Result<Reply, Problem> {
    api::no_parameters(query)?;
    api::retried(&retry(&Store::from_variables()?, id).await?)
}

async fn test_event(query: &str) -> Result<Reply, Problem> {
    api::no_parameters(query)?;
    test_receiver().await.map(|test| api::receiver_test(&test))
}
