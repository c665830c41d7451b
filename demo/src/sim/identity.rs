//! What an identity provider says of a person, how it is checked (§1.15), completed (§1.4) and made into a subject (§1.10).

use guichet::base::encode::{from_b64u, hex};
use serde_json::{Map, Value, json};

/// The country code of France.
const FRANCE: &str = "99100";

/// An identity; an empty member is one that is not given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Identity {
    /// All first names, separated by spaces.
    pub given_name: &'static str,
    /// Name at birth.
    pub family_name: &'static str,
    /// `YYYY-MM-DD`; the parts that nobody knows are `00` or missing.
    pub birthdate: &'static str,
    /// `male`, `female` or `unspecified`.
    pub gender: &'static str,
    /// Code of the commune, for people born in France.
    pub birthplace: &'static str,
    /// Code of the country.
    pub birthcountry: &'static str,
    /// Contact address.
    pub email: &'static str,
    /// Name used in everyday life.
    pub preferred_username: &'static str,
}

impl Identity {
    /// What is wrong with an identity received from a provider.
    pub(super) fn faults(&self) -> Vec<&'static str> {
        let mut faults = Vec::new();
        let mut check = |ok: bool, what| {
            if !ok {
                faults.push(what);
            }
        };
        check((1..=256).contains(&self.given_name.chars().count()), "given_name");
        check((1..=256).contains(&self.family_name.chars().count()), "family_name");
        check(is_birthdate(self.birthdate), "birthdate");
        check(matches!(self.gender, "male" | "female" | "unspecified"), "gender");
        check(is_cog(self.birthcountry), "birthcountry");
        check(self.birthcountry != FRANCE || is_cog(self.birthplace), "birthplace");
        check(self.email.split_once('@').is_some_and(|(local, domain)| !local.is_empty() && domain.contains('.')), "email");
        faults
    }

    /// The pivot, with the missing parts of the birth date completed; `prefix` comes before each name.
    pub(super) fn pivot(&self, prefix: &str) -> Map<String, Value> {
        let names: Vec<&str> = self.given_name.split(' ').filter(|n| !n.is_empty()).collect();
        let born_here = self.birthcountry == FRANCE;
        [
            ("given_name", json!(self.given_name)),
            ("given_name_array", json!(names)),
            ("family_name", json!(self.family_name)),
            ("birthdate", json!(completed(self.birthdate))),
            ("gender", json!(self.gender)),
            ("birthplace", json!(if born_here { self.birthplace } else { "" })),
            ("birthcountry", json!(self.birthcountry)),
        ]
        .into_iter()
        .map(|(name, value)| (format!("{prefix}{name}"), value))
        .collect()
    }

    /// The hash of the civil registry's identity.
    fn hash(&self) -> String {
        let place = if self.birthcountry == FRANCE { self.birthplace } else { "" };
        let text = [self.given_name, self.family_name, self.birthdate, self.gender, place, self.birthcountry].concat();
        use base64::Engine;
        base64::engine::general_purpose::STANDARD.encode(sha256(&text))
    }

    /// The subject that an entity knows the person by.
    pub(super) fn subject(&self, entity: &str, secret: &str) -> String {
        format!("{}v1", hex(&sha256(&[entity, &self.hash(), secret].concat())))
    }
}

fn sha256(text: &str) -> Vec<u8> {
    from_b64u(&guichet::crypto::sha256(text.as_bytes())).unwrap_or_default()
}

/// A code of the official geography: five characters, Corsica's departments being 2A and 2B.
fn is_cog(code: &str) -> bool {
    let mut chars = code.chars();
    let corsica = code.starts_with("2A") || code.starts_with("2B");
    code.len() == 5 && chars.all(|c| c.is_ascii_digit() || (corsica && matches!(c, 'A' | 'B')))
}

/// `YYYY-MM-DD` where the day, or the day and the month, may be `00`.
fn is_birthdate(date: &str) -> bool {
    let parts: Vec<&str> = date.split('-').collect();
    let number = |text: &&str, length: usize| text.len() == length && text.bytes().all(|b| b.is_ascii_digit());
    matches!(parts.as_slice(), [y, m, d] if number(y, 4) && number(m, 2) && number(d, 2) && *m <= "12" && *d <= "31" && (*m != "00" || *d == "00"))
}

/// Missing parts of a date become `01`.
fn completed(date: &str) -> String {
    let mut parts = date.split('-');
    let mut next = || parts.next().filter(|p| *p != "00").unwrap_or("01").to_owned();
    format!("{}-{}-{}", next(), next(), next())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_completed_and_codes_checked() {
        for (given, expected) in
            [("1962-03-14", "1962-03-14"), ("1962-03-00", "1962-03-01"), ("1962-03", "1962-03-01"), ("1958", "1958-01-01")]
        {
            assert_eq!(completed(given), expected);
        }
        for (date, ok) in
            [("1962-00-00", true), ("1962-03-00", true), ("1962-00-12", false), ("1962-13-01", false), ("1962", false), ("", false)]
        {
            assert_eq!(is_birthdate(date), ok, "{date}");
        }
        for (code, ok) in
            [("75107", true), ("2A004", true), ("2B033", true), ("2C004", false), ("7510", false), ("ABCDE", false), ("", false)]
        {
            assert_eq!(is_cog(code), ok, "{code}");
        }
    }
}
