//! The seats of a course, and who waits for one.

use super::Desk;
use crate::webdriver::Key;
use anyhow::{Result, ensure};
use serde_json::{Value, json};

impl Desk {
    async fn waits(&self, user: &str) -> Result<Value> {
        self.ask("POST", "/waiting", json!({"course_id": 11, "user_id": user})).await
    }

    /// The texts of the elements of `css`.
    async fn texts(&self, css: &str) -> Result<Value> {
        let script = format!("return [...document.querySelectorAll({})].map((own) => own.textContent)", json!(css));
        self.browser.page.execute(&script, Vec::new()).await
    }
}

pub(super) async fn who_waits_is_listed_and_taken_off(desk: Desk) -> Result<()> {
    desk.open("").await?;
    desk.search("course 11").await?;
    desk.says("h1", "Course 11").await?;
    desk.says(".empty", "No user waits.").await?;
    ensure!(desk.texts(".keys dd").await? == json!(["none", "0", "0", "no limit", "0"]));
    desk.browser.is_accessible("a course that the service never saw").await?;

    desk.ask("POST", "", json!({"course_id": 11, "user_id": "ann"})).await?;
    for user in ["bob", "a/b ż", "eve"] {
        desk.waits(user).await?;
    }
    desk.browser.page.refresh().await?;
    desk.says("title", "Course 11 · Enrolments").await?;
    desk.settled().await?;
    ensure!(desk.texts(".keys dd").await? == json!(["1", "1", "0", "0", "3"]));
    ensure!(desk.texts(".list a").await? == json!(["bob", "a/b ż", "eve"]));
    desk.says(".list li", "2. a/b ż since ").await?;
    desk.browser.is_accessible("a course with a waiting list").await?;

    // By keyboard alone.
    desk.tab_to("Take off the list: a/b ż").await?;
    desk.key(Key::Enter).await?;
    desk.says("dialog[open] h2", "Take off the list: a/b ż").await?;
    desk.browser.is_accessible("asked before a user is taken off").await?;
    desk.tab_to("Take off the list").await?;
    desk.key(Key::Enter).await?;
    desk.says("#status", "The user is off the list.").await?;
    desk.browser.until("document.activeElement.tagName === 'H1'").await?;
    ensure!(desk.texts(".list li:not(.gone) a").await? == json!(["bob", "eve"]));
    desk.says(".list li", "2. eve since ").await?;

    // A seat is offered in between.
    desk.press("[aria-label='Take off the list: bob']").await?;
    desk.ask("PATCH", "/canceled", json!({"enrolment_id": 1})).await?;
    desk.press("#confirm-do").await?;
    desk.says("dialog[open] [role=alert]", "Entry not found.").await?;
    desk.press("#confirm-back").await?;
    desk.go("#/enrolments/2").await?;
    desk.says(".timeline strong", "Seat offered").await?;
    desk.says(".keys", "Pay until").await?;
    desk.browser.is_accessible("an offered seat").await?;
    desk.press(".keys a[href='#/courses/11']").await?;
    desk.says("h1", "Course 11").await?;
    desk.settled().await?;
    ensure!(desk.texts(".keys dd").await? == json!(["1", "1", "1", "0", "1"]));
    desk.go("#/courses/0").await?;
    desk.says("h1", "Not found").await?;
    desk.done("course::who_waits_is_listed_and_taken_off", &[404]).await
}

pub(super) async fn a_list_has_pages(desk: Desk) -> Result<()> {
    desk.ask("POST", "", json!({"course_id": 11, "user_id": "ann"})).await?;
    let rows: Vec<_> = (1..=150).map(|user| format!("(11, 'user-{user}', 1)")).collect();
    let insert = format!("INSERT INTO waiting (course_id, user_id, created_at) VALUES {}", rows.join(","));
    desk.app.database.execute(&insert).await?;
    desk.open("#/courses/11").await?;
    ensure!(desk.number(".list li").await? == 100);
    desk.press(".more button").await?;
    desk.browser.until("document.querySelectorAll('.list li').length === 150").await?;
    desk.says(".list li", "150. user-150").await?;
    desk.browser.until("document.querySelector('.more').hidden").await?;
    desk.done("course::a_list_has_pages", &[]).await
}
