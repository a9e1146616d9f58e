//! `PATCH /paid`: record a payment and issue its invoice, if there is one.

use api::Problem;
use domain::model::idempotency::IdempotencyKey;
use domain::usecases::once::Done;
use domain::usecases::pay::record_payment;
use spin_adapters::server::Call;
use spin_adapters::{Adapters, Fakturownia};

pub(crate) async fn paid<T>(call: Call<T>) {
    let Some((key, body, responder)) = call.into_keyed_body().await else { return };
    responder.answer_done(record(key, &body).await, api::enrolment).await;
}

async fn record(key: Option<IdempotencyKey>, body: &[u8]) -> Result<(Done, Adapters<Fakturownia>), Problem> {
    let payment = api::parse_payment(body)?;
    let adapters = Adapters::from_variables()?.with_invoices();
    Ok((record_payment(&adapters, key, &payment).await?, adapters))
}
