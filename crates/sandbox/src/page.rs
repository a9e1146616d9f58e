//! Pages for people.

use html_escape::{encode_double_quoted_attribute, encode_text};
use serde_json::Value;

fn page(title: &str, body: &str) -> String {
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{}</title>\
         <meta name=\"viewport\" content=\"width=device-width\">\
         <style>body{{font:16px/1.5 sans-serif;max-width:50em;margin:2em auto;padding:0 1em}}\
         td,th{{text-align:left;padding:.2em 1em .2em 0;vertical-align:top}}</style></head>\n<body>{body}</body></html>\n",
        encode_text(title)
    )
}

fn text(value: Option<&Value>) -> String {
    match value {
        Some(Value::String(text)) => encode_text(text).into_owned(),
        Some(Value::Null) | None => String::new(),
        Some(other) => encode_text(&other.to_string()).into_owned(),
    }
}

/// An invoice as a readable document.
#[must_use]
pub fn invoice(document: &Value) -> String {
    let field = |key: &str| text(document.get(key));
    let position = document.get("positions").and_then(|positions| positions.get(0));
    let of_position = |key: &str| text(position.and_then(|position| position.get(key)));
    let mut rows = String::new();
    for (label, value) in [
        ("Buyer", field("buyer_name")),
        ("E-mail", field("buyer_email")),
        ("Position", of_position("name")),
        ("Quantity", of_position("quantity")),
        ("Tax", format!("{} %", of_position("tax"))),
        ("Gross", format!("{} {}", of_position("total_price_gross"), field("currency"))),
        ("Sold", field("sell_date")),
        ("Issued", field("issue_date")),
        ("Status", field("status")),
        ("oid", field("oid")),
    ] {
        rows.push_str(&format!("<tr><th>{label}</th><td>{value}</td></tr>"));
    }
    page("Invoice", &format!("<h1>Invoice {}</h1><table>{rows}</table>", field("number")))
}

/// What this server is and what it has received.
#[must_use]
pub fn index(invoices: &[Value], emails: &[Value]) -> String {
    let mut list = String::new();
    for document in invoices {
        let url = document.get("view_url").and_then(Value::as_str).unwrap_or_default();
        list.push_str(&format!(
            "<li><a href=\"{}\">Invoice {}</a> for {}</li>",
            encode_double_quoted_attribute(url),
            text(document.get("number")),
            text(document.get("buyer_name")),
        ));
    }
    for mail in emails {
        let to = mail.get("to").and_then(|to| to.get(0));
        list.push_str(&format!("<li>Mail to {}: {}</li>", text(to), text(mail.get("subject"))));
    }
    page(
        "Sandbox",
        &format!(
            "<h1>Sandbox</h1><p>Stands in for the users and courses services, Fakturownia and a mail relay. \
             What it received is at <a href=\"/sandbox/state\">/sandbox/state</a>; <code>POST /sandbox/reset</code> \
             forgets it, <code>POST /sandbox/faults</code> makes a system fail.</p><ul>{list}</ul>"
        ),
    )
}
