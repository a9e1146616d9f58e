//! `POST /`: enrol a user in a course.

use api::Problem;
use domain::enrol::enrol;
use domain::idempotency::{Fingerprint, IdempotencyKey};
use domain::once::{Done, once};
use domain::ports::Ports as _;
use spin_adapters::inbound::Call;
use spin_adapters::{Adapters, Environment, deliver_after};

pub(crate) async fn create<T>(call: Call<T>) {
    let Some((key, body, responder)) = call.into_keyed_body().await else { return };
    responder.answer_done(enrolled(key, &body).await, api::created, deliver_after).await;
}

async fn enrolled(key: Option<IdempotencyKey>, body: &[u8]) -> Result<(Done, Adapters), Problem> {
    let new = api::parse_new_enrolment(body)?;
    let adapters = Adapters::from_variables()?;
    let key = key.map(|key| (key, Fingerprint::to_enrol(&new.user_id, new.course_id)));
    let work = async |reservation: Option<&_>| enrol(&adapters, &new, reservation).await;
    let done = once(adapters.store(), &Environment, key, work).await?;
    Ok((done, adapters))
}
