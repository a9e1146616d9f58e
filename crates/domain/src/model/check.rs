//! The check of the books: the documents of a day here and at the invoicing service.

use crate::model::books::Booked;
use crate::model::invoice::DocumentKind;
use crate::{Balance, EnrolmentId};
use chrono::NaiveDate;

/// How many documents of each side a page compares: the vendor lists no more at once.
pub const PAGE: u32 = 100;

/// A document in a list of the invoicing service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedDocument {
    /// Its id at the invoicing service, from 1.
    pub vendor_id: i64,
    /// Its kind.
    pub kind: DocumentKind,
    /// The enrolment in its `oid`, if the `oid` has the form of this service's.
    pub enrolment_id: Option<EnrolmentId>,
    /// The invoice that it corrects.
    pub corrects: Option<i64>,
    /// The number on the document.
    pub number: Option<String>,
    /// Its page.
    pub url: Option<String>,
    /// Its total; negative for a correction. `None` if it cannot be read.
    pub gross: Option<Balance>,
    /// Its currency.
    pub currency: Option<String>,
    /// Whether it is canceled.
    pub canceled: bool,
}

impl ListedDocument {
    /// Whether it says the same as a document here.
    fn is_same(&self, booked: &Booked) -> bool {
        let document = &booked.document;
        !self.canceled
            && self.kind == document.kind
            && self.gross == document.gross
            && self.currency == document.currency
    }
}

/// What is recorded of a document of an enrolment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// The enrolment.
    pub enrolment_id: EnrolmentId,
    /// Its kind.
    pub kind: DocumentKind,
    /// Its id at the invoicing service; `None` if a person made it.
    pub vendor_id: Option<i64>,
}

/// A page of a day, compared.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checked {
    /// How many documents of the page are the same on both sides.
    pub same: usize,
    /// How many documents of the page at the invoicing service are not of this service.
    pub others: usize,
    /// Documents that are recorded here, and that the invoicing service does not have.
    pub only_here: Vec<Booked>,
    /// Documents of this service that are not recorded here.
    pub only_there: Vec<ListedDocument>,
    /// Documents with another amount, currency or kind there, or that are canceled there.
    pub different: Vec<(Booked, ListedDocument)>,
    /// Whether there is a next page.
    pub more: bool,
}

impl Checked {
    /// Compares a page of `here` with what the invoicing service has `found` of it, and a page of `there`
    /// with what is `recorded` of its enrolments.
    #[must_use]
    pub fn new(here: Vec<Booked>, found: &[ListedDocument], there: Vec<ListedDocument>, recorded: &[Recorded]) -> Self {
        let full = |count: usize| count >= PAGE as usize;
        let mut checked = Self { more: full(here.len()) || full(there.len()), ..Self::default() };
        for booked in here {
            let found = found.iter().find(|listed| Some(listed.vendor_id) == booked.document.vendor_id);
            match found {
                None => checked.only_here.push(booked),
                Some(listed) if listed.is_same(&booked) => checked.same += 1,
                Some(listed) => checked.different.push((booked, listed.clone())),
            }
        }
        for listed in there {
            let of_enrolment = || recorded.iter().filter(|own| Some(own.enrolment_id) == listed.enrolment_id);
            let is_known = |id| of_enrolment().any(|own| own.vendor_id == Some(id));
            // An account can have documents of another installation, with numbers of the same form.
            let is_own = listed.enrolment_id.is_some() && listed.corrects.is_none_or(is_known);
            let by_person = || of_enrolment().any(|own| own.kind == listed.kind && own.vendor_id.is_none());
            if !is_own {
                checked.others += 1;
            } else if !listed.canceled && !is_known(listed.vendor_id) && !by_person() {
                checked.only_there.push(listed);
            }
        }
        checked
    }
}

/// The documents that are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listing<'a> {
    /// A page of a day of issue, from 1.
    Day(NaiveDate, u32),
    /// Those with these ids, at most [`PAGE`].
    Ids(&'a [i64]),
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fakes::{id, invoice};

    fn listed(vendor_id: i64, enrolment: Option<i64>) -> ListedDocument {
        let document = invoice(vendor_id);
        ListedDocument {
            vendor_id,
            kind: document.kind,
            enrolment_id: enrolment.map(id),
            corrects: None,
            number: document.number,
            url: document.url,
            gross: document.gross,
            currency: document.currency,
            canceled: false,
        }
    }

    fn booked(vendor_id: i64) -> Booked {
        Booked { id: vendor_id, enrolment_id: id(vendor_id), document: invoice(vendor_id) }
    }

    #[test]
    fn a_document_here_is_the_same_or_different_or_only_here() {
        let same = listed(1, Some(1));
        for (found, counts) in [
            (vec![same.clone()], (1, 0, 0)),
            (vec![], (0, 1, 0)),
            (vec![listed(2, Some(1))], (0, 1, 0)),
            (vec![ListedDocument { gross: Some(Balance(1)), ..same.clone() }], (0, 0, 1)),
            (vec![ListedDocument { currency: Some("EUR".to_owned()), ..same.clone() }], (0, 0, 1)),
            (vec![ListedDocument { kind: DocumentKind::Correction, ..same.clone() }], (0, 0, 1)),
            (vec![ListedDocument { canceled: true, ..same.clone() }], (0, 0, 1)),
        ] {
            let checked = Checked::new(vec![booked(1)], &found, Vec::new(), &[]);
            assert_eq!((checked.same, checked.only_here.len(), checked.different.len()), counts, "{found:?}");
            assert!(!checked.more);
        }
    }

    #[test]
    fn a_document_there_is_recorded_or_only_there_or_of_others() {
        let recorded = |kind, vendor_id| Recorded { enrolment_id: id(1), kind, vendor_id };
        let own = recorded(DocumentKind::Invoice, Some(1));
        let correction = |corrects| ListedDocument {
            kind: DocumentKind::Correction,
            corrects: Some(corrects),
            ..listed(5, Some(1))
        };
        for (there, counts) in [
            (listed(1, Some(1)), (0, 0)),
            (listed(2, Some(1)), (1, 0)),
            (listed(2, Some(9)), (1, 0)),
            (listed(2, None), (0, 1)),
            (correction(1), (1, 0)),
            (correction(7), (0, 1)),
            (ListedDocument { canceled: true, ..listed(2, Some(1)) }, (0, 0)),
        ] {
            let checked = Checked::new(Vec::new(), &[], vec![there.clone()], &[own]);
            assert_eq!((checked.only_there.len(), checked.others), counts, "{there:?}");
        }
        let by_person = recorded(DocumentKind::Correction, None);
        let checked = Checked::new(Vec::new(), &[], vec![correction(1)], &[own, by_person]);
        assert_eq!(checked, Checked::default());
    }

    #[test]
    fn a_full_page_of_either_side_has_a_next_one() {
        let there: Vec<_> = (1..=i64::from(PAGE)).map(|number| listed(number, None)).collect();
        assert!(Checked::new(Vec::new(), &[], there, &[]).more);
        assert!(Checked::new((1..=i64::from(PAGE)).map(booked).collect(), &[], Vec::new(), &[]).more);
    }
}
