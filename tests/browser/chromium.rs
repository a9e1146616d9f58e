//! A headless Chromium, driven over WebDriver.

use crate::webdriver::Page;
use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// A browser with one window. Dropping it ends the browser.
pub(crate) struct Chromium {
    pub(crate) page: Page,
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
        let end = Instant::now() + Duration::from_secs(30);
        loop {
            match Page::open(port, &capabilities).await {
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

    /// The errors in the console of the page.
    pub(crate) async fn errors(&self) -> Result<Vec<String>> {
        // A command of ChromeDriver.
        let log = self.page.post("se/log", json!({"type": "browser"})).await?;
        let entries = log.as_array().context("a list")?.iter();
        Ok(entries.filter(|entry| entry["level"] == "SEVERE").map(Value::to_string).collect())
    }

    /// Sends a command that WebDriver does not have.
    pub(crate) async fn devtools(&self, command: &str, parameters: Value) -> Result<()> {
        let body = json!({"cmd": command, "params": parameters});
        self.page.post("goog/cdp/execute", body).await.map(drop)
    }

    /// Ends the browser.
    pub(crate) async fn close(self) -> Result<()> {
        self.page.clone().close().await
    }
}

impl Drop for Chromium {
    fn drop(&mut self) {
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}
