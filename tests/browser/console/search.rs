//! One box searches everything.

use super::Desk;
use anyhow::{Result, ensure};
use serde_json::json;

impl Desk {
    pub(super) async fn search(&self, text: &str) -> Result<()> {
        self.browser.page.execute("document.getElementById('query').value = ''", Vec::new()).await?;
        self.find("#query").await?.send_keys(text).await?;
        self.press("#search button").await?;
        self.settled().await
    }
}

pub(super) async fn one_result_opens_at_once(desk: Desk) -> Result<()> {
    let body = json!({"course_id": 1, "user_id": "ann", "reference": "order-7"});
    desk.ask("POST", "", body).await?;
    let paid = json!({"enrolment_id": 1, "reference": "pi_1"});
    desk.ask("PATCH", "/paid", paid).await?;
    let number = desk.app.value("SELECT number FROM documents").await;
    desk.enrolled("bob").await?;
    desk.open("").await?;
    for text in ["1", "ann", " order-7 ", "pi_1", &number] {
        desk.go("#/").await?;
        desk.search(text).await?;
        desk.says("h1", "Enrolment 1").await?;
        desk.browser.until("document.activeElement.tagName === 'H1'").await?;
    }
    // The search itself is no page to come back to.
    desk.browser.page.back().await?;
    desk.says("h1", "Pending deliveries").await?;
    desk.search("Course 7").await?;
    desk.says("h1", "Course 7").await?;
    desk.search("delivery 1").await?;
    desk.says("h1", "Delivery 1").await?;
    desk.done("search::one_result_opens_at_once", &[]).await
}

pub(super) async fn several_results_are_a_list(desk: Desk) -> Result<()> {
    // The id of one enrolment is a user, and the reference of another one and of a payment.
    desk.enrolled("ann").await?;
    desk.ask("POST", "", json!({"course_id": 1, "user_id": "bob", "reference": "1"})).await?;
    for course in [1, 2] {
        desk.ask("POST", "", json!({"course_id": course, "user_id": "1"})).await?;
    }
    let id = desk.enrolled("eve").await?;
    desk.ask("PATCH", "/paid", json!({"enrolment_id": id, "reference": "1"})).await?;
    desk.ask("DELETE", &format!("/{id}"), json!(null)).await?;
    desk.open("").await?;
    desk.search("1").await?;
    let found = "return [...document.querySelectorAll('section')].map((own) => [own.querySelector('h2').textContent, \
                 ...[...own.querySelectorAll('li a')].map((link) => link.textContent)].join())";
    let found = desk.browser.page.execute(found, Vec::new()).await?;
    let expected = json!([
        "By id of the enrolment,Enrolment 1",
        "By id of the user,Enrolment 4,Enrolment 3",
        "By reference,Enrolment 2",
        "By payment reference,Enrolment 5"
    ]);
    ensure!(found == expected, "{found}");
    desk.says("section li", "Enrolment 5, deleted").await?;
    desk.says("section li .state", "pending").await?;
    desk.browser.is_accessible("several results").await?;
    desk.press("section p a").await?;
    desk.says("h1", "Enrolments of 1").await?;
    // It is no longer found, but it has a history.
    desk.search("5").await?;
    desk.says(".notice", "The enrolment is deleted.").await?;
    desk.done("search::several_results_are_a_list", &[404]).await
}

pub(super) async fn nothing_found_says_so(desk: Desk) -> Result<()> {
    desk.open("").await?;
    desk.search("order-8").await?;
    desk.says("main .empty", "Nothing is found by “order-8”.").await?;
    desk.says("main p", "For a course: course 7.").await?;
    desk.browser.is_accessible("nothing found").await?;
    desk.search("ann@example.com").await?;
    let hint = desk.ask("GET", "/search?q=ann%40example.com", json!(null)).await?;
    desk.says("main p", hint["hint"].as_str().unwrap_or("no hint")).await?;
    desk.done("search::nothing_found_says_so", &[]).await
}
