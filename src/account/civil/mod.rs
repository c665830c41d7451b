//! Identity as FranceConnect vouches for it (french-domain §1.4): read strictly, never written by its person.

pub mod store;

use serde::{Deserialize, Serialize};

use crate::base::Timestamp;

/// Longest name, in characters (french-domain §1.15).
pub const MAX: usize = 256;

/// The facts that were kept, in FranceConnect's formats.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Civil {
    /// The provider that vouched.
    pub provider: String,
    /// When, last.
    pub at: Timestamp,
    /// Until when that holds; individuals prove it anew at each sign-in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// All given names; empty for people who have none.
    pub given_name: String,
    /// Given names one by one, when told.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub given_names: Vec<String>,
    /// Name at birth.
    pub family_name: String,
    /// *Nom d'usage*.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preferred_username: Option<String>,
    /// `YYYY-MM-DD`, or less when the day or month is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub birthdate: Option<String>,
    /// `male`, `female` or `unspecified`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gender: Option<String>,
    /// COG code of the commune; empty when born abroad.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub birthplace: Option<String>,
    /// COG code of the country.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub birthcountry: Option<String>,
}

/// Whether this is a name as civil registries write them: Latin letters, with what stands between them.
pub fn is_name(name: &str) -> bool {
    let latin = |c: char| c.is_alphabetic() && matches!(c, 'A'..='Z' | 'a'..='z' | '\u{aa}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}');
    let sign = |c: char| matches!(c, ' ' | '\'' | '’' | '-' | '.' | '\u{300}'..='\u{36f}');
    name.chars().count() <= MAX && name.chars().any(latin) && name.chars().all(|c| latin(c) || sign(c)) && name.trim() == name
}

/// `YYYY-MM-DD`, `YYYY-MM` or `YYYY`; an unknown month or day may be `00`.
pub fn is_birthdate(text: &str) -> bool {
    let number = |part: &str, digits: usize, max: u32| {
        part.len() == digits && part.bytes().all(|b| b.is_ascii_digit()) && part.parse::<u32>().is_ok_and(|n| n <= max)
    };
    let mut parts = text.split('-');
    let year = parts.next().is_some_and(|y| number(y, 4, 9_999) && y >= "1850");
    let rest = parts.next().is_none_or(|m| number(m, 2, 12)) && parts.next().is_none_or(|d| number(d, 2, 31));
    year && rest && parts.next().is_none()
}

/// A code of the *code officiel géographique* for a commune.
pub fn is_place(text: &str) -> bool {
    let corsica = |b: u8| matches!(b, b'A' | b'B');
    text.len() == 5 && text.bytes().enumerate().all(|(i, b)| b.is_ascii_digit() || (i == 1 && corsica(b)))
}

/// The same for a country: `99100` is France.
pub fn is_country(text: &str) -> bool {
    text.len() == 5 && text.starts_with("99") && text.bytes().all(|b| b.is_ascii_digit())
}

/// A gender as FranceConnect names it.
pub fn is_gender(text: &str) -> bool {
    matches!(text, "male" | "female" | "unspecified")
}

impl Civil {
    /// Whether both say the same, whoever and whenever.
    pub fn says_the_same(&self, other: &Self) -> bool {
        *self == Self { provider: self.provider.clone(), at: self.at, ..other.clone() }
    }

    /// Whether the provider's word holds now.
    pub fn holds(&self, now: Timestamp) -> bool {
        self.until.is_none_or(|until| now < until)
    }

    /// The least that says who somebody is: names and birth date.
    #[must_use]
    pub fn least(&self) -> Self {
        Self { gender: None, birthplace: None, birthcountry: None, ..self.clone() }
    }

    /// The names of everyday life: first given name, and name in use where there is one (french-domain §3.3).
    pub fn in_use(&self) -> (String, String) {
        let first = self.given_names.first().cloned();
        let given = first.unwrap_or_else(|| self.given_name.split(' ').next().unwrap_or_default().to_owned());
        (given, self.preferred_username.clone().unwrap_or_else(|| self.family_name.clone()))
    }

    /// Whether another identity may be the same person's after a correction of their civil status: two of the three facts
    /// that were kept agree.
    pub fn is_close_to(&self, other: &Self) -> bool {
        let first = |c: &Self| c.given_name.split([' ', '-']).next().map(plain).unwrap_or_default();
        let same_birth = self.birthdate.is_some() && self.birthdate == other.birthdate;
        let agree = [same_birth, first(self) == first(other), plain(&self.family_name) == plain(&other.family_name)];
        agree.into_iter().filter(|a| *a).count() >= 2
    }

    /// The same with names only.
    pub fn is_named(&self, given_name: &str, family_name: &str) -> bool {
        let first = |name: &str| name.split([' ', '-']).next().map(plain).unwrap_or_default();
        first(&self.given_name) == first(given_name) && plain(&self.family_name) == plain(family_name)
    }
}

/// Letters only, lower case, without accents.
fn plain(name: &str) -> String {
    let bare = |c: char| match c {
        'à' | 'â' | 'ä' | 'á' | 'ã' | 'å' => 'a',
        'ç' => 'c',
        'é' | 'è' | 'ê' | 'ë' => 'e',
        'î' | 'ï' | 'í' | 'ì' => 'i',
        'ñ' => 'n',
        'ô' | 'ö' | 'ó' | 'õ' | 'ò' => 'o',
        'ù' | 'û' | 'ü' | 'ú' => 'u',
        'ÿ' | 'ý' => 'y',
        other => other,
    };
    name.to_lowercase().chars().filter(|c| c.is_alphabetic()).map(bare).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_are_read_in_the_formats_of_the_registry() {
        for good in ["DUPONT", "D'ARTAGNAN-LÉVÊQUE", "Angela Claire Louise", "Ḋ", "Y"] {
            assert!(is_name(good), "{good}");
        }
        for bad in ["", " ", " A", "<b>", "a\u{7}b", "a\u{202e}b", "42", "Иван", &"a".repeat(MAX + 1), "x=1"] {
            assert!(!is_name(bad), "{bad:?}");
        }
        assert!(["1962-08-24", "1962-08-00", "1962-00-00", "1962-08", "1962"].iter().all(|d| is_birthdate(d)));
        assert!(
            ["", "62-08-24", "1962-13-01", "1962-01-32", "1962-08-24-01", "1962/08/24", "0001-01-01", "1962-8-24"]
                .iter()
                .all(|d| !is_birthdate(d))
        );
        assert!(
            ["75107", "2A004", "2B033", "97411"].iter().all(|p| is_place(p)) && ["", "7510", "A2004", "75C07"].iter().all(|p| !is_place(p))
        );
        assert!(is_country("99100") && !is_country("75107") && !is_country("99"));
    }

    #[test]
    fn one_fact_may_be_corrected_and_no_more() {
        let one = |given: &str, family: &str, born: &str| Civil {
            provider: "fc".into(),
            at: Timestamp::from_secs(0),
            until: None,
            given_name: given.into(),
            given_names: Vec::new(),
            family_name: family.into(),
            preferred_username: None,
            birthdate: Some(born.into()),
            gender: None,
            birthplace: None,
            birthcountry: None,
        };
        let before = one("Angela Claire", "DUBOIS", "1962-08-24");
        assert!(before.is_close_to(&one("Angela", "DUBOIS", "1962-08-23")));
        assert!(before.is_close_to(&one("ANGÉLA", "MARTIN", "1962-08-24")));
        assert!(before.is_close_to(&one("Pierre", "Dubois", "1962-08-24")));
        assert!(!before.is_close_to(&one("Pierre", "MARTIN", "1962-08-24")));
        assert!(!before.is_close_to(&one("Pierre", "DUBOIS", "1990-01-01")));
        assert!(before.is_named("angela", "Dubois") && !before.is_named("Claire", "Dubois"));
    }
}
