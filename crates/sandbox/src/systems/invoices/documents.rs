//! The documents in memory, and their index. The time to find one does not depend on their
//! number; otherwise a benchmark would measure the sandbox.

use super::fill::set;
use super::is_correction;
use crate::state::Memory;
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};

/// The position of a document in its list.
#[derive(Clone, Copy, Debug)]
enum Place {
    Invoice(usize),
    Correction(usize),
}

/// The positions of the documents. The lists only grow, so positions do not change.
#[derive(Debug, Default)]
pub(crate) struct Index {
    by_id: BTreeMap<u64, Place>,
    by_oid: HashMap<String, Vec<Place>>,
    by_token: HashMap<String, Place>,
    /// The corrections, by the id of the corrected document.
    by_invoice: HashMap<u64, Vec<Place>>,
}

impl Memory {
    /// The id of the next document, whatever its kind.
    pub(crate) fn next_document_id(&self) -> u64 {
        100_001 + self.index.by_id.len() as u64
    }

    /// Stores documents of another system that uses the same account, with new ids and links.
    pub(crate) fn add_documents(&mut self, documents: impl IntoIterator<Item = Value>) {
        for mut document in documents {
            let id = self.next_document_id();
            set(&mut document, "id", json!(id));
            set(&mut document, "token", json!(format!("other-{id}")));
            self.keep_document(document);
        }
    }

    /// Stores an issued document.
    pub(crate) fn keep_document(&mut self, document: Value) {
        let (list, place): (_, fn(usize) -> Place) = if is_correction(&document) {
            (&mut self.seen.corrections, Place::Correction)
        } else {
            (&mut self.seen.invoices, Place::Invoice)
        };
        let place = place(list.len());
        let number = |key| document.get(key).and_then(Value::as_u64);
        let text = |key| document.get(key).and_then(Value::as_str).map(str::to_owned);
        let index = &mut self.index;
        index.by_id.extend(number("id").map(|id| (id, place)));
        index.by_token.extend(text("token").map(|token| (token, place)));
        if let Some(oid) = text("oid") {
            index.by_oid.entry(oid).or_default().push(place);
        }
        if let Place::Correction(_) = place {
            let corrected = number("invoice_id").unwrap_or_default();
            index.by_invoice.entry(corrected).or_default().push(place);
        }
        list.push(document);
    }

    /// The documents with this `oid`, or all, oldest first.
    pub(crate) fn documents(&self, oid: Option<&str>) -> Box<dyn DoubleEndedIterator<Item = &Value> + '_> {
        match oid {
            Some(oid) => Box::new(self.index.by_oid.get(oid).into_iter().flatten().filter_map(|place| self.at(*place))),
            None => Box::new(self.index.by_id.values().filter_map(|place| self.at(*place))),
        }
    }

    /// The document with this id.
    pub(crate) fn document(&self, id: u64) -> Option<&Value> {
        self.index.by_id.get(&id).and_then(|place| self.at(*place))
    }

    /// The document with this id, mutable. The index does not change.
    pub(crate) fn document_mut(&mut self, id: u64) -> Option<&mut Value> {
        match *self.index.by_id.get(&id)? {
            Place::Invoice(at) => self.seen.invoices.get_mut(at),
            Place::Correction(at) => self.seen.corrections.get_mut(at),
        }
    }

    /// The document with this token in its link.
    pub(crate) fn document_by_token(&self, token: &str) -> Option<&Value> {
        self.index.by_token.get(token).and_then(|place| self.at(*place))
    }

    /// The corrections of the invoice with this id, oldest first.
    pub(crate) fn corrections_of(&self, invoice_id: u64) -> impl Iterator<Item = &Value> {
        self.index.by_invoice.get(&invoice_id).into_iter().flatten().filter_map(|place| self.at(*place))
    }

    fn at(&self, place: Place) -> Option<&Value> {
        match place {
            Place::Invoice(at) => self.seen.invoices.get(at),
            Place::Correction(at) => self.seen.corrections.get(at),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_is_found_by_every_key() {
        let mut memory = Memory::default();
        for (kind, oid, invoice_id) in [("vat", "a", None), ("vat", "b", None), ("correction", "a", Some(100_001))] {
            let id = memory.next_document_id();
            memory.keep_document(json!({"id": id, "kind": kind, "oid": oid, "token": format!("t{id}"),
                "invoice_id": invoice_id}));
        }
        let ids = |oid| memory.documents(oid).map(|document| document["id"].clone()).collect::<Vec<_>>();
        assert_eq!(ids(None), [100_001, 100_002, 100_003]);
        assert_eq!((ids(Some("a")), ids(Some("c"))), (vec![json!(100_001), json!(100_003)], vec![]));
        assert_eq!(memory.document(100_002).unwrap()["oid"], "b");
        assert_eq!(memory.document_by_token("t100003").unwrap()["kind"], "correction");
        let corrections = |id| memory.corrections_of(id).map(|document| document["id"].clone()).collect::<Vec<_>>();
        assert_eq!((corrections(100_001), corrections(100_002)), (vec![json!(100_003)], vec![]));
        assert!(memory.document(100_004).is_none());
    }
}
