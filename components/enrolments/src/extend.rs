//! `PATCH /extended`: hold the seat of an enrolment until another time.

use api::Problem;
use domain::model::asked::Asked;
use domain::usecases::extend::extend;
use domain::usecases::once::Done;
use spin_adapters::Adapters;
use spin_adapters::server::Call;

pub(crate) async fn extended<T>(call: Call<T>) {
    let Some((asked, body, responder)) = call.into_keyed_body().await else { return };
    responder.answer_done(change(asked, &body).await, api::enrolment).await;
}

async fn change(asked: Asked, body: &[u8]) -> Result<(Done, Adapters), Problem> {
    let extension = api::parse_extension(body)?;
    let adapters = Adapters::from_variables()?;
    Ok((extend(&adapters, asked, &extension).await?, adapters))
}
