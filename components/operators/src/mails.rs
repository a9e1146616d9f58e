//! The texts of mails.

use api::{Problem, Reply};
use domain::model::asked::Author;
use domain::model::language::Language;
use domain::model::mail::MailKind;
use domain::usecases::mail_texts::{mail_texts, preview_mail, reset_mail_text, set_mail_text};
use spin_adapters::server::{Call, Responder};
use spin_adapters::{Environment, Store};

/// A text: of a kind, in a language.
type Of = (MailKind, Language);

pub(crate) async fn list(query: &str) -> Result<Reply, Problem> {
    api::no_parameters(query)?;
    Ok(api::mails(&mail_texts(&Store::from_variables()?, &Environment).await?))
}

pub(crate) async fn set<T>(of: Of, call: Call<T>) {
    let Some((body, responder)) = call.into_body().await else { return };
    let result = async {
        let (text, store) = (api::parse_mail_text(of.0, &body)?, Store::from_variables()?);
        Ok(api::mail(&set_mail_text(&store, &Environment, of, text, author(&responder)).await?))
    };
    let result = result.await;
    responder.answer(result).await;
}

pub(crate) async fn reset<T>(of: Of, call: Call<T>) {
    let result = async {
        api::no_parameters(&call.query)?;
        reset_mail_text(&Store::from_variables()?, &Environment, of, author(&call.responder)).await?;
        Ok(api::no_content())
    };
    let result = result.await;
    call.responder.answer(result).await;
}

pub(crate) async fn preview<T>(of: Of, call: Call<T>) {
    let Some((body, responder)) = call.into_body().await else { return };
    let result = async {
        let (draft, store) = (api::parse_mail_draft(of.0, &body)?, Store::from_variables()?);
        Ok(api::mail_preview(&preview_mail(&store, &Environment, of, draft).await?))
    };
    let result = result.await;
    responder.answer(result).await;
}

fn author(responder: &Responder) -> Option<Author> {
    responder.caller().name.as_deref().map(|name| Author(name.to_owned()))
}
