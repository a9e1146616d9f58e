//! `PATCH /canceled`: cancel an enrolment.

use api::Problem;
use domain::cancel::cancel;
use domain::idempotency::{Fact, Fingerprint, IdempotencyKey};
use domain::once::{Done, once};
use domain::ports::Services;
use spin_adapters::inbound::Call;
use spin_adapters::{CoursesService, Deadline, Environment, Relay, Store, UsersService, deliver_after};

pub(crate) async fn canceled<T>(call: Call<T>) {
    let (key, body, responder) = match call.into_keyed_body().await {
        Ok(read) => read,
        Err((problem, responder)) => return responder.fail(problem).await,
    };
    match change(key, &body).await {
        Err(problem) => responder.fail(problem).await,
        Ok((Done::Before(enrolment), ..)) => drop(responder.send(api::enrolment(&enrolment)).await),
        Ok((Done::Now { enrolment, jobs, .. }, store, relay)) => {
            let answered = responder.send(api::enrolment(&enrolment)).await;
            deliver_after(&answered, &store, &relay, &jobs).await;
        }
    }
}

/// All that can keep the mail from being delivered later is checked before
/// anything is changed.
async fn change(key: Option<IdempotencyKey>, body: &[u8]) -> Result<(Done, Store, Relay), Problem> {
    let note = api::parse_note(body)?;
    let store = Store::from_variables()?;
    let relay = Relay::from_variables(Deadline::BACKGROUND)?;
    let (users, courses) = (UsersService::from_variables()?, CoursesService::from_variables()?);
    let services = Services { store: &store, users: &users, courses: &courses, env: &Environment };
    let key = key.map(|key| (key, Fingerprint::to_note(Fact::Canceled, &note)));
    let done = once(&store, &Environment, key, async |reservation| cancel(&services, &note, reservation).await).await?;
    Ok((done, store, relay))
}
