//! `GET /active`: all active enrolments, or a page of them.

use api::{ListEnd, ListWriter, Paging, Problem};
use domain::Enrolment;
use domain::model::filter::Position;
use domain::ports::Enrolments;
use spin_adapters::Store;
use spin_adapters::server::Call;

/// How many enrolments are in memory at once in a list without pages.
const PIECE: u32 = 1000;

pub(crate) async fn active<T>(call: Call<T>) {
    match first(&call.query).await {
        Err(problem) => call.responder.fail(problem).await,
        Ok((Paging { limit: Some(limit), .. }, store, first)) => {
            // A slow caller must not hold a database connection.
            drop(store);
            let full = first.len() >= limit as usize;
            let end = if full {
                ListEnd::Page { next: Position { at: None, id: last_id(&first) } }
            } else {
                ListEnd::LastPage
            };
            call.responder.send(api::list(&first, end)).await;
        }
        Ok((_, store, first)) => {
            let next = async |wanted, piece: &[Enrolment]| {
                if wanted { store.active(last_id(piece), PIECE).await } else { Ok(Vec::new()) }
            };
            call.responder.list(ListWriter::default(), &store, first, PIECE, next).await;
        }
    }
}

/// The first piece, before the response begins, so that a failure still has its status.
async fn first(query: &str) -> Result<(Paging, Store, Vec<Enrolment>), Problem> {
    let paging = api::active_page(query)?;
    let store = Store::from_variables()?;
    let first = store.active(paging.after(), paging.limit.unwrap_or(PIECE)).await?;
    Ok((paging, store, first))
}

fn last_id(enrolments: &[Enrolment]) -> i64 {
    enrolments.last().map_or(0, |enrolment| enrolment.id.get())
}
