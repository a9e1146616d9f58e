//! `GET /documents`: the books, as pages of JSON with sums, or as CSV.

use api::{BooksPage, CsvWriter, Problem, Reply};
use domain::model::books::Booked;
use domain::ports::Books;
use spin_adapters::Store;
use spin_adapters::server::Call;

/// How many documents are in memory at once in CSV.
const PIECE: u32 = 1000;

pub(crate) async fn books<T>(call: Call<T>) {
    if !call.wants_csv() {
        return call.responder.answer(page(&call.query).await).await;
    }
    match first(&call.query).await {
        Err(problem) => call.responder.fail(problem).await,
        Ok((BooksPage { period, limit, .. }, store, first)) => {
            let next = async |wanted, piece: &[Booked]| match piece.last() {
                Some(last) if wanted && limit.is_none() => {
                    Ok(store.booked(period, last.position(), PIECE).await?.documents)
                }
                _ => Ok(Vec::new()),
            };
            let full = limit.unwrap_or(PIECE);
            call.responder.list(CsvWriter::new(period), &store, first, full, next).await;
        }
    }
}

async fn page(query: &str) -> Result<Reply, Problem> {
    let asked = api::books_page(query)?;
    let store = Store::from_variables()?;
    let page = store.booked(asked.period, asked.after.unwrap_or_default(), asked.limit()).await?;
    let sums = if asked.after.is_none() { Some(store.booked_sums(asked.period).await?) } else { None };
    Ok(api::books(&page, sums.as_deref()))
}

/// The first piece, before the response begins, so that a failure still has its status.
async fn first(query: &str) -> Result<(BooksPage, Store, Vec<Booked>), Problem> {
    let asked = api::books_page(query)?;
    let store = Store::from_variables()?;
    let after = asked.after.unwrap_or_default();
    let page = store.booked(asked.period, after, asked.limit.unwrap_or(PIECE)).await?;
    Ok((asked, store, page.documents))
}
