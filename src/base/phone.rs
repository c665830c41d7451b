//! Telephone numbers: as the French write them, in E.164 as they are kept, and those that receive SMS.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Overseas numbers are dialled `0ppp…` like any other; each of these beginnings belongs to a country code of its own.
const OVERSEAS: &[(&[&str], &str)] = &[
    (&["590", "690", "691"], "590"),
    (&["594", "694"], "594"),
    (&["596", "696", "697"], "596"),
    (&["262", "269", "639", "692", "693"], "262"),
];

/// A number in E.164 (ITU-T: at most 15 digits), from the ways the French write one: `01 23 45 67 89`,
/// `+33 (0)1 23 45 67 89`, `0033123456789`, or an international number with its `+`.
pub fn e164(typed: &str) -> Option<String> {
    let bare = typed.replace("(0)", "");
    let plus = bare.starts_with('+');
    let separators = |c: char| matches!(c, ' ' | '.' | '-' | '/' | '(' | ')');
    if bare.len() > 40 || !bare.chars().skip(usize::from(plus)).all(|c| c.is_ascii_digit() || separators(c)) {
        return None;
    }
    let digits: String = bare.chars().filter(char::is_ascii_digit).collect();
    let international = if plus {
        digits
    } else if let Some(rest) = digits.strip_prefix("00") {
        rest.to_owned()
    } else {
        let national = digits.strip_prefix('0').filter(|n| n.len() == 9)?;
        let code = OVERSEAS.iter().find(|(starts, _)| starts.iter().any(|s| national.starts_with(s)));
        format!("{}{national}", code.map_or("33", |(_, code)| code))
    };
    let french_ok = international.strip_prefix("33").is_none_or(|n| n.len() == 9 && !n.starts_with('0'));
    ((8..=15).contains(&international.len()) && !international.starts_with('0') && french_ok).then(|| format!("+{international}"))
}

/// A stored number as people write it: `01 23 45 67 89` for those of metropolitan France, E.164 otherwise.
pub fn display(stored: &str) -> String {
    let Some(national) = stored.strip_prefix("+33").filter(|n| n.len() == 9 && n.is_ascii()) else {
        return stored.to_owned();
    };
    let spaced = |(i, c): (usize, char)| [(i > 0 && i % 2 == 0).then_some(' '), Some(c)].into_iter().flatten();
    format!("0{national}").chars().enumerate().flat_map(spaced).collect()
}

/// Beginnings of mobile numbers, by country code, where French rules are known (ARCEP's numbering plan).
const MOBILES: &[(&str, &[&str])] =
    &[("33", &["6", "7"]), ("590", &["690", "691"]), ("594", &["694"]), ("596", &["696", "697"]), ("262", &["639", "692", "693"])];

/// A number that can receive SMS, in E.164. French landlines are none; numbers of other countries are taken at their word.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Mobile(String);

impl TryFrom<String> for Mobile {
    type Error = NotMobile;
    fn try_from(text: String) -> Result<Self, NotMobile> {
        Self::parse(&text)
    }
}

impl From<Mobile> for String {
    fn from(mobile: Mobile) -> Self {
        mobile.0
    }
}

/// Why a text is not one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotMobile {
    /// Not a telephone number.
    #[error("not a telephone number")]
    Malformed,
    /// A French number that is not a mobile's (AC-27).
    #[error("a landline, which cannot receive SMS")]
    Landline,
}

impl Mobile {
    /// Reads a number as typed.
    pub fn parse(typed: &str) -> Result<Self, NotMobile> {
        let number = e164(typed.trim()).ok_or(NotMobile::Malformed)?;
        let digits = number.trim_start_matches('+');
        // An overseas mobile written as one of the mainland is the same line.
        let overseas =
            digits.strip_prefix("33").and_then(|n| MOBILES.iter().find(|(code, starts)| *code != "33" && begins(n, starts)).zip(Some(n)));
        if let Some(((code, _), national)) = overseas {
            return Ok(Self(format!("+{code}{national}")));
        }
        match MOBILES.iter().find_map(|(code, starts)| Some((starts, digits.strip_prefix(code)?))) {
            Some((starts, national)) if !begins(national, starts) || national.len() != 9 => Err(NotMobile::Landline),
            Some(_) | None => Ok(Self(number)),
        }
    }

    /// In E.164.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn begins(national: &str, starts: &[&str]) -> bool {
    starts.iter().any(|s| national.starts_with(s))
}

impl fmt::Debug for Mobile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Mobile(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shown_number_reads_back_as_itself() {
        assert_eq!(display("+33123456789"), "01 23 45 67 89");
        for stored in ["+33123456789", "+262692123456", "+3225551212"] {
            assert_eq!(e164(&display(stored)).as_deref(), Some(stored));
        }
    }

    #[test]
    fn ac_27_landlines_are_told_from_mobiles() {
        for (typed, expected) in [
            ("06 12 34 56 78", Ok("+33612345678")),
            (" +33 (0)7 56 78 90 12 ", Ok("+33756789012")),
            ("0690 12 34 56", Ok("+590690123456")),
            ("+33 690 12 34 56", Ok("+590690123456")),
            ("0639 12 34 56", Ok("+262639123456")),
            ("0694123456", Ok("+594694123456")),
            ("0697123456", Ok("+596697123456")),
            ("+32 475 12 34 56", Ok("+32475123456")),
            ("01 23 45 67 89", Err(NotMobile::Landline)),
            ("09 87 65 43 21", Err(NotMobile::Landline)),
            ("0590 12 34 56", Err(NotMobile::Landline)),
            ("+596 596 12 34 56", Err(NotMobile::Landline)),
            ("+262 262 12 34 56", Err(NotMobile::Landline)),
            ("12", Err(NotMobile::Malformed)),
            ("", Err(NotMobile::Malformed)),
        ] {
            assert_eq!(Mobile::parse(typed).as_ref().map(Mobile::as_str).map_err(|e| *e), expected, "{typed}");
        }
    }
}
