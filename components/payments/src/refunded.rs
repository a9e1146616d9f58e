//! `PATCH /refunded`: record that all that was paid went back, and have the invoice
//! corrected.

use api::Problem;
use domain::idempotency::{Fact, Fingerprint, IdempotencyKey};
use domain::once::{Done, once};
use domain::ports::Services;
use domain::refund::refund;
use spin_adapters::inbound::Call;
use spin_adapters::{CoursesService, Deadline, Environment, Fakturownia, Relay, Store, UsersService, correct_after};

pub(crate) async fn refunded<T>(call: Call<T>) {
    let (key, body, responder) = match call.into_keyed_body().await {
        Ok(read) => read,
        Err((problem, responder)) => return responder.fail(problem).await,
    };
    match record(key, &body).await {
        Err(problem) => responder.fail(problem).await,
        Ok((Done::Before(enrolment), ..)) => drop(responder.send(api::enrolment(&enrolment)).await),
        Ok((Done::Now { enrolment, jobs, .. }, store, invoices, relay)) => {
            let answered = responder.send(api::enrolment(&enrolment)).await;
            correct_after(&answered, &store, &invoices, &relay, jobs).await;
        }
    }
}

/// All that can keep the correction and the mail from being delivered later is
/// checked before anything is changed.
async fn record(key: Option<IdempotencyKey>, body: &[u8]) -> Result<(Done, Store, Fakturownia, Relay), Problem> {
    let note = api::parse_note(body)?;
    let store = Store::from_variables()?;
    let relay = Relay::from_variables(Deadline::BACKGROUND)?;
    let invoices = Fakturownia::from_variables(Deadline::BACKGROUND)?;
    let (users, courses) = (UsersService::from_variables()?, CoursesService::from_variables()?);
    let services = Services { store: &store, users: &users, courses: &courses, env: &Environment };
    let key = key.map(|key| (key, Fingerprint::to_note(Fact::Refunded, &note)));
    let done = once(&store, &Environment, key, async |reservation| refund(&services, &note, reservation).await).await?;
    Ok((done, store, invoices, relay))
}
