//! Missing and faulty answers of the service.

use super::Desk;
use anyhow::Result;

pub(super) async fn a_fault_is_shown_and_retried(desk: Desk) -> Result<()> {
    let id = desk.enrolled("ann").await?;
    desk.app.database.execute("ALTER TABLE outbox RENAME TO away").await?;
    desk.open("").await?;
    desk.says("main [role=alert]", "The database cannot be reached; try again.").await?;
    desk.says("#updated", "Not updated").await?;
    desk.browser.is_accessible("503").await?;
    desk.pictures("broken").await?;
    // A failed part leaves the others alone.
    desk.go(&format!("#/enrolments/{id}")).await?;
    desk.says(".keys", "ann").await?;
    desk.says("section [role=alert]", "The database cannot be reached; try again.").await?;
    desk.browser.is_accessible("503 of a part").await?;
    desk.app.database.execute("ALTER TABLE away RENAME TO outbox").await?;
    desk.press("section [role=alert] button").await?;
    desk.says(".delivery", "Mail: enrolled").await?;

    let network = |offline: bool| serde_json::json!({"offline": offline, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1});
    desk.browser.devtools("Network.enable", serde_json::json!({})).await?;
    desk.browser.devtools("Network.emulateNetworkConditions", network(true)).await?;
    desk.go("#/").await?;
    desk.says("main [role=alert]", "The service cannot be reached.").await?;
    desk.browser.is_accessible("no network").await?;
    desk.browser.devtools("Network.emulateNetworkConditions", network(false)).await?;
    desk.press("main [role=alert] button").await?;
    desk.says("main .empty", "No pending deliveries").await?;

    // An answer of a proxy, not of the API.
    let script = "window.fetch = async () => new Response('<h1>Bad gateway</h1>', {status: 502})";
    desk.browser.page.execute(script, Vec::new()).await?;
    desk.go(&format!("#/enrolments/{id}")).await?;
    desk.says("main [role=alert]", "The service answered 502 without a reason.").await?;
    desk.done("trouble::a_fault_is_shown_and_retried", &[503, 0]).await
}

pub(super) async fn waiting_is_shown(desk: Desk) -> Result<()> {
    let id = desk.enrolled("ann").await?;
    desk.open(&format!("#/enrolments/{id}")).await?;
    let script = "window.answer = fetch; window.fetch = (...asked) => new Promise((go) => { window.go = go })";
    desk.browser.page.execute(script, Vec::new()).await?;
    desk.browser.page.execute("location.hash = '#/'", Vec::new()).await?;
    desk.says("main [aria-busy]", "Loading…").await?;
    desk.browser.is_accessible("loading").await?;
    // A late answer does not replace the next page.
    desk.browser.page.execute("window.fetch = answer; location.hash = '#/enrolments/1'", Vec::new()).await?;
    desk.says(".keys", "ann").await?;
    desk.browser
        .page
        .execute("go(new Response('{\"deliveries\": [], \"new_events\": {\"count\": 0}}'))", Vec::new())
        .await?;
    desk.settled().await?;
    desk.says(".keys", "ann").await?;
    desk.done("trouble::waiting_is_shown", &[]).await
}
