//! A list on its way out.

use super::Answered;
use super::body::Body;
use crate::Store;
use api::Pieces;

/// A list on its way out.
pub(super) struct ListStream<'a, P> {
    /// None for HEAD, and once the caller has hung up or takes nothing.
    body: Option<Body>,
    list: P,
    /// What the list is read from: it has no connection while the caller is waited for.
    store: &'a Store,
    answered: Answered,
}

impl<'a, P: Pieces> ListStream<'a, P> {
    /// Without elements if only the `head` is wanted.
    pub(super) fn new(list: P, body: Option<Body>, head: bool, store: &'a Store, answered: Answered) -> Self {
        let mut list = Self { body, list, store, answered };
        if head {
            list.finish();
        }
        list
    }

    /// Whether anybody wants what follows.
    pub(super) fn is_wanted(&self) -> bool {
        self.body.is_some()
    }

    /// Writes the next piece of the list. Once the caller is gone, it writes nothing.
    pub(super) async fn write(&mut self, items: &[P::Item]) {
        let piece = self.list.piece(items);
        self.send(&piece).await;
    }

    /// Writes the rest of the list and ends it.
    pub(super) async fn end(mut self, rest: &[P::Item]) {
        let piece = self.list.last(rest);
        self.send(&piece).await;
        // At once: an end that comes by itself waits for an acknowledgement, 40 ms.
        self.finish();
    }

    /// Breaks the list off, so that its beginning is not taken for the whole: a body that is
    /// dropped unfinished ends the connection.
    pub(super) fn break_off(self, cause: &str) {
        self.answered.log(cause);
    }

    async fn send(&mut self, piece: &[u8]) {
        if let Some(body) = &self.body
            && body.write(piece, || self.store.disconnect()).await.is_err()
        {
            self.body = None;
        }
    }

    fn finish(&mut self) {
        if let Some(body) = self.body.take() {
            body.finish();
        }
    }
}
