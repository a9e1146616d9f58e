//! One variable: its name, how a value is read and what it may be.

use super::Values;
use domain::{System, Unavailable};

/// When a variable is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Needed {
    /// In any case.
    Always,
    /// If the database is MySQL or MariaDB.
    WithMySql,
    /// If payments get invoices.
    WithInvoices,
    /// If there is a receiver of events.
    WithEvents,
}

/// A variable of `spin.toml` and the type of its values.
pub(crate) struct Variable<T> {
    /// Its name in `spin.toml`.
    pub(crate) name: &'static str,
    pub(crate) needed: Needed,
    /// The allowed values, as a text for operators.
    pub(crate) allowed: &'static str,
    /// Reads a value as the host gives it; none if it is not allowed.
    pub(crate) parse: fn(&str) -> Option<T>,
}

impl<T> Variable<T> {
    /// The value that the host has for it.
    ///
    /// # Errors
    ///
    /// When the component has no such variable, or its value is not allowed. The error
    /// has the name, never the value.
    pub(crate) fn read(&self) -> Result<T, Unavailable> {
        let value = spin_sdk::variables::get(self.name)
            .map_err(|_| Unavailable::new(System::Configuration, format!("variable {} is missing", self.name)))?;
        (self.parse)(&value).ok_or_else(|| self.unreadable())
    }

    pub(crate) fn unreadable(&self) -> Unavailable {
        Unavailable::new(System::Configuration, format!("variable {} is unreadable", self.name))
    }
}

/// What all variables have in common, whatever their type.
pub(crate) trait Row: Sync {
    fn name(&self) -> &'static str;
    fn needed(&self) -> Needed;
    fn allowed(&self) -> &'static str;
    /// Whether it is there and its value is allowed.
    fn holds(&self, values: Values<'_>) -> bool;
}

impl<T> Row for Variable<T> {
    fn name(&self) -> &'static str {
        self.name
    }

    fn needed(&self) -> Needed {
        self.needed
    }

    fn allowed(&self) -> &'static str {
        self.allowed
    }

    fn holds(&self, values: Values<'_>) -> bool {
        super::parsed(self, values).is_some()
    }
}
