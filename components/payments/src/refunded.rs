//! `PATCH /refunded`: record a refund and correct the invoice.

use api::Problem;
use domain::model::asked::Asked;
use domain::usecases::once::Done;
use domain::usecases::refund::refund;
use spin_adapters::server::Call;
use spin_adapters::{Adapters, Fakturownia};

pub(crate) async fn refunded<T>(call: Call<T>) {
    let Some((asked, body, responder)) = call.into_keyed_body().await else { return };
    responder.answer_done(record(asked, &body).await, api::enrolment).await;
}

async fn record(asked: Asked, body: &[u8]) -> Result<(Done, Adapters<Fakturownia>), Problem> {
    let reported = api::parse_refund(body)?;
    let adapters = Adapters::from_variables()?.with_invoices();
    Ok((refund(&adapters, asked, &reported).await?, adapters))
}
