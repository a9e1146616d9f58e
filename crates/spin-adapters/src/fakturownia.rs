//! The invoicing service Fakturownia: `POST /invoices.json` and
//! `GET /invoices.json?oid=` and `GET /invoices/{id}.json`, as the vendor's public API description has them.
//!
//! It refuses a second invoice with an `oid` that is taken (`oid_unique`),
//! which is what makes asking twice safe. An `oid` is made of the prefix that was set
//! when the payment was recorded, the enrolment's number and a random part, so that it
//! never comes again, not even after a restored database. A correction is made of the
//! invoice as the service has it, so that buyer and position are the same. Nothing
//! refuses a second one, so its `oid` follows from the invoice's own id and is looked up
//! first: what a restored database has forgotten is found again.

mod answer;
mod buyer;
mod correction;
mod expected;
mod invoice;
mod ksef;
mod link;
mod terms;

use crate::Deadline;
use crate::outbound::{NoReply, Reply, Request, exchange, exchange_up_to};
use domain::Unavailable;
use domain::invoice::{Content, Created, Found, IssuedInvoice, Order};
use domain::job::{Purchase, Refund};
use domain::ksef::Look;
use domain::outbox::Failure;
use domain::ports::Invoices;
use domain::terms::{Account, Terms};
use expected::Expected;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use spin_sdk::http::Method;
use std::borrow::Cow;
use std::time::{Duration, Instant};

/// An account at Fakturownia.
#[derive(Clone)]
pub struct Fakturownia {
    origin: String,
    account: Account,
    token: String,
    deadline: Deadline,
}

/// How many documents a page of a look-up has at most.
const PER_PAGE: usize = 100;
/// The most bytes of a document that are read.
const MAX_DOCUMENT: usize = 64 * 1024;
/// The most bytes of a page that are read: 10 KiB for each document.
const MAX_PAGE: usize = PER_PAGE * 10 * 1024;
/// How many pages a look-up reads. The service is asked for one `oid`, so a
/// second page means that it does not filter by it.
const MAX_PAGES: usize = 5;

impl Fakturownia {
    /// The account that the variables `invoices_url` and `invoices_token` name.
    ///
    /// # Errors
    ///
    /// When one of them is missing or unreadable.
    pub fn from_variables(deadline: Deadline) -> Result<Self, Unavailable> {
        use crate::config::{origin, token};
        let origin = origin("invoices_url")?;
        Ok(Self { account: Account::new(&origin), origin, token: token("invoices_token")?, deadline })
    }

    /// What was agreed with the payment. A job from before that was kept takes the
    /// variables as they are now, and waits where they cannot be used.
    fn terms_of<'a>(&self, order: &Order<'a>) -> Result<Cow<'a, Terms>, Failure> {
        if let Content::Invoice(Purchase { terms: Some(terms), .. }) = order.content {
            return Ok(Cow::Borrowed(terms));
        }
        let waiting = |error: Unavailable| Failure::Waiting { reason: error.to_string(), after: None };
        self.terms().map(Cow::Owned).map_err(waiting)
    }

    /// Jobs from before there were references are known by the enrolment alone.
    fn oid(terms: &Terms, order: &Order<'_>) -> String {
        let (prefix, id) = (&terms.prefix, order.enrolment_id);
        match order.content {
            Content::Correction(_, invoice) => format!("{prefix}-{id}-{:016x}", invoice.vendor_id),
            Content::Invoice(Purchase { reference: Some(reference), .. }) => format!("{prefix}-{id}-{reference}"),
            Content::Invoice(Purchase { reference: None, .. }) => format!("{prefix}-{id}"),
        }
    }

    async fn get(&self, most: usize, path_and_query: &str) -> Result<Reply, NoReply> {
        let authorization = format!("Bearer {}", self.token);
        let request = Request {
            method: Method::Get,
            origin: &self.origin,
            path_and_query,
            authorization: Some(&authorization),
            headers: &[],
            json: None,
        };
        exchange_up_to(most, request, self.deadline).await
    }

    /// The body of the request for a correction, made of the invoice as it stands; none
    /// if that has one.
    async fn correction(
        &self,
        asked: &Expected<'_>,
        terms: &Terms,
        refund: &Refund,
        invoice: &IssuedInvoice,
        order: &Order<'_>,
    ) -> Result<Option<Vec<u8>>, Failure> {
        let path = format!("/invoices/{}.json", invoice.vendor_id);
        let reply = self.get(MAX_DOCUMENT, &path).await.map_err(answer::not_found_out)?;
        let corrected = answer::corrected(&reply, invoice)?;
        if !self.find(order).await?.is_empty() {
            return Ok(None);
        }
        correction::request(&self.token, asked, terms, refund, &corrected, order.issued_on).map(Some)
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
        let terms = self.terms_of(order)?;
        let oid = Self::oid(&terms, order);
        let asked = Expected::new(&oid, &terms, order);
        let json = match order.content {
            Content::Invoice(purchase) => invoice::request(&self.token, &asked, &terms, purchase, order.issued_on),
            // Boxed for it is rare: every invoice would carry its state along.
            Content::Correction(refund, invoice) => {
                match Box::pin(self.correction(&asked, &terms, refund, invoice, order)).await? {
                    Some(json) => json,
                    None => return Ok(Created::Taken),
                }
            }
        };
        let request = Request {
            method: Method::Post,
            origin: &self.origin,
            path_and_query: "/invoices.json",
            authorization: None,
            headers: &[],
            json: Some(json),
        };
        let reply = exchange(request, self.deadline).await.map_err(answer::not_created)?;
        answer::created(&reply, &asked, &self.origin)
    }

    async fn find(&self, order: &Order<'_>) -> Result<Vec<Found>, Failure> {
        let terms = self.terms_of(order)?;
        let oid = Self::oid(&terms, order);
        let asked = Expected::new(&oid, &terms, order);
        let (encoded, kind) = (utf8_percent_encode(&oid, NON_ALPHANUMERIC), asked.kind());
        for page in 1..=MAX_PAGES {
            let path = format!("/invoices.json?oid={encoded}&kind={kind}&period=all&per_page={PER_PAGE}&page={page}");
            let reply = self.get(MAX_PAGE, &path).await.map_err(answer::not_found_out)?;
            let documents = answer::documents(&reply)?;
            let found = answer::matching(&documents, &asked, &self.origin);
            if !found.is_empty() || documents.len() < PER_PAGE {
                return Ok(found);
            }
        }
        Err(answer::later("too many invoices to search"))
    }

    async fn look_at_ksef(&self, vendor_id: i64) -> Result<Look, Failure> {
        let path = format!("/invoices/{vendor_id}.json");
        let reply = self.get(MAX_DOCUMENT, &path).await.map_err(answer::not_found_out)?;
        ksef::look(&reply, vendor_id)
    }

    async fn send_to_ksef(&self, vendor_id: i64) -> Result<Look, Failure> {
        let path = format!("/invoices/{vendor_id}.json?send_to_ksef=yes");
        let reply = self.get(MAX_DOCUMENT, &path).await.map_err(answer::not_sent_again)?;
        ksef::look(&reply, vendor_id)
    }

    fn within(&self, budget: Duration) -> Self {
        Self { deadline: Deadline::Until(Instant::now() + budget), ..self.clone() }
    }
}
