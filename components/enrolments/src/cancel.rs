//! `PATCH /canceled`: cancel an enrolment.

use api::Problem;
use domain::cancel::cancel;
use domain::idempotency::{Fact, Fingerprint, IdempotencyKey};
use domain::once::{Done, once};
use domain::ports::Ports as _;
use spin_adapters::inbound::Call;
use spin_adapters::{Adapters, Environment, deliver_after};

pub(crate) async fn canceled<T>(call: Call<T>) {
    let Some((key, body, responder)) = call.into_keyed_body().await else { return };
    responder.answer_done(change(key, &body).await, api::enrolment, deliver_after).await;
}

async fn change(key: Option<IdempotencyKey>, body: &[u8]) -> Result<(Done, Adapters), Problem> {
    let note = api::parse_note(body)?;
    let adapters = Adapters::from_variables()?;
    let key = key.map(|key| (key, Fingerprint::to_note(Fact::Canceled, &note)));
    let work = async |reservation: Option<&_>| cancel(&adapters, &note, reservation).await;
    let done = once(adapters.store(), &Environment, key, work).await?;
    Ok((done, adapters))
}
