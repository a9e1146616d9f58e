//! `PATCH /paid`: take note of a payment and have its invoice issued.

use api::{Methods, Payment, Problem};
use domain::deliver::{Invoiced, deliver_invoice, deliver_mail};
use domain::idempotency::{Asked, Done, IdempotencyKey, Reservation, once};
use domain::job::{Job, Payload};
use domain::pay::pay;
use domain::ports::Requests as _;
use domain::{Enrolment, Unavailable};
use spin_adapters::inbound::{Call, Endpoint, by_token, serve};
use spin_adapters::{CoursesService, Environment, Fakturownia, Patience, Relay, Store, UsersService};
use spin_sdk::http::{IncomingRequest, ResponseOutparam};
use spin_sdk::http_component;
use std::time::{Duration, Instant};

/// How long a caller waits for the invoice; after that it follows.
const INVOICE: Duration = Duration::from_millis(2500);
/// Nobody waits for the mail.
const MAIL: Patience = Patience::Each(Duration::from_secs(10));

fn route(segments: &[&str]) -> Option<Endpoint<()>> {
    (segments == ["paid"]).then_some(Endpoint { target: (), pattern: "/paid", methods: Methods(&["PATCH"]) })
}

#[http_component]
async fn handle(request: IncomingRequest, out: ResponseOutparam) {
    serve(request, out, by_token, route, paid).await;
}

async fn paid(call: Call<()>) {
    let (key, body, responder) = match call.into_keyed_body().await {
        Ok(read) => read,
        Err((problem, responder)) => return responder.fail(problem).await,
    };
    let (done, store, relay) = match take_note(key, &body).await {
        Ok(noted) => noted,
        Err(problem) => return responder.fail(problem).await,
    };
    let (mut enrolment, job, reservation) = match done {
        Done::Before(enrolment) => return drop(responder.send(api::enrolment(&enrolment)).await),
        Done::Now { enrolment, job, reservation } => (enrolment, *job, reservation),
    };
    // From here on the payment stands: nothing that fails changes the status.
    let (invoice_url, mail) = match invoiced(&store, job).await {
        Ok(invoiced) => invoiced,
        Err(error) => {
            responder.log(&error.to_string());
            (None, None)
        }
    };
    let fuller = Enrolment { invoice_url, ..enrolment.clone() };
    if conclude(&store, reservation, &fuller).await {
        enrolment = fuller;
    }
    let answered = responder.send(api::enrolment(&enrolment)).await;
    if let Some(mail) = mail
        && let Err(error) = deliver_mail(&store, &relay, &Environment, &mail).await
    {
        answered.log(&error.to_string());
    }
}

/// All that can keep the invoice and the mail from being delivered later is
/// checked before anything is changed.
async fn take_note(key: Option<IdempotencyKey>, body: &[u8]) -> Result<(Done, Store, Relay), Problem> {
    let Payment { enrolment_id: id, user_id } = api::parse_payment(body)?;
    let user_id = user_id.as_ref();
    let store = Store::from_variables()?;
    let relay = Relay::from_variables(MAIL)?;
    Fakturownia::from_variables(MAIL)?;
    let users = UsersService::from_variables()?;
    let courses = CoursesService::from_variables()?;
    let key = key.map(|key| (key, Asked::to_pay(id, user_id)));
    let done = once(&store, &Environment, key, async |reservation| {
        pay(&store, &users, &courses, &Environment, id, user_id, reservation).await
    });
    Ok((done.await?, store, relay))
}

/// Delivers the invoice if one is owed and time allows; gives its link and the
/// mail that can be sent now.
async fn invoiced(store: &Store, job: Job) -> Result<(Option<String>, Option<Job>), Unavailable> {
    let Payload::Invoice(purchase) = &job.payload else { return Ok((None, Some(job))) };
    let invoices = Fakturownia::from_variables(Patience::Until(Instant::now() + INVOICE))?;
    let (_, invoiced) = deliver_invoice(store, &invoices, &Environment, &job, purchase).await?;
    Ok(invoiced.map_or((None, None), |Invoiced { url, mail }| (url, Some(mail))))
}

/// Whether `answer` may be given: a repeated request gets the same one, so what
/// cannot be written down for it is not said now either.
async fn conclude(store: &Store, reservation: Option<Reservation>, answer: &Enrolment) -> bool {
    match reservation {
        None => true,
        Some(reservation) => store.conclude(&reservation, &Ok(answer.clone())).await.unwrap_or(false),
    }
}
