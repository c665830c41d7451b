//! Client authentication at back-channel endpoints.

/// Algorithms accepted for `private_key_jwt` (RFC 7518), also published.
pub const ASSERTION_ALGS: &[&str] = &["ES256", "ES384", "PS256", "RS256", "EdDSA"];
