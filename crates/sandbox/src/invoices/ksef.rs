//! KSeF, the state's system of invoices, as Fakturownia shows it: a document that is
//! sent there is under way until it was looked at a few times.

mod outcome;

pub use outcome::Outcome;

use crate::state::Memory;
use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};
use std::collections::{HashMap, VecDeque};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

/// Who sells, in the numbers.
const SELLER: &str = "5252445767";

/// What is under way, and what comes of the next ones.
#[derive(Debug, Default)]
pub(crate) struct Ksef {
    next: VecDeque<Outcome>,
    under_way: HashMap<u64, UnderWay>,
}

#[derive(Debug)]
struct UnderWay {
    outcome: Outcome,
    /// How many looks it still takes.
    looks: u32,
}

impl Memory {
    /// What the next documents that are sent come to, one after the other.
    pub(crate) fn set_ksef(&mut self, outcomes: impl IntoIterator<Item = Outcome>) {
        self.ksef.next = outcomes.into_iter().collect();
    }

    /// Sends a document; so many looks later it is known what came of it. One that has
    /// its number stays as it is.
    pub(crate) fn send_to_ksef(&mut self, id: u64, looks: u32) {
        self.seen.ksef_sent.push(id);
        let Some(document) = self.document_mut(id) else { return };
        if document.get("gov_id").is_some_and(Value::is_string) {
            return;
        }
        let outcome = self.ksef.next.pop_front().unwrap_or(Outcome::OK);
        self.set_gov(id, &outcome.under_way(), [Value::Null, Value::Null, Value::Null]);
        self.ksef.under_way.insert(id, UnderWay { outcome, looks });
        if looks == 0 {
            self.end(id, outcome);
        }
    }

    /// Notes that a document is looked at.
    pub(crate) fn look_at(&mut self, id: u64) {
        let Some(UnderWay { outcome, looks }) = self.ksef.under_way.get_mut(&id) else { return };
        *looks = looks.saturating_sub(1);
        if *looks == 0 {
            let outcome = *outcome;
            self.end(id, outcome);
        }
    }

    fn end(&mut self, id: u64, outcome: Outcome) {
        self.ksef.under_way.remove(&id);
        let now = Utc::now();
        let [number, date] = if outcome.is_accepted() {
            let token = self.document(id).and_then(|document| document.get("token")).and_then(Value::as_str);
            let date = now.to_rfc3339_opts(SecondsFormat::Millis, true);
            [json!(number(token.unwrap_or_default(), now)), json!(date)]
        } else {
            [Value::Null, Value::Null]
        };
        let messages = if outcome.messages().is_empty() { Value::Null } else { json!(outcome.messages()) };
        self.set_gov(id, &outcome.status(), [number, date, messages]);
    }

    fn set_gov(&mut self, id: u64, status: &str, [number, date, messages]: [Value; 3]) {
        if let Some(document) = self.document_mut(id).and_then(Value::as_object_mut) {
            let fields = [
                ("gov_status", json!(status)),
                ("gov_id", number),
                ("gov_send_date", date),
                ("gov_error_messages", messages),
            ];
            document.extend(fields.map(|(key, value)| (key.to_owned(), value)));
        }
    }
}

/// A number as KSeF makes them: the seller's, the day, twelve digits and a checksum.
fn number(token: &str, now: DateTime<Utc>) -> String {
    let mut hasher = DefaultHasher::new();
    token.hash(&mut hasher);
    let number = format!("{SELLER}-{}-{:012X}", now.format("%Y%m%d"), hasher.finish() >> 16);
    format!("{number}-{:02X}", checksum(&number))
}

/// CRC-8 with the polynomial 0x07.
fn checksum(text: &str) -> u8 {
    let shift = |sum: u8, _| if sum & 0x80 == 0 { sum << 1 } else { (sum << 1) ^ 0x07 };
    text.bytes().fold(0, |sum, byte| (0..8).fold(sum ^ byte, shift))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_has_its_checksum() {
        assert_eq!(checksum("5265877635-20250826-0100001AF629"), 0xAF);
        let number = number("token", DateTime::UNIX_EPOCH);
        let (whole, sum) = number.rsplit_once('-').unwrap();
        assert!(whole.starts_with("5252445767-19700101-"), "{number}");
        assert_eq!((number.len(), sum.to_owned()), (35, format!("{:02X}", checksum(whole))));
    }
}
