//! The mails that customers get: kinds, languages, and texts with placeholders.
//!
//! A new kind needs a variant of [`MailKind`] with its row, and its text in the folder of each
//! language.

mod kind;
mod message;
mod render;
mod sample;
mod text;

pub use kind::{MailKind, Placeholder};
pub use message::{Message, Paid};
pub use render::{Rendered, render};
pub use sample::preview;
pub use text::{InvalidText, MailText, TextVersion, check_subject, check_text};
