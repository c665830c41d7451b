//! Days as commands take them: `2027-01-31`.

use super::out::Failure;
use crate::base::{Timestamp, dates};

/// A day that is declared: midnight UTC.
pub fn on(day: &str) -> Option<Timestamp> {
    let at: jiff::Timestamp = format!("{day}T00:00:00Z").parse().ok()?;
    Some(Timestamp::from_millis(at.as_millisecond()))
}

fn wrong(day: &str) -> Failure {
    Failure::Usage(format!("{day}: a day such as 2027-01-31"))
}

/// The same, of a command.
pub fn named(day: &str) -> Result<Timestamp, Failure> {
    on(day.trim()).ok_or_else(|| wrong(day))
}

/// The first instant after a day.
pub fn end_of(day: &str) -> Result<Timestamp, Failure> {
    let mut parts = day.splitn(3, '-');
    let (year, month, day_of) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let end = dates::end_of_day(day_of, month, year).ok_or_else(|| wrong(day))?;
    Ok(Timestamp::from_millis(end))
}
