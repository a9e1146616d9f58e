//! The console for operators.

mod books;
mod bulk;
mod course;
mod deliveries;
mod enrolment;
mod live;
mod mails;
mod search;
mod summary;
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

/// The tokens of an operator, a viewer and a caller.
const ANN: &str = "let-ann-in";
const EVE: &str = "let-eve-look";
const GATEWAY: &str = "let-the-gateway-in";

/// A service, and the browser of an operator.
struct Desk {
    app: TestApp,
    browser: Chromium,
}

pub(crate) async fn all(runtime: &Runtime, wanted: &str, screenshots: bool) -> Result<()> {
    let start = async || {
        let tokens = format!("ann=operators:{ANN} eve=viewers:{EVE} gateway=callers:{GATEWAY}");
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
    test!(wanted, token::a_viewer_changes_nothing, start().await?);
    test!(wanted, token::a_changed_token_is_asked_for_again, start().await?);
    test!(wanted, token::no_token_is_needed_where_none_is_set, open().await?);
    test!(wanted, summary::nothing_is_pending, start().await?);
    test!(wanted, summary::all_is_counted_by_kind_state_and_reason, start().await?, screenshots);
    test!(wanted, summary::ten_thousand_are_listed, start().await?);
    test!(wanted, summary::a_hundred_thousand_are_counted, start().await?);
    test!(wanted, live::counts_and_list_follow, start().await?);
    test!(wanted, live::nothing_changes_below_the_hands, start().await?);
    test!(wanted, live::a_page_that_is_not_updated_says_so, start().await?);
    test!(wanted, deliveries::they_are_filtered_on_the_server, start().await?);
    test!(wanted, deliveries::they_are_listed_in_pages, start().await?);
    test!(wanted, deliveries::one_can_be_resolved, start().await?);
    test!(wanted, deliveries::one_can_be_retried_by_keyboard, start().await?);
    test!(wanted, deliveries::another_buyer_can_be_billed, start().await?);
    test!(wanted, bulk::all_of_a_reason_are_retried, start().await?);
    test!(wanted, bulk::all_are_resolved_until_one_fails, start().await?);
    test!(wanted, bulk::it_is_stopped_by_going_back, start().await?);
    test!(wanted, search::one_result_opens_at_once, start().await?);
    test!(wanted, search::several_results_are_a_list, start().await?);
    test!(wanted, search::nothing_found_says_so, start().await?);
    test!(wanted, enrolment::every_part_is_shown, start().await?, screenshots);
    test!(wanted, enrolment::ids_are_copied, start().await?);
    test!(wanted, enrolment::those_of_a_user_are_listed, start().await?);
    test!(wanted, enrolment::it_is_canceled_and_refunded_once, start().await?);
    test!(wanted, enrolment::another_buyer_can_be_billed_later, start().await?);
    test!(wanted, enrolment::its_seat_is_held_and_moved, start().await?);
    test!(wanted, enrolment::what_lapsed_says_so, start().await?);
    test!(wanted, enrolment::texts_are_escaped, start().await?);
    test!(wanted, course::who_waits_is_listed_and_taken_off, start().await?);
    test!(wanted, course::a_list_has_pages, start().await?);
    test!(wanted, mails::a_text_is_edited_and_given_back, start().await?);
    test!(wanted, mails::an_edited_text_stays, start().await?);
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

    /// With PICTURES, a folder: saves the page there, on a phone and on a desktop, in light and in dark mode.
    async fn pictures(&self, name: &str) -> Result<()> {
        let Some(folder) = std::env::var_os("PICTURES").map(std::path::PathBuf::from) else { return Ok(()) };
        for scheme in ["light", "dark"] {
            self.browser.set_scheme(scheme).await?;
            for (width, height) in [(390, 844), (1280, 900)] {
                self.browser.set_size(width, height).await?;
                let picture = self.browser.page.screenshot().await?;
                std::fs::write(folder.join(format!("{name}-{width}-{scheme}.png")), picture)?;
            }
        }
        self.browser.unset().await
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
