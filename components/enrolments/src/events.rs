//! `GET /events`: the events of all enrolments, in pages.

use api::{Problem, Reply};
use domain::usecases::events;
use spin_adapters::Store;
use spin_adapters::server::Call;

pub(crate) async fn events<T>(call: Call<T>) {
    call.responder.answer(page(&call.query).await).await;
}

async fn page(query: &str) -> Result<Reply, Problem> {
    let paging = api::events_page(query)?;
    Ok(api::events(&events::events(&Store::from_variables()?, paging.after, paging.limit()).await?))
}
