//! A headless Chromium, driven over WebDriver.

use anyhow::{Context, Result, ensure};
use fantoccini::wd::WebDriverCompatibleCommand;
use fantoccini::{Client, ClientBuilder};
use serde_json::{Value, json};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;
use url::{ParseError, Url};

/// A browser with one window. It ends when this is dropped.
pub(crate) struct Chromium {
    pub(crate) page: Client,
    driver: Child,
    _profile: TempDir,
}

impl Chromium {
    pub(crate) async fn start() -> Result<Self> {
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let driver = Command::new("chromedriver")
            .arg(format!("--port={port}"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .context("chromedriver: `make test` installs it or says how")?;
        let profile = tempfile::Builder::new().prefix("enrolments-chromium-").tempdir()?;
        let arguments = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--window-size=1100,1400",
            &format!("--user-data-dir={}", profile.path().display()),
        ];
        let capabilities = json!({
            "goog:chromeOptions": {"args": arguments},
            "goog:loggingPrefs": {"browser": "ALL"},
        });
        let Value::Object(capabilities) = capabilities else { unreachable!("an object") };
        let mut builder = ClientBuilder::new(hyper_util::client::legacy::connect::HttpConnector::new());
        builder.capabilities(capabilities);
        let end = Instant::now() + Duration::from_secs(30);
        loop {
            match builder.connect(&format!("http://127.0.0.1:{port}")).await {
                Ok(page) => return Ok(Self { page, driver, _profile: profile }),
                Err(error) => ensure!(Instant::now() < end, "Chromium does not start: {error}"),
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Runs `script` until it gives true.
    pub(crate) async fn until(&self, script: &str) -> Result<()> {
        let end = Instant::now() + Duration::from_secs(20);
        loop {
            let given = self.page.execute(&format!("return {script}"), Vec::new()).await?;
            if given == json!(true) {
                return Ok(());
            }
            ensure!(Instant::now() < end, "never true: {script}; the page:\n{}", self.page.source().await?);
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// What went wrong in the page so far, as its console has it.
    pub(crate) async fn errors(&self) -> Result<Vec<String>> {
        let log = self.page.issue_cmd(Log).await?;
        let entries = log.as_array().context("a list")?.iter();
        Ok(entries.filter(|entry| entry["level"] == "SEVERE").map(Value::to_string).collect())
    }

    /// Has the browser do what WebDriver has no command for.
    pub(crate) async fn devtools(&self, command: &str, parameters: Value) -> Result<()> {
        self.page.issue_cmd(DevTools { command: command.to_owned(), parameters }).await?;
        Ok(())
    }

    /// Ends the browser.
    pub(crate) async fn close(self) -> Result<()> {
        Ok(self.page.clone().close().await?)
    }
}

impl Drop for Chromium {
    fn drop(&mut self) {
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

/// ChromeDriver's own command for the protocol of the developer tools.
#[derive(Debug)]
struct DevTools {
    command: String,
    parameters: Value,
}

impl WebDriverCompatibleCommand for DevTools {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, ParseError> {
        base.join(&format!("session/{}/goog/cdp/execute", session.unwrap_or_default()))
    }

    fn method_and_body(&self, _: &Url) -> (http::Method, Option<String>) {
        let body = json!({"cmd": self.command, "params": self.parameters});
        (http::Method::POST, Some(body.to_string()))
    }
}

/// ChromeDriver's own command for the console.
#[derive(Debug)]
struct Log;

impl WebDriverCompatibleCommand for Log {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, ParseError> {
        base.join(&format!("session/{}/se/log", session.unwrap_or_default()))
    }

    fn method_and_body(&self, _: &Url) -> (http::Method, Option<String>) {
        (http::Method::POST, Some(r#"{"type":"browser"}"#.to_owned()))
    }
}
