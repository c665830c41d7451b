//! Durations as operators write them: `45s`, `15m`, `12h`, `30d`.

use std::time::Duration;

use serde::{Deserialize, Deserializer, de};

/// Reads `45s`, `15m`, `12h`, `30d`.
pub fn parse(text: &str) -> Option<Duration> {
    let text = text.trim();
    let split = text.find(|c: char| !c.is_ascii_digit())?;
    let (number, unit) = text.split_at(split);
    let n: u64 = number.parse().ok()?;
    let unit = match unit.trim() {
        "s" => 1,
        "m" => 60,
        "h" => 3_600,
        "d" => 86_400,
        _ => return None,
    };
    n.checked_mul(unit).map(Duration::from_secs)
}

/// For `#[serde(with)]`.
pub fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Duration, D::Error> {
    let text = String::deserialize(d)?;
    parse(&text).ok_or_else(|| de::Error::custom(format!("`{text}` is not a duration such as 45s, 15m, 12h or 30d")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_need_a_unit() {
        assert_eq!(parse("15m"), Some(Duration::from_secs(900)));
        assert_eq!(parse("30d"), Some(Duration::from_secs(2_592_000)));
        assert!(["", "15", "m", "1w", "-1s", "99999999999999999999s"].iter().all(|t| parse(t).is_none()));
    }
}
