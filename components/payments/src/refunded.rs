//! `PATCH /refunded`: record that all that was paid went back, and have the invoice
//! corrected.

use api::Problem;
use domain::idempotency::{Fact, Fingerprint, IdempotencyKey};
use domain::once::{Done, once};
use domain::ports::Ports as _;
use domain::refund::refund;
use spin_adapters::inbound::Call;
use spin_adapters::{Adapters, Environment, Fakturownia, deliver_after};

pub(crate) async fn refunded<T>(call: Call<T>) {
    let Some((key, body, responder)) = call.into_keyed_body().await else { return };
    responder.answer_done(record(key, &body).await, api::enrolment, deliver_after).await;
}

async fn record(key: Option<IdempotencyKey>, body: &[u8]) -> Result<(Done, Adapters<Fakturownia>), Problem> {
    let note = api::parse_note(body)?;
    let adapters = Adapters::from_variables()?.with_invoices();
    let key = key.map(|key| (key, Fingerprint::to_note(Fact::Refunded, &note)));
    let work = async |reservation: Option<&_>| refund(&adapters, &note, reservation).await;
    let done = once(adapters.store(), &Environment, key, work).await?;
    Ok((done, adapters))
}
