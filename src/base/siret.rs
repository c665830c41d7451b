//! SIRET: the fourteen digits that name an establishment; the first nine are the SIREN of its company.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A SIRET. Text, because zeros in front count. What people and files say is [`Siret::parse`]d, which holds the check digit.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Siret(String);

/// Why a text is not a SIRET.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSiret {
    /// Not fourteen digits.
    #[error("not fourteen digits")]
    Digits,
    /// The check digit does not fit: a digit was mistyped.
    #[error("the check digit is wrong: one of the digits was mistyped")]
    Check,
}

/// La Poste's, whose establishments are too many for the check of the others.
const LA_POSTE: &str = "356000000";

impl Siret {
    /// Reads what a person typed: spaces, dots and dashes are dropped.
    ///
    /// The check is Luhn's; the establishments of La Poste satisfy another one, the sum of their digits being a multiple of
    /// five (INSEE).
    pub fn parse(typed: &str) -> Result<Self, InvalidSiret> {
        Self::unchecked(typed).and_then(|siret| if siret.is_checked() { Ok(siret) } else { Err(InvalidSiret::Check) })
    }

    /// The same without the check digit, which is wrong in some real numbers (`88974287600009`): for what the register or our
    /// own tables say, and for what is about to be looked up there.
    pub fn unchecked(typed: &str) -> Result<Self, InvalidSiret> {
        digits(typed, 14).map(Self).ok_or(InvalidSiret::Digits)
    }

    /// Whether the check digit is right.
    pub fn is_checked(&self) -> bool {
        let sum = || self.0.bytes().map(|b| u32::from(b - b'0')).sum::<u32>();
        luhn(&self.0) || (self.0.starts_with(LA_POSTE) && sum().is_multiple_of(5))
    }

    /// The fourteen digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The company's nine digits.
    pub fn siren(&self) -> &str {
        self.0.get(..9).unwrap_or_default()
    }

    /// As people read it: « 123 456 789 00012 », with non-breaking spaces.
    pub fn grouped(&self) -> String {
        let part = |from, to| self.0.get(from..to).unwrap_or_default();
        [part(0, 3), part(3, 6), part(6, 9), part(9, 14)].join("\u{a0}")
    }
}

/// SIREN: the nine digits that name a unit, of which establishments are part.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Siren(String);

impl Siren {
    /// Reads what a person typed: spaces, dots and dashes are dropped. The check digit may be wrong, as it is in some real ones.
    pub fn unchecked(typed: &str) -> Result<Self, InvalidSiret> {
        digits(typed, 9).map(Self).ok_or(InvalidSiret::Digits)
    }

    /// The nine digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// So many digits and nothing else, once spaces, dots and dashes are dropped.
fn digits(typed: &str, length: usize) -> Option<String> {
    let kept = typed.chars().filter(|c| !c.is_whitespace() && !matches!(c, '.' | '-' | '\u{200b}' | '\u{feff}'));
    let digits: String = kept.take(length + 1).collect();
    (digits.len() == length && digits.bytes().all(|b| b.is_ascii_digit())).then_some(digits)
}

/// Whether the sum of the digits, every other one doubled from the right, is a multiple of ten (ISO/IEC 7812-1, annex B).
fn luhn(digits: &str) -> bool {
    let sum: u32 = digits
        .bytes()
        .rev()
        .zip([1, 2].into_iter().cycle())
        .map(|(byte, weight)| {
            let product = u32::from(byte - b'0') * weight;
            product / 10 + product % 10
        })
        .sum();
    sum.is_multiple_of(10)
}

impl fmt::Display for Siret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Reads back, with serde, a SIRET that we wrote: its check digit is not asked again, as some real ones are wrong.
pub fn kept<'de, D: serde::Deserializer<'de>>(text: D) -> Result<Option<Siret>, D::Error> {
    let text = Option::<String>::deserialize(text)?;
    text.map(|t| Siret::unchecked(&t)).transpose().map_err(serde::de::Error::custom)
}

impl TryFrom<String> for Siret {
    type Error = InvalidSiret;
    fn try_from(text: String) -> Result<Self, InvalidSiret> {
        Self::parse(&text)
    }
}

impl From<Siret> for String {
    fn from(siret: Siret) -> Self {
        siret.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_siret_is_read_however_it_is_spaced() {
        for typed in ["73282932000074", "732 829 320 00074", " 732.829.320-00074\u{a0}", "732\u{a0}829\u{a0}320\u{202f}00074"] {
            let siret = Siret::parse(typed).unwrap();
            assert_eq!((siret.as_str(), siret.siren()), ("73282932000074", "732829320"), "{typed}");
            assert_eq!(siret.grouped(), "732\u{a0}829\u{a0}320\u{a0}00074");
        }
        assert_eq!(Siret::parse("00000000000018").unwrap().as_str(), "00000000000018", "zeros in front count");
    }

    #[test]
    fn a_mistyped_siret_is_refused() {
        for bad in ["", "7328293200007", "732829320000741", "7328293200007a", "73282932000074é", "٧٣٢٨٢٩٣٢٠٠٠٠٧٤"] {
            assert_eq!(Siret::parse(bad), Err(InvalidSiret::Digits), "{bad}");
        }
        for bad in ["73282932000075", "37282932000074"] {
            assert_eq!(Siret::parse(bad), Err(InvalidSiret::Check), "{bad}");
        }
    }

    #[test]
    fn establishments_of_la_poste_have_their_own_check() {
        assert!(Siret::parse("35600000000048").is_ok(), "the head office satisfies both");
        assert!(Siret::parse("35600000049837").is_ok(), "digits that add up to 45");
        assert_eq!(Siret::parse("35600000049838"), Err(InvalidSiret::Check));
    }

    #[test]
    fn a_real_siret_may_have_a_wrong_check_digit() {
        assert_eq!(Siret::parse("88974287600009"), Err(InvalidSiret::Check));
        let siret = Siret::unchecked("889 742 876 00009").unwrap();
        assert_eq!((siret.as_str(), siret.is_checked()), ("88974287600009", false));
        for good in ["13002526500013", "11009001600053", "73282932000074", "35600000000048", "35600000049837"] {
            assert!(Siret::unchecked(good).unwrap().is_checked(), "{good}");
        }
        assert_eq!(Siren::unchecked("005 520 135").unwrap().as_str(), "005520135");
        assert!(Siren::unchecked("0055201350").is_err() && Siren::unchecked("00552013a").is_err());
    }
}
