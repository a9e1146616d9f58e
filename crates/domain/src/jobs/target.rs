//! The systems that deliver jobs, and the limits of each.

use super::Kind;
use crate::model::pace::Rate;

/// The system that delivers a kind of job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// The users and courses services: they have the data for invoices and mails.
    Records,
    /// The invoicing service.
    Invoices,
    /// KSeF, through the invoicing service.
    Ksef,
    /// The mail relay.
    Mail,
    /// The platform's receiver of webhooks.
    Webhooks,
}

impl Target {
    /// All systems. Jobs that follow from a job are for systems further down this list, so that
    /// the same run delivers them.
    pub const ALL: [Self; 5] = [Self::Records, Self::Invoices, Self::Ksef, Self::Mail, Self::Webhooks];

    /// The kinds that this system delivers.
    #[must_use]
    pub fn kinds(self) -> Vec<Kind> {
        Kind::ALL.iter().copied().filter(|kind| kind.target() == self).collect()
    }

    /// The maximal number of jobs in a run, without those that follow from jobs of the run. See
    /// also [`Target::rate`].
    #[must_use]
    pub const fn jobs_per_run(self) -> u32 {
        match self {
            Self::Records => 30,
            Self::Invoices => 24,
            // Few, so that invoices get their turns.
            Self::Ksef => 6,
            Self::Mail | Self::Webhooks => 2000,
        }
    }

    /// The name of the system's pace in the database: at most 32 characters of ASCII. Invoices
    /// and KSeF share one, because both use the invoicing service.
    #[must_use]
    pub const fn pace_name(self) -> &'static str {
        match self {
            Self::Records => "records",
            Self::Invoices | Self::Ksef => "invoices",
            Self::Mail => "mail",
            Self::Webhooks => "webhooks",
        }
    }

    /// The request limit of the system, if it is known in advance.
    #[must_use]
    pub const fn rate(self) -> Option<Rate> {
        match self {
            Self::Invoices | Self::Ksef => Some(Rate::INVOICES),
            Self::Records | Self::Mail | Self::Webhooks => None,
        }
    }

    /// Whether an unknown delivery may have a cost: a person gets a second mail. Such a system is
    /// paused longer each time while deliveries stay unknown.
    #[must_use]
    pub const fn is_repeat_costly(self) -> bool {
        matches!(self, Self::Mail)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_a_system() {
        assert!(Kind::ALL.iter().all(|kind| Target::ALL.contains(&kind.target())));
        assert_eq!(Target::ALL.map(|target| target.kinds().len()).iter().sum::<usize>(), Kind::ALL.len());
    }
}
