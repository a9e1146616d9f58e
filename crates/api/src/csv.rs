//! The books as CSV (RFC 4180) for a spreadsheet with Polish settings: UTF-8 with its mark,
//! semicolons, and commas in numbers. Programs take the JSON.

use crate::Reply;
use crate::list::Pieces;
use crate::wire::books::BookedDocument;
use domain::model::books::{Booked, Period};
use http::StatusCode;
use std::borrow::Cow;

/// Whether the value of `Accept` names `text/csv`, and not JSON before it.
#[must_use]
pub fn is_wanted(accept: &str) -> bool {
    let mut types = accept.split(',').map(|of| of.split(';').next().unwrap_or_default().trim().to_ascii_lowercase());
    types.find(|of| ["text/csv", "application/json"].contains(&of.as_str())).is_some_and(|of| of == "text/csv")
}

/// Writes the books in pieces, with a line of names before the first.
#[derive(Debug)]
pub struct CsvWriter {
    period: Period,
    begun: bool,
}

impl CsvWriter {
    /// The books of a period.
    #[must_use]
    pub fn new(period: Period) -> Self {
        Self { period, begun: false }
    }
}

impl Pieces for CsvWriter {
    type Item = Booked;

    fn head(&self) -> Reply {
        let mut reply = Reply::new(StatusCode::OK, "text/csv; charset=utf-8", Vec::new());
        let name = format!("attachment; filename=\"documents-{}-{}.csv\"", self.period.from(), self.period.to());
        reply.headers.push(("content-disposition", name));
        reply
    }

    fn piece(&mut self, items: &[Booked]) -> Vec<u8> {
        // Enough for a line with a page and a KSeF number.
        let mut piece = Vec::with_capacity(128 + items.len() * 192);
        if !self.begun {
            self.begun = true;
            piece.extend_from_slice("\u{feff}".as_bytes());
            piece.extend_from_slice(
                b"issued_on;number;kind;gross;currency;tax;enrolment_id;ksef_status;ksef_number;url\r\n",
            );
        }
        for item in items {
            line(&BookedDocument::from(item), &mut piece);
        }
        piece
    }

    fn last(&mut self, items: &[Booked]) -> Vec<u8> {
        self.piece(items)
    }
}

fn line(of: &BookedDocument<'_>, out: &mut Vec<u8>) {
    let enrolment_id = of.enrolment_id.to_string();
    let decimal = |number: &str| number.replace('.', ",");
    let (gross, tax) = (of.gross.as_deref().map(decimal), of.tax.map(decimal));
    let number = of.number.map(as_text);
    let values = [
        of.issued_on.as_deref(),
        number.as_deref(),
        Some(of.kind),
        gross.as_deref(),
        of.currency,
        tax.as_deref(),
        Some(&enrolment_id),
        of.ksef.as_ref().map(|ksef| ksef.status),
        of.ksef.as_ref().and_then(|ksef| ksef.number),
        of.url,
    ];
    for (place, value) in values.into_iter().enumerate() {
        if place > 0 {
            out.push(b';');
        }
        out.extend_from_slice(quoted(value.unwrap_or_default()).as_bytes());
    }
    out.extend_from_slice(b"\r\n");
}

/// A number of a document so that a spreadsheet takes it for a text. It would make a date of
/// `7/2/2026`, drop the zeros of `007` and calculate what begins like a formula.
fn as_text(number: &str) -> Cow<'_, str> {
    let counts = |byte: u8| byte.is_ascii_digit() || b"/-. ".contains(&byte);
    if !number.is_empty() && number.bytes().all(counts) {
        return format!("=\"{number}\"").into();
    }
    if number.starts_with(['=', '+', '-', '@']) { format!("'{number}").into() } else { number.into() }
}

fn quoted(value: &str) -> Cow<'_, str> {
    if value.contains(['"', ';', '\r', '\n']) {
        format!("\"{}\"", value.replace('"', "\"\"")).into()
    } else {
        value.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::books::tests::{booked, period};
    use domain::Balance;
    use domain::model::invoice::Document;

    fn text(pieces: &[&[Booked]]) -> String {
        let mut csv = CsvWriter::new(period());
        let (last, before) = pieces.split_last().unwrap();
        let mut bytes: Vec<u8> = before.iter().flat_map(|piece| csv.piece(piece)).collect();
        bytes.extend(csv.last(last));
        String::from_utf8(bytes).unwrap()
    }

    const HEAD: &str = "\u{feff}issued_on;number;kind;gross;currency;tax;enrolment_id;ksef_status;ksef_number;url\r\n";

    #[test]
    fn the_names_come_once() {
        let line = "2026-02-01;K/1;correction;-1234,50;PLN;5,5;7;ok;525-1;https://a.example/i\r\n";
        assert_eq!(text(&[&[]]), HEAD);
        assert_eq!(text(&[&[booked()]]), format!("{HEAD}{line}"));
        assert_eq!(text(&[&[booked(), booked()], &[booked()], &[]]), format!("{HEAD}{line}{line}{line}"));
        let head = CsvWriter::new(period()).head();
        assert_eq!(head.content_type, "text/csv; charset=utf-8");
        let name = "attachment; filename=\"documents-2026-02-01-2026-02-28.csv\"".to_owned();
        assert_eq!(head.headers, [("content-disposition", name)]);
    }

    #[test]
    fn what_is_not_known_is_empty() {
        let document = Document { gross: Some(Balance(5)), ..Document::from_page("https://a.example/;".to_owned()) };
        let line = text(&[&[Booked { document, ..booked() }]]);
        assert_eq!(line, format!("{HEAD};;invoice;0,05;;;7;;;\"https://a.example/;\"\r\n"));
    }

    #[test]
    fn a_spreadsheet_takes_a_number_for_a_text() {
        for (number, written) in [
            ("FV/7/2026", "FV/7/2026"),
            ("FV;7", "\"FV;7\""),
            ("F \"7\"", "\"F \"\"7\"\"\""),
            ("7/2/2026", "\"=\"\"7/2/2026\"\"\""),
            ("007", "\"=\"\"007\"\"\""),
            ("-7", "\"=\"\"-7\"\"\""),
            ("=1+1", "'=1+1"),
            ("+A1", "'+A1"),
            ("-A1", "'-A1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("", ""),
        ] {
            assert_eq!(quoted(&as_text(number)), written, "{number}");
        }
    }

    #[test]
    fn csv_is_what_accept_names_first() {
        for csv in ["text/csv", "TEXT/CSV; charset=utf-8", "text/html, text/csv;q=0.9, */*"] {
            assert!(is_wanted(csv), "{csv}");
        }
        for json in ["", "*/*", "text/*", "application/json, text/csv", "text/csvs"] {
            assert!(!is_wanted(json), "{json}");
        }
    }
}
