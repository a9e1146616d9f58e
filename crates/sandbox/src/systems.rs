//! The outside systems, each with a module: the names of their calls, their configuration, what
//! they received, and what answers a request.

pub mod courses;
pub mod invoices;
pub mod mail;
pub mod users;
pub mod webhooks;

use crate::http::{Answer, Request};
use crate::settings::Settings;
use crate::state::{Calls, State};
use hyper::Method;
use percent_encoding::percent_decode_str;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use standardwebhooks::WebhookError;
use std::borrow::Cow;
use webhooks::{Arrival, Receiver};

/// An outside system, or some of its calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// The users service.
    Users,
    /// The courses service.
    Courses,
    /// Fakturownia, every call.
    Invoices,
    /// Fakturownia, calls that issue a document.
    InvoicesCreate,
    /// Fakturownia, calls that read documents.
    InvoicesFind,
    /// The mail relay, every call.
    Emails,
    /// The mail relay, calls that send.
    EmailsSend,
    /// The mail relay, calls that do not send.
    EmailsLook,
    /// The receiver of webhooks.
    Webhooks,
}

/// The name in JSON and in forms, and the name on the page.
type Entry = (&'static str, &'static str, Target);

/// The systems, each with those of its calls that are counted.
pub(crate) const SYSTEMS: [(Entry, &[Entry]); 5] = [
    (("users", "Users", Target::Users), &[("users", "Users", Target::Users)]),
    (("courses", "Courses", Target::Courses), &[("courses", "Courses", Target::Courses)]),
    (
        ("invoices", "Fakturownia", Target::Invoices),
        &[
            ("invoices_create", "Fakturownia: issue", Target::InvoicesCreate),
            ("invoices_find", "Fakturownia: look up", Target::InvoicesFind),
        ],
    ),
    (
        ("emails", "Mail relay", Target::Emails),
        &[("emails", "Mail relay: send", Target::EmailsSend), ("emails_look", "Mail relay: check", Target::EmailsLook)],
    ),
    (("webhooks", "Event receiver", Target::Webhooks), &[("webhooks", "Webhook receiver", Target::Webhooks)]),
];

impl Target {
    /// Whether a fault for this target applies to a call of `other`.
    #[must_use]
    pub fn covers(self, other: Self) -> bool {
        let calls = SYSTEMS.iter().filter(|((.., system), _)| *system == self).flat_map(|(_, calls)| *calls);
        self == other || calls.into_iter().any(|(.., call)| *call == other)
    }
}

/// The configuration of the sandbox.
#[derive(Clone, Debug)]
pub struct Config {
    /// Fakturownia's token.
    pub invoices_token: String,
    /// The relay's token.
    pub mail_token: String,
    /// The token of the users and courses services, on the paths that require one.
    pub records_token: String,
    /// After how many reads of a document its outcome at KSeF is known; 0: at once.
    pub ksef_looks: u32,
    /// The secrets for the signatures of webhooks.
    pub events_secrets: Vec<String>,
    /// The settings at start and after a reset.
    pub settings: Settings,
    /// The seed of random decisions.
    pub seed: u64,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            invoices_token: "sandbox".to_owned(),
            mail_token: "sandbox".to_owned(),
            records_token: "sandbox".to_owned(),
            ksef_looks: 2,
            events_secrets: vec![webhooks::SECRET.to_owned()],
            settings: Settings::default(),
            seed: fastrand::u64(..),
        }
    }
}

/// The received data.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Snapshot {
    /// The invoices, with the fields that were filled in.
    pub invoices: Vec<Value>,
    /// The corrections, with the fields that were filled in.
    pub corrections: Vec<Value>,
    /// The ids of the documents that were sent to KSeF, once for every attempt.
    pub ksef_sent: Vec<u64>,
    /// The mails as they were received, with their idempotency key.
    pub emails: Vec<Value>,
    /// The events as they were received, also repeated ones: `id`, `timestamp` and `body`.
    pub webhooks: Vec<Value>,
    /// The arrival of each of them.
    pub webhook_arrivals: Vec<Arrival>,
    /// The number of events that were refused because of their signature, headers or age.
    pub webhooks_refused: u64,
    /// The number of calls to each system.
    pub calls: Calls,
}

/// What answers a request.
pub(crate) type Handler<'a> = Box<dyn FnOnce() -> Answer + Send + 'a>;

/// The systems of a sandbox.
pub(crate) struct Systems {
    config: Config,
    receiver: Receiver,
    /// What they received, and how they behave.
    pub(crate) state: State,
}

impl Systems {
    /// The systems at start.
    ///
    /// # Errors
    ///
    /// If a secret is invalid.
    pub(crate) fn new(config: Config) -> Result<Self, WebhookError> {
        let receiver = Receiver::new(&config.events_secrets)?;
        let state = State::new(config.seed, config.settings.clone());
        Ok(Self { config, receiver, state })
    }

    /// The system that a request is for and what answers it; none for the sandbox's own paths.
    pub(crate) fn route<'a>(&'a self, request: &'a Request) -> Option<(Target, Handler<'a>)> {
        let Self { config, receiver, state } = self;
        if let Some(call) = mail::Call::of(request) {
            return Some((call.target, Box::new(move || call.answer(state, config, request))));
        }
        let with_token = |answer: Handler<'a>| -> Handler<'a> {
            if request.has_bearer(&config.records_token) {
                return answer;
            }
            Box::new(|| Answer::json(401, &json!({"message": "The token is missing or wrong"})))
        };
        Some(match (&request.method, request.segments().as_slice()) {
            (&Method::GET, ["api", "users", "id"]) => {
                (Target::Users, Box::new(|| users::answer(state, request.parameter("user_id"))))
            }
            (&Method::GET, &["api", "course", id]) => (Target::Courses, Box::new(move || courses::answer(state, id))),
            (&Method::GET, &["v2", "users", id]) => {
                let id = percent_decode_str(id).decode_utf8().ok().map(Cow::into_owned);
                (Target::Users, with_token(Box::new(move || users::answer(state, id))))
            }
            (&Method::GET, &["v2", "courses", id]) => {
                (Target::Courses, with_token(Box::new(move || courses::answer(state, id))))
            }
            (&Method::POST, ["invoices.json"]) => {
                (Target::InvoicesCreate, Box::new(|| invoices::create(state, config, request)))
            }
            (&Method::GET, ["invoices.json"]) => {
                (Target::InvoicesFind, Box::new(|| invoices::find(state, config, request)))
            }
            (&Method::GET, &["invoices", id]) => {
                (Target::InvoicesFind, Box::new(move || invoices::one(state, config, request, id)))
            }
            (&Method::POST, [first, ..]) if first.starts_with("webhooks") => {
                (Target::Webhooks, Box::new(|| receiver.answer(state, request)))
            }
            _ => return None,
        })
    }
}
