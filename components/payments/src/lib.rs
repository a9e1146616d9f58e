//! `PATCH /paid`: take note of a payment and have its invoice issued.

use api::{Methods, Problem};
use domain::deliver::{deliver_invoice, deliver_mail};
use domain::job::{Job, Payload};
use domain::pay::pay;
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
    serve(request, out, by_token(), route, paid).await;
}

async fn paid(call: Call<()>) {
    let (body, responder) = match call.into_body().await {
        Ok(read) => read,
        Err((problem, responder)) => return responder.fail(problem).await,
    };
    let Payment { mut enrolment, job, store, relay } = match take_note(&body).await {
        Ok(payment) => payment,
        Err(problem) => return responder.fail(problem).await,
    };
    // From here on the payment stands: nothing that fails changes the status.
    let mail = match invoiced(&store, job, &mut enrolment).await {
        Ok(mail) => mail,
        Err(error) => {
            responder.log(&error.to_string());
            None
        }
    };
    let answered = responder.send(api::enrolment(&enrolment)).await;
    if let Some(mail) = mail
        && let Err(error) = deliver_mail(&store, &relay, &Environment, &mail).await
    {
        answered.log(&error.to_string());
    }
}

/// A payment that was taken note of, and what is owed for it.
struct Payment {
    enrolment: Enrolment,
    job: Job,
    store: Store,
    relay: Relay,
}

/// All that can keep the invoice and the mail from being delivered later is
/// checked before anything is changed.
async fn take_note(body: &[u8]) -> Result<Payment, Problem> {
    let id = api::parse_enrolment_id(body)?;
    let store = Store::from_variables()?;
    let relay = Relay::from_variables(MAIL)?;
    Fakturownia::from_variables(MAIL)?;
    let users = UsersService::from_variables()?;
    let courses = CoursesService::from_variables()?;
    let (enrolment, job) = pay(&store, &users, &courses, &Environment, id).await?;
    Ok(Payment { enrolment, job, store, relay })
}

/// Delivers the invoice if one is owed and time allows; gives the mail that
/// can be sent now.
async fn invoiced(store: &Store, job: Job, enrolment: &mut Enrolment) -> Result<Option<Job>, Unavailable> {
    let Payload::Invoice(purchase) = &job.payload else { return Ok(Some(job)) };
    let invoices = Fakturownia::from_variables(Patience::Until(Instant::now() + INVOICE))?;
    let (_, invoiced) = deliver_invoice(store, &invoices, &Environment, &job, purchase).await?;
    Ok(invoiced.map(|invoiced| {
        enrolment.invoice_url = invoiced.url;
        invoiced.mail
    }))
}
