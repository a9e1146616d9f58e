//! The invoices and corrections on the page.

use crate::state::Memory;
use crate::systems::invoices::is_yes;
use maud::{Markup, html};
use serde_json::Value;

pub(super) fn section(memory: &Memory) -> Markup {
    let (invoices, corrections) = (&memory.seen.invoices, memory.seen.corrections.len());
    html! {
        h2 {
            "Invoices (" (invoices.len()) ")"
            @if corrections > 0 { ", corrections (" (corrections) ")" }
        }
        @if invoices.is_empty() { p.none { "No invoice yet: pay for an enrolment." } }
        @else {
            table.list {
                tr { th { "Number" } th { "Buyer" } th { "Gross" } th { "Status" } th { "oid" } }
                @for invoice in invoices.iter().rev() {
                    (row(None, invoice, &text(invoice, "/status")))
                    @for correction in memory.corrections_of(id(invoice, "/id")) {
                        @let status = format!("corrects {}", text(invoice, "/number"));
                        (row(Some("correction"), correction, &status))
                    }
                }
            }
        }
    }
}

fn row(class: Option<&str>, document: &Value, status: &str) -> Markup {
    html! {
        tr class=[class] {
            td { (link(document)) }
            td { (text(document, "/buyer_name")) }
            td { (gross(document)) }
            td { (status) }
            td { (text(document, "/oid")) }
        }
    }
}

pub(super) fn invoice(document: &Value, memory: &Memory) -> Markup {
    html! {
        main.invoice {
            h1 { "Invoice " (text(document, "/number")) }
            table {
                tr { th { "Buyer" } td { (buyer(document)) } }
                tr { th { "Sold" } td { (text(document, "/sell_date")) } }
                tr { th { "Issued" } td { (text(document, "/issue_date")) } }
                tr { th { "Status" } td { (text(document, "/status")) ", " (text(document, "/payment_type")) } }
                tr { th { "oid" } td { (text(document, "/oid")) } }
                (ksef(document))
                @for correction in memory.corrections_of(id(document, "/id")) {
                    tr { th { "Corrected by" } td { (link(correction)) } }
                }
            }
            table.list {
                tr { th { "Position" } (columns()) }
                @for position in positions(document) {
                    tr { td { (text(position, "/name")) } (amounts(position)) }
                }
            }
            p.total { "Total " strong { (gross(document)) } }
        }
    }
}

pub(super) fn correction(document: &Value, memory: &Memory) -> Markup {
    html! {
        main.invoice {
            h1 { "Correction " (text(document, "/number")) }
            table {
                @if let Some(invoice) = memory.document(id(document, "/invoice_id")) {
                    tr { th { "Corrects" } td { (link(invoice)) } }
                }
                tr { th { "Reason" } td { (text(document, "/correction_reason")) } }
                tr { th { "Buyer" } td { (buyer(document)) } }
                tr { th { "Sold" } td { (text(document, "/sell_date")) } }
                tr { th { "Issued" } td { (text(document, "/issue_date")) } }
                tr { th { "Paid back" } td { (text(document, "/payment_type")) } }
                tr { th { "oid" } td { (text(document, "/oid")) } }
                (ksef(document))
            }
            table.list {
                tr { th { "Position" } th { "Part" } (columns()) }
                @for position in positions(document) {
                    @let part = |key| position.get(key).unwrap_or(&Value::Null);
                    @for (title, part) in [
                        ("before", part("correction_before_attributes")), ("after", part("correction_after_attributes")),
                        ("difference", position),
                    ] {
                        tr { td { (text(part, "/name")) } td { (title) } (amounts(part)) }
                    }
                }
            }
            p.total { "Total " strong { (gross(document)) } }
        }
    }
}

/// The status at KSeF, the KSeF number and the error messages.
fn ksef(document: &Value) -> Markup {
    let messages = document.get("gov_error_messages").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    html! {
        tr {
            th { "KSeF" }
            td {
                @match document.get("gov_status").and_then(Value::as_str) {
                    Some(status) => (status),
                    None => "not sent",
                }
                @if let Some(number) = document.get("gov_id").and_then(Value::as_str) { ", " (number) }
                @for message in messages { br; (text(message, "")) }
            }
        }
    }
}

fn positions(document: &Value) -> &[Value] {
    document.get("positions").and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn columns() -> Markup {
    html! { th { "Quantity" } th { "Tax" } th { "Gross" } }
}

fn amounts(position: &Value) -> Markup {
    html! {
        td { (text(position, "/quantity")) }
        td { (text(position, "/tax")) " %" }
        td { (text(position, "/total_price_gross")) }
    }
}

/// The tax number. Without a kind it is a NIP.
fn number(document: &Value) -> String {
    let (kind, number) = (text(document, "/buyer_tax_no_kind"), text(document, "/buyer_tax_no"));
    if kind.is_empty() { format!("NIP {number}") } else { number }
}

/// The name, the tax number of a company, the address, the e-mail address, and who receives it.
fn buyer(document: &Value) -> Markup {
    let recipients = document.get("recipients").and_then(Value::as_array);
    html! {
        (text(document, "/buyer_name")) br;
        @if is_yes(document.get("buyer_company")) {
            (number(document)) br;
        }
        @if !text(document, "/buyer_city").is_empty() {
            (text(document, "/buyer_street")) br;
            (text(document, "/buyer_post_code")) " " (text(document, "/buyer_city")) ", " (text(document, "/buyer_country")) br;
        }
        (text(document, "/buyer_email"))
        @for recipient in recipients.into_iter().flatten() {
            br; (text(recipient, "/role")) ": " (text(recipient, "/name"))
        }
    }
}

fn link(document: &Value) -> Markup {
    html! { a href=(text(document, "/view_url")) { (text(document, "/number")) } }
}

fn gross(document: &Value) -> String {
    format!("{} {}", text(document, "/price_gross"), text(document, "/currency"))
}

fn id(document: &Value, pointer: &str) -> u64 {
    document.pointer(pointer).and_then(Value::as_u64).unwrap_or_default()
}

pub(super) fn text(value: &Value, pointer: &str) -> String {
    match value.pointer(pointer) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Null) | None => String::new(),
        Some(other) => other.to_string(),
    }
}
