//! `PATCH /failed`: record a failed payment.

use api::{Problem, Reply};
use domain::model::asked::Asked;
use domain::usecases::fail::fail;
use spin_adapters::server::Call;
use spin_adapters::{Environment, Store};

pub(crate) async fn failed<T>(call: Call<T>) {
    let Some((asked, body, responder)) = call.into_keyed_body().await else { return };
    responder.answer(record(asked, &body).await).await;
}

async fn record(asked: Asked, body: &[u8]) -> Result<Reply, Problem> {
    let note = api::parse_note(body)?;
    let failed = fail(&Store::from_variables()?, &Environment, asked, &note).await?;
    Ok(api::enrolment(&failed.enrolment))
}
