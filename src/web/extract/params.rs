//! Parameters of protocol requests: each at most once (RFC 6749 §3.1), bounded in number and size.

use std::borrow::Cow;

/// Largest set of parameters, in bytes.
pub const MAX_PARAMS: usize = 32 * 1024;

/// Parsed parameters.
#[derive(Debug, Clone, Default)]
pub struct Params(Vec<(String, String)>);

/// Why they are not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// A parameter is repeated.
    #[error("parameter {0} is repeated")]
    Repeated(String),
    /// Too many, too long, not UTF-8, or with a NUL.
    #[error("malformed parameters")]
    Form,
}

impl Params {
    /// Parses `application/x-www-form-urlencoded` text. Empty values count as absent (RFC 6749 §3.1).
    pub fn parse(text: &[u8]) -> Result<Self, Malformed> {
        let (params, repeated) = Self::with_repeats(text)?;
        match repeated.into_iter().next() {
            Some(name) => {
                let plain = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') && name.len() < 40;
                Err(Malformed::Repeated(if plain { name } else { "(unknown)".into() }))
            }
            None => Ok(params),
        }
    }

    /// The first value of each parameter, and the names of those that came several times, for a reader who tells apart which of
    /// them matter.
    pub fn with_repeats(text: &[u8]) -> Result<(Self, Vec<String>), Malformed> {
        if text.len() > MAX_PARAMS || std::str::from_utf8(text).is_err() {
            return Err(Malformed::Form);
        }
        let mut out: Vec<(String, String)> = Vec::new();
        let mut repeated: Vec<String> = Vec::new();
        for (name, value) in form_urlencoded::parse(text) {
            if value.contains('\0') || name.contains('\0') || value.contains('\u{fffd}') || out.len() + repeated.len() >= 100 {
                return Err(Malformed::Form);
            }
            if out.iter().any(|(n, _)| n.as_str() == name) {
                repeated.push(name.into_owned());
            } else {
                out.push((Cow::into_owned(name), Cow::into_owned(value)));
            }
        }
        out.retain(|(_, value)| !value.is_empty());
        Ok((Self(out), repeated))
    }

    /// The value of a parameter.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(n, v)| (n.as_str(), v.as_str()))
    }
}

impl crate::federation::answer::Parameters for Params {
    fn parameter(&self, name: &str) -> Option<&str> {
        self.get(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeated_hostile_or_oversized_parameters_are_refused() {
        assert_eq!(Params::parse(b"a=1&b=&c=%20x").unwrap().iter().collect::<Vec<_>>(), [("a", "1"), ("c", " x")]);
        assert_eq!(Params::parse(b"a=1&a=2").unwrap_err(), Malformed::Repeated("a".into()));
        assert_eq!(Params::parse(b"a=1&a=").unwrap_err(), Malformed::Repeated("a".into()));
        let (params, repeated) = Params::with_repeats(b"a=1&b=2&a=3&a=").unwrap();
        assert_eq!((params.get("a"), params.get("b"), repeated), (Some("1"), Some("2"), vec!["a".to_owned(), "a".to_owned()]));
        assert_eq!(Params::with_repeats("a=1&".repeat(101).as_bytes()).unwrap_err(), Malformed::Form);
        assert_eq!(Params::parse(b"a=%00").unwrap_err(), Malformed::Form);
        assert_eq!(Params::parse(b"a=%ff").unwrap_err(), Malformed::Form);
        assert_eq!(Params::parse(&vec![b'a'; MAX_PARAMS + 1]).unwrap_err(), Malformed::Form);
    }
}
