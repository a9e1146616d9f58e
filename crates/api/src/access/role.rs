//! Roles of tokens.

use std::fmt;

/// The role of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The platform's services and schedulers.
    Callers,
    /// People who operate the service; they may do everything.
    Operators,
    /// People who may read everything and change nothing.
    Viewers,
    /// The collector of metrics.
    Metrics,
}

/// What a method of a path requires. `deploy/tokens.md` has the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    /// Nothing.
    NoToken,
    /// A token with any role but metrics: it reads.
    Readers,
    /// A token with the role callers or operators.
    Callers,
    /// A token with the role viewers or operators: it reads.
    Viewers,
    /// A token with the role operators.
    Operators,
    /// A token with any role but callers.
    Metrics,
}

impl Role {
    const ALL: [Self; 4] = [Self::Callers, Self::Operators, Self::Viewers, Self::Metrics];

    /// The role with this name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == name)
    }

    /// The name of the role.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Callers => "callers",
            Self::Operators => "operators",
            Self::Viewers => "viewers",
            Self::Metrics => "metrics",
        }
    }

    /// Whether the role has this permission.
    #[must_use]
    pub fn meets(self, needs: Needs) -> bool {
        match needs {
            Needs::NoToken => true,
            Needs::Readers => self != Self::Metrics,
            Needs::Callers => matches!(self, Self::Callers | Self::Operators),
            Needs::Viewers => matches!(self, Self::Viewers | Self::Operators),
            Needs::Operators => self == Self::Operators,
            Needs::Metrics => self != Self::Callers,
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_operators_may_do_everything() {
        let needs = [Needs::NoToken, Needs::Readers, Needs::Callers, Needs::Viewers, Needs::Operators, Needs::Metrics];
        let may = |role: Role| needs.map(|needs| role.meets(needs));
        assert_eq!(may(Role::Callers), [true, true, true, false, false, false]);
        assert_eq!(may(Role::Operators), [true; 6]);
        assert_eq!(may(Role::Viewers), [true, true, false, true, false, true]);
        assert_eq!(may(Role::Metrics), [true, false, false, false, false, true]);
    }

    #[test]
    fn names_are_exact() {
        for role in Role::ALL {
            assert_eq!(Role::parse(role.as_str()), Some(role));
        }
        for name in ["", "caller", "Callers", "admin"] {
            assert_eq!(Role::parse(name), None, "{name}");
        }
    }
}
