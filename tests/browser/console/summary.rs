//! The first page: how much is pending.

use super::Desk;
use anyhow::{Result, ensure};
use sandbox::fault::Named;
use sandbox::{Fault, Target};
use serde_json::{Value, json};

/// The rows of the table: the name of a kind, and its numbers of dead, unknown and due deliveries.
const ROWS: &str = "return Object.fromEntries([...document.querySelectorAll('.counts tbody tr')].map((row) => \
                    [...row.cells].map((cell) => cell.querySelector('a, .zero')?.textContent ?? cell.textContent))\
                    .map(([kind, ...numbers]) => [kind, numbers.join(' ')]))";

impl Desk {
    async fn rows(&self) -> Result<Value> {
        self.browser.page.execute(ROWS, Vec::new()).await
    }

    /// Adds deliveries: of each hundred three are dead (an invoice, a mail, a webhook) and one is unknown.
    async fn add_many(&self, number: u32) -> Result<()> {
        let sql = format!(
            "WITH RECURSIVE numbers (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM numbers WHERE i < {number})
             INSERT INTO outbox (job_key, enrolment_id, kind, payload, payload_version, state, attempts, due_at,
                                 unknown_since, last_error, created_at)
             SELECT 'many:' || i, i,
                    CASE i % 4 WHEN 0 THEN 'invoice' WHEN 1 THEN 'payment_email' WHEN 2 THEN 'event'
                               ELSE 'ksef_number' END,
                    '{{}}', 1,
                    CASE WHEN i % 100 < 3 THEN 'dead' WHEN i % 100 = 3 THEN 'unknown' ELSE 'due' END, 3,
                    CASE WHEN i % 100 < 3 THEN NULL ELSE 9000000000000 END,
                    CASE WHEN i % 100 = 3 THEN 1 END,
                    CASE WHEN i % 100 < 3 THEN CASE i % 4 WHEN 0 THEN 'document_refused: 422'
                                                         WHEN 1 THEN 'mail_refused: 422'
                                                         ELSE 'receiver_gone: 410' END END,
                    1000 * (SELECT unixepoch()) - 60000 * (i % 3000)
             FROM numbers"
        );
        self.app.database.execute(&sql).await
    }
}

pub(super) async fn nothing_is_pending(desk: Desk) -> Result<()> {
    desk.open("").await?;
    desk.says("main .empty", "No pending deliveries").await?;
    desk.says("#updated", "Updated at ").await?;
    desk.browser.is_accessible("no pending deliveries").await?;
    desk.pictures("empty").await?;
    desk.done("summary::nothing_is_pending", &[]).await
}

pub(super) async fn all_is_counted_by_kind_state_and_reason(desk: Desk, screenshot: bool) -> Result<()> {
    desk.with_a_dead_invoice("ann").await?;
    let doubtful = desk.enrolled("bob").await?;
    desk.app.sandbox.fault(Target::InvoicesCreate, Named::ResetAfter, Some(1));
    desk.pay(doubtful).await?;
    desk.app.sandbox.fault(Target::Emails, Fault::status(429), Some(2));
    desk.enrolled("cecilia").await?;
    desk.enrolled("dan").await?;
    desk.app.database.execute("UPDATE outbox SET created_at = created_at - 10800000 WHERE state = 'dead'").await?;

    desk.open("").await?;
    let rows = desk.rows().await?;
    ensure!(rows == json!({"Invoice": "1 1 0", "Mail: enrolled": "0 0 2", "All": "1 1 2"}), "{rows}");
    desk.says(".counts td:has(.dead)", "3 h ago").await?;
    desk.says("section .delivery", "1 × Invoice").await?;
    desk.says("section .reason", "Fakturownia refuses the document.").await?;
    desk.says("section .reason code", "document_refused").await?;
    desk.browser.is_accessible("pending deliveries").await?;
    if screenshot {
        crate::save(&desk.browser, "console.png").await?;
    }
    // Each number leads to its list.
    desk.press("[aria-label='2 due: Mail: enrolled']").await?;
    desk.says("h1", "Due: Mail: enrolled").await?;
    desk.browser.until("document.querySelectorAll('.delivery.due').length === 2").await?;
    desk.browser.page.back().await?;
    desk.press("section .delivery a").await?;
    desk.browser.until("location.hash === '#/deliveries?kind=invoice&state=dead&reason=document_refused'").await?;
    desk.browser.until("document.querySelectorAll('.delivery').length === 1").await?;
    desk.done("summary::all_is_counted_by_kind_state_and_reason", &[]).await
}

pub(super) async fn ten_thousand_are_listed(desk: Desk) -> Result<()> {
    desk.add_many(10_000).await?;
    desk.open("").await?;
    let rows = desk.rows().await?;
    ensure!(rows["All"] == "300 100 9,600" && rows["Invoice"] == "100 0 2,400", "{rows}");
    desk.browser.is_accessible("10,000 deliveries").await?;
    desk.pictures("busy").await?;
    desk.press("[aria-label='9,600 due: All']").await?;
    desk.settled().await?;
    ensure!(desk.number(".delivery").await? == 100);
    desk.browser.is_accessible("a list of 9,600").await?;
    desk.pictures("busy-list").await?;
    // On the server: the invoices among them are not the first hundred.
    desk.press("nav[aria-label=Filter] a[href*='kind=ksef_number']").await?;
    desk.says("h1", "Due: KSeF number").await?;
    desk.settled().await?;
    ensure!(desk.number(".delivery.due").await? == 100);
    desk.says(".choice [aria-current]", "KSeF number 2,400").await?;
    desk.done("summary::ten_thousand_are_listed", &[]).await
}

pub(super) async fn a_hundred_thousand_are_counted(desk: Desk) -> Result<()> {
    desk.add_many(100_000).await?;
    desk.open("").await?;
    let rows = desk.rows().await?;
    let expected = json!({"Invoice": "1,000 0 24,000", "Mail: paid": "1,000 0 24,000", "Webhook": "1,000 0 24,000",
        "KSeF number": "0 1,000 24,000", "All": "3,000 1,000 96,000"});
    ensure!(rows == expected, "{rows}");
    for text in ["1,000 × Invoice", "1,000 × Mail: paid", "1,000 × Webhook"] {
        desk.says("section .delivery", text).await?;
    }
    desk.done("summary::a_hundred_thousand_are_counted", &[]).await
}
