//! `POST /`: enrol a user in a course.

use api::Problem;
use domain::model::asked::Asked;
use domain::usecases::enrol::enrol;
use domain::usecases::once::Done;
use spin_adapters::Adapters;
use spin_adapters::server::Call;

pub(crate) async fn create<T>(call: Call<T>) {
    let Some((asked, body, responder)) = call.into_keyed_body().await else { return };
    responder.answer_done(enrolled(asked, &body).await, api::created).await;
}

async fn enrolled(asked: Asked, body: &[u8]) -> Result<(Done, Adapters), Problem> {
    let new = api::parse_new_enrolment(body)?;
    let adapters = Adapters::from_variables()?;
    Ok((enrol(&adapters, asked, &new).await?, adapters))
}
