//! `POST /deliveries/{id}/resolution`: resolve a delivery.

use api::Problem;
use domain::jobs::outbox::JobSummary;
use domain::jobs::{Job, JobId};
use domain::model::resolution::Author;
use domain::ports::Ports as _;
use domain::usecases::settle::{self};
use spin_adapters::server::Call;
use spin_adapters::{Adapters, Environment, config, deliver_after};

pub(crate) async fn settle<T>(id: JobId, call: Call<T>) {
    let Some((body, responder)) = call.into_body().await else { return };
    let author = responder.caller().name.as_deref().map(|name| Author(name.to_owned()));
    match settled(id, &body, author.as_ref()).await {
        Err(problem) => responder.fail(problem).await,
        Ok((job, following, adapters)) => {
            let answered = responder.send(api::settled(&job)).await;
            deliver_after(&answered, &adapters, following).await;
        }
    }
}

async fn settled(
    id: JobId,
    body: &[u8],
    settled_by: Option<&Author>,
) -> Result<(JobSummary, Vec<Job>, Adapters), Problem> {
    let resolution = api::parse_resolution(body)?;
    let (adapters, currency) = (Adapters::from_variables()?, config::currency()?);
    let (job, following) =
        settle::settle(adapters.store(), &Environment, id, &resolution, settled_by, currency.code()).await?;
    Ok((job, following, adapters))
}
