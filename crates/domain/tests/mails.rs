//! The built-in mails as they look: a file for the text and the HTML of each kind and language.
//! `UPDATE=1` writes the files.
#![allow(clippy::unwrap_used, reason = "a test")]

use domain::model::language::Language;
use domain::model::mail::{MailKind, MailText, Rendered, preview};
use std::path::Path;

#[test]
fn mails_are_as_they_were() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/mails");
    let mut files = Vec::new();
    for language in Language::ALL {
        for kind in MailKind::ALL {
            let Rendered { subject, html, text } = preview(kind, language, &MailText::built_in(kind, language));
            let name = folder.join(language.code()).join(kind.word());
            files.push((name.with_extension("txt"), format!("{subject}\n\n{text}")));
            files.push((name.with_extension("html"), html + "\n"));
        }
    }
    for (file, content) in files {
        if std::env::var_os("UPDATE").is_some() {
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(&file, content).unwrap();
        } else {
            let before = std::fs::read_to_string(&file).unwrap_or_default();
            assert_eq!(content, before, "{}: run it with UPDATE=1", file.display());
        }
    }
}
