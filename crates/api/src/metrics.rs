//! Metrics for Prometheus (text exposition format 0.0.4).

use crate::Reply;
use crate::health::age;
use chrono::{DateTime, Utc};
use domain::jobs::Kind;
use domain::jobs::outbox::{Backlog, State};
use http::StatusCode;
use std::fmt::Write as _;

/// 200 with every series, including those that are zero. `newest` is the highest id of an
/// enrolment.
#[must_use]
pub fn metrics(newest: u64, backlog: &Backlog, now: DateTime<Utc>) -> Reply {
    let mut text = String::with_capacity(1024);
    let head = |text: &mut String, name: &str, help: &str| {
        // A write to memory does not fail.
        let _ = write!(text, "# HELP {name} {help}\n# TYPE {name} gauge\n");
    };
    head(&mut text, "enrolments_newest_id", "Highest id of an enrolment. Its growth is the number of new enrolments.");
    let _ = writeln!(text, "enrolments_newest_id {newest}");
    let help = "Pending deliveries by kind and state. At most the oldest 1000 of each state are counted.";
    head(&mut text, "enrolments_deliveries", help);
    for kind in Kind::ALL {
        for state in State::NOT_DONE {
            let of = |(own, at, _): &&(Kind, State, u64)| own == kind && *at == state;
            let number: u64 = backlog.jobs.iter().filter(of).map(|(.., number)| number).sum();
            let state = state.as_str();
            let _ = writeln!(text, "enrolments_deliveries{{kind=\"{kind}\",state=\"{state}\"}} {number}");
        }
    }
    let help = "Age of the oldest delivery of a kind that is due or unknown, or 0.";
    head(&mut text, "enrolments_oldest_delivery_age_seconds", help);
    for kind in Kind::ALL {
        let oldest = backlog.oldest.iter().filter(|(own, _)| own == kind).map(|(_, oldest)| *oldest).min();
        let oldest = oldest.map_or(0, |oldest| age(oldest, now));
        let _ = writeln!(text, "enrolments_oldest_delivery_age_seconds{{kind=\"{kind}\"}} {oldest}");
    }
    let help = "Events without a delivery yet. At most the oldest 1000 are counted.";
    head(&mut text, "enrolments_new_events", help);
    let _ = writeln!(text, "enrolments_new_events {}", backlog.new_events);
    head(&mut text, "enrolments_oldest_new_event_age_seconds", "Age of the oldest event without a delivery, or 0.");
    let oldest = backlog.oldest_new_event.map_or(0, |oldest| age(oldest, now));
    let _ = writeln!(text, "enrolments_oldest_new_event_age_seconds {oldest}");
    Reply::new(StatusCode::OK, "text/plain; version=0.0.4; charset=utf-8", text.into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(newest: u64, backlog: &Backlog) -> String {
        let reply = metrics(newest, backlog, DateTime::from_timestamp(100, 0).unwrap());
        String::from_utf8(reply.body.into_owned()).unwrap()
    }

    #[test]
    fn an_empty_service_has_every_series() {
        let text = text(0, &Backlog::default());
        let samples: Vec<_> = text.lines().filter(|line| !line.starts_with('#')).collect();
        assert_eq!(samples.len(), 3 + 4 * Kind::ALL.len());
        assert!(samples.iter().all(|sample| sample.ends_with(" 0")), "{text}");
        assert_eq!(text.matches("# TYPE").count(), 5);
    }

    #[test]
    fn series_have_their_values() {
        let jobs = vec![(Kind::Invoice, State::Dead, 2), (Kind::PaymentEmail, State::Due, 5)];
        let oldest = vec![(Kind::PaymentEmail, DateTime::from_timestamp(40, 0).unwrap())];
        let oldest_new_event = DateTime::from_timestamp(30, 0);
        let backlog = Backlog { jobs, oldest, new_events: 4, oldest_new_event };
        let text = text(7, &backlog);
        for line in [
            "enrolments_newest_id 7",
            "enrolments_new_events 4",
            "enrolments_oldest_new_event_age_seconds 70",
            "enrolments_deliveries{kind=\"invoice\",state=\"dead\"} 2",
            "enrolments_deliveries{kind=\"payment_email\",state=\"due\"} 5",
            "enrolments_deliveries{kind=\"invoice\",state=\"due\"} 0",
            "enrolments_oldest_delivery_age_seconds{kind=\"payment_email\"} 60",
            "enrolments_oldest_delivery_age_seconds{kind=\"invoice\"} 0",
        ] {
            assert!(text.lines().any(|own| own == line), "{line} in {text}");
        }
    }
}
