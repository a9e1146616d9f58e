//! A system that is set up from variables, or is not because one of them cannot be used. Its
//! deliveries then wait and name the variable; nothing else is held up.

use domain::Unavailable;
use domain::email::Email;
use domain::event::Event;
use domain::invoice::{Created, Found, Order};
use domain::ksef::Look;
use domain::outbox::Failure;
use domain::ports::{Invoices, Mail, Repeats, Webhooks};
use domain::terms::{Account, Terms};
use std::time::Duration;

/// A system, or why it cannot be used. What it does is boxed: a run keeps the state of several
/// deliveries, and builds it on a small stack.
#[derive(Clone)]
pub struct Configured<T>(Result<T, Unavailable>);

impl<T> Configured<T> {
    /// As the variables have it.
    pub fn new(system: Result<T, Unavailable>) -> Self {
        Self(system)
    }

    fn get(&self) -> Result<&T, Failure> {
        self.0.as_ref().map_err(|fault| Failure::Down { reason: fault.into(), after: None })
    }
}

impl<T: Invoices> Invoices for Configured<T> {
    fn account(&self) -> Result<&Account, Failure> {
        self.get()?.account()
    }

    fn terms(&self) -> Result<Terms, Unavailable> {
        self.0.as_ref().map_err(Clone::clone)?.terms()
    }

    async fn create(&self, order: &Order<'_>) -> Result<Created, Failure> {
        Box::pin(self.get()?.create(order)).await
    }

    async fn find(&self, order: &Order<'_>) -> Result<Vec<Found>, Failure> {
        Box::pin(self.get()?.find(order)).await
    }

    async fn look_at_ksef(&self, vendor_id: i64) -> Result<Look, Failure> {
        Box::pin(self.get()?.look_at_ksef(vendor_id)).await
    }

    async fn send_to_ksef(&self, vendor_id: i64) -> Result<Look, Failure> {
        Box::pin(self.get()?.send_to_ksef(vendor_id)).await
    }

    fn within(&self, budget: Duration) -> Self {
        Self(self.0.as_ref().map(|system| system.within(budget)).map_err(Clone::clone))
    }
}

impl<T: Mail> Mail for Configured<T> {
    fn repeats(&self) -> Repeats {
        self.0.as_ref().map_or(Repeats::Sent, Mail::repeats)
    }

    async fn send(&self, email: &Email) -> Result<(), Failure> {
        Box::pin(self.get()?.send(email)).await
    }

    async fn look(&self) -> Result<(), Failure> {
        Box::pin(self.get()?.look()).await
    }
}

impl<T: Webhooks> Webhooks for Configured<T> {
    /// What cannot be read is meant to be there: events wait for it.
    fn is_set(&self) -> bool {
        self.0.as_ref().map_or(true, Webhooks::is_set)
    }

    async fn post(&self, event: &Event) -> Result<(), Failure> {
        Box::pin(self.get()?.post(event)).await
    }
}
