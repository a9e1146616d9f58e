//! The received mails on the page.

use crate::systems::mail::Message;
use maud::{Markup, html};

/// How many mails are shown.
const SHOWN: usize = 20;

pub(super) fn section(inbox: &[Message]) -> Markup {
    html! {
        h2 { "Inbox (" (inbox.len()) ")" }
        @if inbox.is_empty() { p.none { "No mails yet. Enrol a user." } }
        @for message in inbox.iter().rev().take(SHOWN) { (mail(message)) }
        @if inbox.len() > SHOWN { p.none { "The " (SHOWN) " latest are shown." } }
    }
}

fn mail(message: &Message) -> Markup {
    html! {
        article.mail {
            h3 { (message.subject) }
            table {
                tr { th { "To" } td { (message.to) } }
                tr { th { "From" } td { (message.from) } }
                @if !message.reply_to.is_empty() { tr { th { "Replies to" } td { (message.reply_to) } } }
                tr { th { "Language" } td { (message.language()) } }
                tr { th { "Received" } td { (message.received_at.format("%H:%M:%S UTC")) " through " (message.relay) } }
            }
            div.bodies {
                iframe sandbox title="The mail as HTML" srcdoc=(message.html) {}
                // It can be scrolled by keyboard.
                pre tabindex="0" { (message.text) }
            }
        }
    }
}
