//! Time as the demonstration's parties see it: one function, so that the launcher's movable clock
//! reaches the relying parties and the mail catcher too.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

/// Returns the current time in Unix milliseconds.
pub type Now = Arc<dyn Fn() -> i64 + Send + Sync>;

/// The machine’s own clock: the one place of the demonstration that reads it.
#[allow(clippy::disallowed_methods)]
pub fn system() -> Now {
    Arc::new(|| SystemTime::now().duration_since(UNIX_EPOCH).map(|d| i64::try_from(d.as_millis()).unwrap_or(i64::MAX)).unwrap_or(0))
}

/// `ms` as an RFC 3339 instant in UTC; out-of-range values read as the epoch.
pub fn rfc3339(ms: i64) -> String {
    jiff::Timestamp::from_millisecond(ms).unwrap_or(jiff::Timestamp::UNIX_EPOCH).to_string()
}

/// `ms` as people in France read it: `02/03/2026 à 10:00:00`.
pub fn for_people(ms: i64) -> String {
    let at = jiff::Timestamp::from_millisecond(ms).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    match at.in_tz("Europe/Paris") {
        Ok(zoned) => zoned.strftime("%d/%m/%Y à %H:%M:%S").to_string(),
        Err(_) => at.to_string(),
    }
}
