//! `GET /`: filtered enrolments, in pages.

use api::{ListEnd, Problem, Reply};
use domain::model::filter::Listed;
use domain::ports::Enrolments;
use spin_adapters::Store;
use spin_adapters::server::Call;

pub(crate) async fn list<T>(call: Call<T>) {
    call.responder.answer(page(&call.query).await).await;
}

async fn page(query: &str) -> Result<Reply, Problem> {
    let (filter, paging) = api::enrolments_page(query)?;
    let Listed { enrolments, next } = Store::from_variables()?.list(&filter, paging.after(), paging.limit()).await?;
    Ok(api::list(&enrolments, next.map_or(ListEnd::LastPage, |next| ListEnd::Page { next })))
}
