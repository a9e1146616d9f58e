//! The filter of a list of enrolments, and a page of the list.

use crate::model::reference::PlatformReference;
use crate::{CourseId, Enrolment, PaymentStatus, Status, UserId};

/// Which enrolments to list: those that match all given fields.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// The user's id, compared byte for byte.
    pub user_id: Option<UserId>,
    /// The course.
    pub course_id: Option<CourseId>,
    /// The state.
    pub status: Option<Status>,
    /// The state of the payment.
    pub payment_status: Option<PaymentStatus>,
    /// The platform's reference. The database alone compares it.
    pub reference: Option<PlatformReference>,
}

impl Filter {
    /// Whether an enrolment matches all but the reference.
    #[must_use]
    pub fn matches(&self, enrolment: &Enrolment) -> bool {
        self.user_id.as_ref().is_none_or(|wanted| *wanted == enrolment.user_id)
            && self.course_id.is_none_or(|wanted| wanted == enrolment.course_id)
            && self.status.is_none_or(|wanted| wanted == enrolment.status)
            && self.payment_status.is_none_or(|wanted| wanted == enrolment.payment_status)
    }
}

/// A page of enrolments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// In the order of ids. There can be fewer than requested, even none, before the last page.
    pub enrolments: Vec<Enrolment>,
    /// The `after` of the next page; `None` if there are no more.
    pub next: Option<i64>,
}
