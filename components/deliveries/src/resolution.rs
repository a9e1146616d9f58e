//! `POST /deliveries/{id}/resolution`: resolve a delivery.

use api::Problem;
use domain::jobs::outbox::JobSummary;
use domain::jobs::{Job, JobId};
use domain::model::asked::Author;
use domain::ports::Ports as _;
use domain::usecases::resolve;
use spin_adapters::server::Call;
use spin_adapters::{Adapters, Environment, config, deliver_after};

pub(crate) async fn resolve<T>(id: JobId, call: Call<T>) {
    let Some((body, responder)) = call.into_body().await else { return };
    let author = responder.caller().author();
    match resolved(id, &body, author.as_ref()).await {
        Err(problem) => responder.fail(problem).await,
        Ok((job, following, adapters)) => {
            let answered = responder.send(api::resolved(&job)).await;
            deliver_after(&answered, &adapters, following).await;
        }
    }
}

async fn resolved(
    id: JobId,
    body: &[u8],
    settled_by: Option<&Author>,
) -> Result<(JobSummary, Vec<Job>, Adapters), Problem> {
    let resolution = api::parse_resolution(body)?;
    let (adapters, currency) = (Adapters::from_variables()?, config::currency()?);
    let (job, following) =
        resolve::resolve(adapters.store(), &Environment, id, &resolution, settled_by, currency.code()).await?;
    Ok((job, following, adapters))
}
