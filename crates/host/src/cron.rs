//! The cron trigger: runs components on their schedule, in UTC. A run that takes longer than
//! its interval overlaps with the next one. A missed run is not repeated. A failed run is
//! logged. The parser of expressions and its settings are those of Spin's plugin: six
//! fields, seconds first. (The README of the plugin lists a seventh, but the parser refuses
//! it.)

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use chrono::{DateTime, Utc};
use croner::Cron;
use wasmtime::Store;

use crate::app::Shared;
use crate::bindings::CronGuestPre;
use crate::bindings::cron_types::{Error, Metadata};
use crate::guest::State;
use crate::manifest::CronTrigger;
use crate::record::Trigger;

/// The schedule of a component.
#[derive(Clone, Debug)]
pub(crate) struct Schedule {
    pub(crate) component: String,
    pub(crate) expression: String,
    times: Cron,
}

impl Schedule {
    pub(crate) fn parse(trigger: &CronTrigger) -> Result<Self> {
        let expression = trigger.cron_expression.as_str();
        let times = Cron::new(expression)
            .with_seconds_required()
            .with_dom_and_dow()
            .parse()
            .map_err(|error| anyhow!("the cron expression {expression:?} is invalid: {error}"))?;
        Ok(Self { component: trigger.component.clone(), expression: expression.to_owned(), times })
    }

    fn next_after(&self, time: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.times.find_next_occurrence(&time, false).ok()
    }
}

/// Follows a schedule until the app is stopped or the schedule ends.
pub(crate) async fn follow(app: Arc<Shared>, schedule: Schedule) {
    let mut last = Utc::now();
    // No run is repeated when the clock is set back.
    while let Some(next) = schedule.next_after(last.max(Utc::now())) {
        let wait = (next - Utc::now()).to_std().unwrap_or(Duration::ZERO);
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            () = app.runs.stopped() => return,
        }
        last = next;
        let (app, component) = (Arc::clone(&app), schedule.component.clone());
        // `run` logs a failure.
        tokio::spawn(async move { run(&app, &component).await });
    }
}

/// Runs a cron component once and waits for its end.
pub(crate) async fn run(app: &Arc<Shared>, component: &str) -> Result<()> {
    let guest = app.runtime.cron_guest(component).with_context(|| format!("{component:?} is not a cron component"))?;
    let run = app.runs.start(Trigger::Cron, app.configured(component)?);
    let mut store = run.store(guest.engine());
    let result = run.unless_stopped(call(&mut store, guest)).await;
    run.end(store, &result).await;
    result
}

async fn call(store: &mut Store<State>, guest: &CronGuestPre<State>) -> Result<()> {
    let timestamp = u64::try_from(Utc::now().timestamp())?;
    let guest = guest.instantiate_async(&mut *store).await?;
    let result = guest.call_handle_cron_event(store, Metadata { timestamp }).await?;
    result.map_err(|Error::Other(reason)| anyhow!(reason))
}

/// The interface has no functions, only types.
impl crate::bindings::cron_types::Host for State {}

#[cfg(test)]
mod tests {
    use super::*;

    fn schedule(expression: &str) -> Result<Schedule> {
        Schedule::parse(&toml::from_str(&format!("cron_expression = {expression:?}\ncomponent = \"c\"")).unwrap())
    }

    fn next(expression: &str, after: &str) -> String {
        schedule(expression).unwrap().next_after(after.parse().unwrap()).unwrap().to_rfc3339()
    }

    #[test]
    fn seconds_come_first_and_times_are_utc() {
        assert_eq!(next("0 */5 * * * *", "2026-08-21T10:04:59Z"), "2026-08-21T10:05:00+00:00");
        assert_eq!(next("0 */5 * * * *", "2026-08-21T10:05:00Z"), "2026-08-21T10:10:00+00:00");
        assert_eq!(next("*/30 * * * * *", "2026-12-31T23:59:31Z"), "2027-01-01T00:00:00+00:00");
    }

    #[test]
    fn the_error_contains_the_invalid_expression() {
        for expression in ["*/5 * * * *", "0 */5 * * * * *", "x * * * * *"] {
            assert!(schedule(expression).unwrap_err().to_string().contains(expression));
        }
    }
}
