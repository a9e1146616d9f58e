//! Metrics for Prometheus (text exposition format 0.0.4).

use crate::Reply;
use crate::health::age;
use chrono::{DateTime, Utc};
use domain::jobs::Kind;
use domain::jobs::outbox::{Backlog, State};
use domain::model::event::EventKind;
use domain::model::totals::Totals;
use domain::ports::Schedule;
use http::StatusCode;
use std::fmt::{self, Write as _};

/// What the metrics say.
#[derive(Clone, Copy, Debug)]
pub struct Figures<'a> {
    /// The number of variables with an invalid value.
    pub faults: usize,
    /// The highest id of an enrolment.
    pub newest: u64,
    /// What is not done.
    pub backlog: &'a Backlog,
    /// What happened so far.
    pub totals: &'a Totals,
}

/// 200 with every series, including those that are zero.
#[must_use]
pub fn metrics(figures: Figures<'_>, now: DateTime<Utc>) -> Reply {
    let Figures { faults, newest, backlog, totals } = figures;
    let mut text = Text(String::with_capacity(4096));
    text.one("enrolments_configuration_faults", "Variables with an invalid value.", faults);
    let help = "Highest id of an enrolment. Its growth is the number of new enrolments.";
    text.one("enrolments_newest_id", help, newest);
    let help =
        "What happened to enrolments. It counts the events of the feed, also those that are deleted, and never falls.";
    text.head("enrolments_events_total", "counter", help);
    for kind in EventKind::ALL {
        let number = totals.events.iter().find(|(own, _)| *own == kind).map_or(0, |(_, number)| *number);
        text.sample("enrolments_events_total", format_args!("type=\"{}\"", kind.as_str()), number);
    }
    text.one("enrolments_uncounted_events", "Events that enrolments_events_total does not have yet.", totals.uncounted);
    let help = "When the last run of a schedule ended, in seconds since 1970, or 0.";
    text.head("enrolments_last_run_timestamp_seconds", "gauge", help);
    for schedule in Schedule::ALL {
        let ended = totals.ended.iter().find(|(own, _)| *own == schedule).map_or(0, |(_, ended)| ended.timestamp());
        let label = format_args!("schedule=\"{}\"", schedule.word());
        text.sample("enrolments_last_run_timestamp_seconds", label, ended);
    }
    text.head("enrolments_deliveries", "gauge", "Deliveries that are not done, by kind and state.");
    for kind in Kind::ALL {
        for state in State::NOT_DONE {
            let number: u64 = backlog.of(*kind, state).map(|jobs| jobs.number).sum();
            let label = format_args!("kind=\"{kind}\",state=\"{}\"", state.as_str());
            text.sample("enrolments_deliveries", label, number);
        }
    }
    let help = "Deliveries that are not done and whose last attempt failed, by kind, state and reason. \
                Only those that there are.";
    text.head("enrolments_failed_deliveries", "gauge", help);
    for jobs in &backlog.jobs {
        let Some(reason) = &jobs.reason else { continue };
        let label = format_args!("kind=\"{}\",state=\"{}\",reason=\"{reason}\"", jobs.kind, jobs.state.as_str());
        text.sample("enrolments_failed_deliveries", label, jobs.number);
    }
    let help = "Age of the oldest delivery of a kind that is due or unknown, or 0.";
    text.head("enrolments_oldest_delivery_age_seconds", "gauge", help);
    for kind in Kind::ALL {
        let oldest = backlog.oldest_of(*kind).map_or(0, |oldest| age(oldest, now));
        text.sample("enrolments_oldest_delivery_age_seconds", format_args!("kind=\"{kind}\""), oldest);
    }
    text.one("enrolments_new_events", "Events without a delivery yet.", backlog.new_events);
    let oldest = backlog.oldest_new_event.map_or(0, |oldest| age(oldest, now));
    text.one("enrolments_oldest_new_event_age_seconds", "Age of the oldest event without a delivery, or 0.", oldest);
    Reply::new(StatusCode::OK, "text/plain; version=0.0.4; charset=utf-8", text.0.into_bytes())
}

/// The text of the answer. A write to memory does not fail.
struct Text(String);

impl Text {
    fn head(&mut self, name: &str, kind: &str, help: &str) {
        let _ = write!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}\n");
    }

    fn sample(&mut self, name: &str, labels: fmt::Arguments<'_>, value: impl fmt::Display) {
        let _ = writeln!(self.0, "{name}{{{labels}}} {value}");
    }

    /// A gauge without labels.
    fn one(&mut self, name: &str, help: &str, value: impl fmt::Display) {
        self.head(name, "gauge", help);
        let _ = writeln!(self.0, "{name} {value}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use domain::jobs::outbox::PendingJobs;

    fn text(newest: u64, backlog: &Backlog, totals: &Totals) -> String {
        let reply = metrics(Figures { faults: 0, newest, backlog, totals }, at(100));
        String::from_utf8(reply.body.into_owned()).unwrap()
    }

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(seconds, 0).unwrap()
    }

    #[test]
    fn an_empty_service_has_every_series() {
        let text = text(0, &Backlog::default(), &Totals::default());
        let samples: Vec<_> = text.lines().filter(|line| !line.starts_with('#')).collect();
        assert_eq!(samples.len(), 5 + EventKind::ALL.len() + Schedule::ALL.len() + 4 * Kind::ALL.len());
        assert!(samples.iter().all(|sample| sample.ends_with(" 0")), "{text}");
        assert_eq!(text.matches("# TYPE").count(), 10);
    }

    #[test]
    fn series_have_their_values() {
        let jobs = |kind, state, reason: Option<&str>, number, seconds| PendingJobs {
            kind,
            state,
            reason: reason.map(str::to_owned),
            number,
            oldest: at(seconds),
        };
        let jobs = vec![
            jobs(Kind::Invoice, State::Dead, Some("timeout"), 2, 10),
            jobs(Kind::Invoice, State::Dead, None, 1, 10),
            jobs(Kind::PaymentEmail, State::Due, None, 5, 40),
        ];
        let backlog = Backlog { jobs, new_events: 4, oldest_new_event: Some(at(30)) };
        let totals =
            Totals { events: vec![(EventKind::Paid, 12)], uncounted: 3, ended: vec![(Schedule::Expiry, at(90))] };
        let text = text(7, &backlog, &totals);
        for line in [
            "enrolments_newest_id 7",
            "enrolments_events_total{type=\"enrolment.paid\"} 12",
            "enrolments_events_total{type=\"enrolment.refunded\"} 0",
            "enrolments_uncounted_events 3",
            "enrolments_last_run_timestamp_seconds{schedule=\"deliveries\"} 0",
            "enrolments_last_run_timestamp_seconds{schedule=\"expiry\"} 90",
            "enrolments_new_events 4",
            "enrolments_oldest_new_event_age_seconds 70",
            "enrolments_deliveries{kind=\"invoice\",state=\"dead\"} 3",
            "enrolments_deliveries{kind=\"payment_email\",state=\"due\"} 5",
            "enrolments_failed_deliveries{kind=\"invoice\",state=\"dead\",reason=\"timeout\"} 2",
            "enrolments_deliveries{kind=\"invoice\",state=\"due\"} 0",
            "enrolments_oldest_delivery_age_seconds{kind=\"payment_email\"} 60",
            "enrolments_oldest_delivery_age_seconds{kind=\"invoice\"} 0",
        ] {
            assert!(text.lines().any(|own| own == line), "{line} in {text}");
        }
    }
}
