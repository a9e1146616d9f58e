//! `PATCH /moved`: move an enrolment to another course.

use api::Problem;
use domain::model::asked::Asked;
use domain::usecases::move_to::move_to;
use domain::usecases::once::Done;
use spin_adapters::Adapters;
use spin_adapters::server::Call;

pub(crate) async fn moved<T>(call: Call<T>) {
    let Some((asked, body, responder)) = call.into_keyed_body().await else { return };
    responder.answer_done(change(asked, &body).await, api::enrolment).await;
}

async fn change(asked: Asked, body: &[u8]) -> Result<(Done, Adapters), Problem> {
    let moving = api::parse_move(body)?;
    let adapters = Adapters::from_variables()?;
    Ok((move_to(&adapters, asked, &moving).await?, adapters))
}
