//! What is done with all dead deliveries of a kind and a reason.

use super::Desk;
use anyhow::{Result, ensure};
use tests::NewJob;

impl Desk {
    /// Dead mails: five that the relay refused, and one with an address that it does not take.
    async fn with_dead_mails(&self) -> Result<()> {
        let dead = |id: i64| {
            let last_error = Some(if id == 6 { "address_not_ascii: " } else { "mail_refused: 422" });
            let attempts = 1;
            NewJob { enrolment_id: id, state: "dead", attempts, due_at: None, last_error, ..NewJob::default() }
        };
        self.app.add_jobs((1..=6).map(dead)).await
    }

    async fn count(&self, condition: &str) -> String {
        self.app.value(&format!("SELECT COUNT(*) FROM outbox WHERE {condition}")).await
    }
}

pub(super) async fn all_of_a_reason_are_retried(desk: Desk) -> Result<()> {
    desk.with_dead_mails().await?;
    desk.open("").await?;
    desk.says("section .delivery .name", "5 × Mail: enrolled").await?;
    desk.press("[aria-label='Retry all 5: 5 × Mail: enrolled, mail_refused']").await?;
    desk.says("dialog[open]", "5 dead deliveries of the kind “Mail: enrolled” and the reason “Mail refused”").await?;
    desk.says("dialog[open]", "the customer may get it twice").await?;
    desk.browser.is_accessible("asked before many retries").await?;
    desk.press("#confirm-back").await?;
    ensure!(desk.count("state = 'dead'").await == "6", "without being confirmed");
    desk.press("[aria-label^='Retry all 5']").await?;
    desk.press("#confirm-do").await?;
    desk.says("#status", "5 are retried.").await?;
    // The page was read again.
    desk.says(".counts a.due", "5").await?;
    desk.says(".counts a.dead", "1").await?;
    ensure!(desk.number("section .delivery").await? == 1);
    ensure!(desk.count("state = 'due'").await == "5");
    desk.done("bulk::all_of_a_reason_are_retried", &[]).await
}

pub(super) async fn all_are_resolved_until_one_fails(desk: Desk) -> Result<()> {
    desk.with_dead_mails().await?;
    desk.open("#/deliveries?kind=enrolment_email&state=dead").await?;
    desk.press("[aria-label^='Resolve all 6']").await?;
    desk.says("dialog[open]", "somebody did 6 dead deliveries of the kind “Mail: enrolled”").await?;
    desk.browser.is_accessible("asked before many resolutions").await?;
    desk.find("dialog[open] #field-note").await?.send_keys("told by phone").await?;
    // Another operator resolves one of them.
    let fourth = desk.app.value("SELECT id FROM outbox WHERE enrolment_id = 4").await;
    desk.ask("POST", &format!("/deliveries/{fourth}/resolution"), serde_json::json!({"note": "told"})).await?;
    desk.press("#confirm-do").await?;
    desk.says("dialog[open] [role=alert]", "3 are resolved. Delivery ").await?;
    desk.says("#confirm-do", "Resolve the other 3").await?;
    ensure!(desk.count("state = 'done'").await == "4");
    desk.browser.is_accessible("many resolutions, one failed").await?;
    desk.press("#confirm-back").await?;
    // The page was read again.
    desk.says("#status", "3 are resolved, 3 are not.").await?;
    desk.says(".choice a", "Dead 2").await?;
    desk.browser.until("document.querySelectorAll('.delivery.gone').length === 4").await?;
    desk.browser.is_accessible("what left the list").await?;

    desk.press("[aria-label^='Resolve all 2']").await?;
    desk.find("dialog[open] #field-note").await?.send_keys("told by phone").await?;
    desk.press("#confirm-do").await?;
    desk.says("#status", "2 are resolved.").await?;
    let notes = desk.app.value("SELECT COUNT(*) FROM resolutions WHERE note = 'told by phone'").await;
    ensure!(notes == "5", "{notes}");
    ensure!(desk.number("[aria-label^='Resolve all']").await? == 0);
    desk.done("bulk::all_are_resolved_until_one_fails", &[409]).await
}

/// Who goes back stops it.
pub(super) async fn it_is_stopped_by_going_back(desk: Desk) -> Result<()> {
    desk.with_dead_mails().await?;
    desk.open("#/deliveries?kind=enrolment_email&state=dead&reason=mail_refused").await?;
    desk.press("[aria-label^='Resolve all 5']").await?;
    desk.find("dialog[open] #field-note").await?.send_keys("told by phone").await?;
    let script = "const own = fetch; window.waiting = []; window.fetch = (path, init) => init.method === 'GET' \
                  ? own(path, init) : new Promise((go) => waiting.push(() => go(own(path, init))))";
    desk.browser.page.execute(script, Vec::new()).await?;
    desk.press("#confirm-do").await?;
    desk.browser.until("waiting.length === 1").await?;
    desk.browser.page.execute("waiting[0]()", Vec::new()).await?;
    desk.browser.until("waiting.length === 2").await?;
    desk.says("#confirm-do", "1 done, 4 left").await?;
    desk.press("#confirm-back").await?;
    desk.browser.page.execute("waiting[1]()", Vec::new()).await?;
    desk.says("#status", "2 are resolved, 3 are not.").await?;
    ensure!(desk.count("state = 'done'").await == "2");
    desk.done("bulk::it_is_stopped_by_going_back", &[]).await
}
