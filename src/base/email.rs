//! E-mail addresses: one parser, one comparison key.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A syntactically valid address as the person wrote it, spaces around removed and domain lower-cased.
///
/// Two addresses are the same person's when their [`key`](Email::key)s are equal: letter case and
/// surrounding spaces never matter (FA-06). RFC 5321 mailbox without quoted local parts or literals.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Email(String);

/// Why a text is not an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an e-mail address")]
pub struct InvalidEmail;

impl Email {
    /// Longest address accepted, in bytes (RFC 5321 §4.5.3.1.3).
    pub const MAX: usize = 254;

    /// Reads what a person typed: surrounding white space of any kind is dropped.
    pub fn parse(typed: &str) -> Result<Self, InvalidEmail> {
        let text = typed.trim_matches(|c: char| c.is_whitespace() || matches!(c, '\u{200b}' | '\u{feff}' | '\u{2060}'));
        let (local, domain) = text.rsplit_once('@').ok_or(InvalidEmail)?;
        let domain = url::Host::parse(domain).map_err(|_| InvalidEmail)?;
        let url::Host::Domain(domain) = domain else { return Err(InvalidEmail) };
        let local_ok = !local.is_empty()
            && local.len() <= 64
            && !local.starts_with('.')
            && !local.ends_with('.')
            && !local.contains("..")
            && local.chars().all(|c| c.is_ascii_alphanumeric() || "!#$%&'*+/=?^_`{|}~.-".contains(c));
        let labels_ok = domain.contains('.')
            && domain.len() <= 253
            && domain.split('.').all(|l| {
                (1..=63).contains(&l.len())
                    && !l.starts_with('-')
                    && !l.ends_with('-')
                    && l.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            });
        if !local_ok || !labels_ok || local.len() + 1 + domain.len() > Self::MAX {
            return Err(InvalidEmail);
        }
        Ok(Self(format!("{local}@{domain}")))
    }

    /// The address as shown and as mail is sent to.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The comparison key: the whole address lower-cased (RFC 5321 lets the local part be case-sensitive; no provider
    /// of ours is, and people are not).
    pub fn key(&self) -> String {
        self.0.to_ascii_lowercase()
    }

    /// The address so that whoever knows it recognises it and nobody else learns it: « c•••@mairie.example ».
    pub fn masked(&self) -> String {
        let first: String = self.0.chars().take(1).collect();
        format!("{first}•••@{}", self.domain())
    }

    /// The part after `@`.
    pub fn domain(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(_, d)| d)
    }
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for Email {
    type Error = InvalidEmail;
    fn try_from(text: String) -> Result<Self, InvalidEmail> {
        Self::parse(&text)
    }
}

impl From<Email> for String {
    fn from(e: Email) -> Self {
        e.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fa_06_spaces_and_case_never_matter() {
        let a = Email::parse("  Camille.Durand@Boulangerie.EXAMPLE\u{a0}\n").unwrap();
        let b = Email::parse("camille.durand@boulangerie.example").unwrap();
        assert_eq!(a.key(), b.key());
        assert_eq!(a.as_str(), "Camille.Durand@boulangerie.example");
    }

    #[test]
    fn hostile_or_broken_addresses_are_refused() {
        let long = format!("{}@example.fr", "a".repeat(65));
        for bad in [
            "",
            "a",
            "@b.fr",
            "a@b",
            "a b@c.fr",
            "a@b..fr",
            ".a@b.fr",
            "a@[1.2.3.4]",
            "a@1.2.3.4",
            "a@b.fr\r\nBcc: x@y.z",
            "a\0@b.fr",
            "a@-b.fr",
            &long,
        ] {
            assert!(Email::parse(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn international_domains_become_ascii() {
        assert_eq!(Email::parse("a@mairie-évry.fr").unwrap().domain(), "xn--mairie-vry-h7a.fr");
    }
}
