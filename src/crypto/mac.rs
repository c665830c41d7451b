//! Keyed hashes and comparison in constant time.

use aws_lc_rs::hmac;
use subtle::ConstantTimeEq;

use crate::base::encode::{b64u, hex};

/// A key for one purpose; different purposes never share one.
#[derive(Clone)]
pub struct MacKey(hmac::Key);

impl std::fmt::Debug for MacKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MacKey(…)")
    }
}

impl MacKey {
    /// HMAC-SHA-256 under these 32 bytes.
    pub fn new(key: &[u8; 32]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, key))
    }

    /// The base64url tag of the parts, unambiguous in where each ends.
    pub fn tag(&self, parts: &[&str]) -> String {
        b64u(self.sign(parts))
    }

    /// The same in lower-case hexadecimal, in which order of text is order of bytes.
    pub fn hex_tag(&self, parts: &[&str]) -> String {
        hex(self.sign(parts).as_ref())
    }

    fn sign(&self, parts: &[&str]) -> hmac::Tag {
        let mut ctx = hmac::Context::with_key(&self.0);
        for part in parts {
            ctx.update(&(part.len() as u64).to_be_bytes());
            ctx.update(part.as_bytes());
        }
        ctx.sign()
    }
}

/// Whether two texts are equal, in time that depends on their lengths only.
pub fn same(a: &str, b: &str) -> bool {
    a.as_bytes().ct_eq(b.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_do_not_run_into_one_another() {
        let key = MacKey::new(&[7; 32]);
        assert_ne!(key.tag(&["ab", "c"]), key.tag(&["a", "bc"]));
        assert!(same(&key.tag(&["a"]), &key.tag(&["a"])));
    }
}
