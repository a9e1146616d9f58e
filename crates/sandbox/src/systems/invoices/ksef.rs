//! KSeF, the Polish national system for electronic invoices, as Fakturownia shows it: a
//! document that is sent there is `processing` until it is read a few times.

mod outcome;

pub use outcome::Outcome;

use super::fill::set;
use super::rules::is_for_ksef;
use super::value::text;
use crate::state::Memory;
use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};
use std::collections::{HashMap, VecDeque};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

/// The tax number of the seller, which KSeF numbers contain.
pub(super) const SELLER: &str = "5252445767";

/// The documents that are being processed, and the outcomes of the next ones.
#[derive(Debug, Default)]
pub(crate) struct Ksef {
    next: VecDeque<Outcome>,
    processing: HashMap<u64, Processing>,
    /// The errors of documents that were saved although they are invalid for KSeF.
    faulty: HashMap<u64, Vec<String>>,
}

#[derive(Debug)]
struct Processing {
    outcome: Outcome,
    /// How many reads are left until the outcome is known.
    looks: u32,
}

impl Memory {
    /// Sets the outcomes of the next documents, in order.
    pub(crate) fn set_ksef(&mut self, outcomes: impl IntoIterator<Item = Outcome>) {
        self.ksef.next = outcomes.into_iter().collect();
    }

    /// Stores the errors of a new document, which is not sent yet.
    pub(super) fn begin_with(&mut self, id: u64, messages: Vec<String>) {
        self.set_gov(id, &Value::Null, &messages);
        if !messages.is_empty() {
            self.ksef.faulty.insert(id, messages);
        }
    }

    /// Sends a document. After `looks` reads, its outcome is known. A document with a KSeF
    /// number does not change. `automatic`: the account sends it and shows no status yet.
    pub(super) fn send_to_ksef(&mut self, id: u64, looks: u32, automatic: bool) {
        self.seen.ksef_sent.push(id);
        let ksef = self.settings.invoices.ksef;
        let Some(document) = self.document(id) else { return };
        if document.get("gov_id").is_some_and(Value::is_string) {
            return;
        }
        if !is_for_ksef(document) {
            return self.set_gov(id, &json!("not_applicable"), &[]);
        }
        let outcome = match self.ksef.next.pop_front() {
            _ if !ksef => Outcome::NOT_CONNECTED,
            _ if self.ksef.faulty.contains_key(&id) => Outcome::SEND_ERROR,
            next => next.unwrap_or(Outcome::OK),
        };
        let status = if automatic { Value::Null } else { json!(outcome.processing()) };
        self.set_gov(id, &status, &[]);
        self.ksef.processing.insert(id, Processing { outcome, looks });
        if looks == 0 {
            self.end(id, outcome);
        }
    }

    /// Counts a read of a document.
    pub(super) fn look_at(&mut self, id: u64) {
        let Some(Processing { outcome, looks }) = self.ksef.processing.get_mut(&id) else { return };
        *looks = looks.saturating_sub(1);
        let (outcome, looks) = (*outcome, *looks);
        if looks == 0 {
            self.end(id, outcome);
        } else {
            self.set_gov(id, &json!(outcome.processing()), &[]);
        }
    }

    fn end(&mut self, id: u64, outcome: Outcome) {
        self.ksef.processing.remove(&id);
        let messages = match self.ksef.faulty.get(&id) {
            Some(messages) if !messages.is_empty() => messages.clone(),
            _ => outcome.messages().iter().map(|message| (*message).to_owned()).collect(),
        };
        self.set_gov(id, &json!(outcome.status()), &messages);
        let Some(document) = self.document_mut(id).filter(|_| outcome.is_accepted()) else { return };
        let now = Utc::now();
        let number = number(&text(document, "token"), now);
        let sold = format!("{}T00:00:00.000+01:00", text(document, "sell_date"));
        let link = format!("https://ksef.mf.gov.pl/web/verify/{number}/{:x}", hash(&number));
        set(document, "gov_send_date", json!(now.to_rfc3339_opts(SecondsFormat::Millis, true)));
        set(document, "gov_sell_date", json!(sold));
        set(document, "gov_verification_link", json!(link));
        set(document, "gov_id", json!(number));
    }

    /// Sets the status of a document without a KSeF number.
    fn set_gov(&mut self, id: u64, status: &Value, messages: &[String]) {
        let Some(document) = self.document_mut(id) else { return };
        for key in ["gov_id", "gov_send_date", "gov_sell_date", "gov_verification_link"] {
            set(document, key, Value::Null);
        }
        set(document, "gov_status", status.clone());
        set(document, "gov_error_messages", if messages.is_empty() { Value::Null } else { json!(messages) });
    }
}

/// A KSeF number: the seller's tax number, the day, twelve digits and a checksum.
fn number(token: &str, now: DateTime<Utc>) -> String {
    let number = format!("{SELLER}-{}-{:012X}", now.format("%Y%m%d"), hash(token) >> 16);
    format!("{number}-{:02X}", checksum(&number))
}

fn hash(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
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
    fn a_ksef_number_has_a_checksum() {
        assert_eq!(checksum("5265877635-20250826-0100001AF629"), 0xAF);
        let number = number("token", DateTime::UNIX_EPOCH);
        let (whole, sum) = number.rsplit_once('-').unwrap();
        assert!(whole.starts_with("5252445767-19700101-"), "{number}");
        assert_eq!((number.len(), sum.to_owned()), (35, format!("{:02X}", checksum(whole))));
    }
}
