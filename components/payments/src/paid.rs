//! `PATCH /paid`: record a payment and have its invoice issued.

use api::Problem;
use domain::idempotency::IdempotencyKey;
use domain::pay::{Paid, record_payment};
use domain::ports::Services;
use spin_adapters::inbound::Call;
use spin_adapters::{CoursesService, Deadline, Environment, Fakturownia, Relay, Store, UsersService, deliver_after};

pub(crate) async fn paid<T>(call: Call<T>) {
    let (key, body, responder) = match call.into_keyed_body().await {
        Ok(read) => read,
        Err((problem, responder)) => return responder.fail(problem).await,
    };
    let (Paid { enrolment, emails, failure }, store, relay) = match record(key, &body).await {
        Ok(recorded) => recorded,
        Err(problem) => return responder.fail(problem).await,
    };
    if let Some(failure) = failure {
        responder.log(&failure.to_string());
    }
    let answered = responder.send(api::enrolment(&enrolment)).await;
    deliver_after(&answered, &store, &relay, &emails).await;
}

/// All that can keep the invoice and the mail from being delivered later is
/// checked before anything is changed.
async fn record(key: Option<IdempotencyKey>, body: &[u8]) -> Result<(Paid, Store, Relay), Problem> {
    let payment = api::parse_payment(body)?;
    let store = Store::from_variables()?;
    let relay = Relay::from_variables(Deadline::BACKGROUND)?;
    let invoices = Fakturownia::from_variables(Deadline::BACKGROUND)?;
    let (users, courses) = (UsersService::from_variables()?, CoursesService::from_variables()?);
    let services = Services { store: &store, users: &users, courses: &courses, env: &Environment };
    let paid = record_payment(&services, &invoices, key, &payment).await?;
    Ok((paid, store, relay))
}
