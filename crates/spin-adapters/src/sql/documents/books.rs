//! The books: a walk along the index of the days of issue, and its sums from the index alone.
//!
//! Kinds of a later release are left out.

use super::{read_from, unreadable};
use crate::sql::paging;
use crate::sql::{Columns, DbError, Row, Sql, Store};
use chrono::DateTime;
use domain::model::books::{Booked, BookedPage, BookedSum, Period};
use domain::model::filter::Position;
use domain::model::invoice::DocumentKind;
use domain::ports::Books;
use domain::{Balance, EnrolmentId, Unavailable};

// MySQL uses an index for a comparison of pairs only if it is written out, and SQLite only if it
// is not.

const PAGE: Sql = Sql {
    mysql: "SELECT /* replica */ id, enrolment_id,
                kind, vendor_id, number, url, gross_hundredths, currency, issued_on, ksef_status, ksef_number, tax, chain_no
            FROM documents FORCE INDEX (ix_documents_issued_on)
            WHERE ((issued_on = ? AND id > ?) OR issued_on > ?) AND issued_on <= ?
                AND kind IN ('invoice', 'correction')
            ORDER BY issued_on, id
            LIMIT ?",
    sqlite: "SELECT /* replica */ id, enrolment_id,
                 kind, vendor_id, number, url, gross_hundredths, currency, issued_on, ksef_status, ksef_number, tax, chain_no
             FROM documents INDEXED BY ix_documents_issued_on
             WHERE (issued_on, id) > (?, ?) AND issued_on >= ? AND issued_on <= ?
                 AND kind IN ('invoice', 'correction')
             ORDER BY issued_on, id
             LIMIT ?",
};

const SUMS: Sql = Sql {
    mysql: "SELECT /* replica */ currency, kind, COUNT(*), CAST(COALESCE(SUM(gross_hundredths), 0) AS SIGNED)
            FROM documents FORCE INDEX (ix_documents_issued_on)
            WHERE issued_on >= ? AND issued_on <= ? AND kind IN ('invoice', 'correction')
            GROUP BY currency, kind",
    sqlite: "SELECT /* replica */ currency, kind, COUNT(*), COALESCE(SUM(gross_hundredths), 0)
             FROM documents INDEXED BY ix_documents_issued_on
             WHERE issued_on >= ? AND issued_on <= ? AND kind IN ('invoice', 'correction')
             GROUP BY currency, kind",
};

impl Books for Store {
    async fn booked(&self, period: Period, after: Position, limit: u32) -> Result<BookedPage, Unavailable> {
        let from = period.from();
        let after_day = after.at.as_ref().map(DateTime::date_naive).filter(|day| *day >= from);
        let (day, id) = after_day.map_or((from, 0), |day| (day, after.id));
        let (day, to) = (day.to_string(), period.to().to_string());
        let (day, to) = (day.as_str(), to.as_str());
        let rows = paging::rows(limit, true);
        self.read(|connection| {
            let found =
                connection.query(PAGE, &[day.into(), id.into(), day.into(), to.into(), i64::from(rows).into()])?;
            let found = found.into_iter().map(booked).collect::<Result<Vec<_>, _>>()?;
            let (documents, next) = paging::page(found, rows, limit, Booked::position, |_| true);
            Ok(BookedPage { documents, next })
        })
    }

    async fn booked_sums(&self, period: Period) -> Result<Vec<BookedSum>, Unavailable> {
        let (from, to) = (period.from().to_string(), period.to().to_string());
        let mut sums = self.read(|connection| {
            let rows = connection.query(SUMS, &[from.as_str().into(), to.as_str().into()])?;
            rows.into_iter().map(sum).collect::<Result<Vec<_>, _>>()
        })?;
        // The collations of the databases differ.
        sums.sort_by_key(|sum| (sum.currency.clone(), sum.kind as u8));
        Ok(sums)
    }
}

fn booked(row: Row) -> Result<Booked, DbError> {
    let mut columns = Columns::new(row);
    let id = columns.int()?;
    let enrolment_id = EnrolmentId::new(columns.int()?).ok_or_else(unreadable)?;
    Ok(Booked { id, enrolment_id, document: read_from(&mut columns)?.ok_or_else(unreadable)? })
}

fn sum(row: Row) -> Result<BookedSum, DbError> {
    let mut columns = Columns::new(row);
    Ok(BookedSum {
        currency: columns.optional_text()?,
        kind: DocumentKind::parse(&columns.text()?).ok_or_else(unreadable)?,
        documents: columns.int()?,
        gross: Balance(columns.int()?),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_books_have_every_kind() {
        for sql in [PAGE, SUMS] {
            for kind in DocumentKind::ALL.map(DocumentKind::as_str) {
                assert!([sql.mysql, sql.sqlite].iter().all(|sql| sql.contains(&format!("'{kind}'"))), "{kind}");
            }
        }
    }
}
