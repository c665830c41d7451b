//! Authentication context (OpenID Connect Core §2, `acr`).

/// One factor, whichever.
pub const ONE_FACTOR: &str = "aal1";

/// Every value published and honoured.
pub const SUPPORTED: &[&str] = &[ONE_FACTOR];
