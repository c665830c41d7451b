//! Strength of an authentication.

use serde::{Deserialize, Serialize};

/// Strength of an authentication (ux 3.4). Ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
pub enum Aal {
    /// One factor, or two of the same kind: password and code by mail.
    #[default]
    #[serde(rename = "aal1")]
    One,
    /// Two factors.
    #[serde(rename = "aal2")]
    Two,
    /// Two factors that no false site can relay: a passkey.
    #[serde(rename = "aal3")]
    PhishingResistant,
}

impl Aal {
    /// Every level, lowest first.
    pub const ALL: [Self; 3] = [Self::One, Self::Two, Self::PhishingResistant];

    /// The value of `acr`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::One => "aal1",
            Self::Two => "aal2",
            Self::PhishingResistant => "aal3",
        }
    }

    /// Reads a value of `acr`.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|a| a.name() == name)
    }

    /// The number of the level: the `aal` claim, and what is stored.
    pub const fn number(self) -> i64 {
        match self {
            Self::One => 1,
            Self::Two => 2,
            Self::PhishingResistant => 3,
        }
    }

    /// Reads a stored number.
    pub fn from_number(number: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|a| a.number() == number)
    }
}
