//! What a provider's callback says: a code or an error, and who it comes from (RFC 9207).

use super::discovery::Known;
use super::{Provider, Refusal};
use crate::crypto::same;

/// Longest code taken, in bytes.
const LONGEST: usize = 2_048;

/// Parameters of a callback, each at most once.
pub trait Parameters {
    /// One of them.
    fn parameter(&self, name: &str) -> Option<&str>;
}

/// A code, not redeemed yet.
#[derive(Debug)]
pub struct Given {
    /// The code.
    pub code: String,
    iss: Option<String>,
}

/// The answer.
#[derive(Debug)]
pub enum Answer {
    /// A code.
    Code(Given),
    /// An error, or nothing that can be used.
    Refused(Refusal),
}

impl Answer {
    /// Reads a callback whose `state` was checked.
    pub fn read(parameters: &impl Parameters, provider: &Provider) -> Self {
        let get = |name: &str| parameters.parameter(name);
        if get("iss").is_some_and(|iss| !same(iss, &provider.metadata.issuer)) {
            return Self::Refused(Refusal::untrusted("answer of another issuer"));
        }
        if let Some(error) = get("error") {
            return Self::Refused(Refusal::answered(error, get("error_description"), get("error_uri")));
        }
        match get("code") {
            Some(code) if code.len() <= LONGEST && code.bytes().all(|b| (0x20..=0x7e).contains(&b)) => {
                Self::Code(Given { code: code.to_owned(), iss: get("iss").map(str::to_owned) })
            }
            Some(_) => Self::Refused(Refusal::untrusted("malformed code")),
            None => Self::Refused(Refusal::untrusted("neither code nor error")),
        }
    }
}

impl Given {
    /// Whether the answer says who it comes from, where the provider announces that all of its answers do.
    pub fn is_from(&self, provider: &Provider, known: &Known) -> Result<(), Refusal> {
        match &self.iss {
            Some(iss) if *iss == provider.metadata.issuer => Ok(()),
            None if !known.discovery.authorization_response_iss_parameter_supported => Ok(()),
            Some(_) | None => Err(Refusal::untrusted("answer that does not say its issuer")),
        }
    }
}
