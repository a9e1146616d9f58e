//! `PATCH /rebilled`: bill what is left of a payment to another buyer.

use api::Problem;
use domain::model::asked::Asked;
use domain::usecases::once::Done;
use domain::usecases::rebill::rebill;
use spin_adapters::server::Call;
use spin_adapters::{Adapters, Fakturownia};

pub(crate) async fn rebilled<T>(call: Call<T>) {
    let Some((asked, body, responder)) = call.into_keyed_body().await else { return };
    responder.answer_done(record(asked, &body).await, api::enrolment).await;
}

async fn record(asked: Asked, body: &[u8]) -> Result<(Done, Adapters<Fakturownia>), Problem> {
    let rebilling = api::parse_rebilling(body)?;
    let adapters = Adapters::from_variables()?.with_invoices();
    Ok((rebill(&adapters, asked, &rebilling).await?, adapters))
}
