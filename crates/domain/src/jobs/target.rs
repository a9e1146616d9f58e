//! The systems that deliver jobs, and what a run has to know of each.

use super::Kind;
use crate::model::pace::Rate;

/// The system that delivers a kind of job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// The users and courses services: they have what invoices and mails need.
    Records,
    /// The invoicing service.
    Invoices,
    /// KSeF, through the invoicing service.
    Ksef,
    /// The mail relay.
    Mail,
    /// The platform's receiver of events.
    Webhooks,
}

impl Target {
    /// Every one. A job is followed only by jobs for systems further down this list: a run
    /// then delivers them as well.
    pub const ALL: [Self; 5] = [Self::Records, Self::Invoices, Self::Ksef, Self::Mail, Self::Webhooks];

    /// The kinds that this system delivers.
    #[must_use]
    pub fn kinds(self) -> Vec<Kind> {
        Kind::ALL.iter().copied().filter(|kind| kind.target() == self).collect()
    }

    /// The most jobs that a run tries, without those that follow from the run itself. How
    /// fast the system is asked is another matter, see [`Target::rate`].
    #[must_use]
    pub const fn jobs_per_run(self) -> u32 {
        match self {
            Self::Records => 30,
            Self::Invoices => 24,
            // Few, so that they leave the invoices their turns.
            Self::Ksef => 6,
            Self::Mail | Self::Webhooks => 2000,
        }
    }

    /// The name under which the system's pace is kept: at most 32 characters of ASCII.
    /// Documents and KSeF are asked of the same system.
    #[must_use]
    pub const fn pace_name(self) -> &'static str {
        match self {
            Self::Records => "records",
            Self::Invoices | Self::Ksef => "invoices",
            Self::Mail => "mail",
            Self::Webhooks => "webhooks",
        }
    }

    /// The rate that the system has from the beginning, if it has one.
    #[must_use]
    pub const fn rate(self) -> Option<Rate> {
        match self {
            Self::Invoices | Self::Ksef => Some(Rate::INVOICES),
            Self::Records | Self::Mail | Self::Webhooks => None,
        }
    }

    /// Whether each request in doubt may cost something: a second mail for a person. Such a
    /// system is left alone for longer and longer while it leaves doubts.
    #[must_use]
    pub const fn is_costly_in_doubt(self) -> bool {
        matches!(self, Self::Mail)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_a_system_of_the_list() {
        assert!(Kind::ALL.iter().all(|kind| Target::ALL.contains(&kind.target())));
        assert_eq!(Target::ALL.map(|target| target.kinds().len()).iter().sum::<usize>(), Kind::ALL.len());
    }
}
