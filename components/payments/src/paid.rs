//! `PATCH /paid`: record a payment and have its invoice issued.

use api::Problem;
use domain::idempotency::IdempotencyKey;
use domain::pay::{Paid, record_payment};
use domain::ports::Ports as _;
use spin_adapters::inbound::Call;
use spin_adapters::{Adapters, Fakturownia, deliver_after};

pub(crate) async fn paid<T>(call: Call<T>) {
    let Some((key, body, responder)) = call.into_keyed_body().await else { return };
    let (Paid { enrolment, emails, failure }, adapters) = match record(key, &body).await {
        Ok(recorded) => recorded,
        Err(problem) => return responder.fail(problem).await,
    };
    if let Some(failure) = failure {
        responder.log(&failure.to_string());
    }
    let answered = responder.send(api::enrolment(&enrolment)).await;
    deliver_after(&answered, &adapters, emails).await;
}

async fn record(key: Option<IdempotencyKey>, body: &[u8]) -> Result<(Paid, Adapters<Fakturownia>), Problem> {
    let payment = api::parse_payment(body)?;
    let adapters = Adapters::from_variables()?.with_invoices();
    // No payment is recorded where its invoice could not be asked for.
    adapters.invoices()?;
    let paid = record_payment(&adapters, key, &payment).await?;
    Ok((paid, adapters))
}
