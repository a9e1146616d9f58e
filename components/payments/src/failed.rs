//! `PATCH /failed`: record a payment that was tried and failed.

use api::{Problem, Reply};
use domain::fail::fail;
use domain::idempotency::{Fact, Fingerprint, IdempotencyKey};
use domain::once::{Done, once};
use spin_adapters::inbound::Call;
use spin_adapters::{Environment, Store};

pub(crate) async fn failed<T>(call: Call<T>) {
    let Some((key, body, responder)) = call.into_keyed_body().await else { return };
    responder.answer(record(key, &body).await).await;
}

async fn record(key: Option<IdempotencyKey>, body: &[u8]) -> Result<Reply, Problem> {
    let note = api::parse_note(body)?;
    let store = Store::from_variables()?;
    let key = key.map(|key| (key, Fingerprint::to_note(Fact::Failed, &note)));
    let failed = async |reservation: Option<&_>| fail(&store, &Environment, &note, reservation).await;
    let (Done::Now { enrolment, .. } | Done::Before(enrolment)) = once(&store, &Environment, key, failed).await?;
    Ok(api::enrolment(&enrolment))
}
