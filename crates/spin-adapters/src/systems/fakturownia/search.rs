//! Looking documents up in the account's list.
//!
//! `oid` is no documented filter of the list (README.md, "Dodatkowe parametry dostępne przy
//! pobieraniu listy rekordów"), though clients use it (*claimed*). So the list is narrowed by
//! what is documented, walked newest first, and each document is compared: it is found
//! whether the service filters or not, and what a walk to the end does not find is not there.

use super::answer;
use super::expected::Expected;
use super::failure;
use super::{Fakturownia, MAX_DOCUMENT};
use crate::Deadline;
use chrono::{Days, NaiveDate};
use domain::jobs::outbox::Failure;
use domain::model::invoice::{Difference, Found};
use domain::model::reason::ReasonCode;
use domain::ports::{Content, Order};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use std::time::{Duration, Instant};

/// How many documents a page has at most: the vendor gives no more at once.
pub(super) const PER_PAGE: usize = 100;
/// The most bytes of a page that are read: 80 KiB for each document.
pub(super) const MAX_PAGE: usize = PER_PAGE * 80 * 1024;
/// How many pages are walked.
const MAX_PAGES: usize = 50;
/// How long a walk may take: a job's lease is longer than a run with its last walk.
const MAX_TIME: Duration = Duration::from_secs(25);

/// What there is of the document that was ordered. It ends where the document is found.
pub(super) async fn search(
    account: &Fakturownia,
    asked: &Expected<'_>,
    order: &Order<'_>,
) -> Result<Vec<Found>, Failure> {
    let deadline = match account.deadline.get() {
        Deadline::Each(_) => Deadline::Until(Instant::now() + MAX_TIME),
        until @ Deadline::Until(_) => until,
    };
    let query = query(asked, order);
    let mut all = Vec::new();
    for page in 1..=MAX_PAGES {
        let path = format!("/invoices.json?{query}&per_page={PER_PAGE}&page={page}");
        let reply = account.get_by(deadline, MAX_PAGE, &path).await.map_err(failure::not_found_out)?;
        let documents = answer::documents(&reply)?;
        for found in answer::matching(&documents, asked, &account.origin) {
            all.extend(judged(account, deadline, asked, found).await?);
        }
        if all.iter().any(|found| found.difference.is_none()) || documents.len() < PER_PAGE {
            return Ok(all);
        }
    }
    Err(failure::later(ReasonCode::TooManyDocuments))
}

/// What is known of another correction of the invoice. The list does not say what was left before and
/// is left after, so the document is asked for (README.md, "Pobranie faktury korekty wraz z informacją").
async fn judged(
    account: &Fakturownia,
    deadline: Deadline,
    asked: &Expected<'_>,
    found: Found,
) -> Result<Option<Found>, Failure> {
    let (Some(part), Some(Difference::Corrected), Some(id)) =
        (asked.part(), found.difference, found.issued.document.vendor_id)
    else {
        return Ok(Some(found));
    };
    let path = format!("/invoices/{id}.json?correction_positions=full");
    let reply = account.get_by(deadline, MAX_DOCUMENT, &path).await.map_err(failure::not_found_out)?;
    answer::judged(&reply, asked, part, &account.origin)
}

/// A day more on either side, for a clock that differs.
fn query(asked: &Expected<'_>, order: &Order<'_>) -> String {
    let (oid, first) = match order.content {
        Content::Invoice(_) => {
            (format!("oid={}&", utf8_percent_encode(asked.oid, NON_ALPHANUMERIC)), Some(order.since))
        }
        // A person's correction has no such number, and may be as old as the invoice.
        Content::Correction(_, invoice) => (String::new(), invoice.issued_on),
    };
    let day = |day: Option<NaiveDate>| day.map(|day| day.to_string()).unwrap_or_default();
    let period = match first {
        Some(first) => {
            let from = day(first.checked_sub_days(Days::new(1)));
            let to = day(order.issued_on.max(first).checked_add_days(Days::new(1)));
            format!("more&date_from={from}&date_to={to}")
        }
        None => "all".to_owned(),
    };
    format!("{oid}kind={}&period={period}&order=issue_date.desc", asked.kind())
}

#[cfg(test)]
mod tests {
    use super::super::answer::tests::asked;
    use super::super::expected::About;
    use super::*;
    use domain::jobs::Correction;
    use domain::model::chain::ChainNo;
    use domain::model::invoice::IssuedInvoice;
    use domain::model::note::MailTo;
    use domain::{EnrolmentId, Money};

    #[test]
    fn a_correction_is_looked_for_since_its_invoice_whoever_made_it() {
        let refund = Correction {
            mail_to: MailTo::NoRecipient,
            reason: None,
            refunded_on: "2026-03-01".parse().unwrap(),
            amounts: None,
            rebilled: false,
        };
        let asked = Expected { about: About::Invoice { id: 5, buyer: None, part: None }, ..asked() };
        for (issued_on, period) in
            [(Some("2026-02-01".parse().unwrap()), "more&date_from=2026-01-31&date_to=2026-03-05"), (None, "all")]
        {
            let invoice = IssuedInvoice {
                vendor_id: 5,
                gross: Money::from_hundredths(1).unwrap(),
                currency: "PLN".to_owned(),
                tax: Some("23".to_owned()),
                account: None,
                issued_on,
                ksef_number: None,
            };
            let order = Order {
                enrolment_id: EnrolmentId::new(7).unwrap(),
                chain_no: ChainNo::SECOND,
                content: Content::Correction(&refund, &invoice),
                issued_on: "2026-03-04".parse().unwrap(),
                since: "2026-03-02".parse().unwrap(),
            };
            assert_eq!(query(&asked, &order), format!("kind=correction&period={period}&order=issue_date.desc"));
        }
    }
}
