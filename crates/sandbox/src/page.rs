//! Pages for people: what arrived and what goes wrong on purpose. They can be
//! read without JavaScript and load nothing from elsewhere.

mod documents;
mod events;
mod inbox;
pub mod switches;

use crate::http::Answer;
use crate::invoices::is_correction;
use crate::state::{Calls, State};
use maud::{DOCTYPE, Markup, html};

/// Keeps an open page up to date.
pub const SCRIPT: &str = include_str!("page/page.js");
/// How the pages look.
pub const STYLE: &str = include_str!("page/page.css");

/// What this server is, what it received, and the switches for its faults.
#[must_use]
pub fn index(state: &State) -> Answer {
    let memory = state.memory();
    let body = html! {
        header {
            h1 { "Sandbox" }
            p { "Stands in for the users and courses services, Fakturownia, the mail relay and the receiver of events. Everything is in memory." }
        }
        section #inbox data-live { (inbox::section(&memory.inbox)) }
        section #invoices data-live { (documents::section(&memory)) }
        section #events data-live { (events::section(&memory)) }
        section #calls data-live { (calls(memory.seen.calls)) }
        section #switches data-live { (switches::section(&memory.faults)) }
        section #settings data-live { (switches::settings(&memory.settings)) }
        section #courses data-live { (switches::courses(memory.courses_full)) }
        footer {
            a href="/sandbox/state" { "All of it as JSON" }
            form method="post" action="/sandbox/switch" { button name="forget" value="all" { "Forget everything" } }
        }
    };
    page("Sandbox", true, &body)
}

/// An invoice or a correction as a readable document.
#[must_use]
pub fn invoice(state: &State, token: &str) -> Answer {
    let memory = state.memory();
    match memory.document_by_token(token) {
        Some(document) if is_correction(document) => {
            page("Correction", false, &documents::correction(document, &memory))
        }
        Some(document) => page("Invoice", false, &documents::invoice(document, &memory)),
        None => Answer { status: 404, ..page("No such invoice", false, &html! { h1 { "No such invoice" } }) },
    }
}

fn calls(calls: Calls) -> Markup {
    let Calls { users, courses, invoices_create, invoices_find, emails, emails_look, webhooks } = calls;
    html! {
        h2 { "Calls received" }
        table {
            @for (name, number) in [
                ("Users", users), ("Courses", courses), ("Fakturownia, to issue", invoices_create),
                ("Fakturownia, to look up", invoices_find), ("Mail relay, to send", emails),
                ("Mail relay, to look", emails_look), ("Event receiver", webhooks),
            ] {
                tr { th { (name) } td { (number) } }
            }
        }
    }
}

/// `live`: the parts marked so follow what happens.
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
    // A mail is shown in a frame of its own that inherits this: nothing in it
    // runs or is loaded.
    let policy = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src data:; \
                  connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
    answer.headers.push(("content-security-policy".to_owned(), policy.to_owned()));
    answer
}
