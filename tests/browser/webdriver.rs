//! The commands of WebDriver (W3C) that these tests use.

use anyhow::{Context, Result, bail};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use reqwest::{Client, Method};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// The name of the member with the id of an element.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// Keys without a character, as the protocol encodes them.
#[derive(Clone, Copy)]
pub(crate) enum Key {
    Tab = 0xe004,
    Enter = 0xe007,
    Escape = 0xe00c,
}

impl Key {
    /// The character that stands for it.
    pub(crate) fn text(self) -> String {
        char::from_u32(self as u32).map(String::from).unwrap_or_default()
    }
}

/// A window of a browser.
#[derive(Clone)]
pub(crate) struct Page {
    client: Client,
    session: String,
}

/// An element of the page. It is invalid after the page changes.
pub(crate) struct Element {
    page: Page,
    id: Value,
}

/// Sends a command.
///
/// # Errors
///
/// When the driver does not answer, or answers with an error: its text says which one.
async fn send(client: &Client, method: Method, url: String, body: Option<&Value>) -> Result<Value> {
    let mut request = client.request(method, url);
    if let Some(body) = body {
        request = request.json(body);
    }
    let answer: Value = request.send().await?.json().await?;
    let value = answer.get("value").cloned().unwrap_or_default();
    match value.get("error") {
        Some(error) => bail!("{error}: {}", value.get("message").unwrap_or(&Value::Null)),
        None => Ok(value),
    }
}

impl Page {
    /// Starts a session at a driver that listens on `port`.
    pub(crate) async fn open(port: u16, capabilities: &Value) -> Result<Self> {
        let client = Client::builder().no_proxy().build()?;
        let url = format!("http://127.0.0.1:{port}/session");
        let body = json!({"capabilities": {"alwaysMatch": capabilities}});
        let session = send(&client, Method::POST, url.clone(), Some(&body)).await?;
        let id = session.get("sessionId").and_then(Value::as_str).context("no session")?;
        Ok(Self { client, session: format!("{url}/{id}") })
    }

    /// A command with a body.
    pub(crate) async fn post(&self, command: &str, body: Value) -> Result<Value> {
        send(&self.client, Method::POST, format!("{}/{command}", self.session), Some(&body)).await
    }

    async fn get(&self, command: &str) -> Result<Value> {
        send(&self.client, Method::GET, format!("{}/{command}", self.session), None).await
    }

    fn element(&self, value: &Value) -> Result<Element> {
        let id = value.get(ELEMENT).context("no element")?;
        Ok(Element { page: self.clone(), id: id.clone() })
    }

    pub(crate) async fn goto(&self, url: &str) -> Result<()> {
        self.post("url", json!({"url": url})).await.map(drop)
    }

    pub(crate) async fn refresh(&self) -> Result<()> {
        self.post("refresh", json!({})).await.map(drop)
    }

    pub(crate) async fn back(&self) -> Result<()> {
        self.post("back", json!({})).await.map(drop)
    }

    pub(crate) async fn source(&self) -> Result<String> {
        Ok(self.get("source").await?.as_str().unwrap_or_default().to_owned())
    }

    /// A PNG of the window.
    pub(crate) async fn screenshot(&self) -> Result<Vec<u8>> {
        Ok(BASE64_STANDARD.decode(self.get("screenshot").await?.as_str().unwrap_or_default())?)
    }

    /// Runs the body of a function. Returns its result.
    pub(crate) async fn execute(&self, script: &str, arguments: Vec<Value>) -> Result<Value> {
        self.post("execute/sync", json!({"script": script, "args": arguments})).await
    }

    /// Runs the body of a function. Returns the value that it gives to its callback.
    pub(crate) async fn execute_async(&self, script: &str) -> Result<Value> {
        self.post("execute/async", json!({"script": script, "args": []})).await
    }

    /// The first element of a CSS selector.
    pub(crate) async fn find(&self, css: &str) -> Result<Element> {
        self.element(&self.post("element", json!({"using": "css selector", "value": css})).await?)
    }

    /// Waits for the first element of a CSS selector.
    pub(crate) async fn wait_for(&self, css: &str) -> Result<Element> {
        let end = Instant::now() + Duration::from_secs(30);
        loop {
            match self.find(css).await {
                Err(_) if Instant::now() < end => tokio::time::sleep(Duration::from_millis(50)).await,
                found => return found,
            }
        }
    }

    pub(crate) async fn number(&self, css: &str) -> Result<usize> {
        let found = self.post("elements", json!({"using": "css selector", "value": css})).await?;
        Ok(found.as_array().context("a list")?.len())
    }

    pub(crate) async fn active_element(&self) -> Result<Element> {
        self.element(&self.get("element/active").await?)
    }

    pub(crate) async fn enter_parent_frame(&self) -> Result<()> {
        self.post("frame/parent", json!({})).await.map(drop)
    }

    /// Ends the session, and with it the browser.
    pub(crate) async fn close(self) -> Result<()> {
        send(&self.client, Method::DELETE, self.session, None).await.map(drop)
    }
}

impl Element {
    async fn post(&self, command: &str, body: Value) -> Result<()> {
        let id = self.id.as_str().context("an id")?;
        self.page.post(&format!("element/{id}/{command}"), body).await.map(drop)
    }

    pub(crate) async fn click(self) -> Result<()> {
        self.post("click", json!({})).await
    }

    pub(crate) async fn attribute(&self, name: &str) -> Result<Value> {
        let id = self.id.as_str().context("an id")?;
        self.page.get(&format!("element/{id}/attribute/{name}")).await
    }

    pub(crate) async fn send_keys(&self, keys: &str) -> Result<()> {
        self.post("value", json!({"text": keys})).await
    }

    /// Continues in the document of this frame.
    pub(crate) async fn enter_frame(self) -> Result<()> {
        self.page.post("frame", json!({"id": {ELEMENT: self.id}})).await.map(drop)
    }
}
