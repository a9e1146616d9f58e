//! `PATCH /canceled`: cancel an enrolment.

use api::Problem;
use domain::model::asked::Asked;
use domain::usecases::cancel::cancel;
use domain::usecases::once::Done;
use spin_adapters::Adapters;
use spin_adapters::server::Call;

pub(crate) async fn canceled<T>(call: Call<T>) {
    let Some((asked, body, responder)) = call.into_keyed_body().await else { return };
    responder.answer_done(change(asked, &body).await, api::enrolment).await;
}

async fn change(asked: Asked, body: &[u8]) -> Result<(Done, Adapters), Problem> {
    let note = api::parse_note(body)?;
    let adapters = Adapters::from_variables()?;
    Ok((cancel(&adapters, asked, &note).await?, adapters))
}
