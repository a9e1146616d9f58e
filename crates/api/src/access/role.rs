//! What a token may do.

use std::fmt;

/// What a token is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The platform's services, and schedules.
    Callers,
    /// People who look after the service; they may do everything.
    Operators,
    /// What scrapes the metrics.
    Metrics,
}

/// What a method of a path needs. `deploy/tokens.md` has the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    /// Not even a token.
    NoToken,
    /// A token of callers or operators.
    Callers,
    /// A token of operators.
    Operators,
    /// A token for metrics or of operators.
    Metrics,
}

impl Role {
    const ALL: [Self; 3] = [Self::Callers, Self::Operators, Self::Metrics];

    /// The role of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == name)
    }

    /// Its name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Callers => "callers",
            Self::Operators => "operators",
            Self::Metrics => "metrics",
        }
    }

    /// Whether it may do what needs this.
    #[must_use]
    pub fn meets(self, needs: Needs) -> bool {
        match needs {
            Needs::NoToken => true,
            Needs::Callers => self != Self::Metrics,
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
        let may = |role: Role| {
            [Needs::NoToken, Needs::Callers, Needs::Operators, Needs::Metrics].map(|needs| role.meets(needs))
        };
        assert_eq!(may(Role::Callers), [true, true, false, false]);
        assert_eq!(may(Role::Operators), [true; 4]);
        assert_eq!(may(Role::Metrics), [true, false, false, true]);
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
