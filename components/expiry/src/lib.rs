//! `PATCH /expired`: end what was not paid in time, and complete enrolments whose course has ended, for
//! platforms without a cron trigger and for callers that want the result at once.

use api::{ListEnd, ListWriter, Methods, Needs, Problem};
use domain::Enrolment;
use domain::model::asked::Author;
use domain::ports::Settled;
use domain::usecases::expire::{BATCH, expire_batch, settle};
use spin_adapters::server::{Call, Endpoint, by_token, serve};
use spin_adapters::{Environment, Store};
use spin_sdk::http::{IncomingRequest, ResponseOutparam};
use spin_sdk::http_component;

fn route(segments: &[&str]) -> Option<Endpoint<()>> {
    let methods = Methods(&[("PATCH", Needs::Callers)]);
    (segments == ["expired"]).then_some(Endpoint { target: (), pattern: "/expired", methods })
}

#[http_component]
async fn handle(request: IncomingRequest, out: ResponseOutparam) {
    serve(request, out, by_token, route, expired).await;
}

async fn expired(call: Call<()>) {
    let by = call.responder.caller().author();
    match first(&call.query, by.as_ref()).await {
        Err(problem) => call.responder.fail(problem).await,
        Ok((store, settled, batch)) => {
            // The rest is completed even if the caller disconnects.
            let next = async |_, _: &[Enrolment]| expire_batch(&store, &Environment, by.as_ref()).await;
            let list = ListWriter::ending(ListEnd::Settled(settled));
            call.responder.list(list, &store, batch, BATCH, next).await;
        }
    }
}

/// The seats and the first batch, before the response begins, so that a failure still has its status.
async fn first(query: &str, by: Option<&Author>) -> Result<(Store, Settled, Vec<Enrolment>), Problem> {
    api::no_parameters(query)?;
    let store = Store::from_variables()?;
    let settled = settle(&store, &Environment, by).await?;
    let batch = expire_batch(&store, &Environment, by).await?;
    Ok((store, settled, batch))
}
