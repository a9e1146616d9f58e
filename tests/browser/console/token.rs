//! The operator's token.

use super::{ANN, Desk, EVE, GATEWAY};
use anyhow::{Result, ensure};
use serde_json::json;

pub(super) async fn the_token_is_asked_for_and_forgotten(desk: Desk) -> Result<()> {
    desk.goto("").await?;
    desk.browser.until("document.activeElement.id === 'token'").await?;
    desk.browser.is_accessible("token wanted").await?;
    desk.type_token("wrong").await?;
    desk.says("main [role=alert]", "The service does not know this token.").await?;
    desk.browser.is_accessible("token refused").await?;
    // No header can have such a token.
    desk.type_token("żółw").await?;
    desk.says("main [role=alert]", "The service does not know this token.").await?;
    desk.type_token(ANN).await?;
    desk.says("main", "No pending deliveries").await?;
    // The tab keeps the token while it is open.
    desk.browser.page.refresh().await?;
    desk.says("main", "No pending deliveries").await?;
    let kept = desk.browser.page.execute("return [localStorage.length, document.cookie]", Vec::new()).await?;
    assert_eq!(kept, json!([0, ""]));
    desk.press("#forget").await?;
    desk.browser.until("sessionStorage.length === 0 && document.getElementById('token').value === ''").await?;
    desk.browser.until("document.getElementById('forget').hidden").await?;
    desk.browser.page.refresh().await?;
    desk.find("#token").await?;
    desk.done("token::the_token_is_asked_for_and_forgotten", &[401]).await
}

pub(super) async fn a_caller_without_rights_is_refused(desk: Desk) -> Result<()> {
    let id = desk.enrolled("ann").await?;
    desk.open_with(GATEWAY, "").await?;
    desk.says("main [role=alert]", "A token with the role callers may not do this.").await?;
    desk.browser.is_accessible("token may not").await?;
    // This token can read the enrolment, but not its deliveries.
    desk.go(&format!("#/enrolments/{id}")).await?;
    desk.says(".keys", "ann").await?;
    desk.says(".timeline", "Enrolled").await?;
    desk.says("section [role=alert]", "A token with the role callers may not do this.").await?;
    desk.press("section [role=alert] button").await?;
    desk.type_token(ANN).await?;
    desk.says(".delivery", "Mail: enrolled").await?;
    desk.done("token::a_caller_without_rights_is_refused", &[403]).await
}

/// Everything is shown, and each change is refused.
pub(super) async fn a_viewer_changes_nothing(desk: Desk) -> Result<()> {
    let refused = "Nothing was changed: this token may not change anything here.";
    let id = desk.with_a_dead_invoice("ann").await?;
    desk.open_with(EVE, "").await?;
    desk.says(".counts a.dead", "1").await?;
    for button in ["[aria-label^='Retry all 1']", "[aria-label^='Resolve all 1']"] {
        desk.press(button).await?;
        desk.find("dialog[open]").await?;
        let note = "const note = document.getElementById('field-note'); if (note) note.value = 'done'";
        desk.browser.page.execute(note, Vec::new()).await?;
        desk.press("#confirm-do").await?;
        desk.says("dialog[open] [role=alert]", refused).await?;
        desk.press("#confirm-back").await?;
    }
    desk.go(&format!("#/enrolments/{id}")).await?;
    desk.says(".delivery.dead", "Invoice").await?;
    desk.says(".timeline", "Paid by ann").await?;
    desk.press("main > div > .buttons button").await?;
    desk.press("#confirm-do").await?;
    desk.says("dialog[open] [role=alert]", refused).await?;
    desk.browser.is_accessible("a viewer was refused").await?;
    desk.press("#confirm-back").await?;
    desk.go("#/mails/payment/en").await?;
    desk.press("main form button[type=button]").await?;
    desk.browser.until("document.querySelector('pre')?.textContent.length > 20").await?;
    desk.press("main form button.strong").await?;
    desk.says("main form [role=alert]", refused).await?;
    ensure!(desk.app.state_of(id).await == "ACTIVE PAID");
    ensure!(desk.app.value("SELECT COUNT(*) FROM outbox WHERE state = 'dead'").await == "1");
    desk.done("token::a_viewer_changes_nothing", &[403]).await
}

pub(super) async fn a_changed_token_is_asked_for_again(desk: Desk) -> Result<()> {
    let id = desk.enrolled("ann").await?;
    desk.open(&format!("#/enrolments/{id}")).await?;
    desk.press("main > div > .buttons button").await?;
    // The operator has changed the token.
    let script = "sessionStorage.setItem('enrolments-token', 'old')";
    desk.browser.page.execute(script, Vec::new()).await?;
    desk.press("#confirm-do").await?;
    desk.says("main [role=alert]", "The service does not know this token.").await?;
    desk.browser.until("!document.getElementById('confirm').open && document.activeElement.id === 'token'").await?;
    assert_eq!(desk.app.state_of(id).await, "ACTIVE PENDING");
    desk.type_token(ANN).await?;
    desk.says(".keys .state", "active").await?;
    desk.done("token::a_changed_token_is_asked_for_again", &[401]).await
}

pub(super) async fn no_token_is_needed_where_none_is_set(desk: Desk) -> Result<()> {
    desk.goto("").await?;
    desk.type_token("").await?;
    desk.says("main", "No pending deliveries").await?;
    desk.done("token::no_token_is_needed_where_none_is_set", &[]).await
}
