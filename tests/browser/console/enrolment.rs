//! One enrolment.

use super::Desk;
use crate::webdriver::Key;
use anyhow::{Result, ensure};
use serde_json::json;

pub(super) async fn every_part_is_shown(desk: Desk, screenshot: bool) -> Result<()> {
    let body = json!({"course_id": 1, "user_id": "63a1f1234abc5678def12345", "reference": "order-2026-0815",
        "metadata": {"campaign": "spring", "shop": "pl"}});
    let id = desk.ask("POST", "", body).await?["id"].as_i64().unwrap_or_default();
    desk.open(&format!("#/enrolments/{id}")).await?;
    desk.says("main .empty", "There are no documents.").await?;
    desk.browser.is_accessible("a new enrolment").await?;
    let paid = json!({"enrolment_id": id, "reference": "pi_3MtwBw", "method": "card"});
    desk.ask("PATCH", "/paid", paid).await?;
    let part = json!({"enrolment_id": id, "amount": "50.00", "reference": "re_1", "reason": "a voucher"});
    desk.ask("PATCH", "/refunded", part).await?;
    let numbered =
        "UPDATE documents SET ksef_status = 'demo_ok', ksef_number = '5252445767-20261125-010080' WHERE id = 1";
    desk.app.database.execute(numbered).await?;

    desk.browser.page.refresh().await?;
    desk.settled().await?;
    for (place, text) in [
        ("title", "Enrolment 1 · Enrolments"),
        (".keys .state.active", "active"),
        (".keys .state.settled", "paid"),
        (".keys .state.refunded", "partly refunded"),
        (".keys", "Referenceorder-2026-0815"),
        (".keys", "campaignspring"),
        (".keys", "Paid199.99 PLN"),
        (".keys", "Methodcard"),
        (".keys", "Payment referencepi_3MtwBw"),
        (".keys", "Refund50.00 PLN"),
        (".keys", "re_1"),
        (".keys", "Price199.99 PLN"),
        (".keys", "Tax"),
        (".keys time", " UTC"),
        ("section li", "Invoice "),
        ("section li", "199.99 PLN · issued on "),
        ("section li", "KSeF: accepted (demo) 5252445767-20261125-010080"),
        ("section li", "Correction "),
        ("section li", "-50.00 PLN"),
        (".delivery.done", "Mail: refunded"),
    ] {
        desk.says(place, text).await?;
    }
    let script = "return [...document.querySelectorAll('.timeline strong')].map((own) => own.textContent)";
    let happened = desk.browser.page.execute(script, Vec::new()).await?;
    let expected = json!(["Enrolled by ann", "Paid by ann", "Invoice issued", "Refunded by ann", "Invoice corrected"]);
    ensure!(happened == expected, "{happened}");
    let link = desk.find("section li a[target]").await?;
    ensure!(link.attribute("rel").await? == "noopener noreferrer");
    desk.browser.is_accessible("an enrolment").await?;
    if screenshot {
        crate::save(&desk.browser, "console-enrolment.png").await?;
    }
    desk.pictures("enrolment").await?;

    desk.ask("PATCH", "/refunded", json!({"enrolment_id": id, "reason": "too few participants"})).await?;
    desk.browser.page.refresh().await?;
    desk.settled().await?;
    desk.browser.until("document.querySelector('.keys .state.refunded').textContent === 'refunded'").await?;
    desk.says(".keys .state.canceled", "canceled").await?;
    desk.says(".keys", "by ann: too few participants").await?;
    desk.says(".keys", "Refunded in all199.99 PLN").await?;
    ensure!(desk.number(".state.paid").await? == 0, "what is refunded is not a green paid");
    ensure!(desk.number("main > div > .buttons button").await? == 0, "there is nothing left to do");
    desk.browser.is_accessible("a refunded enrolment").await?;
    desk.ask("DELETE", &format!("/{id}"), json!(null)).await?;
    desk.browser.page.refresh().await?;
    desk.says(".notice", "The enrolment is deleted.").await?;
    desk.says(".timeline", "Deleted").await?;
    desk.settled().await?;
    desk.browser.is_accessible("a deleted enrolment").await?;
    desk.done("enrolment::every_part_is_shown", &[404]).await
}

/// Ids, numbers and references are copied; where the browser does not allow it, the text is selected.
pub(super) async fn ids_are_copied(desk: Desk) -> Result<()> {
    desk.ask("POST", "", json!({"course_id": 1, "user_id": "ann", "reference": "order-7"})).await?;
    desk.open("#/enrolments/1").await?;
    let allow = json!({"permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"]});
    desk.browser.devtools("Browser.grantPermissions", allow).await?;
    desk.press("[aria-label='Copy reference order-7']").await?;
    desk.says("#status", "Copied: order-7").await?;
    let read = "navigator.clipboard.readText().then(arguments[arguments.length - 1])";
    ensure!(desk.browser.page.execute_async(read).await? == "order-7");
    let refuse = "navigator.clipboard.writeText = async () => { throw new Error() }";
    desk.browser.page.execute(refuse, Vec::new()).await?;
    desk.press("[aria-label='Copy user ann']").await?;
    desk.says("#status", "The text is selected").await?;
    desk.browser.until("getSelection().toString() === 'ann'").await?;
    desk.done("enrolment::ids_are_copied", &[]).await
}

/// After the invoice is issued.
pub(super) async fn another_buyer_can_be_billed_later(desk: Desk) -> Result<()> {
    let id = desk.enrolled("ann").await?;
    desk.pay(id).await?;
    desk.open(&format!("#/enrolments/{id}")).await?;
    desk.tab_to("Bill another buyer…").await?;
    desk.key(Key::Enter).await?;
    desk.says("dialog[open]", "If it was issued, it is corrected to zero").await?;
    for (name, text) in [("street", "Prosta 1"), ("post_code", "00-001"), ("city", "Warszawa")] {
        desk.find(&format!("[name='buyer.{name}']")).await?.send_keys(text).await?;
    }
    desk.press("#confirm-do").await?;
    desk.says("#status", "The new buyer is recorded.").await?;
    desk.says(".timeline strong", "Billed to another buyer by ann").await?;
    desk.done("enrolment::another_buyer_can_be_billed_later", &[]).await
}

pub(super) async fn those_of_a_user_are_listed(desk: Desk) -> Result<()> {
    for course in 1..=60 {
        desk.ask("POST", "", json!({"course_id": 100 + course, "user_id": "a/b ż"})).await?;
    }
    desk.open("#/enrolments/60").await?;
    desk.press(".keys a[href^='#/users/']").await?;
    desk.says("h1", "Enrolments of a/b ż").await?;
    desk.browser.until("document.querySelectorAll('.list li').length === 50").await?;
    desk.browser.until("document.activeElement.tagName === 'H1'").await?;
    desk.browser.is_accessible("a user").await?;
    desk.press(".more button").await?;
    desk.browser.until("document.querySelectorAll('.list li').length === 60").await?;
    desk.says("#status", "60 are shown.").await?;
    desk.press(".list li:last-child a").await?;
    desk.says("h1", "Enrolment 60").await?;
    // The back button of the browser.
    desk.browser.page.back().await?;
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
    desk.done("enrolment::those_of_a_user_are_listed", &[404]).await
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
    desk.find("#field-reason").await?.send_keys("moved").await?;
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
    desk.says("#field-amount-fault", "at most 199.99 can be refunded").await?;
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

pub(super) async fn its_seat_is_held_and_moved(desk: Desk) -> Result<()> {
    let id = desk.enrolled("ann").await?;
    desk.open(&format!("#/enrolments/{id}")).await?;
    desk.tab_to("Hold the seat until…").await?;
    desk.key(Key::Enter).await?;
    desk.says("dialog[open]", "Without this the enrolment never lapses.").await?;
    desk.browser.is_accessible("asked until when a seat is held").await?;
    // Without a time the browser does not send it.
    desk.press("#confirm-do").await?;
    desk.browser.until("document.activeElement.id === 'field-pay_until'").await?;
    // How it is typed depends on the language of the browser.
    let enter = "const time = new Date(Date.now() + arguments[0] * 3600000 - new Date().getTimezoneOffset() * 60000); \
                 document.getElementById('field-pay_until').value = time.toISOString().slice(0, 16)";
    desk.browser.page.execute(enter, vec![json!(-2)]).await?;
    desk.tab_to("Hold the seat").await?;
    desk.key(Key::Enter).await?;
    desk.says("dialog[open] [role=alert]", "pay_until must be in the next 365 days.").await?;
    desk.browser.page.execute(enter, vec![json!(3)]).await?;
    desk.tab_to("Hold the seat").await?;
    desk.key(Key::Enter).await?;
    desk.says("#status", "The seat is held until the new time.").await?;
    desk.browser.until("document.activeElement.tagName === 'H1'").await?;
    desk.says(".keys", "Pay until").await?;
    desk.says(".timeline strong", "Seat held until another time by ann").await?;
    desk.says(".keys time", "in 2 h").await?;
    // The field has the time of before.
    desk.press("main > div > .buttons button:nth-child(2)").await?;
    desk.browser.until("document.getElementById('field-pay_until').value !== ''").await?;
    desk.press("#confirm-back").await?;

    desk.ask("POST", "", json!({"course_id": 11, "user_id": "bob"})).await?;
    desk.tab_to("Move to another course…").await?;
    desk.key(Key::Enter).await?;
    desk.says("dialog[open]", "It gets the price and terms of the other course.").await?;
    desk.browser.is_accessible("asked before a move").await?;
    let other = desk.find("#field-course_id").await?;
    other.send_keys("11").await?;
    desk.press("#confirm-do").await?;
    desk.says("dialog[open] [role=alert]", "Course is full.").await?;
    desk.browser.is_accessible("a move was refused").await?;
    // The field has 11 already.
    other.send_keys("1").await?;
    desk.find("#field-reason").await?.send_keys("another date").await?;
    desk.tab_to("Move enrolment").await?;
    desk.key(Key::Enter).await?;
    desk.says("#status", "The enrolment is moved.").await?;
    desk.says(".keys a", "111").await?;
    desk.says(".timeline span", "to course 111, active, pending").await?;
    desk.settled().await?;
    desk.says(".delivery.due", "Recipient of a notice").await?;
    desk.app.cron("delivery-cron").await;
    desk.browser.page.refresh().await?;
    desk.settled().await?;
    desk.says(".delivery", "Mail: notice").await?;
    desk.browser.is_accessible("a moved enrolment").await?;

    desk.pay(id).await?;
    desk.browser.page.refresh().await?;
    desk.settled().await?;
    desk.browser.until("!document.querySelector('.keys').textContent.includes('Pay until')").await?;
    desk.press("main > div > .buttons button:nth-child(2)").await?;
    desk.says("dialog[open] h2", "Move enrolment").await?;
    desk.says("dialog[open]", "It keeps its payment, documents, price and terms.").await?;
    desk.press("#confirm-back").await?;

    let free = desk.ask("POST", "", json!({"course_id": 2, "user_id": "eve"})).await?;
    desk.go(&format!("#/enrolments/{}", free["id"])).await?;
    ensure!(desk.number("main > div > .buttons button").await? == 2, "a free course has nothing to pay");
    desk.done("enrolment::its_seat_is_held_and_moved", &[409]).await
}

pub(super) async fn what_lapsed_says_so(desk: Desk) -> Result<()> {
    let id = desk.enrolled("ann").await?;
    desk.app.database.execute("UPDATE enrolments SET pay_until = 1").await?;
    ensure!(desk.ask("PATCH", "/expired", json!(null)).await?["lapsed"] == 1);
    desk.open(&format!("#/enrolments/{id}")).await?;
    desk.says(".keys .state", "canceled").await?;
    desk.says(".keys", "Not paid in time.").await?;
    desk.says(".keys", "Pay until").await?;
    desk.says(".timeline strong", "Lapsed: not paid in time").await?;
    ensure!(desk.number("main > div > .buttons button").await? == 0);
    desk.browser.is_accessible("a lapsed enrolment").await?;
    // A late payment.
    desk.pay(id).await?;
    desk.browser.page.refresh().await?;
    desk.says(".keys .state", "active").await?;
    desk.settled().await?;
    desk.browser.until("!document.querySelector('.keys').textContent.includes('Pay until')").await?;
    desk.done("enrolment::what_lapsed_says_so", &[]).await
}

/// For every name of a customer.
pub(super) async fn texts_are_escaped(desk: Desk) -> Result<()> {
    let user = "<img src=x onerror=alert(1)>";
    let id = desk.enrolled(user).await?;
    let link = "UPDATE enrolments SET invoice_url = 'javascript:alert(1)'";
    desk.app.database.execute(link).await?;
    desk.app.database.execute("UPDATE outbox SET state = 'dead', last_error = '<b>refused</b>'").await?;
    desk.open("#/deliveries").await?;
    desk.says(".delivery code", "<b>refused</b>").await?;
    desk.go(&format!("#/enrolments/{id}")).await?;
    desk.says(".keys", user).await?;
    ensure!(desk.number("main img, main b, main a[href^=javascript]").await? == 0);
    desk.done("enrolment::texts_are_escaped", &[]).await
}
