//! The check of the books.

use super::Desk;
use anyhow::Result;
use sandbox::{Fault, Target};
use serde_json::json;

/// The service is asked for this day only: a whole month takes too many requests at the pace of deliveries.
const OTHER_DAYS_ARE_EMPTY: &str = "\
    const ask = window.fetch, day = `day=${arguments[0]}&`; \
    const empty = {same: 0, others: 0, only_here: [], only_there: [], different: [], next: null}; \
    window.fetch = async (path, init) => path.includes('/documents/check') && !path.includes(day) \
        ? new Response(JSON.stringify(empty)) : ask(path, init)";

pub(super) async fn a_month_is_checked(desk: Desk) -> Result<()> {
    for user in ["ann", "bob", "eve", "joe"] {
        let id = desk.enrolled(user).await?;
        desk.pay(id).await?;
    }
    let day = desk.app.value("SELECT MIN(issued_on) FROM documents").await;
    desk.open("#/books").await?;
    desk.browser.page.execute(OTHER_DAYS_ARE_EMPTY, vec![json!(day)]).await?;
    desk.browser.is_accessible("books").await?;
    desk.press("main form button").await?;
    desk.says("main", "4 documents are the same on both sides").await?;
    desk.says("main .empty", "The books are the same on both sides.").await?;
    desk.browser.is_accessible("equal books").await?;

    let invoices = desk.app.sandbox.state().invoices;
    desk.app.sandbox.change_document(invoices[0]["id"].as_u64().unwrap_or_default(), &json!({"price_gross": "1.00"}));
    desk.app.sandbox.change_document(invoices[1]["id"].as_u64().unwrap_or_default(), &json!({"cancelled": true}));
    desk.app.database.execute("UPDATE documents SET vendor_id = 7 WHERE enrolment_id = 3").await?;
    desk.press("main form button").await?;
    desk.says("main", "1 documents are the same on both sides").await?;
    desk.says("#status", "The books differ.").await?;
    for (section, text) in [
        (1, "Only here"),
        (2, "Only at the invoicing service"),
        (3, "199.99 PLN (there: Invoice 1.00 PLN)"),
        (3, "(there: canceled)"),
    ] {
        desk.says(&format!("main section:nth-of-type({section})"), text).await?;
    }
    desk.browser.is_accessible("different books").await?;

    desk.app.sandbox.fault(Target::InvoicesFind, Fault::status(503), None);
    desk.press("main form button").await?;
    desk.says("#status", "Waits for the invoicing service…").await?;
    desk.press("main form button").await?;
    desk.says("#status", "Stopped.").await?;
    desk.press("main section a[href='#/enrolments/3'], nav a[href='#/']").await?;
    desk.done("books::a_month_is_checked", &[503]).await
}
