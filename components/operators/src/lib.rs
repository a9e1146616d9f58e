//! What operators do with the database alone; it may reach nothing else. `DELETE
//! /users/{user_id}`: erase a user. `GET /documents`: the books. `GET /mails`, `PUT` and `DELETE
//! /mails/{kind}/{language}`, `POST /mails/{kind}/{language}/preview`: the texts of mails. `GET /search`: what a
//! text names.

mod books;
mod mails;

use api::{Methods, Needs, Problem, Reply};
use domain::model::language::Language;
use domain::model::mail::MailKind;
use domain::usecases::erase::erase;
use spin_adapters::server::{Call, Endpoint, by_token, serve};
use spin_adapters::{Environment, Store};
use spin_sdk::http::{IncomingRequest, ResponseOutparam};
use spin_sdk::http_component;

/// The target of a path.
enum Target {
    /// The user's id as it is in the path.
    User(String),
    Documents,
    Mails,
    Mail(MailKind, Language),
    Preview(MailKind, Language),
    Search,
}

fn route(segments: &[&str]) -> Option<Endpoint<Target>> {
    let (target, pattern, methods) = match segments {
        // An extra slash makes an empty segment.
        ["users", user] if !user.is_empty() => {
            (Target::User((*user).to_owned()), "/users/{user_id}", &[("DELETE", Needs::Operators)][..])
        }
        ["search"] => (Target::Search, "/search", &[("GET", Needs::Viewers)][..]),
        ["documents"] => (Target::Documents, "/documents", &[("GET", Needs::Viewers)][..]),
        ["mails"] => (Target::Mails, "/mails", &[("GET", Needs::Viewers)][..]),
        ["mails", kind, language] => {
            let (kind, language) = api::mail_in_path(kind, language)?;
            let methods = &[("PUT", Needs::Operators), ("DELETE", Needs::Operators)][..];
            (Target::Mail(kind, language), "/mails/{kind}/{language}", methods)
        }
        ["mails", kind, language, "preview"] => {
            let (kind, language) = api::mail_in_path(kind, language)?;
            (Target::Preview(kind, language), "/mails/{kind}/{language}/preview", &[("POST", Needs::Viewers)][..])
        }
        _ => return None,
    };
    Some(Endpoint { target, pattern, methods: Methods(methods) })
}

#[http_component]
async fn handle(request: IncomingRequest, out: ResponseOutparam) {
    serve(request, out, by_token, route, async |call: Call<Target>| match (&call.target, call.method) {
        (Target::User(segment), _) => call.responder.answer(erased(segment, &call.query).await).await,
        (Target::Search, _) => call.responder.answer(search(&call.query)).await,
        (Target::Documents, _) => books::books(call).await,
        (Target::Mails, _) => call.responder.answer(mails::list(&call.query).await).await,
        (Target::Mail(kind, language), "PUT") => mails::set((*kind, *language), call).await,
        (Target::Mail(kind, language), _) => mails::reset((*kind, *language), call).await,
        (Target::Preview(kind, language), _) => mails::preview((*kind, *language), call).await,
    })
    .await;
}

async fn erased(segment: &str, query: &str) -> Result<Reply, Problem> {
    api::no_parameters(query)?;
    let user_id = api::user_in_path(segment)?;
    erase(&Store::from_variables()?, &Environment, &user_id).await?;
    Ok(api::no_content())
}

fn search(query: &str) -> Result<Reply, Problem> {
    let text = api::search_text(query)?;
    Ok(api::search_results(&text, &Store::from_variables()?.search(&text)?))
}
