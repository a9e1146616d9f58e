//! The search of operators.

use super::enrolments::row::read;
use super::{Columns, DbError, Param, Sql, Store, unreadable};
use domain::model::search::{Found, FoundBy, SearchResults, SearchText};
use domain::{EnrolmentId, Unavailable};

/// Each way by an index; it reads no more rows than it gives. The ways are in the order of [`FoundBy::ALL`].
/// One more than is shown tells that there are more.
const SEARCH: Sql = Sql {
    mysql: "SELECT found.way, found.enrolment_id, e.id IS NOT NULL, e.id, e.user_id, e.course_id, e.status,
                   e.payment_status, e.invoice_url
            FROM (SELECT 0 AS way, id AS enrolment_id FROM enrolments WHERE id = ?
                  UNION ALL
                  SELECT * FROM (SELECT 1, id
                                 FROM enrolments FORCE INDEX (ix_enrolments_user_id)
                                 WHERE user_id = ?
                                 ORDER BY id DESC
                                 LIMIT 101) AS of_user
                  UNION ALL
                  SELECT * FROM (SELECT 2, id
                                 FROM enrolments FORCE INDEX (ix_enrolments_reference)
                                 WHERE reference = ?
                                 ORDER BY id DESC
                                 LIMIT 101) AS of_reference
                  UNION ALL
                  SELECT 3, enrolment_id FROM payments WHERE reference = ?
                  UNION ALL
                  SELECT 4, enrolment_id FROM refunds WHERE reference = ?
                  UNION ALL
                  SELECT * FROM (SELECT 5, enrolment_id
                                 FROM documents FORCE INDEX (ix_documents_number)
                                 WHERE number = ?
                                 ORDER BY id DESC
                                 LIMIT 101) AS of_number
                  UNION ALL
                  SELECT * FROM (SELECT 6, enrolment_id
                                 FROM documents FORCE INDEX (ix_documents_ksef_number)
                                 WHERE ksef_number = ?
                                 ORDER BY id DESC
                                 LIMIT 101) AS of_ksef_number) AS found
            LEFT JOIN enrolments AS e ON e.id = found.enrolment_id
            ORDER BY found.way, found.enrolment_id DESC
            LIMIT 101",
    sqlite: "SELECT found.way, found.enrolment_id, e.id IS NOT NULL, e.id, e.user_id, e.course_id, e.status,
                    e.payment_status, e.invoice_url
             FROM (SELECT 0 AS way, id AS enrolment_id FROM enrolments WHERE id = ?
                   UNION ALL
                   SELECT * FROM (SELECT 1, id FROM enrolments WHERE user_id = ? ORDER BY id DESC LIMIT 101)
                   UNION ALL
                   SELECT * FROM (SELECT 2, id FROM enrolments WHERE reference = ? ORDER BY id DESC LIMIT 101)
                   UNION ALL
                   SELECT 3, enrolment_id FROM payments WHERE reference = ?
                   UNION ALL
                   SELECT 4, enrolment_id FROM refunds WHERE reference = ?
                   UNION ALL
                   SELECT * FROM (SELECT 5, enrolment_id FROM documents WHERE number = ? ORDER BY id DESC LIMIT 101)
                   UNION ALL
                   SELECT * FROM (SELECT 6, enrolment_id
                                  FROM documents
                                  WHERE ksef_number = ?
                                  ORDER BY id DESC
                                  LIMIT 101)) AS found
             LEFT JOIN enrolments AS e ON e.id = found.enrolment_id
             ORDER BY found.way, found.enrolment_id DESC
             LIMIT 101",
};

impl Store {
    /// What a text names: an id, a reference or a number, as a whole.
    ///
    /// # Errors
    ///
    /// When the database does not answer as it should.
    pub fn search(&self, text: &SearchText) -> Result<SearchResults, Unavailable> {
        let id: Param<'_> = text.id().map_or(0, EnrolmentId::get).into();
        let any: Param<'_> = text.as_str().into();
        // The columns of references have no other characters. No reference is empty.
        let ascii: Param<'_> = Some(text.as_str()).filter(|text| text.is_ascii()).unwrap_or_default().into();
        self.read(|connection| {
            let rows = connection.query(SEARCH, &[id, any, ascii, ascii, ascii, any, any])?;
            let more = rows.len() > SearchResults::MOST;
            let found = rows.into_iter().take(SearchResults::MOST).map(found).collect::<Result<_, _>>()?;
            Ok(SearchResults { found, more })
        })
    }
}

fn found(row: Vec<super::Value>) -> Result<Found, DbError> {
    let mut columns = Columns::new(row);
    let way = usize::try_from(columns.int()?).ok().and_then(|way| FoundBy::ALL.get(way));
    let by = *way.ok_or_else(unreadable)?;
    let id = EnrolmentId::new(columns.int()?).ok_or_else(unreadable)?;
    let enrolment = if columns.int()? == 1 { Some(read(&mut columns)?) } else { None };
    Ok(Found { by, id, enrolment })
}
