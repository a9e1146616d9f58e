//! The end-to-end suite: every case once on SQLite and once on MariaDB.
//!
//! `cargo test --test api -- paid` runs the cases with `paid` in their name. There is a file
//! for each route or topic; `cases!` lists its cases.

mod active;
mod agreed;
mod amounts;
mod books;
mod buyers;
mod buyers_matrix;
mod canceled;
mod characters;
mod clients;
mod clocks;
mod closed;
mod configuration;
mod console;
mod corrections;
mod create;
mod database;
mod deliveries;
mod deliveries_list;
mod deliveries_summary;
mod docs;
mod documents;
mod documents_checked;
mod documents_compared;
mod documents_forms;
mod erasure;
mod erasure_at_once;
mod events;
mod events_at_once;
mod events_gone;
mod events_written;
mod expired;
mod failed;
mod gateway;
mod health;
mod history;
mod holds;
mod idempotency;
mod ksef;
mod ksef_mails;
mod life;
mod list;
mod list_by_time;
mod locks;
mod logs;
mod lookups;
mod mails;
mod metrics;
mod migrations;
mod moved;
mod not_needed;
mod notes;
mod one;
mod outside;
mod paces;
mod paid;
mod payments;
mod plans;
mod primary;
mod privacy;
mod queries;
mod races;
mod races_of_life;
mod readme;
mod rebilled;
mod receivers;
mod records;
mod references;
mod refunded;
mod refunds_in_parts;
mod refunds_that_wait;
mod relays;
mod relays_in_doubt;
mod resolution;
mod resolution_refused;
mod restored;
mod retention;
mod roles;
mod rolling;
mod routing;
mod search;
mod seats;
mod seats_at_once;
mod statements;
mod takeover;
mod taxes;
mod tls;
mod token;
mod traces;
mod unbilled;
mod users;
mod users_jobs;
mod view_full;
mod waiting;
mod webhooks;
mod webhooks_outages;
mod webhooks_repeats;
mod without_invoices;
mod writers;

use futures::FutureExt as _;
use host::Runtime;
use libtest_mimic::{Arguments, Failed, Trial};
use std::any::Any;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::{Arc, LazyLock};
use tests::{Answer, Certificates, Database, MariaDb, NewJob, Settings, TestApp};

/// The certificates that the service trusts.
static CERTIFICATES: LazyLock<Certificates> = LazyLock::new(|| Certificates::new().expect("certificates"));

/// A test.
struct Case {
    name: &'static str,
    /// The databases on which it runs.
    on: &'static [Database],
    settings: fn() -> Settings,
    run: fn(TestApp) -> Pin<Box<dyn Future<Output = ()>>>,
}

/// The cases of a file, each an `async fn(TestApp)`: with other settings after `with`, on
/// one database only after `on`.
macro_rules! cases {
    ($($name:ident $(on $database:ident)? $(with $settings:expr)?),* $(,)?) => {
        pub(crate) fn cases() -> Vec<crate::Case> {
            vec![$(crate::Case {
                name: concat!(module_path!(), "::", stringify!($name)),
                on: {
                    let on: &[tests::Database] = &[$(tests::Database::$database)?];
                    if on.is_empty() { &[tests::Database::Sqlite, tests::Database::MariaDb] } else { on }
                },
                #[allow(unused_mut, unused_assignments)]
                settings: || {
                    let mut settings = tests::Settings::default();
                    $(settings = $settings;)?
                    settings
                },
                run: |app| Box::pin($name(app)),
            }),*]
        }
    };
}
pub(crate) use cases;

/// Makes a document at the invoicing service, as another system would.
async fn document(app: &TestApp, oid: &str, user: &str) {
    let invoice = serde_json::json!({
        "kind": "vat", "issue_date": "2026-01-01", "sell_date": "2026-01-01", "paid_date": "2026-01-01",
        "oid": oid, "oid_unique": "yes", "status": "paid", "paid": "199.99", "payment_type": "transfer",
        "currency": "PLN", "buyer_company": false, "buyer_name": format!("Customer {user}"),
        "buyer_first_name": "Customer", "buyer_last_name": user, "buyer_email": format!("{user}@example.com"),
        "positions": [{"name": "Course 1", "quantity": 1, "tax": "23", "total_price_gross": "199.99"}],
    });
    let body = serde_json::json!({"api_token": "sandbox", "invoice": invoice});
    let url = format!("{}/invoices.json", app.sandbox.origin());
    let answer = reqwest::Client::new().post(url).json(&body).send().await.expect("the sandbox answers");
    assert_eq!(answer.status(), 201, "{}", answer.text().await.unwrap_or_default());
}

/// A due invoice for `user`, with the terms of the default variables.
fn invoice(app: &TestApp, enrolment_id: i64, user: &str) -> NewJob {
    let payload = serde_json::json!({
        "buyer": {"first_name": "Customer", "last_name": user, "email": format!("{user}@example.com")},
        "company": null, "course_name": "Course 1", "gross_hundredths": 19999, "paid_on": "2026-01-01",
        "reference": format!("{enrolment_id:016x}"), "erased": false,
        "terms": {"account": app.sandbox.origin(), "prefix": "enrolment", "department_id": null, "tax": {"rate": "23"},
            "currency": "PLN", "payment_type": "transfer", "ksef": "account"},
    });
    NewJob { enrolment_id, kind: "invoice", payload: payload.to_string(), ..NewJob::default() }
}

/// The number under which [`invoice`] is found again.
fn oid(enrolment_id: i64) -> String {
    format!("enrolment-{enrolment_id}-{enrolment_id:016x}")
}

/// EXPLAIN for a statement, without the time limit in front of it.
fn explain(statement: &str) -> String {
    let select = statement.split_once(" FOR */ ").map_or(statement, |(_, select)| select);
    format!("EXPLAIN {select}")
}

/// Settings with these variables.
fn variables<const N: usize>(variables: [(&str, &str); N]) -> Settings {
    let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    Settings { variables, ..Settings::default() }
}

/// Sends a request again until the database is available, as a caller does.
async fn until_available(request: impl AsyncFn() -> Answer) -> Answer {
    loop {
        let answer = request().await;
        if answer.status != 503 {
            return answer;
        }
    }
}

/// The message of a failed assertion. The panic hook has printed its place.
fn words_of(panic: &(dyn Any + Send)) -> &str {
    let whole = panic.downcast_ref::<String>().map(String::as_str);
    whole.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or_default()
}

fn main() -> std::process::ExitCode {
    // SAFETY: no other thread runs yet.
    unsafe { std::env::set_var("SSL_CERT_FILE", CERTIFICATES.authority()) };
    let mut arguments = Arguments::from_args();
    // Many cases wait for a deadline of the service.
    arguments.test_threads.get_or_insert(6);
    // Those that take longest first, so that the last ones end together.
    let cases = [
        privacy::cases(),
        takeover::cases(),
        erasure_at_once::cases(),
        resolution_refused::cases(),
        statements::cases(),
        rolling::cases(),
        logs::cases(),
        documents_forms::cases(),
        paces::cases(),
        clients::cases(),
        active::cases(),
        books::cases(),
        agreed::cases(),
        amounts::cases(),
        buyers::cases(),
        buyers_matrix::cases(),
        canceled::cases(),
        characters::cases(),
        clocks::cases(),
        closed::cases(),
        configuration::cases(),
        console::cases(),
        corrections::cases(),
        create::cases(),
        database::cases(),
        deliveries::cases(),
        deliveries_list::cases(),
        deliveries_summary::cases(),
        docs::cases(),
        documents::cases(),
        documents_checked::cases(),
        documents_compared::cases(),
        erasure::cases(),
        events::cases(),
        events_at_once::cases(),
        events_gone::cases(),
        events_written::cases(),
        expired::cases(),
        failed::cases(),
        gateway::cases(),
        health::cases(),
        history::cases(),
        holds::cases(),
        idempotency::cases(),
        ksef::cases(),
        ksef_mails::cases(),
        life::cases(),
        list::cases(),
        list_by_time::cases(),
        locks::cases(),
        lookups::cases(),
        mails::cases(),
        metrics::cases(),
        migrations::cases(),
        notes::cases(),
        moved::cases(),
        not_needed::cases(),
        one::cases(),
        outside::cases(),
        paid::cases(),
        payments::cases(),
        plans::cases(),
        primary::cases(),
        queries::cases(),
        races::cases(),
        races_of_life::cases(),
        rebilled::cases(),
        readme::cases(),
        receivers::cases(),
        records::cases(),
        references::cases(),
        refunded::cases(),
        refunds_in_parts::cases(),
        refunds_that_wait::cases(),
        relays::cases(),
        relays_in_doubt::cases(),
        resolution::cases(),
        restored::cases(),
        retention::cases(),
        roles::cases(),
        routing::cases(),
        search::cases(),
        seats::cases(),
        seats_at_once::cases(),
        seats_at_once::kills(),
        taxes::cases(),
        tls::cases(),
        token::cases(),
        traces::cases(),
        unbilled::cases(),
        users::cases(),
        users_jobs::cases(),
        view_full::cases(),
        waiting::cases(),
        webhooks::cases(),
        webhooks_outages::cases(),
        webhooks_repeats::cases(),
        without_invoices::cases(),
        writers::cases(),
    ];
    let tokio = Arc::new(tokio::runtime::Runtime::new().expect("a runtime"));
    let started = (!arguments.list).then(|| {
        let runtime = Runtime::load(tests::root().join("spin.toml")).expect("the components, built by `make build`");
        // The tests must pass without strict mode.
        let lenient = [CERTIFICATES.arguments(), vec!["--sql-mode=".to_owned()]].concat();
        let server = tokio.block_on(MariaDb::start_with(lenient)).expect("a MariaDB server");
        (runtime, Arc::new(server))
    });
    let mut trials = Vec::new();
    for case in cases.into_iter().flatten() {
        let name = case.name.strip_prefix("api::").unwrap_or(case.name);
        for database in case.on.iter().copied() {
            let label = if database == Database::Sqlite { "sqlite" } else { "mariadb" };
            let (tokio, started) = (Arc::clone(&tokio), started.clone());
            trials.push(Trial::test(format!("{name}::{label}"), move || {
                let (runtime, server) = started.as_ref().ok_or("nothing was started")?;
                tokio.block_on(async {
                    let app = TestApp::start(runtime, database, Some(server), (case.settings)()).await?;
                    let traces = app.traces();
                    let Err(panic) = AssertUnwindSafe((case.run)(app)).catch_unwind().await else { return Ok(()) };
                    Err(Failed::from(format!("{}\n\n{}", words_of(&*panic), traces.text().await)))
                })
            }));
        }
    }
    // `exit()` would leave the server running.
    let code = libtest_mimic::run(&arguments, trials).exit_code();
    CERTIFICATES.remove();
    code
}
