//! The systems that the service asks, and all ports of a use case as the variables set them up.

mod fakturownia;
pub(crate) mod mail;
pub(crate) mod services;
pub(crate) mod webhooks;

pub use fakturownia::Fakturownia;
pub(crate) use webhooks::Receiver;

use crate::config::table::{INVOICES_PROVIDER, LANGUAGE};
use crate::{Deadline, Environment, Store};
use domain::model::language::Language;
use domain::model::seats::HoldTimes;
use domain::model::terms::{Billing, Currency, InvoicesProvider};
use domain::ports::{Invoices, Ports, Webhooks};
use domain::{System, Unavailable};
use mail::Relay;
use services::WhenAsked;

/// The database and the other systems. Which of them a component asks is in the type: it has
/// no code for the others.
pub struct Adapters<I = NotAsked, W = NotAsked> {
    store: Store,
    invoices: Result<I, Unavailable>,
    /// Whether `invoices` is an error because payments get no invoices, which is no fault.
    without_invoices: bool,
    mail: Result<Relay, Unavailable>,
    webhooks: Result<W, Unavailable>,
}

impl Adapters {
    /// A request needs the database; where the relay's variables cannot be used, its mail
    /// waits.
    ///
    /// # Errors
    ///
    /// When a variable of the database is missing or unreadable.
    pub fn from_variables() -> Result<Self, Unavailable> {
        let mail = Relay::from_variables(Deadline::BACKGROUND);
        let (store, without_invoices) = (Store::from_variables()?, false);
        Ok(Self { store, invoices: Err(not_asked()), without_invoices, mail, webhooks: Err(not_asked()) })
    }
}

impl<W> Adapters<NotAsked, W> {
    /// The same with the invoicing service, if there is one.
    #[must_use]
    pub fn with_invoices(self) -> Adapters<Fakturownia, W> {
        let Self { store, mail, webhooks, .. } = self;
        let provider = INVOICES_PROVIDER.read();
        let without_invoices = provider == Ok(InvoicesProvider::NoInvoices);
        let invoices = provider.and_then(|provider| match provider {
            InvoicesProvider::Fakturownia => Fakturownia::from_variables(Deadline::BACKGROUND),
            InvoicesProvider::NoInvoices => Err(Unavailable::new(System::Configuration, "invoices_provider is none")),
        });
        Adapters { store, invoices, without_invoices, mail, webhooks }
    }
}

impl<I> Adapters<I> {
    /// The same with the receiver of events.
    #[must_use]
    pub fn with_webhooks(self) -> Adapters<I, Receiver> {
        let Self { store, mail, invoices, without_invoices, .. } = self;
        let webhooks = Receiver::from_variables(Deadline::BACKGROUND);
        Adapters { store, invoices, without_invoices, mail, webhooks }
    }
}

impl<I, W> Adapters<I, W> {
    /// Why systems cannot be used.
    pub(crate) fn faults(&self) -> impl Iterator<Item = &Unavailable> {
        let invoices = self.invoices.as_ref().err().filter(|_| !self.without_invoices);
        let faults = [invoices, self.mail.as_ref().err(), self.webhooks.as_ref().err()];
        faults.into_iter().flatten()
    }
}

impl<I: Invoices, W: Webhooks> Ports for Adapters<I, W> {
    type Database = Store;
    type Users = WhenAsked;
    type Courses = WhenAsked;
    type Invoices = I;
    type Mail = Relay;
    type Webhooks = W;
    type Environment = Environment;

    fn store(&self) -> &Store {
        &self.store
    }

    fn users(&self) -> &WhenAsked {
        &WhenAsked
    }

    fn courses(&self) -> &WhenAsked {
        &WhenAsked
    }

    fn invoices(&self) -> Result<&I, &Unavailable> {
        self.invoices.as_ref()
    }

    fn currency(&self) -> Result<Currency, Unavailable> {
        crate::config::currency()
    }

    fn billing(&self) -> Result<Billing, Unavailable> {
        if self.without_invoices {
            return crate::config::currency().map(Billing::NoInvoice);
        }
        let invoices = self.invoices.as_ref().map_err(Clone::clone)?;
        Ok(Billing::Invoice(Box::new(invoices.terms()?)))
    }

    fn hold_times(&self) -> Result<HoldTimes, Unavailable> {
        crate::config::hold_times()
    }

    /// With a bad value mails are in English, so that it stops no request. `/health` names it.
    fn language(&self) -> Language {
        LANGUAGE.read().unwrap_or(Language::English)
    }

    fn mail(&self) -> Result<&Relay, &Unavailable> {
        self.mail.as_ref()
    }

    fn webhooks(&self) -> Result<&W, &Unavailable> {
        self.webhooks.as_ref()
    }

    fn env(&self) -> &Environment {
        &Environment
    }
}

/// A system that a component does not ask. There is none, so its methods need no code.
pub enum NotAsked {}

fn not_asked() -> Unavailable {
    Unavailable::new(System::Configuration, "this component does not ask that system")
}
