//! Pending deliveries.

use super::Desk;
use crate::webdriver::Key;
use anyhow::{Result, ensure};
use sandbox::{Fault, Target};
use serde_json::json;
use tests::NewJob;

pub(super) async fn they_are_listed_in_pages(desk: Desk) -> Result<()> {
    let dead = |id| {
        let last_error = Some("document_refused: 400");
        NewJob { enrolment_id: id, state: "dead", due_at: None, last_error, created_at: id, ..NewJob::default() }
    };
    desk.app.add_jobs((1..=250).map(dead)).await?;
    desk.open("#/deliveries?state=dead&kind=enrolment_email").await?;
    desk.says("h1", "Dead: Mail: enrolled").await?;
    desk.says(".choice [aria-current]", "Mail: enrolled 250").await?;
    desk.press(".more button").await?;
    desk.browser.until("document.querySelectorAll('.delivery').length === 200").await?;
    desk.settled().await?;
    desk.browser.is_accessible("a page of many").await?;
    // Several presses show each delivery once.
    let twice = "const more = document.querySelector('.more button'); more.click(); more.click()";
    desk.browser.page.execute(twice, Vec::new()).await?;
    desk.browser.until("document.querySelector('.more').hidden").await?;
    desk.settled().await?;
    ensure!(desk.number(".delivery").await? == 250);
    desk.says("#status", "250 are shown.").await?;
    desk.done("deliveries::they_are_listed_in_pages", &[]).await
}

pub(super) async fn they_are_filtered_on_the_server(desk: Desk) -> Result<()> {
    desk.with_a_dead_invoice("ann").await?;
    desk.app.sandbox.fault(Target::Emails, Fault::status(422), Some(1));
    desk.enrolled("bob").await?;
    desk.app.sandbox.fault(Target::Emails, Fault::status(429), Some(1));
    desk.enrolled("cecilia").await?;
    desk.open("#/deliveries").await?;
    ensure!(desk.number(".delivery").await? == 3);
    desk.says(".delivery.dead .reason", "Fakturownia refuses the document.").await?;
    desk.says(".delivery.dead .reason code", "document refused: 422").await?;
    desk.says(".delivery.due .reason", "asks to wait").await?;
    desk.says(".delivery.due", "UTC").await?;
    desk.browser.is_accessible("all deliveries").await?;
    desk.press(".choice a[href*='state=dead']").await?;
    desk.browser.until("document.querySelectorAll('.delivery').length === 2").await?;
    ensure!(desk.number("main .buttons [aria-label^='Retry all']").await? == 0, "of several kinds");
    desk.press(".choice a[href*='kind=enrolment_email']").await?;
    desk.browser.until("document.querySelectorAll('.delivery').length === 1").await?;
    desk.press(".choice a[href*='reason=mail_refused']").await?;
    desk.browser.until("location.hash === '#/deliveries?kind=enrolment_email&state=dead&reason=mail_refused'").await?;
    desk.says(".choice [aria-current]", "Mail refused 1").await?;
    desk.browser.is_accessible("a list by reason").await?;
    // The back button of the browser.
    desk.browser.page.back().await?;
    desk.browser.until("document.querySelectorAll('.delivery').length === 1").await?;
    desk.go("#/deliveries?reason=mail_refused&kind=invoice").await?;
    desk.says("main .empty", "There are none.").await?;
    desk.go("#/deliveries?state=lost").await?;
    desk.says("main [role=alert]", "state").await?;

    desk.go("#/deliveries?kind=invoice").await?;
    desk.press(".delivery .name a").await?;
    desk.says("h1", "Delivery ").await?;
    desk.says(".delivery.dead", "Invoice").await?;
    desk.press(".delivery summary").await?;
    desk.says(".delivery details dd", "Customer ann").await?;
    desk.says(".delivery details", "199.99 PLN").await?;
    desk.browser.is_accessible("one delivery").await?;
    desk.press(".delivery .line a").await?;
    desk.says("h1", "Enrolment 1").await?;
    desk.go("#/deliveries/999999").await?;
    desk.says("main .empty", "There is no delivery 999999.").await?;
    desk.done("deliveries::they_are_filtered_on_the_server", &[400, 404]).await
}

/// From the token to the retry of an invoice.
pub(super) async fn one_can_be_retried_by_keyboard(desk: Desk) -> Result<()> {
    desk.with_a_dead_invoice("ann").await?;
    desk.goto("#/deliveries").await?;
    desk.keys(&format!("{}{}", super::ANN, Key::Enter.text())).await?;
    desk.settled().await?;
    desk.tab_to("Retry: Invoice, enrolment 1").await?;
    desk.key(Key::Enter).await?;
    desk.says("dialog[open] h2", "Retry: Invoice").await?;
    desk.says("dialog[open]", "there are never two").await?;
    desk.browser.is_accessible("asked before a retry").await?;
    desk.browser.until("document.querySelector('dialog').contains(document.activeElement)").await?;
    desk.key(Key::Escape).await?;
    desk.browser.until("!document.querySelector('dialog').open").await?;
    desk.browser.until("document.activeElement.ariaLabel === 'Retry: Invoice, enrolment 1'").await?;
    ensure!(
        desk.app.value("SELECT state FROM outbox WHERE kind = 'invoice'").await == "dead",
        "without being confirmed"
    );

    desk.key(Key::Enter).await?;
    desk.tab_to("Retry").await?;
    desk.key(Key::Enter).await?;
    desk.browser.until("!document.querySelector('dialog').open").await?;
    desk.browser.until("document.activeElement.textContent === 'Invoice Due'").await?;
    desk.says("#status", "It is due now.").await?;
    desk.says(".choice a", "Due 1").await?;
    ensure!(desk.app.value("SELECT state FROM outbox WHERE kind = 'invoice'").await == "due");
    desk.browser.is_accessible("retried").await?;

    // A run delivers it before the retry.
    desk.app.cron("delivery-cron").await;
    desk.tab_to("Retry: Invoice, enrolment 1").await?;
    desk.key(Key::Enter).await?;
    desk.tab_to("Retry").await?;
    desk.key(Key::Enter).await?;
    desk.says("dialog[open] [role=alert]", "The delivery is already done.").await?;
    desk.browser.is_accessible("a retry was refused").await?;
    desk.tab_to("Go back").await?;
    desk.key(Key::Enter).await?;
    desk.browser.until("!document.querySelector('dialog').open").await?;
    desk.done("deliveries::one_can_be_retried_by_keyboard", &[409]).await
}

pub(super) async fn one_can_be_resolved(desk: Desk) -> Result<()> {
    let id = desk.with_a_dead_invoice("ann").await?;
    desk.open(&format!("#/enrolments/{id}")).await?;
    let button = ".delivery.dead .buttons button:last-child";
    desk.press(button).await?;
    desk.says("dialog[open] h2", "Resolve: Invoice").await?;
    desk.browser.is_accessible("asked before a resolution").await?;
    // Without a note the browser does not send it.
    desk.press("#confirm-do").await?;
    desk.browser.until("document.querySelector('dialog').open && document.activeElement.id === 'field-note'").await?;
    desk.find("#field-note").await?.send_keys(" ").await?;
    desk.press("#confirm-do").await?;
    desk.says("dialog[open] [role=alert]", "Validation failed.").await?;
    desk.says("#field-note-fault", "A note ").await?;
    desk.browser.is_accessible("a resolution was refused").await?;
    desk.find("#field-note").await?.send_keys("made in the account,\nthe NIP was wrong").await?;
    desk.find("#field-number").await?.send_keys("7/2026").await?;
    desk.find("#field-url").await?.send_keys("https://account.example/invoice/7").await?;
    desk.press("#confirm-do").await?;
    desk.browser.until("!document.querySelector('dialog').open").await?;
    desk.says("#status", "It is resolved.").await?;
    desk.browser.until("document.activeElement.textContent === 'Invoice Done'").await?;
    desk.says("section li a", "Invoice 7/2026").await?;
    desk.says(".timeline li", "Invoice: resolved by ann").await?;
    desk.says(".timeline li", "the NIP was wrong").await?;
    desk.browser.is_accessible("resolved").await?;

    // Another operator was faster; a mail has no number.
    desk.app.sandbox.fault(Target::Emails, Fault::status(422), Some(1));
    desk.enrolled("bob").await?;
    desk.go("#/deliveries").await?;
    desk.press(button).await?;
    desk.says("dialog[open] h2", "Resolve: Mail: enrolled").await?;
    ensure!(desk.number("dialog input").await? == 0, "a mail has no number");
    let job = desk.app.value("SELECT id FROM outbox WHERE state = 'dead'").await;
    desk.ask("POST", &format!("/deliveries/{job}/resolution"), json!({"note": "told by phone"})).await?;
    desk.find("#field-note").await?.send_keys("told by phone").await?;
    desk.press("#confirm-do").await?;
    desk.browser.until("document.getElementById('confirm-error').textContent !== ''").await?;
    desk.done("deliveries::one_can_be_resolved", &[400, 409]).await
}

/// What to do about an invoice that is refused because of its buyer.
pub(super) async fn another_buyer_can_be_billed(desk: Desk) -> Result<()> {
    let body = json!({"code": "error", "message": {"buyer_tax_no": ["- nie jest prawidłowy"]}});
    let refused = Fault::Status { status: 422, body: Some(body), headers: [].into() };
    desk.app.sandbox.fault(Target::InvoicesCreate, refused, Some(1));
    let id = desk.enrolled("ann").await?;
    desk.pay(id).await?;
    desk.open("#/deliveries").await?;
    desk.says(".delivery.dead .reason", "If it names a field of the buyer, bill another buyer.").await?;
    desk.says(".delivery.dead .reason code", "buyer_tax_no").await?;
    let button = "button[aria-label='Bill another buyer: Invoice, enrolment 1']";
    desk.press(button).await?;
    desk.says("dialog[open] h2", "Bill another buyer").await?;
    desk.browser.is_accessible("asked for another buyer").await?;
    let field = |name: &str| format!("[name='{name}']");
    for (name, text) in [("name", "Acme"), ("tax_no", "525244576"), ("street", "Prosta 1"), ("city", "Warszawa")] {
        desk.find(&field(&format!("buyer.{name}"))).await?.send_keys(text).await?;
    }
    desk.press("#confirm-do").await?;
    // The first field that is wrong has the focus.
    desk.browser.until("document.activeElement.name === 'buyer.tax_no'").await?;
    desk.says("#field-buyer\\.tax_no-fault", "A tax number ").await?;
    desk.says("#field-buyer\\.post_code-fault", "Field required").await?;
    desk.browser.until("document.getElementById('confirm-error').textContent === 'Validation failed.'").await?;
    desk.browser.is_accessible("a buyer was refused").await?;
    for (name, text) in [("buyer.tax_no", "7"), ("buyer.post_code", "00-001"), ("reason", "wrong NIP")] {
        desk.find(&field(name)).await?.send_keys(text).await?;
    }
    desk.press("#confirm-do").await?;
    desk.browser.until("!document.querySelector('dialog').open").await?;
    desk.says("#status", "The new buyer is recorded.").await?;
    desk.browser.until("document.activeElement.tagName === 'H1'").await?;
    desk.says(".delivery.due", "Invoice").await?;

    desk.app.cron("delivery-cron").await;
    desk.app.idle().await;
    let invoice = desk.app.sandbox.state().invoices[0].clone();
    ensure!(invoice["buyer_tax_no"] == "5252445767" && invoice["buyer_name"] == "Acme", "{invoice}");
    desk.go(&format!("#/enrolments/{id}")).await?;
    desk.says(".timeline li", "Billed to another buyer").await?;
    desk.says("section li", "Invoice ").await?;
    ensure!(desk.number(button).await? == 0, "the invoice is issued");
    desk.done("deliveries::another_buyer_can_be_billed", &[400]).await
}

impl Desk {
    async fn keys(&self, keys: &str) -> Result<()> {
        self.browser.page.active_element().await?.send_keys(keys).await
    }

    pub(super) async fn key(&self, key: Key) -> Result<()> {
        self.keys(&key.text()).await
    }

    /// Presses Tab until the element with this name has a visible focus.
    pub(super) async fn tab_to(&self, name: &str) -> Result<()> {
        let script = "const { ariaLabel, textContent, tagName } = document.activeElement; \
                      return tagName === 'BUTTON' ? ariaLabel ?? textContent : ''";
        for _ in 0..40 {
            if self.browser.page.execute(script, Vec::new()).await? == name {
                return self.browser.until("document.activeElement.matches(':focus-visible')").await;
            }
            self.key(Key::Tab).await?;
        }
        anyhow::bail!("Tab never leads to {name}")
    }
}
