//! The invoices, as readable documents.

use maud::{Markup, html};
use serde_json::Value;

pub(super) fn section(invoices: &[Value]) -> Markup {
    html! {
        h2 { "Invoices (" (invoices.len()) ")" }
        @if invoices.is_empty() { p.none { "No invoice yet: pay for an enrolment." } }
        @else {
            table.list {
                tr { th { "Number" } th { "Buyer" } th { "Gross" } th { "Status" } th { "oid" } }
                @for document in invoices.iter().rev() {
                    tr {
                        td { a href=(text(document, "/view_url")) { (text(document, "/number")) } }
                        td { (text(document, "/buyer_name")) }
                        td { (gross(document)) }
                        td { (text(document, "/status")) }
                        td { (text(document, "/oid")) }
                    }
                }
            }
        }
    }
}

pub(super) fn invoice(document: &Value) -> Markup {
    let positions = document.get("positions").and_then(Value::as_array).cloned().unwrap_or_default();
    html! {
        article.invoice {
            h1 { "Invoice " (text(document, "/number")) }
            table {
                tr { th { "Buyer" } td { (buyer(document)) } }
                tr { th { "Sold" } td { (text(document, "/sell_date")) } }
                tr { th { "Issued" } td { (text(document, "/issue_date")) } }
                tr { th { "Status" } td { (text(document, "/status")) ", " (text(document, "/payment_type")) } }
                tr { th { "oid" } td { (text(document, "/oid")) } }
            }
            table.list {
                tr { th { "Position" } th { "Quantity" } th { "Tax" } th { "Gross" } }
                @for position in &positions {
                    tr {
                        td { (text(position, "/name")) }
                        td { (text(position, "/quantity")) }
                        td { (text(position, "/tax")) " %" }
                        td { (text(position, "/total_price_gross")) }
                    }
                }
            }
            p.total { "Total " strong { (gross(document)) } }
        }
    }
}

/// A person by name, a company with its number and address.
fn buyer(document: &Value) -> Markup {
    html! {
        (text(document, "/buyer_name")) br;
        @if document.get("buyer_company").is_some_and(|company| company == true) {
            "NIP " (text(document, "/buyer_tax_no")) br;
            (text(document, "/buyer_street")) br;
            (text(document, "/buyer_post_code")) " " (text(document, "/buyer_city")) ", " (text(document, "/buyer_country")) br;
        }
        (text(document, "/buyer_email"))
    }
}

fn gross(document: &Value) -> String {
    format!("{} {}", text(document, "/price_gross"), text(document, "/currency"))
}

fn text(value: &Value, pointer: &str) -> String {
    match value.pointer(pointer) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Null) | None => String::new(),
        Some(other) => other.to_string(),
    }
}
