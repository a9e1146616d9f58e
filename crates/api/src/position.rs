//! `after` and `next` of `GET /`: an id; in a list by time `SECONDS-ID`, with the seconds since
//! 1970. Both forms are valid for each list, so that all that the description allows is.

use crate::paging;
use crate::query::{Fault, number};
use crate::wire::words::fault;
use chrono::{DateTime, Utc};
use domain::model::filter::Position;
use serde::Serialize;
#[cfg(feature = "openapi")]
use utoipa::openapi::{Object, ObjectBuilder, Type, schema::SchemaType};

/// What to send as `after` for the next page.
#[derive(Serialize)]
#[serde(untagged)]
pub(crate) enum Next {
    /// In a list by id.
    Id(i64),
    /// In a list by time.
    Text(String),
}

impl From<Position> for Next {
    fn from(Position { at, id }: Position) -> Self {
        at.map_or(Self::Id(id), |at| Self::Text(text(at, id)))
    }
}

/// A position in a list by time.
pub(crate) fn text(at: DateTime<Utc>, id: i64) -> String {
    format!("{}-{id}", at.timestamp())
}

/// A text, an id, or null on the last page.
#[cfg(feature = "openapi")]
pub(crate) fn next() -> Object {
    let types = SchemaType::from_iter([Type::Integer, Type::String, Type::Null]);
    let description = "`after` of the next page, or null on the last page. In a list by time it is a text.";
    ObjectBuilder::new().schema_type(types).description(Some(description)).build()
}

/// A parser for a position.
pub(crate) fn read(text: &str) -> Result<Position, Fault> {
    match text.split_once('-').filter(|(seconds, _)| !seconds.is_empty()) {
        Some(_) => read_timed(text),
        None => paging::enrolment(text).map(|id| Position { at: None, id }),
    }
}

/// A parser for a position in a list by time.
pub(crate) fn read_timed(text: &str) -> Result<Position, Fault> {
    let digits = |text: &str| number(text).filter(|_| text.len() <= 10);
    let position = || {
        let (seconds, id) = text.split_once('-')?;
        Some(Position { at: DateTime::from_timestamp(digits(seconds)?, 0), id: digits(id)? })
    };
    position().ok_or_else(|| ("`next` of the page before is required".to_owned(), fault::STRING_VALUE))
}
