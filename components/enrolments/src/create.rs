//! `POST /`: enrol a user in a course.

use api::{NewEnrolment, Problem};
use domain::deliver::deliver_mail;
use domain::enrol::enrol;
use domain::idempotency::{Asked, Done, IdempotencyKey, once};
use spin_adapters::inbound::Call;
use spin_adapters::{CoursesService, Environment, Patience, Relay, Store, UsersService};
use std::time::Duration;

/// Nobody waits for the mail.
const MAIL: Patience = Patience::Each(Duration::from_secs(10));

pub(crate) async fn create<T>(call: Call<T>) {
    let (key, body, responder) = match call.into_keyed_body().await {
        Ok(read) => read,
        Err((problem, responder)) => return responder.fail(problem).await,
    };
    match enrolled(key, &body).await {
        Err(problem) => responder.fail(problem).await,
        Ok((Done::Before(enrolment), ..)) => drop(responder.send(api::created(&enrolment)).await),
        Ok((Done::Now { enrolment, job, .. }, store, relay)) => {
            let answered = responder.send(api::created(&enrolment)).await;
            if let Err(error) = deliver_mail(&store, &relay, &Environment, &job).await {
                answered.log(&error.to_string());
            }
        }
    }
}

/// All that can keep the mail from being delivered later is checked before
/// anything is changed.
async fn enrolled(key: Option<IdempotencyKey>, body: &[u8]) -> Result<(Done, Store, Relay), Problem> {
    let NewEnrolment { user_id, course_id } = api::parse_new_enrolment(body)?;
    let store = Store::from_variables()?;
    let relay = Relay::from_variables(MAIL)?;
    let users = UsersService::from_variables()?;
    let courses = CoursesService::from_variables()?;
    let key = key.map(|key| (key, Asked::to_enrol(&user_id, course_id)));
    let done = once(&store, &Environment, key, async |reservation| {
        enrol(&store, &users, &courses, &Environment, &user_id, course_id, reservation).await
    });
    Ok((done.await?, store, relay))
}
