//! One enrolment.

use super::Desk;
use anyhow::{Result, ensure};
use serde_json::json;

pub(super) async fn every_part_is_shown(desk: Desk, screenshot: bool) -> Result<()> {
    let id = desk.enrolled("ann").await?;
    desk.open(&format!("#/enrolments/{id}")).await?;
    desk.says("main .empty", "There are no documents.").await?;
    desk.browser.is_accessible("a new enrolment").await?;
    desk.pay(id).await?;
    desk.ask("PATCH", "/refunded", json!({"enrolment_id": id, "reason": "too few participants"})).await?;
    let numbered =
        "UPDATE documents SET ksef_status = 'demo_ok', ksef_number = '5252445767-20261125-010080' WHERE id = 1";
    desk.app.database.execute(numbered).await?;

    desk.browser.page.refresh().await?;
    desk.settled().await?;
    for (place, text) in [
        ("title", "Enrolment 1 · Enrolments"),
        (".keys", "ann"),
        (".keys .state", "canceled"),
        (".keys .state", "paid"),
        (".documents li", "Invoice "),
        (".documents li", "199.99 PLN · issued on "),
        (".documents li", "KSeF: accepted (demo), 5252445767-20261125-010080"),
        (".documents li", "Correction "),
        (".documents li", "-199.99 PLN"),
        (".delivery.done", "Mail: refunded"),
    ] {
        desk.says(place, text).await?;
    }
    let script = "return [...document.querySelectorAll('.timeline strong')].map((own) => own.textContent)";
    let happened = desk.browser.page.execute(script, Vec::new()).await?;
    let expected = json!(["Enrolled", "Paid", "Invoice issued", "Refunded", "Invoice corrected"]);
    ensure!(happened == expected, "{happened}");
    let link = desk.find(".documents a").await?;
    ensure!(link.attribute("rel").await? == "noopener noreferrer");
    ensure!(desk.number("main > div > .buttons button").await? == 0, "there is nothing left to do");
    desk.browser.is_accessible("an enrolment").await?;
    if screenshot {
        crate::save(&desk.browser, "console-enrolment.png").await?;
    }

    desk.ask("DELETE", &format!("/{id}"), json!(null)).await?;
    desk.browser.page.refresh().await?;
    desk.says(".notice", "The enrolment is deleted.").await?;
    desk.says(".timeline", "Deleted").await?;
    desk.settled().await?;
    desk.browser.is_accessible("a deleted enrolment").await?;
    desk.done("enrolment::every_part_is_shown", &[404]).await
}

pub(super) async fn it_is_found_by_id_and_by_user(desk: Desk) -> Result<()> {
    for course in 1..=60 {
        desk.ask("POST", "", json!({"course_id": 100 + course, "user_id": "a/b ż"})).await?;
    }
    desk.open("").await?;
    desk.find("#user-id").await?.send_keys("a/b ż").await?;
    desk.press("#find-user button").await?;
    desk.says("h1", "Enrolments of a/b ż").await?;
    desk.browser.until("document.querySelectorAll('.enrolments li').length === 50").await?;
    desk.browser.until("document.activeElement.tagName === 'H1'").await?;
    desk.browser.is_accessible("a user").await?;
    desk.press(".more button").await?;
    desk.browser.until("document.querySelectorAll('.enrolments li').length === 60").await?;
    desk.says("#status", "60 enrolments.").await?;
    desk.press(".enrolments li:last-child a").await?;
    desk.says("h1", "Enrolment 60").await?;
    // The back button of the browser.
    desk.browser.page.back().await?;
    desk.says("h1", "Enrolments of a/b ż").await?;

    desk.find("#enrolment-number").await?.send_keys("7").await?;
    desk.press("#find-enrolment button").await?;
    desk.says(".keys", "107").await?;
    desk.press(".keys a").await?;
    desk.says("h1", "Enrolments of a/b ż").await?;

    desk.go("#/users/unknown").await?;
    desk.says(".empty", "This user has no enrolments.").await?;
    desk.browser.is_accessible("a user without any").await?;
    desk.go("#/enrolments/2147483647").await?;
    desk.says(".empty", "There is no enrolment 2147483647").await?;
    desk.browser.is_accessible("no enrolment").await?;
    for nowhere in ["#/enrolments/x", "#/users", "#/users/%ff", "#/deliveries/1/2"] {
        desk.go(nowhere).await?;
        desk.says("h1", "Not found").await?;
    }
    desk.browser.is_accessible("no page").await?;
    desk.done("enrolment::it_is_found_by_id_and_by_user", &[404]).await
}

pub(super) async fn it_is_canceled_and_refunded_once(desk: Desk) -> Result<()> {
    let id = desk.enrolled("ann").await?;
    desk.open(&format!("#/enrolments/{id}")).await?;
    let canceling = "main > div > .buttons button";
    desk.press(canceling).await?;
    desk.says("dialog[open]", "The seat is free at once").await?;
    desk.browser.is_accessible("asked before canceling").await?;
    desk.press("#confirm-back").await?;
    ensure!(desk.app.state_of(id).await == "ACTIVE PENDING", "nothing is canceled without a confirmation");

    desk.press(canceling).await?;
    desk.find("#confirm-field-reason").await?.send_keys("moved").await?;
    // There is no answer at first: the repeated request has the same key.
    let script = "const own = fetch; window.keys = []; window.fetch = (path, init) => { \
                  keys.push(init.headers['idempotency-key']); return own(path, init) }";
    desk.browser.page.execute(script, Vec::new()).await?;
    desk.app.database.execute("ALTER TABLE enrolments RENAME TO away").await?;
    desk.press("#confirm-do").await?;
    desk.says("dialog[open] [role=alert]", "The database cannot be reached; try again.").await?;
    desk.browser.is_accessible("canceling failed").await?;
    desk.app.database.execute("ALTER TABLE away RENAME TO enrolments").await?;
    desk.press("#confirm-do").await?;
    desk.says(".keys .state", "canceled").await?;
    desk.says("#status", "The enrolment is canceled.").await?;
    desk.browser.until("document.activeElement.tagName === 'H1'").await?;
    desk.app.idle().await;
    ensure!(desk.app.value("SELECT reason FROM enrolments").await == "moved");
    desk.browser.until("keys.length > 2 && keys[0].length === 36 && keys[0] === keys[1] && !keys[2]").await?;
    ensure!(desk.app.value("SELECT COUNT(*) FROM idempotency").await == "1");

    let id = desk.enrolled("bob").await?;
    desk.pay(id).await?;
    desk.go(&format!("#/enrolments/{id}")).await?;
    desk.press("main > div > .buttons button:last-child").await?;
    desk.says("dialog[open] h2", "Refund of enrolment 2").await?;
    desk.says("dialog[open]", "It moves no money").await?;
    desk.browser.is_accessible("asked before a refund").await?;
    // Another operator was faster.
    desk.ask("PATCH", "/refunded", json!({"enrolment_id": id})).await?;
    desk.press("#confirm-do").await?;
    desk.says("dialog[open] [role=alert]", "Enrolment already refunded.").await?;
    desk.press("#confirm-back").await?;

    let id = desk.enrolled("cecilia").await?;
    desk.pay(id).await?;
    desk.go(&format!("#/enrolments/{id}")).await?;
    let refunding = "main > div > .buttons button:last-child";
    desk.press(refunding).await?;
    desk.find("[name=amount]").await?.send_keys("1000").await?;
    desk.press("#confirm-do").await?;
    desk.says("#confirm-field-amount-fault", "at most 199.99 can be refunded").await?;
    desk.press("#confirm-back").await?;
    desk.press(refunding).await?;
    desk.find("[name=amount]").await?.send_keys("49.99").await?;
    desk.press("#confirm-do").await?;
    desk.says("#status", "The refund is recorded.").await?;
    ensure!(desk.app.state_of(id).await == "ACTIVE PAID");
    // What is left.
    desk.press(refunding).await?;
    // An operator who leaves the page still sees the result.
    let script = "window.answer = fetch; window.fetch = (...asked) => \
                  new Promise((go) => { window.go = () => go(answer(...asked)) })";
    desk.browser.page.execute(script, Vec::new()).await?;
    desk.press("#confirm-do").await?;
    desk.press("#confirm-back").await?;
    desk.browser.until("!document.querySelector('dialog').open").await?;
    desk.browser.page.execute("window.fetch = answer; go()", Vec::new()).await?;
    desk.says(".keys .state", "canceled").await?;
    desk.says("#status", "The refund is recorded.").await?;
    ensure!(desk.number("main > div > .buttons button").await? == 0, "nothing is left");
    ensure!(desk.app.state_of(id).await == "CANCELED PAID");
    desk.done("enrolment::it_is_canceled_and_refunded_once", &[400, 409, 503]).await
}

/// For every name of a customer.
pub(super) async fn texts_are_escaped(desk: Desk) -> Result<()> {
    let user = "<img src=x onerror=alert(1)>";
    let id = desk.enrolled(user).await?;
    let link = "UPDATE enrolments SET invoice_url = 'javascript:alert(1)'";
    desk.app.database.execute(link).await?;
    desk.app.database.execute("UPDATE outbox SET state = 'dead', last_error = '<b>refused</b>'").await?;
    desk.open("").await?;
    desk.says(".delivery code", "<b>refused</b>").await?;
    desk.go(&format!("#/enrolments/{id}")).await?;
    desk.says(".keys", user).await?;
    ensure!(desk.number("main img, main b, main a[href^=javascript]").await? == 0);
    desk.done("enrolment::texts_are_escaped", &[]).await
}
