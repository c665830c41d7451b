//! Text that must not be printed, logged or serialised.

use std::fmt;

use serde::Deserialize;
use zeroize::Zeroizing;

/// A secret in memory: hidden from `Debug`, wiped on drop, never `Serialize`.
#[derive(Clone, Deserialize, Default)]
#[serde(from = "String")]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Wraps a secret.
    pub fn new(text: impl Into<String>) -> Self {
        Self(Zeroizing::new(text.into()))
    }

    /// The secret itself; the call marks where it is used.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}
