//! Opaque tokens: random, prefixed so that secret scanners find them, checksummed so that noise costs no query.

use std::fmt;

use crate::base::encode::b64u;
use crate::base::rng::{self, Rng};

/// What a token is for; each kind lives in its own namespace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TokenKind {
    /// Authorization code (RFC 6749 §4.1.2).
    Code,
    /// Opaque access token.
    Access,
    /// Refresh token.
    Refresh,
    /// Secret of the session cookie.
    Session,
    /// Secret of the browser cookie that binds interactions.
    Browser,
    /// Secret of the cookie of a trusted browser.
    Trust,
    /// Client secret.
    ClientSecret,
    /// Address of a relay page.
    Relay,
    /// Undo link of a change of e-mail address.
    Undo,
    /// Secret of an invitation.
    Invitation,
}

impl TokenKind {
    const fn prefix(self) -> &'static str {
        match self {
            Self::Code => "gco_",
            Self::Access => "gat_",
            Self::Refresh => "grf_",
            Self::Session => "gse_",
            Self::Browser => "gbr_",
            Self::Trust => "gtr_",
            Self::ClientSecret => "gcs_",
            Self::Relay => "gre_",
            Self::Undo => "gun_",
            Self::Invitation => "gin_",
        }
    }
}

/// A token in clear, given out once; only its [`hash`](Token::hash) is stored.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

const BODY: usize = 43;
const CHECK: usize = 6;

impl Token {
    /// A new token with 256 random bits.
    pub fn new(kind: TokenKind, rng: &dyn Rng) -> Self {
        let body = format!("{}{}", kind.prefix(), b64u(rng::bytes::<32>(rng)));
        let check = checksum(&body);
        Self(body + &check)
    }

    /// Reads a token of this kind; `None` for anything that we cannot have made.
    pub fn parse(kind: TokenKind, text: &str) -> Option<Self> {
        let rest = text.strip_prefix(kind.prefix())?;
        let (body, check) = rest.split_at_checked(BODY)?;
        let whole = text.get(..text.len().checked_sub(CHECK)?)?;
        (check.len() == CHECK && body.is_ascii() && checksum(whole) == check).then(|| Self(text.to_owned()))
    }

    /// The text to hand out.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What is stored and looked up.
    pub fn hash(&self) -> String {
        super::sha256(self.0.as_bytes())
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Token({}…)", self.0.get(..4).unwrap_or_default())
    }
}

fn checksum(text: &str) -> String {
    let mut crc = flate2::Crc::new();
    crc.update(text.as_bytes());
    b64u(crc.sum().to_be_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::rng::SeededRng;

    #[test]
    fn a_token_reads_back_only_whole_and_as_its_own_kind() {
        let token = Token::new(TokenKind::Code, &SeededRng::new(3));
        assert_eq!(token.as_str().len(), 4 + BODY + CHECK);
        assert_eq!(Token::parse(TokenKind::Code, token.as_str()), Some(token.clone()));
        assert_eq!(Token::parse(TokenKind::Refresh, token.as_str()), None);
        assert_eq!(Token::parse(TokenKind::Code, &token.as_str()[..40]), None);
        let mut typo = token.as_str().to_owned();
        typo.replace_range(10..11, if &typo[10..11] == "x" { "y" } else { "x" });
        assert_eq!(Token::parse(TokenKind::Code, &typo), None);
        assert_eq!(Token::parse(TokenKind::Code, "gco_é"), None);
    }
}
