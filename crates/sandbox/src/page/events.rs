//! The received events on the page, newest first.

use super::documents::text;
use crate::state::Memory;
use crate::systems::webhooks;
use maud::{Markup, html};
use std::collections::HashSet;

/// How many events are shown.
const SHOWN: usize = 20;

pub(super) fn section(memory: &Memory) -> Markup {
    let (events, refused) = (&memory.seen.webhooks, memory.seen.webhooks_refused);
    let mut shown = HashSet::new();
    html! {
        h2 {
            "Events (" (memory.webhook_times.len()) ")"
            @if refused > 0 { ", refused (" (refused) ")" }
        }
        @if events.is_empty() { p.none { "No events yet. The service sends them if " code { "events_secret" } " is set." } }
        @else {
            table.list {
                tr { th { "Type" } th { "Enrolment" } th { "Status" } th { "Payment" } th { "Received" } }
                @for event in events.iter().rev().filter(|event| shown.insert(webhooks::id(event))).take(SHOWN) {
                    @let times = memory.webhook_times.get(webhooks::id(event)).copied().unwrap_or_default();
                    @let enrolment = |key: &str| text(event, &format!("/body/data/enrolment/{key}"));
                    tr {
                        td { (text(event, "/body/type")) }
                        td { (enrolment("id")) }
                        td { (enrolment("status")) }
                        td { (enrolment("payment_status")) }
                        td { @if times == 1 { "once" } @else { (times) " times" } }
                    }
                }
            }
            @if memory.webhook_times.len() > SHOWN { p.none { "The " (SHOWN) " latest are shown." } }
        }
    }
}
