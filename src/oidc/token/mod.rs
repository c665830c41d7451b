//! The token endpoint: every grant ends in [`mint`].

pub mod client_credentials;
pub mod code;
pub mod mint;
pub mod refresh;

use serde::Serialize;

use super::error::OAuthError;

/// A successful answer (RFC 6749 §5.1, OpenID Connect Core §3.1.3.3).
#[derive(Debug, Serialize)]
pub struct Tokens {
    /// Access token.
    pub access_token: String,
    /// Always `Bearer`.
    pub token_type: &'static str,
    /// Seconds.
    pub expires_in: u64,
    /// Scopes granted.
    pub scope: String,
    /// Refresh token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<String>,
    /// ID token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id_token: Option<String>,
}

/// The end of a token request. Both commit: a refusal leaves traces.
#[derive(Debug)]
pub enum Outcome {
    /// Tokens.
    Granted(Box<Tokens>),
    /// An error for the client.
    Refused(OAuthError),
}
