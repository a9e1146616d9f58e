//! The console for operators.

mod books;
mod course;
mod deliveries;
mod enrolment;
mod token;
mod trouble;

use crate::chromium::Chromium;
use crate::test;
use crate::webdriver::Element;
use anyhow::{Result, ensure};
use host::Runtime;
use sandbox::{Fault, Target};
use serde_json::{Value, json};
use tests::{Database, Settings, TestApp};

/// The tokens of an operator and of a caller with fewer rights.
const ANN: &str = "let-ann-in";
const GATEWAY: &str = "let-the-gateway-in";

/// A service, and the browser of an operator.
struct Desk {
    app: TestApp,
    browser: Chromium,
}

pub(crate) async fn all(runtime: &Runtime, wanted: &str, screenshots: bool) -> Result<()> {
    let start = async || {
        let tokens = format!("ann=operators:{ANN} gateway=callers:{GATEWAY}");
        let variables = [("tokens".to_owned(), tokens)].into();
        let app =
            TestApp::start(runtime, Database::Sqlite, None, Settings { variables, ..Settings::default() }).await?;
        anyhow::Ok(Desk { app, browser: Chromium::start().await? })
    };
    let open = async || {
        let app = TestApp::start(runtime, Database::Sqlite, None, Settings::default()).await?;
        anyhow::Ok(Desk { app, browser: Chromium::start().await? })
    };
    test!(wanted, token::the_token_is_asked_for_and_forgotten, start().await?);
    test!(wanted, token::a_caller_without_rights_is_refused, start().await?);
    test!(wanted, token::a_changed_token_is_asked_for_again, start().await?);
    test!(wanted, token::no_token_is_needed_where_none_is_set, open().await?);
    test!(wanted, deliveries::they_are_listed_by_kind_and_state, start().await?, screenshots);
    test!(wanted, deliveries::one_can_be_resolved, start().await?);
    test!(wanted, deliveries::another_buyer_can_be_billed, start().await?);
    test!(wanted, deliveries::they_are_listed_in_pages, start().await?);
    test!(wanted, deliveries::one_can_be_retried_by_keyboard, start().await?);
    test!(wanted, enrolment::every_part_is_shown, start().await?, screenshots);
    test!(wanted, enrolment::it_is_found_by_id_and_by_user, start().await?);
    test!(wanted, enrolment::it_is_canceled_and_refunded_once, start().await?);
    test!(wanted, enrolment::its_seat_is_held_and_moved, start().await?);
    test!(wanted, enrolment::what_lapsed_says_so, start().await?);
    test!(wanted, course::who_waits_is_listed_and_taken_off, start().await?);
    test!(wanted, course::a_list_has_pages, start().await?);
    test!(wanted, enrolment::texts_are_escaped, start().await?);
    test!(wanted, books::a_month_is_checked, start().await?);
    test!(wanted, trouble::a_fault_is_shown_and_retried, start().await?);
    test!(wanted, trouble::waiting_is_shown, start().await?);
    Ok(())
}

impl Desk {
    /// Opens the console at a place after `#`, with the token of an operator.
    async fn open(&self, place: &str) -> Result<()> {
        self.open_with(ANN, place).await
    }

    async fn open_with(&self, token: &str, place: &str) -> Result<()> {
        self.goto("").await?;
        self.type_token(token).await?;
        self.go(place).await
    }

    async fn goto(&self, place: &str) -> Result<()> {
        let address = self.app.app.address();
        self.browser.page.goto(&format!("http://{address}/api/enrolment/console{place}")).await
    }

    async fn go(&self, place: &str) -> Result<()> {
        self.browser.page.execute("location.hash = arguments[0]", vec![json!(place)]).await?;
        self.settled().await
    }

    /// Waits until nothing loads.
    async fn settled(&self) -> Result<()> {
        self.browser.until("document.querySelectorAll('[aria-busy]').length === 0").await
    }

    async fn type_token(&self, token: &str) -> Result<()> {
        self.find("#token").await?.send_keys(token).await?;
        self.find("form.token button").await?.click().await?;
        self.settled().await
    }

    async fn find(&self, css: &str) -> Result<Element> {
        self.browser.page.wait_for(css).await
    }

    async fn press(&self, css: &str) -> Result<()> {
        self.find(css).await?.click().await
    }

    /// Waits until the elements of `css` have `text`.
    async fn says(&self, css: &str, text: &str) -> Result<()> {
        let script = format!(
            "[...document.querySelectorAll({})].some((own) => own.textContent.includes({}))",
            json!(css),
            json!(text)
        );
        self.browser.until(&script).await
    }

    /// The number of elements.
    async fn number(&self, css: &str) -> Result<usize> {
        self.browser.page.number(css).await
    }

    /// Sends a request as an operator.
    async fn ask(&self, method: &str, path: &str, body: Value) -> Result<Value> {
        let answer = self.app.send(self.app.request(method.parse()?, path).bearer_auth(ANN).json(&body)).await;
        ensure!(answer.status < 300, "{method} {path}: {} {}", answer.status, answer.text);
        self.app.idle().await;
        Ok(answer.json())
    }

    async fn enrolled(&self, user: &str) -> Result<i64> {
        let enrolment = self.ask("POST", "", json!({"course_id": 1, "user_id": user})).await?;
        Ok(enrolment["id"].as_i64().unwrap_or_default())
    }

    async fn pay(&self, id: i64) -> Result<Value> {
        self.ask("PATCH", "/paid", json!({"enrolment_id": id})).await
    }

    /// An enrolment of `user` whose invoice is dead.
    async fn with_a_dead_invoice(&self, user: &str) -> Result<i64> {
        let id = self.enrolled(user).await?;
        self.app.sandbox.fault(Target::InvoicesCreate, Fault::status(422), Some(1));
        self.pay(id).await?;
        Ok(id)
    }

    /// Ends the test. Checks that the page has no errors except requests with these statuses.
    async fn done(self, name: &str, statuses: &[u16]) -> Result<()> {
        let expected = |error: &String| {
            error.contains("\"source\":\"network\"")
                && statuses.iter().any(|status| match status {
                    0 => error.contains("net::ERR_"),
                    status => error.contains(&format!("a status of {status} ")),
                })
        };
        let mut errors = self.browser.errors().await?;
        errors.retain(|error| !expected(error));
        ensure!(errors.is_empty(), "{name}: {errors:#?}");
        println!("test console::{name} ... ok");
        self.browser.close().await
    }
}
