//! `PATCH /failed`: record a failed payment.

use api::{Problem, Reply};
use domain::model::idempotency::IdempotencyKey;
use domain::usecases::fail::fail;
use spin_adapters::server::Call;
use spin_adapters::{Environment, Store};

pub(crate) async fn failed<T>(call: Call<T>) {
    let Some((key, body, responder)) = call.into_keyed_body().await else { return };
    responder.answer(record(key, &body).await).await;
}

async fn record(key: Option<IdempotencyKey>, body: &[u8]) -> Result<Reply, Problem> {
    let note = api::parse_note(body)?;
    let failed = fail(&Store::from_variables()?, &Environment, key, &note).await?;
    Ok(api::enrolment(&failed.enrolment))
}
