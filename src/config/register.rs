//! `[register]`: the company register.

use std::time::Duration;

use serde::Deserialize;
use url::Url;

use super::duration;

/// `[register]`
#[derive(Debug, Clone, Deserialize)]
#[serde(default)]
pub struct Register {
    /// The live directory, asked for what was not imported. None asks nobody.
    pub live_url: Option<Url>,
    /// How long an answer of it serves before it is asked again.
    #[serde(with = "duration")]
    pub live_fresh: Duration,
    /// How long it is waited for.
    #[serde(with = "duration")]
    pub live_timeout: Duration,
}

impl Default for Register {
    fn default() -> Self {
        Self { live_url: None, live_fresh: Duration::from_secs(7 * 86_400), live_timeout: Duration::from_secs(3) }
    }
}
