//! `GET /`: filtered enrolments, in pages.

use api::{EnrolmentsPage, ListEnd, Problem, Reply, View};
use domain::model::filter::Listed;
use domain::ports::Enrolments;
use spin_adapters::Store;
use spin_adapters::server::Call;

pub(crate) async fn list<T>(call: Call<T>) {
    call.responder.answer(page(&call.query).await).await;
}

async fn page(query: &str) -> Result<Reply, Problem> {
    let EnrolmentsPage { filter, after, limit, view } = api::enrolments_page(query)?;
    let store = Store::from_variables()?;
    Ok(match view {
        View::Short => {
            let Listed { enrolments, next } = store.list(&filter, after, limit).await?;
            api::list(&enrolments, next.map_or(ListEnd::LastPage, |next| ListEnd::Page { next }))
        }
        View::Full => {
            let Listed { enrolments, next } = store.list_full(&filter, after, limit).await?;
            api::full_list(&enrolments, next)
        }
    })
}
