//! `DELETE /users/{user_id}`: erase a user. It is a component of its own, because it may
//! reach the database only.

use api::{Methods, Needs, Problem, Reply};
use domain::usecases::erase::erase;
use spin_adapters::server::{Call, Endpoint, by_token, serve};
use spin_adapters::{Environment, Store};
use spin_sdk::http::{IncomingRequest, ResponseOutparam};
use spin_sdk::http_component;

/// The user's id as it is in the path.
struct User(String);

fn route(segments: &[&str]) -> Option<Endpoint<User>> {
    let ["users", user] = segments else { return None };
    // An extra slash makes an empty segment.
    let target = Some(User((*user).to_owned())).filter(|User(segment)| !segment.is_empty())?;
    Some(Endpoint { target, pattern: "/users/{user_id}", methods: Methods(&[("DELETE", Needs::Operators)]) })
}

#[http_component]
async fn handle(request: IncomingRequest, out: ResponseOutparam) {
    serve(request, out, by_token, route, async |call: Call<User>| {
        call.responder.answer(erased(&call.target, &call.query).await).await;
    })
    .await;
}

async fn erased(User(segment): &User, query: &str) -> Result<Reply, Problem> {
    api::no_parameters(query)?;
    let user_id = api::user_in_path(segment)?;
    erase(&Store::from_variables()?, &Environment, &user_id).await?;
    Ok(api::no_content())
}
