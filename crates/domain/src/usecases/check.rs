//! Compares the documents of a day with those at the invoicing service.

use crate::Error;
use crate::jobs::Target;
use crate::jobs::outbox::Failure;
use crate::model::check::{Checked, ListedDocument, Listing};
use crate::model::pace::Turn;
use crate::ports::{Books, Clock, Invoices, Paces, Random, Timer};
use chrono::NaiveDate;
use std::collections::BTreeSet;

/// Compares a page of a day, from 1: it asks for a page of the day there, and for the documents of a page of
/// the day here. Each request takes a turn of the pace that all runs share.
///
/// # Errors
///
/// [`Error::InvoicesUnavailable`], also while a run uses the service; [`Error::Unavailable`] for the database.
pub async fn check(
    store: &(impl Books + Paces),
    invoices: &impl Invoices,
    env: &(impl Clock + Random + Timer),
    (day, page): (NaiveDate, u32),
) -> Result<Checked, Error> {
    let here = store.booked_on(day, page).await?;
    let ids: Vec<_> = here.iter().filter_map(|booked| booked.document.vendor_id).collect();
    let caller = format!("check-{:016x}", env.random());
    let listed = async {
        let there = list(store, invoices, env, (&caller, Listing::Day(day, page))).await?;
        let found =
            if ids.is_empty() { Vec::new() } else { list(store, invoices, env, (&caller, Listing::Ids(&ids))).await? };
        Ok::<_, Error>((there, found))
    };
    let listed = listed.await;
    store.change_pace(Target::Invoices, env.now(), |pace, _| pace.end(&caller)).await?;
    let (there, found) = listed?;
    let enrolments: BTreeSet<_> = there.iter().filter_map(|document| document.enrolment_id).collect();
    let recorded = store.recorded(&enrolments.into_iter().collect::<Vec<_>>()).await?;
    Ok(Checked::new(here, &found, there, &recorded))
}

/// A list, when it is the turn of this request.
async fn list(
    store: &impl Paces,
    invoices: &impl Invoices,
    env: &(impl Clock + Timer),
    (caller, listing): (&str, Listing<'_>),
) -> Result<Vec<ListedDocument>, Error> {
    let rate = Target::Invoices.rate();
    match store.change_pace(Target::Invoices, env.now(), |pace, now| pace.turn(rate, caller, now)).await? {
        Turn::In(wait) => env.sleep(wait).await,
        Turn::NotNow => return Err(Error::InvoicesUnavailable("in use or paused".to_owned())),
    }
    let failure = match invoices.listed(listing).await {
        Ok(listed) => return Ok(listed),
        Err(failure) => failure,
    };
    if let Failure::Paced { after, gap, .. } = failure {
        store.change_pace(Target::Invoices, env.now(), |pace, now| pace.slow_down(after, gap, now)).await?;
    }
    let reason = failure.reason();
    Err(Error::InvoicesUnavailable(format!("{} {}", reason.code.text(), reason.detail)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fakes::{Env, FakeInvoices, FakeStore, id, invoice, out_of_reach, start};
    use futures::executor::block_on;

    fn checked(store: &FakeStore, invoices: &FakeInvoices, env: &Env) -> Result<Checked, Error> {
        block_on(check(store, invoices, env, (start().date_naive(), 1)))
    }

    #[test]
    fn both_sides_are_asked_for_in_turns_and_the_turn_ends() {
        let (store, invoices, env) = (FakeStore::default(), FakeInvoices::default(), Env::new());
        store.documents.borrow_mut().push((id(1), invoice(9)));
        let result = checked(&store, &invoices, &env).unwrap();
        assert_eq!((result.only_here.len(), invoices.listings.borrow().len()), (1, 2));
        assert_eq!(*invoices.listings.borrow(), ["Day(2026-06-01, 1)", "Ids([9])"]);
        assert!(store.paces.borrow()["invoices"].runner.is_empty());
        store.documents.borrow_mut().clear();
        checked(&store, &invoices, &env).unwrap();
        assert_eq!(invoices.listings.borrow().len(), 3, "nothing here, nothing to look for");
    }

    #[test]
    fn while_a_run_uses_the_service_or_it_fails_there_is_an_error() {
        let (store, invoices, env) = (FakeStore::default(), FakeInvoices::default(), Env::new());
        let turn = |token: &'static str| {
            move |pace: &mut crate::model::pace::Pace, now| pace.turn(Target::Invoices.rate(), token, now)
        };
        block_on(store.change_pace(Target::Invoices, env.now(), turn("run"))).unwrap();
        let busy = Err(Error::InvoicesUnavailable("in use or paused".to_owned()));
        assert_eq!((checked(&store, &invoices, &env), invoices.listings.borrow().len()), (busy, 0));
        block_on(store.change_pace(Target::Invoices, env.now(), |pace, _| pace.end("run"))).unwrap();
        invoices.list.borrow_mut().push_back(Err(out_of_reach()));
        assert!(matches!(checked(&store, &invoices, &env), Err(Error::InvoicesUnavailable(_))));
        assert!(checked(&store, &invoices, &env).is_ok(), "the turn ended");
    }
}
