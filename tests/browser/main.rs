//! The pages for people, in headless Chromium: the sandbox, the API reference and the
//! console.

mod accessible;
mod chromium;
mod console;
mod webdriver;

use anyhow::{Result, ensure};
use chromium::Chromium;
use host::Runtime;
use serde_json::json;
use std::process::ExitCode;
use std::sync::atomic::{AtomicU32, Ordering};
use tests::{Database, Settings, TestApp};

mod arguments {
    xflags::xflags! {
        /// Tests the pages for people in Chromium.
        cmd browser {
            /// Only the tests with this in their name.
            optional name: String
            /// Save screenshots in images/.
            optional --screenshots
        }
    }
}

/// How many tests failed.
static FAILED: AtomicU32 = AtomicU32::new(0);

/// Awaits a test if its name contains `wanted`. The next ones run also if it fails.
macro_rules! test {
    ($wanted:expr, $test:path, $($argument:expr),+) => {
        let name = concat!(module_path!(), "::", stringify!($test));
        if name.contains($wanted) {
            if let Err(error) = $test($($argument),+).await {
                println!("test {name} ... FAILED: {error:#}");
                $crate::FAILED.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            }
        }
    };
}
pub(crate) use test;

fn main() -> ExitCode {
    let arguments::Browser { name, screenshots } = arguments::Browser::from_env_or_exit();
    let name = name.unwrap_or_default();
    let wanted = name.as_str();
    let run = || -> Result<()> {
        let runtime = Runtime::load(tests::root().join("spin.toml"))?;
        tokio::runtime::Runtime::new()?.block_on(async {
            let start = || TestApp::start(&runtime, Database::Sqlite, None, Settings::default());
            test!(wanted, a_payment_shows_up, start().await?, screenshots);
            let variables = [("events_secret".to_owned(), sandbox::webhooks::SECRET.to_owned())].into();
            let signing = Settings { variables, ..Settings::default() };
            let app = TestApp::start(&runtime, Database::Sqlite, None, signing).await?;
            test!(wanted, the_sandbox_fits_a_phone, app);
            test!(wanted, no_script_of_a_mail_runs, start().await?);
            test!(wanted, a_fault_is_switched_on_and_off, start().await?);
            test!(wanted, the_reference_lists_every_route_and_webhook, start().await?, screenshots);
            test!(wanted, the_reference_is_dark_if_the_user_prefers_it, start().await?);
            console::all(&runtime, wanted, screenshots).await
        })
    };
    match run() {
        Ok(()) if FAILED.load(Ordering::Relaxed) == 0 => ExitCode::SUCCESS,
        Ok(()) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("browser: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// The page is open before the payment, and updates itself.
async fn a_payment_shows_up(app: TestApp, screenshot: bool) -> Result<()> {
    let browser = Chromium::start().await?;
    browser.page.goto(&app.sandbox.origin()).await?;
    browser.until("document.querySelectorAll('.none').length == 3").await?;
    let id = app.enrolled("ann", 1).await;
    ensure!(app.pay(id).await.status == 200, "not paid");
    browser.until("document.querySelectorAll('.mail').length == 2").await?;
    browser.until("document.querySelector('#invoices td')?.textContent.startsWith('1/')").await?;
    browser.until("document.querySelector('#calls td').textContent == '2'").await?;
    browser.page.find(".mail iframe").await?.enter_frame().await?;
    browser.until("document.body.textContent.includes('Thank you for your payment!')").await?;
    browser.page.enter_parent_frame().await?;
    if screenshot {
        save(&browser, "sandbox.png").await?;
    }
    browser.page.find("#invoices td a").await?.click().await?;
    browser.until("document.querySelector('.invoice')?.textContent.includes('199.99 PLN')").await?;
    done("a_payment_shows_up", browser).await
}

/// With something in each section.
async fn the_sandbox_fits_a_phone(app: TestApp) -> Result<()> {
    let id = app.paid("ann-with-a-name-that-is-as-long-as-an-address", 7).await;
    app.refunded(id).await;
    app.deliver_all().await;
    app.sandbox.fault(sandbox::Target::Users, sandbox::Fault::status(503), None);
    let browser = Chromium::start().await?;
    browser.page.goto(&app.sandbox.origin()).await?;
    let sections = "[...document.querySelectorAll('section')].map((own) => own.id).join()";
    browser.until(&format!("{sections} === 'switches,inbox,invoices,events,calls,settings,courses'")).await?;
    ensure!(browser.page.number(".failing").await? == 1 && browser.page.number("#events td").await? > 0, "empty");
    browser.is_accessible("the sandbox").await?;
    for (row, page) in [(1, "an invoice"), (2, "a correction")] {
        let link = format!("#invoices tr:nth-of-type({}) a", row + 1);
        browser.page.find(&link).await?.click().await?;
        browser.until("document.querySelector('.invoice') !== null").await?;
        browser.is_accessible(page).await?;
        browser.page.back().await?;
    }
    done("the_sandbox_fits_a_phone", browser).await
}

async fn no_script_of_a_mail_runs(app: TestApp) -> Result<()> {
    let browser = Chromium::start().await?;
    browser.page.goto(&app.sandbox.origin()).await?;
    browser.page.execute("window.heard = 0; addEventListener('message', () => window.heard++)", Vec::new()).await?;
    let script = "<script>parent.postMessage('ran', '*'); top.document.title = 'ran'</script><p id=after>after</p>";
    let mail = json!({"from": "a@example.com", "to": ["b@example.com"], "subject": script, "text": script,
        "html": format!("<img src=x onerror=\"parent.postMessage('ran', '*')\">{script}")});
    // The relay refuses a request without a user agent.
    let client = reqwest::Client::builder().no_proxy().user_agent("tests").build()?;
    let sent =
        client.post(format!("{}/emails", app.sandbox.origin())).bearer_auth("sandbox").json(&mail).send().await?;
    ensure!(sent.status() == 200, "not sent");
    browser.until("document.querySelectorAll('.mail').length == 1").await?;
    // The text after the script is shown, so the script could have run.
    browser.page.find(".mail iframe").await?.enter_frame().await?;
    browser.until("document.getElementById('after') !== null").await?;
    browser.page.enter_parent_frame().await?;
    browser.until("window.heard === 0 && document.title === 'Sandbox'").await?;
    println!("test no_script_of_a_mail_runs ... ok");
    browser.close().await
}

async fn a_fault_is_switched_on_and_off(app: TestApp) -> Result<()> {
    let browser = Chromium::start().await?;
    browser.page.goto(&app.sandbox.origin()).await?;
    for (fault, status) in [("503", 503), ("none", 201)] {
        browser.page.find(&format!("#fault-users option[value='{fault}']")).await?.click().await?;
        browser.page.find("form:has(#fault-users) button").await?.click().await?;
        let failing = u8::from(status == 503);
        browser.until(&format!("document.querySelectorAll('.failing').length == {failing}")).await?;
        ensure!(app.enrol("ann", 1).await.status == status, "{fault}");
    }
    done("a_fault_is_switched_on_and_off", browser).await
}

async fn the_reference_lists_every_route_and_webhook(app: TestApp, screenshot: bool) -> Result<()> {
    let browser = Chromium::start().await?;
    browser.page.goto(&format!("http://{}/api/enrolment/docs", app.app.address())).await?;
    let description = app.get("/openapi.json").await.json();
    let described = ["paths", "webhooks"].iter().filter_map(|part| description[part].as_object());
    let operations = described
        .flatten()
        .flat_map(|(_, item)| item.as_object().into_iter().flatten())
        .filter(|(_, own)| own["operationId"].is_string());
    let number = operations.count();
    browser.until(&format!("document.querySelectorAll('.opblock').length == {number}")).await?;
    if screenshot {
        save(&browser, "reference.png").await?;
    }
    // A request can be sent: the page shows the answer of the service.
    browser.page.find("[id$='-getHealth'] .opblock-summary-control").await?.click().await?;
    browser.until("document.querySelector('[id$=\"-getHealth\"] button.execute') !== null").await?;
    // The page may draw the button again while it is pressed.
    browser
        .until(
            "document.querySelector('.live-responses-table')?.textContent.includes('enrolment_service') || \
             (document.querySelector('[id$=\"-getHealth\"] button.execute')?.click(), false)",
        )
        .await?;
    // No header or parameter was entered.
    browser.until("document.querySelector('.curl-command')?.textContent.includes('/api/enrolment/health')").await?;
    let sent = browser.page.execute("return document.querySelector('.curl-command').textContent", Vec::new()).await?;
    ensure!(!["X-Request-Id", "deep"].iter().any(|own| sent.to_string().contains(own)), "{sent}");
    done("the_reference_lists_every_route_and_webhook", browser).await
}

async fn the_reference_is_dark_if_the_user_prefers_it(app: TestApp) -> Result<()> {
    let browser = Chromium::start().await?;
    browser.set_scheme("dark").await?;
    browser.page.goto(&format!("http://{}/api/enrolment/docs", app.app.address())).await?;
    browser.page.wait_for(".opblock").await?;
    // The lightness of the page and of a title on it, from 0 to 255.
    let lightness = |css: &str, property: &str| {
        format!("Math.max(...getComputedStyle(document.querySelector('{css}')).{property}.match(/\\d+/g).slice(0, 3))")
    };
    let (page, title) = (lightness("html", "backgroundColor"), lightness(".info .title", "color"));
    browser.until(&format!("{page} < 60 && {title} > 180")).await?;
    // It follows a change.
    browser.set_scheme("light").await?;
    browser.until(&format!("document.documentElement.className === '' && {title} < 100")).await?;
    done("the_reference_is_dark_if_the_user_prefers_it", browser).await
}

async fn done(name: &str, browser: Chromium) -> Result<()> {
    let errors = browser.errors().await?;
    ensure!(errors.is_empty(), "{name}: {errors:#?}");
    println!("test {name} ... ok");
    browser.close().await
}

async fn save(browser: &Chromium, name: &str) -> Result<()> {
    let folder = tests::root().join("images");
    std::fs::create_dir_all(&folder)?;
    Ok(std::fs::write(folder.join(name), browser.page.screenshot().await?)?)
}
