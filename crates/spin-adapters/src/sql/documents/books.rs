//! The books: a walk along the index of the days of issue, and its sums from the index alone.
//!
//! Kinds of a later release are left out.

use super::{read_from, unreadable};
use crate::sql::paging;
use crate::sql::{Columns, DbError, Row, Sql, Store};
use chrono::{DateTime, NaiveDate};
use domain::model::books::{Booked, BookedPage, BookedSum, Period};
use domain::model::check::{self, Recorded};
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

const DAY: Sql = Sql {
    mysql: "SELECT /* replica */ id, enrolment_id,
                kind, vendor_id, number, url, gross_hundredths, currency, issued_on, ksef_status, ksef_number, tax, chain_no
            FROM documents FORCE INDEX (ix_documents_issued_on)
            WHERE issued_on = ? AND kind IN ('invoice', 'correction')
            ORDER BY id
            LIMIT ? OFFSET ?",
    sqlite: "SELECT /* replica */ id, enrolment_id,
                 kind, vendor_id, number, url, gross_hundredths, currency, issued_on, ksef_status, ksef_number, tax, chain_no
             FROM documents INDEXED BY ix_documents_issued_on
             WHERE issued_on = ? AND kind IN ('invoice', 'correction')
             ORDER BY id
             LIMIT ? OFFSET ?",
};

/// Of the enrolments in a JSON array.
const RECORDED: Sql = Sql {
    mysql: "SELECT /* replica */ documents.enrolment_id, documents.kind, documents.vendor_id
            FROM JSON_TABLE(?, '$[*]' COLUMNS (id INT PATH '$')) AS wanted
            STRAIGHT_JOIN documents ON documents.enrolment_id = wanted.id
            WHERE documents.kind IN ('invoice', 'correction')",
    sqlite: "SELECT /* replica */ documents.enrolment_id, documents.kind, documents.vendor_id
             FROM json_each(?) AS wanted
             CROSS JOIN documents ON documents.enrolment_id = wanted.value
             WHERE documents.kind IN ('invoice', 'correction')",
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
        let to = period.to().to_string();
        self.read(|connection| {
            let read = |after: &Position, rows: u32| {
                let after_day = after.at.as_ref().map(DateTime::date_naive).filter(|day| *day >= period.from());
                let (day, id) = after_day.map_or((period.from(), 0), |day| (day, after.id));
                let day = day.to_string();
                let day = day.as_str();
                let page = [day.into(), id.into(), day.into(), to.as_str().into(), i64::from(rows).into()];
                Ok(connection.query(PAGE, &page)?.into_iter().map(booked))
            };
            let (documents, next) = paging::page(limit, true, after, read, Booked::position, |_| true)?;
            Ok(BookedPage { documents, next })
        })
    }

    async fn booked_on(&self, day: NaiveDate, page: u32) -> Result<Vec<Booked>, Unavailable> {
        let (day, size) = (day.to_string(), i64::from(check::PAGE));
        let offset = i64::from(page.saturating_sub(1)) * size;
        self.read(|connection| {
            let rows = connection.query(DAY, &[day.as_str().into(), size.into(), offset.into()])?;
            rows.into_iter().map(booked).collect()
        })
    }

    async fn recorded(&self, enrolments: &[EnrolmentId]) -> Result<Vec<Recorded>, Unavailable> {
        let ids: Vec<_> = enrolments.iter().map(|id| id.get().to_string()).collect();
        let ids = format!("[{}]", ids.join(","));
        self.read(|connection| {
            let rows = connection.query(RECORDED, &[ids.as_str().into()])?;
            rows.into_iter().map(recorded).collect()
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

fn recorded(row: Row) -> Result<Recorded, DbError> {
    let mut columns = Columns::new(row);
    Ok(Recorded {
        enrolment_id: EnrolmentId::new(columns.int()?).ok_or_else(unreadable)?,
        kind: DocumentKind::parse(&columns.text()?).ok_or_else(unreadable)?,
        vendor_id: columns.optional_int()?,
    })
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
        for sql in [PAGE, DAY, RECORDED, SUMS] {
            for kind in DocumentKind::ALL.map(DocumentKind::as_str) {
                assert!([sql.mysql, sql.sqlite].iter().all(|sql| sql.contains(&format!("'{kind}'"))), "{kind}");
            }
        }
    }
}
