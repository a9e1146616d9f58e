//! The page is read again while somebody looks at it.

use super::Desk;
use anyhow::{Result, ensure};
use serde_json::json;

/// The page looks a hundred times as often.
const FASTER: &str = "const own = setInterval; window.setInterval = (work, time) => own(work, time / 100)";

impl Desk {
    pub(super) async fn hurry(&self) -> Result<()> {
        self.browser.devtools("Page.addScriptToEvaluateOnNewDocument", json!({"source": FASTER})).await
    }

    /// Whether the page asks for a path again within ten of its intervals.
    pub(super) async fn is_read(&self, path: &str) -> Result<bool> {
        let script = format!(
            "const done = arguments[arguments.length - 1]; \
             const times = () => performance.getEntriesByType('resource').filter(({{ name }}) => name.endsWith({})).length; \
             const before = times(); setTimeout(() => done(times() > before), 1500)",
            json!(path)
        );
        Ok(self.browser.page.execute_async(&script).await? == json!(true))
    }
}

pub(super) async fn counts_and_list_follow(desk: Desk) -> Result<()> {
    desk.hurry().await?;
    desk.open("").await?;
    desk.says("main .empty", "No pending deliveries").await?;
    let id = desk.with_a_dead_invoice("ann").await?;
    desk.says(".counts a.dead", "1").await?;
    desk.says("#updated", " UTC.").await?;
    desk.press(".counts a.dead").await?;
    desk.says(".delivery", "Invoice").await?;
    // The focus is on the heading.
    let other = desk.with_a_dead_invoice("bob").await?;
    desk.says(".delivery .line", &format!("Enrolment{other}")).await?;
    desk.says(".choice [aria-current]", "Dead 2").await?;
    // What leaves the list stays where it is.
    let place = "document.querySelectorAll('.delivery')[1].getBoundingClientRect().top";
    let before = desk.browser.page.execute(&format!("return {place}"), Vec::new()).await?;
    desk.app
        .database
        .execute(&format!("UPDATE outbox SET state = 'due', due_at = 9000000000000 WHERE enrolment_id = {id}"))
        .await?;
    desk.says(".delivery.gone", "No longer in this list.").await?;
    desk.says(".choice [aria-current]", "Dead 1").await?;
    ensure!(desk.browser.page.execute(&format!("return {place}"), Vec::new()).await? == before, "it moved");
    desk.done("live::counts_and_list_follow", &[]).await
}

pub(super) async fn nothing_changes_below_the_hands(desk: Desk) -> Result<()> {
    desk.with_a_dead_invoice("ann").await?;
    desk.hurry().await?;
    desk.open("#/deliveries?state=dead").await?;
    ensure!(desk.is_read("/summary").await?);
    desk.press(".delivery [aria-label^='Resolve']").await?;
    desk.find("dialog[open]").await?;
    ensure!(!desk.is_read("/summary").await?, "while a dialog is open");
    desk.press("#confirm-back").await?;
    // The focus is on the button again.
    ensure!(!desk.is_read("/summary").await?, "while the focus is in an item");
    desk.says("#updated", "Waits while you are in the page.").await?;
    desk.browser.is_accessible("waits").await?;
    // The button reads it nevertheless.
    desk.with_a_dead_invoice("bob").await?;
    desk.press("#refresh").await?;
    desk.browser.until("document.querySelectorAll('.delivery').length === 2").await?;
    ensure!(desk.is_read("/summary").await?);
    let hide = "Object.defineProperty(document, 'hidden', { value: true })";
    desk.browser.page.execute(hide, Vec::new()).await?;
    ensure!(!desk.is_read("/summary").await?, "while the page is hidden");
    desk.done("live::nothing_changes_below_the_hands", &[]).await
}

pub(super) async fn a_page_that_is_not_updated_says_so(desk: Desk) -> Result<()> {
    desk.with_a_dead_invoice("ann").await?;
    desk.hurry().await?;
    desk.open("").await?;
    desk.says(".counts a.dead", "1").await?;
    desk.app.database.execute("ALTER TABLE outbox RENAME TO away").await?;
    desk.says("#updated", "Not updated since ").await?;
    // What was read stays.
    desk.says(".counts a.dead", "1").await?;
    desk.browser.is_accessible("not updated").await?;
    desk.app.database.execute("ALTER TABLE away RENAME TO outbox").await?;
    desk.says("#updated", "Updated at ").await?;
    desk.done("live::a_page_that_is_not_updated_says_so", &[503]).await
}
