//! `PATCH /refunded`: record that all that was paid went back, and have the invoice
//! corrected.

use api::Problem;
use domain::idempotency::{Fact, Fingerprint, IdempotencyKey};
use domain::once::{Done, once};
use domain::refund::refund;
use spin_adapters::inbound::Call;
use spin_adapters::{Adapters, Configured, Deadline, Environment, Fakturownia, correct_after};

pub(crate) async fn refunded<T>(call: Call<T>) {
    let Some((key, body, responder)) = call.into_keyed_body().await else { return };
    responder.answer_done(record(key, &body).await, api::enrolment, correct_after).await;
}

async fn record(
    key: Option<IdempotencyKey>,
    body: &[u8],
) -> Result<(Done, (Adapters, Configured<Fakturownia>)), Problem> {
    let note = api::parse_note(body)?;
    let adapters = Adapters::from_variables()?;
    let invoices = Configured::new(Fakturownia::from_variables(Deadline::BACKGROUND));
    let services = adapters.services();
    let key = key.map(|key| (key, Fingerprint::to_note(Fact::Refunded, &note)));
    let work = async |reservation: Option<&_>| refund(&services, &note, reservation).await;
    let done = once(services.store, &Environment, key, work).await?;
    Ok((done, (adapters, invoices)))
}
