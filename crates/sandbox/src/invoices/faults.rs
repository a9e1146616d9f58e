//! What is wrong with a document, in the vendor's words.

use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What `gov_error_messages` calls a field; any other by its own name.
const NAMES: [(&str, &str); 5] = [
    ("buyer_phone", "Telefon klienta"),
    ("buyer_tax_no", "NIP nabywcy"),
    ("exempt_tax_kind", "podstawa zwolnienia z podatku VAT"),
    ("positions.name", "Nazwa pozycji"),
    ("np_tax_kind", "podstawa zastosowania stawki NP"),
];

/// What is wrong, by field.
#[derive(Debug, Default)]
pub(super) struct Faults(BTreeMap<String, String>);

impl Faults {
    /// Notes a field that must not be empty.
    pub(super) fn empty(&mut self, field: &str) {
        self.note(field, "nie może być puste");
    }

    /// Notes a field that is longer than this.
    pub(super) fn too_long(&mut self, field: &str, limit: usize) {
        self.note(field, &format!("pole jest za długie (maksymalna ilość znaków: {limit})"));
    }

    /// Notes a field whose value cannot be taken.
    pub(super) fn wrong(&mut self, field: &str) {
        self.note(field, "ma nieprawidłową wartość");
    }

    /// Notes a field of a correction that differs from its invoice.
    pub(super) fn locked(&mut self, field: &str) {
        self.note(field, "nie może być zmienione względem korygowanej faktury");
    }

    /// Notes a field whose value is another document's.
    pub(super) fn taken(&mut self, field: &str) {
        self.note(field, "jest już zajęty");
    }

    fn note(&mut self, field: &str, fault: &str) {
        self.0.entry(field.to_owned()).or_insert_with(|| fault.to_owned());
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// These and others.
    pub(super) fn and(mut self, others: Self) -> Self {
        self.0.extend(others.0);
        self
    }

    /// As the answer 422 has them.
    pub(super) fn by_field(&self) -> Value {
        self.0.iter().map(|(field, fault)| (field.clone(), json!([format!("- {fault}")]))).collect()
    }

    /// As `gov_error_messages` has them.
    pub(super) fn messages(&self) -> Vec<String> {
        let name = |field: &str| {
            NAMES.iter().find(|(own, _)| *own == field).map_or(field.to_owned(), |(_, name)| (*name).to_owned())
        };
        self.0.iter().map(|(field, fault)| format!("{} - {fault}", name(field))).collect()
    }
}
