//! The secrets that sign webhooks.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// What a secret begins with.
const PREFIX: &str = "whsec_";

/// How many bytes a secret has, as the specification asks for.
const SECRET: std::ops::RangeInclusive<usize> = 24..=64;

/// The secrets in a variable, blanks between them; none if one is no secret.
pub(crate) fn secrets(variable: &str) -> Option<Vec<Vec<u8>>> {
    let secret =
        |text: &str| STANDARD.decode(text.strip_prefix(PREFIX)?).ok().filter(|key| SECRET.contains(&key.len()));
    variable.split_whitespace().map(secret).collect()
}
