//! Protocol errors: registered codes, with ASCII descriptions for integrators (RFC 6749 §5.2).

use std::borrow::Cow;

use crate::base::Aal;
use crate::crypto::hasher;
use crate::db;

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident $text:literal;)*) => {
        /// Registered error codes.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Code {
            $($(#[$doc])* $name,)*
        }

        impl Code {
            /// The registered text.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }
        }
    };
}

codes! {
    /// RFC 6749.
    InvalidRequest "invalid_request";
    /// RFC 6749.
    InvalidClient "invalid_client";
    /// RFC 6749.
    InvalidGrant "invalid_grant";
    /// RFC 6749.
    UnauthorizedClient "unauthorized_client";
    /// RFC 6749.
    UnsupportedGrantType "unsupported_grant_type";
    /// RFC 6749.
    UnsupportedResponseType "unsupported_response_type";
    /// RFC 6749.
    InvalidScope "invalid_scope";
    /// RFC 6749.
    AccessDenied "access_denied";
    /// RFC 6749.
    ServerError "server_error";
    /// RFC 6749.
    TemporarilyUnavailable "temporarily_unavailable";
    /// OpenID Connect Core §3.1.2.6.
    LoginRequired "login_required";
    /// OpenID Connect Core §3.1.2.6.
    InteractionRequired "interaction_required";
    /// OpenID Connect Core §3.1.2.6.
    AccountSelectionRequired "account_selection_required";
    /// OpenID Connect Core §3.1.2.6.
    ConsentRequired "consent_required";
    /// OpenID Connect Core §3.1.2.6.
    RequestNotSupported "request_not_supported";
    /// OpenID Connect Core §3.1.2.6.
    RequestUriNotSupported "request_uri_not_supported";
    /// OpenID Connect Core §3.1.2.6.
    RegistrationNotSupported "registration_not_supported";
    /// OpenID Connect Core Error Code `unmet_authentication_requirements`.
    UnmetAuthenticationRequirements "unmet_authentication_requirements";
    /// RFC 6750.
    InvalidToken "invalid_token";
    /// RFC 6750.
    InsufficientScope "insufficient_scope";
    /// RFC 9470.
    InsufficientUserAuthentication "insufficient_user_authentication";
}

/// An error to answer a client with. The description is ASCII without quotes or backslash.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}: {description}", code.as_str())]
pub struct OAuthError {
    /// What.
    pub code: Code,
    /// Why, for the integrator.
    pub description: Cow<'static, str>,
    /// What would be enough (RFC 9470 §3, `acr_values`).
    pub needed: Option<Aal>,
}

impl OAuthError {
    /// With a fixed description.
    pub const fn new(code: Code, description: &'static str) -> Self {
        Self { code, description: Cow::Borrowed(description), needed: None }
    }

    /// With a description made at run time; what RFC 6749 does not allow in it is dropped.
    pub fn said(code: Code, description: &str) -> Self {
        let clean = |c: &char| matches!(c, ' '..='~') && !matches!(c, '"' | '\\');
        Self { code, description: Cow::Owned(description.chars().filter(clean).take(200).collect()), needed: None }
    }

    /// The person must sign in more strongly (RFC 9470 §3).
    pub const fn insufficient(needed: Aal) -> Self {
        let description = Cow::Borrowed("a stronger authentication is required");
        Self { code: Code::InsufficientUserAuthentication, description, needed: Some(needed) }
    }
}

/// Why a protocol operation fails.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The client is told.
    #[error(transparent)]
    OAuth(#[from] OAuthError),
    /// The request did not come whole in time.
    #[error("the body did not come in time")]
    Late,
    /// The store.
    #[error(transparent)]
    Db(#[from] db::Error),
    /// The hashing pool is full.
    #[error(transparent)]
    Hasher(#[from] hasher::Failure),
    /// No key for an algorithm yet, or a defect.
    #[error("{0}")]
    Internal(String),
}

/// Result of a protocol operation.
pub type Result<T, E = Error> = std::result::Result<T, E>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn descriptions_keep_to_the_characters_of_rfc_6749() {
        let e = OAuthError::said(Code::InvalidRequest, "é \"quoted\" back\\slash\n<x>");
        assert_eq!(e.description, " quoted backslash<x>");
    }
}
