//! `GET /console`: pending deliveries, one enrolment and what an operator can do about
//! it, a course, the texts of mails, and the check of the books. The files hold no data: the
//! page asks the API for it, with the token that the operator enters.

use crate::{File, Headers};

/// The page has data of customers. So it communicates with its own origin only, has no inline
/// scripts or styles, and cannot interpret text as HTML.
const HEADERS: Headers = &[
    // All files must come from the same release.
    ("cache-control", "no-cache"),
    (
        "content-security-policy",
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; \
         base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \
         require-trusted-types-for 'script'; trusted-types 'none'",
    ),
    ("cross-origin-opener-policy", "same-origin"),
    ("referrer-policy", "no-referrer"),
];

const PAGE: File = file("text/html; charset=utf-8", include_bytes!("console/console.html"));

#[rustfmt::skip] // a line for each
const FILES: [(&str, File); 23] = [
    ("console.css", file("text/css; charset=utf-8", include_bytes!("console/console.css"))),
    ("icon.svg", file("image/svg+xml; charset=utf-8", include_bytes!("console/icon.svg"))),
    ("main.js", script(include_bytes!("console/main.js"))),
    ("api.js", script(include_bytes!("console/api.js"))),
    ("dom.js", script(include_bytes!("console/dom.js"))),
    ("words.js", script(include_bytes!("console/words.js"))),
    ("reasons.js", script(include_bytes!("console/reasons.js"))),
    ("panel.js", script(include_bytes!("console/panel.js"))),
    ("planned.js", script(include_bytes!("console/planned.js"))),
    ("live.js", script(include_bytes!("console/live.js"))),
    ("form.js", script(include_bytes!("console/form.js"))),
    ("confirm.js", script(include_bytes!("console/confirm.js"))),
    ("summary.js", script(include_bytes!("console/summary.js"))),
    ("deliveries.js", script(include_bytes!("console/deliveries.js"))),
    ("delivery.js", script(include_bytes!("console/delivery.js"))),
    ("bulk.js", script(include_bytes!("console/bulk.js"))),
    ("search.js", script(include_bytes!("console/search.js"))),
    ("enrolment.js", script(include_bytes!("console/enrolment.js"))),
    ("changes.js", script(include_bytes!("console/changes.js"))),
    ("course.js", script(include_bytes!("console/course.js"))),
    ("user.js", script(include_bytes!("console/user.js"))),
    ("mails.js", script(include_bytes!("console/mails.js"))),
    ("books.js", script(include_bytes!("console/books.js"))),
];

const fn file(content_type: &'static str, body: &'static [u8]) -> File {
    File { content_type, body, headers: HEADERS }
}

const fn script(body: &'static [u8]) -> File {
    file("text/javascript; charset=utf-8", body)
}

/// The file at a path and the path's pattern.
pub(crate) fn file_at(segments: &[&str]) -> Option<(File, &'static str)> {
    match segments {
        ["console"] => Some((PAGE, "/console")),
        ["console", name] => {
            let (_, file) = FILES.iter().find(|(own, _)| own == name)?;
            Some((*file, "/console/{file}"))
        }
        _ => None,
    }
}
