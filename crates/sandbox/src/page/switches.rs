//! Switches for faults, settings and full courses.

use crate::fault::{Active, Fault, Named};
use crate::http::{Answer, Request};
use crate::settings::Settings;
use crate::state::State;
use crate::systems::SYSTEMS;
use maud::{Markup, html};
use serde_json::{Value, json};

/// The faults: the value in the form and the label.
const FAULTS: [(&str, &str); 9] = [
    ("503", "answers 503"),
    ("422", "answers 422"),
    ("410", "answers 410"),
    ("slow", "answers after 5 s"),
    ("silence", "never answers"),
    ("reset", "closes the connection"),
    ("reset_after", "processes the request, then closes the connection"),
    ("502_after", "processes the request, then answers 502"),
    ("garbage", "answers with an HTML page"),
];

fn fault(name: &str) -> Option<Fault> {
    Some(match name {
        "503" => Fault::status(503),
        "422" => Fault::status(422),
        "410" => Fault::status(410),
        "slow" => Fault::Delay { delay_ms: 5000 },
        "silence" => Named::Silence.into(),
        "reset" => Named::Reset.into(),
        "reset_after" => Named::ResetAfter.into(),
        "502_after" => Fault::status_after(502),
        "garbage" => Named::Garbage.into(),
        _ => return None,
    })
}

pub(super) fn section(faults: &[Active]) -> Markup {
    html! {
        h2 { "Faults" }
        p { "A fault stays on until you switch it off. More faults: " code { "POST /sandbox/faults" } "." }
        div.switches {
            @for ((name, label, target), _) in SYSTEMS {
                @let now = faults.iter().find(|active| active.target == target);
                form method="post" action="/sandbox/switch" {
                    label for={ "fault-" (name) } { (label) }
                    input type="hidden" name="target" value=(name);
                    select #{ "fault-" (name) } name="fault" {
                        option value="none" { "works" }
                        @for (fault_name, fault_label) in FAULTS {
                            @let on = now.is_some_and(|active| Some(&active.fault) == fault(fault_name).as_ref());
                            option value=(fault_name) selected[on] { (fault_label) }
                        }
                    }
                    button { "Switch" }
                    @if now.is_some() { strong.failing { "failing" } }
                }
            }
        }
    }
}

/// A setting: its JSON pointer, its label, and its values as JSON with their labels.
type Setting = (&'static str, &'static str, &'static [(&'static str, &'static str)]);

const YES_OR_NO: &[(&str, &str)] = &[("true", "yes"), ("false", "no")];

const SETTINGS: [Setting; 9] = [
    ("/invoices/ksef", "KSeF is on", YES_OR_NO),
    ("/invoices/validate_invoices_for_gov", "Documents invalid for KSeF are refused", YES_OR_NO),
    (
        "/invoices/gov_auto_send_mode",
        "Sent to KSeF automatically",
        &[
            ("null", "nothing"),
            ("\"pl_companies\"", "documents for companies in Poland"),
            ("\"all_companies\"", "documents for companies"),
            ("\"all\"", "all documents"),
        ],
    ),
    ("/invoices/fills_in_empty", "A client's data fill in empty fields", YES_OR_NO),
    ("/invoices/undocumented_filters", "Lists can be filtered by oid", YES_OR_NO),
    (
        "/invoices/refuses",
        "Fakturownia refuses",
        &[
            ("null", "invalid documents"),
            ("\"plan_limit\"", "all documents: the plan is used up"),
            ("\"department\"", "every department"),
        ],
    ),
    (
        "/emails/account",
        "Account at the mail relay",
        &[
            ("\"well\"", "can send"),
            ("\"unverified\"", "sender not verified"),
            ("\"restricted\"", "not approved"),
            ("\"spent\"", "quota used up"),
            ("\"suspended\"", "closed by the relay"),
        ],
    ),
    (
        "/emails/requests_per_second",
        "Mail relay: requests in a second",
        &[("null", "no limit"), ("2", "2"), ("10", "10")],
    ),
    (
        "/invoices/requests_per_second",
        "Fakturownia: requests in a second",
        &[("null", "no limit"), ("2", "2"), ("10", "10")],
    ),
];

pub(super) fn settings(settings: &Settings) -> Markup {
    let settings = serde_json::to_value(settings).unwrap_or_default();
    html! {
        h2 { "Settings" }
        p { "How the systems behave. All settings: " code { "PUT /sandbox/settings" } "." }
        @for (path, label, values) in SETTINGS {
            form method="post" action="/sandbox/switch" {
                label for=(path) { (label) }
                input type="hidden" name="setting" value=(path);
                select #(path) name="value" {
                    @let now = settings.pointer(path).map(Value::to_string);
                    @for (value, label) in values {
                        @let on = now.as_deref() == Some(*value);
                        option value=(value) selected[on] { (label) }
                    }
                }
                button { "Switch" }
            }
        }
    }
}

/// The JSON with one setting: `/invoices/x` and `1` give `{"invoices": {"x": 1}}`.
fn one_setting(path: &str, value: Value) -> Value {
    path.split('/').skip(1).collect::<Vec<_>>().into_iter().rfold(value, |value, key| json!({key: value}))
}

pub(super) fn courses(full: bool) -> Markup {
    html! {
        h2 { "Courses" }
        p { "The free seats of every course. One course: " code { "PUT /sandbox/courses/{id}" } "." }
        form method="post" action="/sandbox/switch" {
            label for="seats" { "Every course" }
            select #seats name="seats" {
                option value="own" { "has its own limit" }
                option value="none" selected[full] { "is full" }
            }
            button { "Switch" }
            @if full { strong.failing { "full" } }
        }
    }
}

/// Handles a form of the page.
#[must_use]
pub fn set(state: &State, request: &Request) -> Answer {
    if request.field("forget").is_some() {
        state.reset();
        return back();
    }
    if let Some(seats) = request.field("seats") {
        let ("own" | "none") = seats.as_str() else { return no_such_switch() };
        state.memory().courses_full = seats == "none";
        return back();
    }
    if let Some(path) = request.field("setting") {
        let value = request.field("value").and_then(|value| serde_json::from_str(&value).ok());
        let changed = value.map(|value| state.change_settings(one_setting(&path, value)));
        return if matches!(changed, Some(Ok(()))) { back() } else { no_such_switch() };
    }
    let system = request.field("target");
    let system = SYSTEMS.iter().map(|(system, _)| *system).find(|(name, ..)| Some(*name) == system.as_deref());
    let name = request.field("fault").unwrap_or_default();
    let (Some((.., target)), true) = (system, name == "none" || fault(&name).is_some()) else {
        return no_such_switch();
    };
    let faults = &mut state.memory().faults;
    faults.retain(|active| !target.covers(active.target));
    faults.extend(fault(&name).map(|fault| Active { target, fault, times: None, probability: None, matching: None }));
    back()
}

fn no_such_switch() -> Answer {
    Answer::json(400, &json!({"message": "No such switch"}))
}

fn back() -> Answer {
    let mut answer = Answer::new(303, "text/plain", Vec::new());
    answer.headers.push(("location".to_owned(), "/".to_owned()));
    answer
}
