//! The size and the type of a request body.

use crate::Problem;
use http::HeaderMap;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};

/// The maximum size of a body, in bytes.
pub const MAX_BODY: usize = 64 * 1024;

/// Collects a JSON body of at most [`MAX_BODY`] bytes.
#[derive(Debug, Default)]
pub struct BodyLimit {
    read: Vec<u8>,
    /// `Content-Length`, if it is given.
    length: Option<u64>,
}

impl BodyLimit {
    /// Checks the headers before the body is read.
    ///
    /// # Errors
    ///
    /// 415 unless `Content-Type` is JSON; 413 if `Content-Length` is too large.
    pub fn new(headers: &HeaderMap) -> Result<Self, Problem> {
        let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        if !is_json(content_type) {
            return Err(Problem::unsupported_media_type());
        }
        let length = headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
        if length.is_some_and(|length| length > MAX_BODY as u64) {
            return Err(Problem::payload_too_large());
        }
        Ok(Self { read: Vec::new(), length })
    }

    /// Whether all bytes that `Content-Length` announces are read.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.length == Some(self.read.len() as u64)
    }

    /// Appends a chunk.
    ///
    /// # Errors
    ///
    /// 413 if the body becomes too large.
    pub fn push(&mut self, chunk: &[u8]) -> Result<(), Problem> {
        if self.read.len() + chunk.len() > MAX_BODY {
            return Err(Problem::payload_too_large());
        }
        self.read.extend_from_slice(chunk);
        Ok(())
    }

    /// The whole body.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.read
    }
}

/// `application/json` or any type that ends in `+json`; parameters are ignored.
pub(super) fn is_json(content_type: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match essence.split_once('/') {
        Some(("application", "json")) => true,
        Some((kind, subtype)) => !kind.is_empty() && subtype.len() > "+json".len() && subtype.ends_with("+json"),
        None => false,
    }
}
