//! The texts of mails.

use super::Desk;
use anyhow::{Result, ensure};
use serde_json::json;

pub(super) async fn a_text_is_edited_and_given_back(desk: Desk) -> Result<()> {
    desk.open("#/mails").await?;
    desk.says("td a", "Built-in").await?;
    desk.browser.is_accessible("texts of mails").await?;
    desk.press("[aria-label='Built-in text: Enrolment, English']").await?;
    desk.says("h1", "Mail: Enrolment, English").await?;
    desk.says(".keys", "{course}").await?;
    let subject = desk.find("#field-subject").await?;
    ensure!(desk.number("main form button").await? == 2, "it has no own text");
    desk.press("main form button[type=button]").await?;
    desk.browser.until("document.querySelector('pre')?.textContent.length > 20").await?;
    desk.browser.is_accessible("a text with its preview").await?;

    desk.browser.page.execute("document.getElementById('field-subject').value = ''", Vec::new()).await?;
    subject.send_keys("Hello {stranger}").await?;
    for button in ["main form button[type=button]", "main form button.strong"] {
        desk.press(button).await?;
        desk.says("#field-subject-fault", "stranger").await?;
        desk.browser.until("document.activeElement.id === 'field-subject'").await?;
    }
    desk.browser.is_accessible("a text was refused").await?;
    ensure!(desk.app.value("SELECT COUNT(*) FROM mail_texts").await == "0");

    desk.browser.page.execute("document.getElementById('field-subject').value = ''", Vec::new()).await?;
    subject.send_keys("Welcome to {course}").await?;
    desk.press("main form button[type=button]").await?;
    desk.says("section h3", "Welcome to ").await?;
    desk.press("main form button.strong").await?;
    desk.says("#status", "The text is saved.").await?;
    desk.says(".keys", "own text, ").await?;
    desk.says(".keys", " by ann").await?;
    desk.enrolled("ann").await?;
    let sent = &desk.app.sandbox.state().emails[0]["subject"];
    ensure!(sent.to_string().contains("Welcome to"), "{sent}");

    desk.go("#/mails").await?;
    desk.says("td a", "Own").await?;
    desk.browser.is_accessible("an own text").await?;
    desk.press("[aria-label='Own text: Enrolment, English']").await?;
    desk.press("main form button:last-child").await?;
    desk.says("dialog[open]", "This deletes the own text.").await?;
    desk.press("#confirm-do").await?;
    desk.says("#status", "The mail has its built-in text.").await?;
    desk.says(".keys", "built-in").await?;
    desk.go("#/mails/nothing/en").await?;
    desk.says("main .empty", "There is no such mail.").await?;
    desk.done("mails::a_text_is_edited_and_given_back", &[400]).await
}

/// What is being edited is not replaced, also if the focus is elsewhere.
pub(super) async fn an_edited_text_stays(desk: Desk) -> Result<()> {
    desk.hurry().await?;
    desk.open("#/mails/payment/pl").await?;
    desk.find("#field-subject").await?.send_keys(" mine").await?;
    desk.ask("PUT", "/mails/payment/pl", json!({"subject": "{course}", "text": "{course}"})).await?;
    desk.browser.page.execute("document.activeElement.blur()", Vec::new()).await?;
    ensure!(!desk.is_read("/mails").await?);
    desk.browser.until("document.getElementById('field-subject').value.endsWith(' mine')").await?;
    desk.done("mails::an_edited_text_stays", &[]).await
}
