//! The invoicing service Fakturownia: `POST /invoices.json` and
//! `GET /invoices.json?oid=` and `GET /invoices/{id}.json`, as the vendor's public API description has them.
//!
//! It refuses a second invoice with an `oid` that is taken (`oid_unique`),
//! which is what makes asking twice safe. An `oid` is made of the prefix that was set
//! when the payment was recorded, the enrolment's number and a random part, so that it
//! never comes again, not even after a restored database. A correction is made of the
//! invoice as the service has it, so that buyer and position are the same. Nothing
//! refuses a second one, so those that correct the invoice are looked up first: what a
//! restored database has forgotten is found again, and what a person has made is too. Of several
//! corrections of an invoice, each is known by what was left of it before and is left after.

mod answer;
#[cfg(test)]
mod bodies;
mod buyer;
mod compare;
mod correction;
mod expected;
mod failure;
mod invoice;
mod ksef;
mod link;
mod listed;
mod object;
mod recipients;
mod refusal;
mod search;
mod terms;

use super::NotAsked;
use crate::Deadline;
use crate::outbound::{NoReply, Reply, Request, exchange_up_to};
use correction::AtKsef;
use domain::jobs::outbox::Failure;
use domain::jobs::{Correction, Purchase};
use domain::model::check::{ListedDocument, Listing};
use domain::model::invoice::{Created, Found, IssuedInvoice};
use domain::model::ksef::Look;
use domain::model::terms::{Account, Terms};
use domain::ports::Invoices;
use domain::ports::{Content, Order};
use domain::{EnrolmentId, Unavailable};
use expected::{About, Expected, Part};
use spin_sdk::http::Method;
use std::cell::Cell;
use std::time::{Duration, Instant};

/// An account at Fakturownia.
pub struct Fakturownia {
    account: Account,
    origin: String,
    token: String,
    deadline: Cell<Deadline>,
}

/// The most bytes of a document that are read.
const MAX_DOCUMENT: usize = 1024 * 1024;

impl Fakturownia {
    /// The account that the variables `invoices_url` and `invoices_token` name.
    ///
    /// # Errors
    ///
    /// When one of them is missing or unreadable.
    pub fn from_variables(deadline: Deadline) -> Result<Self, Unavailable> {
        use crate::config::table::{INVOICES_TOKEN, INVOICES_URL};
        let origin = INVOICES_URL.read()?;
        Ok(Self { account: Account::new(&origin), origin, token: INVOICES_TOKEN.read()?, deadline: deadline.into() })
    }

    async fn get(&self, path_and_query: &str) -> Result<Reply, NoReply> {
        self.get_by(self.deadline.get(), MAX_DOCUMENT, path_and_query).await
    }

    async fn get_by(&self, deadline: Deadline, most: usize, path_and_query: &str) -> Result<Reply, NoReply> {
        let authorization = format!("Bearer {}", self.token);
        let request = Request {
            method: Method::Get,
            origin: &self.origin,
            path_and_query,
            authorization: Some(&authorization),
            headers: &[],
            json: None,
        };
        exchange_up_to(most, request, deadline).await
    }

    /// Has a correction issued, made of the invoice as it stands, unless that has one.
    async fn correct(
        &self,
        correction: &Correction,
        invoice: &IssuedInvoice,
        order: &Order<'_>,
    ) -> Result<Created, Failure> {
        let path = format!("/invoices/{}.json", invoice.vendor_id);
        let reply = self.get(&path).await.map_err(failure::not_found_out)?;
        let corrected = answer::corrected(&reply, invoice)?;
        let at_ksef = AtKsef::of(&corrected, invoice)?;
        let found = self.find(order).await?;
        if !found.is_empty() {
            return Ok(Created::Found(found));
        }
        let part = Part::of(correction, invoice);
        let oid = correction_oid(order.enrolment_id, invoice, part);
        let asked = Expected {
            about: About::Invoice { id: invoice.vendor_id, buyer: Some(&corrected), part },
            company: ksef::is_company(&corrected),
            ksef: at_ksef.sent,
            ..Expected::correction(&oid, (correction, invoice), order)
        };
        let json = correction::request(&self.token, &asked, correction, &corrected, at_ksef.number.as_deref())?;
        self.post(json, &asked).await
    }

    async fn post(&self, json: Vec<u8>, asked: &Expected<'_>) -> Result<Created, Failure> {
        let request = Request {
            method: Method::Post,
            origin: &self.origin,
            path_and_query: "/invoices.json",
            authorization: None,
            headers: &[],
            json: Some(json),
        };
        let reply = exchange_up_to(MAX_DOCUMENT, request, self.deadline.get()).await.map_err(failure::not_created)?;
        answer::created(&reply, asked, &self.origin)
    }
}

fn invoice_oid(id: EnrolmentId, purchase: &Purchase) -> String {
    format!("{}-{id}-{}", purchase.terms.prefix, purchase.reference)
}

/// Made of the invoice and the amounts alone, whatever is set: nothing refuses a second correction.
fn correction_oid(id: EnrolmentId, invoice: &IssuedInvoice, part: Option<Part>) -> String {
    let of_invoice = format!("correction-{id}-{:016x}", invoice.vendor_id);
    match part {
        None => of_invoice,
        Some(Part { before, after }) => format!("{of_invoice}-{}-{}", before.hundredths(), after.hundredths()),
    }
}

impl Invoices for Fakturownia {
    fn account(&self) -> &Account {
        &self.account
    }

    fn terms(&self) -> Result<Terms, Unavailable> {
        terms::from_variables(self.account.clone())
    }

    async fn create(&self, order: &Order<'_>) -> Result<Created, Failure> {
        match order.content {
            Content::Invoice(purchase) => {
                let oid = invoice_oid(order.enrolment_id, purchase);
                let asked = Expected::invoice(&oid, purchase, order);
                let json = invoice::request(&self.token, &asked, purchase);
                self.post(json, &asked).await
            }
            // Boxed for it is rare: every invoice would carry its state along.
            Content::Correction(correction, invoice) => Box::pin(self.correct(correction, invoice, order)).await,
        }
    }

    async fn find(&self, order: &Order<'_>) -> Result<Vec<Found>, Failure> {
        let oid;
        let asked = match order.content {
            Content::Invoice(purchase) => {
                oid = invoice_oid(order.enrolment_id, purchase);
                Expected::invoice(&oid, purchase, order)
            }
            Content::Correction(correction, invoice) => {
                oid = correction_oid(order.enrolment_id, invoice, Part::of(correction, invoice));
                Expected::correction(&oid, (correction, invoice), order)
            }
        };
        // Boxed as well: only what is in doubt is looked up.
        Box::pin(search::search(self, &asked, order)).await
    }

    async fn listed(&self, listing: Listing<'_>) -> Result<Vec<ListedDocument>, Failure> {
        listed::listed(self, listing).await
    }

    async fn look_at_ksef(&self, vendor_id: i64) -> Result<Look, Failure> {
        let path = format!("/invoices/{vendor_id}.json");
        let reply = self.get(&path).await.map_err(failure::not_found_out)?;
        ksef::look(&reply, vendor_id)
    }

    async fn send_to_ksef(&self, vendor_id: i64) -> Result<Look, Failure> {
        let path = format!("/invoices/{vendor_id}.json?send_to_ksef=yes");
        let reply = self.get(&path).await.map_err(failure::not_sent_again)?;
        ksef::look(&reply, vendor_id)
    }

    fn limit_to(&self, budget: Duration) {
        self.deadline.set(Deadline::Until(Instant::now() + budget));
    }
}

impl Invoices for NotAsked {
    fn account(&self) -> &Account {
        match *self {}
    }

    fn terms(&self) -> Result<Terms, Unavailable> {
        match *self {}
    }

    async fn create(&self, _: &Order<'_>) -> Result<Created, Failure> {
        match *self {}
    }

    async fn find(&self, _: &Order<'_>) -> Result<Vec<Found>, Failure> {
        match *self {}
    }

    async fn listed(&self, _: Listing<'_>) -> Result<Vec<ListedDocument>, Failure> {
        match *self {}
    }

    async fn look_at_ksef(&self, _: i64) -> Result<Look, Failure> {
        match *self {}
    }

    async fn send_to_ksef(&self, _: i64) -> Result<Look, Failure> {
        match *self {}
    }

    fn limit_to(&self, _: Duration) {
        match *self {}
    }
}
