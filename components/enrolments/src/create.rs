//! `POST /`: enrol a user in a course.

use api::Problem;
use domain::Enrolment;
use domain::deliver::deliver_mail;
use domain::enrol::enrol;
use domain::job::Job;
use spin_adapters::inbound::Call;
use spin_adapters::{CoursesService, Environment, Patience, Relay, Store, UsersService};
use std::time::Duration;

/// Nobody waits for the mail.
const MAIL: Patience = Patience::Each(Duration::from_secs(10));

pub(crate) async fn create<T>(call: Call<T>) {
    let (body, responder) = match call.into_body().await {
        Ok(read) => read,
        Err((problem, responder)) => return responder.fail(problem).await,
    };
    match enrolled(&body).await {
        Err(problem) => responder.fail(problem).await,
        Ok((enrolment, job, store, relay)) => {
            let answered = responder.send(api::created(&enrolment)).await;
            if let Err(error) = deliver_mail(&store, &relay, &Environment, &job).await {
                answered.log(&error.to_string());
            }
        }
    }
}

/// All that can keep the mail from being delivered later is checked before
/// anything is changed.
async fn enrolled(body: &[u8]) -> Result<(Enrolment, Job, Store, Relay), Problem> {
    let new = api::parse_new_enrolment(body)?;
    let store = Store::from_variables()?;
    let relay = Relay::from_variables(MAIL)?;
    let users = UsersService::from_variables()?;
    let courses = CoursesService::from_variables()?;
    let (enrolment, job) = enrol(&store, &users, &courses, &Environment, &new.user_id, new.course_id).await?;
    Ok((enrolment, job, store, relay))
}
