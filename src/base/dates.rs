//! Instants as people read them, in Paris time, in French or English.

use jiff::Zoned;
use jiff::tz::TimeZone;

use super::texts::Texts;

/// « 22 novembre 2026 ».
#[must_use]
pub fn date(t: Texts, unix_ms: i64) -> String {
    written(unix_ms, |zoned| day(t, zoned))
}

/// « 10 h 42 ».
#[must_use]
pub fn time(t: Texts, unix_ms: i64) -> String {
    written(unix_ms, |zoned| hour(t, zoned))
}

/// « 22 novembre 2026 à 10 h 42 ».
#[must_use]
pub fn date_time(t: Texts, unix_ms: i64) -> String {
    written(unix_ms, |zoned| t.with("common-date-time", &[("date", &day(t, zoned)), ("time", &hour(t, zoned))]))
}

/// A date of the civil registry (`YYYY-MM-DD`, or less) in words; as it is when it is not one.
#[must_use]
pub fn civil(t: Texts, date: &str) -> String {
    let mut parts = date.split('-').filter(|part| part.parse::<u32>().is_ok_and(|n| n > 0));
    let (year, month, day) = (parts.next(), parts.next(), parts.next());
    let month = month.map(|m| t.get(&format!("common-month-{}", m.trim_start_matches('0'))));
    match (year, month, day) {
        (Some(year), Some(month), Some("01")) => {
            t.with("common-date", &[("day", &t.get("common-date-first")), ("month", &month), ("year", year)])
        }
        (Some(year), Some(month), Some(day)) => {
            t.with("common-date", &[("day", day.trim_start_matches('0')), ("month", &month), ("year", year)])
        }
        (Some(year), Some(month), None) => format!("{month} {year}"),
        (Some(year), None, _) => year.to_owned(),
        (None, _, _) => date.to_owned(),
    }
}

/// The instant, in Unix milliseconds, at which a day written in three fields ends in Paris; `None` for what is no day of this
/// century or the next.
#[must_use]
pub fn end_of_day(day: &str, month: &str, year: &str) -> Option<i64> {
    let year: i16 = year.trim().parse().ok().filter(|y| (2000..=2199).contains(y))?;
    let date = jiff::civil::Date::new(year, month.trim().parse().ok()?, day.trim().parse().ok()?).ok()?;
    let next = date.tomorrow().ok()?.to_zoned(paris()).ok()?;
    Some(next.timestamp().as_millisecond())
}

/// The day that ends at an instant, as [`end_of_day`] reads it: day, month, year.
#[must_use]
pub fn day_ending(unix_ms: i64) -> [String; 3] {
    let last = jiff::Timestamp::from_millisecond(unix_ms.saturating_sub(1)).map(|at| at.to_zoned(paris()));
    last.map(|z| [z.day().to_string(), z.month().to_string(), z.year().to_string()]).unwrap_or_default()
}

fn paris() -> TimeZone {
    TimeZone::get("Europe/Paris").unwrap_or(TimeZone::UTC)
}

fn day(t: Texts, zoned: &Zoned) -> String {
    let day = if zoned.day() == 1 { t.get("common-date-first") } else { zoned.day().to_string() };
    let month = t.get(&format!("common-month-{}", zoned.month()));
    t.with("common-date", &[("day", &day), ("month", &month), ("year", &zoned.year().to_string())])
}

fn hour(t: Texts, zoned: &Zoned) -> String {
    let (hour, minute) = (zoned.hour().to_string(), format!("{:02}", zoned.minute()));
    t.with("common-time", &[("hour", &hour), ("minute", &minute)])
}

/// Instants outside the calendar (years beyond 9999) are written as nothing.
fn written(unix_ms: i64, write: impl Fn(&Zoned) -> String) -> String {
    jiff::Timestamp::from_millisecond(unix_ms).map(|at| write(&at.to_zoned(paris()))).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::texts::Locale;

    const NEW_YEAR: i64 = 1_798_758_000_000; // 2026-12-31T23:00:00Z, midnight in Paris

    #[test]
    fn dates_are_written_in_paris_time_and_in_words() {
        let (fr, en) = (Texts::new(Locale::Fr), Texts::new(Locale::En));
        assert_eq!(date_time(fr, NEW_YEAR), "1er janvier 2027 à 0\u{a0}h\u{a0}00");
        assert_eq!(date_time(en, NEW_YEAR), "1 January 2027 at 0:00");
        assert_eq!(date(fr, 1_795_340_520_000), "22 novembre 2026");
        assert_eq!(time(fr, 1_795_340_520_000), "10\u{a0}h\u{a0}42");
        assert_eq!(time(fr, 1_782_900_120_000), "12\u{a0}h\u{a0}02", "summer time");
        assert_eq!(date(fr, i64::MAX), "");
        assert_eq!(civil(fr, "1962-08-24"), "24 août 1962");
        assert_eq!(civil(en, "1962-08-01"), "1 August 1962");
        assert_eq!([civil(fr, "1962-08"), civil(fr, "1962-08-00"), civil(fr, "1962-00-00")], ["août 1962", "août 1962", "1962"]);
    }

    #[test]
    fn a_day_in_three_fields_ends_at_midnight_in_paris_and_reads_back() {
        assert_eq!(end_of_day("31", "12", "2026"), Some(NEW_YEAR));
        assert_eq!(day_ending(NEW_YEAR), ["31", "12", "2026"].map(str::to_owned));
        assert_eq!(end_of_day(" 1", "08 ", "2026").map(day_ending), Some(["1", "8", "2026"].map(str::to_owned)));
        for (day, month, year) in
            [("31", "2", "2027"), ("", "1", "2027"), ("1", "13", "2027"), ("1", "1", "27"), ("1", "1", "9999"), ("x", "1", "2027")]
        {
            assert_eq!(end_of_day(day, month, year), None, "{day}/{month}/{year}");
        }
    }
}
