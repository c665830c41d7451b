//! Keys, seals, hashes and opaque tokens. The only place that knows josekit, aws-lc-rs, argon2 and its like, totp-rs
//! and webauthn-rs.

pub mod encrypt;
pub mod hasher;
mod huge_pages;
pub mod jose;
pub mod keyring;
pub mod keys;
pub mod legacy;
pub mod mac;
pub mod oath;
pub mod remote;
pub mod seal;
mod sign;
pub mod store;
pub mod token;
pub mod transport;
pub mod webauthn;

pub use encrypt::{ContentEncryption, Encryption, KeyManagement};
pub use hasher::Hasher;
pub use keyring::Keyring;
pub use keys::Keys;
pub use mac::{MacKey, same};
pub use seal::Sealer;
pub use sign::{Algorithm, SigningKey, VerifyingKey};
pub use token::{Token, TokenKind};

/// SHA-256, base64url: how opaque tokens are looked up.
pub fn sha256(data: &[u8]) -> String {
    crate::base::encode::b64u(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, data))
}
