//! `GET /documents/check`: compare the documents of a day with those at the invoicing service.

use api::{Problem, Reply};
use domain::ports::Ports as _;
use domain::usecases::check;
use spin_adapters::{Adapters, Environment};

pub(crate) async fn check(query: &str) -> Result<Reply, Problem> {
    let (day, page) = api::check_page(query)?;
    let adapters = Adapters::from_variables()?.with_invoices();
    let invoices = adapters.invoices().map_err(Clone::clone)?;
    let checked = check::check(adapters.store(), invoices, &Environment, (day, page)).await?;
    Ok(api::checked(day, page, &checked))
}
