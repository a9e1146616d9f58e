//! The invoicing service Fakturownia: `POST /invoices.json` and
//! `GET /invoices.json?oid=`, as the vendor's public API description has them.
//!
//! It refuses a second invoice with an `oid` that is taken (`oid_unique`),
//! which is what makes asking twice safe. An `oid` is made of the prefix of the
//! account's variables, the enrolment's number and a random part, so that it
//! never comes again, not even after a restored database.

mod answer;
mod document;
mod link;

use crate::Deadline;
use crate::outbound::{Request, exchange, exchange_up_to};
use domain::Unavailable;
use domain::invoice::{Created, Found, Invoice};
use domain::outbox::Failure;
use domain::ports::Invoices;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use spin_sdk::http::Method;
use std::time::{Duration, Instant};

/// An account at Fakturownia.
#[derive(Clone)]
pub struct Fakturownia {
    origin: String,
    token: String,
    oid_prefix: String,
    terms: document::Terms,
    deadline: Deadline,
}

/// How many documents a page of a look-up has at most.
const PER_PAGE: usize = 100;
/// The most bytes of a page that are read: 10 KiB for each document.
const MAX_PAGE: usize = PER_PAGE * 10 * 1024;
/// How many pages a look-up reads. The service is asked for one `oid`, so a
/// second page means that it does not filter by it.
const MAX_PAGES: usize = 5;

impl Fakturownia {
    /// As the variables `invoices_*` have it.
    ///
    /// # Errors
    ///
    /// When a variable is missing or unreadable.
    pub fn from_variables(deadline: Deadline) -> Result<Self, Unavailable> {
        use crate::config::{filled, origin, text, token};
        Ok(Self {
            origin: origin("invoices_url")?,
            token: token("invoices_token")?,
            oid_prefix: filled("invoices_oid_prefix")?,
            terms: document::Terms {
                department_id: Some(text("invoices_department_id")?).filter(|id| !id.trim().is_empty()),
                tax: filled("invoices_tax")?,
                currency: filled("invoices_currency")?,
                payment_type: filled("invoices_payment_type")?,
            },
            deadline,
        })
    }

    /// Jobs from before there were references are known by the enrolment alone.
    fn oid(&self, invoice: &Invoice<'_>) -> String {
        let (prefix, id) = (&self.oid_prefix, invoice.enrolment_id);
        match invoice.purchase.reference {
            Some(reference) => format!("{prefix}-{id}-{reference}"),
            None => format!("{prefix}-{id}"),
        }
    }
}

impl Invoices for Fakturownia {
    async fn create(&self, invoice: &Invoice<'_>) -> Result<Created, Failure> {
        let oid = self.oid(invoice);
        let asked = document::Expected::new(&oid, &self.terms, invoice);
        let json = document::request(&self.token, &asked, &self.terms, invoice);
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

    async fn find(&self, invoice: &Invoice<'_>) -> Result<Vec<Found>, Failure> {
        let oid = self.oid(invoice);
        let asked = document::Expected::new(&oid, &self.terms, invoice);
        let encoded = utf8_percent_encode(&oid, NON_ALPHANUMERIC);
        let authorization = format!("Bearer {}", self.token);
        for page in 1..=MAX_PAGES {
            let path = format!("/invoices.json?oid={encoded}&kind=vat&period=all&per_page={PER_PAGE}&page={page}");
            let request = Request {
                method: Method::Get,
                origin: &self.origin,
                path_and_query: &path,
                authorization: Some(&authorization),
                headers: &[],
                json: None,
            };
            let reply = exchange_up_to(MAX_PAGE, request, self.deadline).await.map_err(answer::not_found_out)?;
            let documents = answer::documents(&reply)?;
            let found = answer::matching(&documents, &asked, &self.origin);
            if !found.is_empty() || documents.len() < PER_PAGE {
                return Ok(found);
            }
        }
        Err(answer::later("too many invoices to search", false))
    }

    fn within(&self, budget: Duration) -> Self {
        Self { deadline: Deadline::Until(Instant::now() + budget), ..self.clone() }
    }
}
