//! Pages for people: the received data and the faults. They work without JavaScript and load
//! nothing from another origin.

mod documents;
mod events;
mod inbox;
pub mod switches;

use crate::http::Answer;
use crate::state::{Calls, State};
use crate::systems::SYSTEMS;
use crate::systems::invoices::is_correction;
use maud::{DOCTYPE, Markup, html};

/// The script that keeps an open page up to date.
pub const SCRIPT: &str = include_str!("page/page.js");
/// The style of the pages.
pub const STYLE: &str = include_str!("page/page.css");

/// The start page: the received data, the faults and the settings.
#[must_use]
pub fn index(state: &State) -> Answer {
    let memory = state.memory();
    let body = html! {
        header {
            h1 { "Sandbox" }
            p { "Simulates the users and courses services, Fakturownia, the mail relay and the receiver of webhooks. All data are in memory." }
        }
        main {
            section #switches data-live { (switches::section(&memory.faults)) }
            section #inbox data-live { (inbox::section(&memory.inbox)) }
            section #invoices data-live { (documents::section(&memory)) }
            section #events data-live { (events::section(&memory)) }
            section #calls data-live { (calls(&memory.seen.calls)) }
            section #settings data-live { (switches::settings(&memory.settings)) }
            section #courses data-live { (switches::courses(memory.courses_full)) }
        }
        footer {
            a href="/sandbox/state" { "All data as JSON" }
            form method="post" action="/sandbox/switch" { button name="forget" value="all" { "Delete all data" } }
        }
    };
    page("Sandbox", true, &body)
}

/// The page of an invoice or a correction.
#[must_use]
pub fn invoice(state: &State, token: &str) -> Answer {
    let memory = state.memory();
    match memory.document_by_token(token) {
        Some(document) if is_correction(document) => {
            page("Correction", false, &documents::correction(document, &memory))
        }
        Some(document) => page("Invoice", false, &documents::invoice(document, &memory)),
        None => Answer { status: 404, ..page("No such invoice", false, &html! { main { h1 { "No such invoice" } } }) },
    }
}

fn calls(calls: &Calls) -> Markup {
    html! {
        h2 { "Calls received" }
        table {
            @for (_, name, target) in SYSTEMS.iter().flat_map(|(_, calls)| *calls) {
                tr { th { (name) } td { (calls.of(*target)) } }
            }
        }
    }
}

/// `live`: the marked parts are updated.
fn page(title: &str, live: bool, body: &Markup) -> Answer {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width";
                title { (title) }
                link rel="icon" href="data:,";
                link rel="stylesheet" href="/sandbox/page.css";
                @if live {
                    script src="/sandbox/page.js" defer {}
                    noscript { meta http-equiv="refresh" content="5"; }
                }
            }
            body { (body) }
        }
    };
    let mut answer = Answer::html(200, page.into_string());
    // A mail is shown in a frame that inherits this policy: it cannot run scripts or load
    // anything.
    let policy = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src data:; \
                  connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
    answer.headers.push(("content-security-policy".to_owned(), policy.to_owned()));
    answer
}
