//! Which enrolments a caller wants to see, and a page of them.

use crate::{CourseId, Enrolment, PaymentStatus, Status, UserId};

/// Which enrolments are wanted: those of which all that is given holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Whose, byte for byte.
    pub user_id: Option<UserId>,
    /// In which course.
    pub course_id: Option<CourseId>,
    /// Where in their life.
    pub status: Option<Status>,
    /// What is known of their payment.
    pub payment_status: Option<PaymentStatus>,
}

impl Filter {
    /// Whether an enrolment is wanted.
    #[must_use]
    pub fn lets_through(&self, enrolment: &Enrolment) -> bool {
        self.user_id.as_ref().is_none_or(|wanted| *wanted == enrolment.user_id)
            && self.course_id.is_none_or(|wanted| wanted == enrolment.course_id)
            && self.status.is_none_or(|wanted| wanted == enrolment.status)
            && self.payment_status.is_none_or(|wanted| wanted == enrolment.payment_status)
    }
}

/// A page of enrolments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// By number. There may be fewer than asked for, even none, before the last page.
    pub enrolments: Vec<Enrolment>,
    /// The number to go on after, if there may be more.
    pub next: Option<i64>,
}
