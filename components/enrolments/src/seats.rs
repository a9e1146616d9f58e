//! `GET /courses/{course_id}/seats`, `POST /waiting`, `GET /waiting` and `DELETE /waiting/{id}`.

use api::{Problem, Reply};
use domain::CourseId;
use domain::ports::Seats as _;
use domain::usecases::seats as usecase;
use spin_adapters::server::{Call, Responder};
use spin_adapters::{Adapters, Store};

pub(crate) async fn seats(course: CourseId, query: &str, responder: Responder) {
    let counted = async {
        api::no_parameters(query)?;
        Ok(api::seats(course, &Store::from_variables()?.seats(course).await?))
    };
    responder.answer(counted.await).await;
}

pub(crate) async fn wait<T>(call: Call<T>) {
    let Some((body, responder)) = call.into_body().await else { return };
    responder.answer(put_on_list(&body).await).await;
}

async fn put_on_list(body: &[u8]) -> Result<Reply, Problem> {
    let (new, course) = api::parse_waiting(body)?;
    Ok(api::waiting(&usecase::wait(&Adapters::from_variables()?, &new, course.as_ref()).await?))
}

pub(crate) async fn waiting(query: &str, responder: Responder) {
    let listed = async {
        let (filter, paging) = api::waiting_page(query)?;
        let limit = paging.limit();
        let entries = Store::from_variables()?.waiting(&filter, paging.after(), limit).await?;
        Ok(api::waiting_list(&entries, limit))
    };
    responder.answer(listed.await).await;
}

pub(crate) async fn leave(id: i64, query: &str, responder: Responder) {
    let left = async {
        api::no_parameters(query)?;
        usecase::leave(&Store::from_variables()?, id).await?;
        Ok(api::no_content())
    };
    responder.answer(left.await).await;
}
