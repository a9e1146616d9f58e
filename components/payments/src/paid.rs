//! `PATCH /paid`: record a payment and issue its invoice, if there is one.

use api::Problem;
use domain::model::asked::Asked;
use domain::usecases::once::Done;
use domain::usecases::pay::record_payment;
use spin_adapters::server::Call;
use spin_adapters::{Adapters, Fakturownia};

pub(crate) async fn paid<T>(call: Call<T>) {
    let Some((asked, body, responder)) = call.into_keyed_body().await else { return };
    responder.answer_done(record(asked, &body).await, api::enrolment).await;
}

async fn record(asked: Asked, body: &[u8]) -> Result<(Done, Adapters<Fakturownia>), Problem> {
    let payment = api::parse_payment(body)?;
    let adapters = Adapters::from_variables()?.with_invoices();
    Ok((record_payment(&adapters, asked, &payment).await?, adapters))
}
