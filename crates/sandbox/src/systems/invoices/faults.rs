//! The faults of a document, with the vendor's texts.

use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The names of fields in `gov_error_messages`. Other fields have their own name.
const NAMES: [(&str, &str); 5] = [
    ("buyer_phone", "Telefon klienta"),
    ("buyer_tax_no", "NIP nabywcy"),
    ("exempt_tax_kind", "podstawa zwolnienia z podatku VAT"),
    ("positions.name", "Nazwa pozycji"),
    ("np_tax_kind", "podstawa zastosowania stawki NP"),
];

/// Faults by field.
#[derive(Debug, Default)]
pub(super) struct Faults(BTreeMap<String, String>);

impl Faults {
    /// Adds a required field that is empty.
    pub(super) fn empty(&mut self, field: &str) {
        self.add(field, "nie może być puste");
    }

    /// Adds a field that is longer than `limit`.
    pub(super) fn too_long(&mut self, field: &str, limit: usize) {
        self.add(field, &format!("pole jest za długie (maksymalna ilość znaków: {limit})"));
    }

    /// Adds a field with an invalid value.
    pub(super) fn wrong(&mut self, field: &str) {
        self.add(field, "ma nieprawidłową wartość");
    }

    /// Adds a field of a correction that differs from the invoice.
    pub(super) fn locked(&mut self, field: &str) {
        self.add(field, "nie może być zmienione względem korygowanej faktury");
    }

    /// Adds a field with a value that another document has.
    pub(super) fn taken(&mut self, field: &str) {
        self.add(field, "jest już zajęty");
    }

    fn add(&mut self, field: &str, fault: &str) {
        self.0.entry(field.to_owned()).or_insert_with(|| fault.to_owned());
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Both.
    pub(super) fn and(mut self, others: Self) -> Self {
        self.0.extend(others.0);
        self
    }

    /// The form of a 422.
    pub(super) fn by_field(&self) -> Value {
        self.0.iter().map(|(field, fault)| (field.clone(), json!([format!("- {fault}")]))).collect()
    }

    /// The form of `gov_error_messages`.
    pub(super) fn messages(&self) -> Vec<String> {
        let name = |field: &str| {
            NAMES.iter().find(|(own, _)| *own == field).map_or(field.to_owned(), |(_, name)| (*name).to_owned())
        };
        self.0.iter().map(|(field, fault)| format!("{} - {fault}", name(field))).collect()
    }
}
