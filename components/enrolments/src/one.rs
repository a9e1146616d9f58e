//! `GET /{id}`, `GET /{id}/details`, `GET /{id}/documents`, `GET /{id}/history` and
//! `DELETE /{id}`.

use api::View;
use domain::EnrolmentId;
use domain::usecases::find::{self, find, find_full, find_full_of_user, find_of_user};
use domain::usecases::history::history as history_of;
use domain::usecases::remove::remove;
use spin_adapters::server::Responder;
use spin_adapters::{Environment, Store};

pub(crate) async fn get(id: EnrolmentId, query: &str, responder: Responder) {
    let found = async {
        let view = api::view(query)?;
        let store = Store::from_variables()?;
        Ok(match view {
            View::Short => api::enrolment(&find(&store, id).await?),
            View::Full => api::full(&find_full(&store, id).await?),
        })
    };
    responder.answer(found.await).await;
}

pub(crate) async fn details(id: EnrolmentId, query: &str, responder: Responder) {
    let found = async {
        let (user_id, view) = api::user_id(query)?;
        let store = Store::from_variables()?;
        Ok(match view {
            View::Short => api::enrolment(&find_of_user(&store, id, &user_id).await?),
            View::Full => api::full(&find_full_of_user(&store, id, &user_id).await?),
        })
    };
    responder.answer(found.await).await;
}

pub(crate) async fn documents(id: EnrolmentId, query: &str, responder: Responder) {
    let found = async {
        let user_id = api::optional_user_id(query)?;
        Ok(api::documents(&find::documents(&Store::from_variables()?, id, user_id.as_deref()).await?))
    };
    responder.answer(found.await).await;
}

pub(crate) async fn history(id: EnrolmentId, query: &str, responder: Responder) {
    let found = async {
        let user_id = api::optional_user_id(query)?;
        let history = history_of(&Store::from_variables()?, id, user_id.as_deref()).await?;
        Ok(api::history(&history, responder.caller()))
    };
    let found = found.await;
    responder.answer(found).await;
}

pub(crate) async fn delete(id: EnrolmentId, query: &str, responder: Responder) {
    let by = responder.caller().author();
    let removed = async {
        api::no_parameters(query)?;
        remove(&Store::from_variables()?, &Environment, id, by.as_ref()).await?;
        Ok(api::no_content())
    };
    responder.answer(removed.await).await;
}
