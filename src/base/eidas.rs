//! Levels of assurance of the eIDAS regulation (2015/1502), as FranceConnect names them (french-domain §1.5).

use serde::{Deserialize, Serialize};

/// A level, weakest first. Only ever relayed from FranceConnect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Eidas {
    /// *Faible*.
    #[serde(rename = "eidas1")]
    One,
    /// *Substantiel*.
    #[serde(rename = "eidas2")]
    Two,
    /// *Élevé*.
    #[serde(rename = "eidas3")]
    Three,
}

impl Eidas {
    /// Every level, weakest first.
    pub const ALL: [Self; 3] = [Self::One, Self::Two, Self::Three];

    /// The value of `acr`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::One => "eidas1",
            Self::Two => "eidas2",
            Self::Three => "eidas3",
        }
    }

    /// Reads a value of `acr`.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.name() == name)
    }
}
