//! Authenticated encryption of what is kept at rest or carried by a browser (AES-256-GCM, random nonce).

use aws_lc_rs::aead::{AES_256_GCM, Aad, Nonce, RandomizedNonceKey};

use crate::base::encode::{b64u, from_b64u};

const NONCE: usize = 12;

/// Seals and opens texts under one key. `context` is authenticated: what is sealed as one thing never opens as another.
#[derive(Debug)]
pub struct Sealer(RandomizedNonceKey);

/// The text was not sealed by us for this context, or was altered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("does not open: wrong key, wrong context or altered")]
pub struct Unopened;

impl Sealer {
    /// A sealer under these 32 bytes.
    pub fn new(key: &[u8; 32]) -> Result<Self, Unopened> {
        RandomizedNonceKey::new(&AES_256_GCM, key).map(Self).map_err(|_| Unopened)
    }

    /// Seals; the result is base64url text.
    pub fn seal(&self, context: &str, plain: &[u8]) -> Result<String, Unopened> {
        let mut buffer = plain.to_vec();
        let nonce = self.0.seal_in_place_append_tag(Aad::from(context), &mut buffer).map_err(|_| Unopened)?;
        let mut out = Vec::with_capacity(NONCE + buffer.len());
        out.extend_from_slice(nonce.as_ref());
        out.append(&mut buffer);
        Ok(b64u(out))
    }

    /// Opens what [`Sealer::seal`] made for the same context.
    pub fn open(&self, context: &str, sealed: &str) -> Result<Vec<u8>, Unopened> {
        let bytes = from_b64u(sealed).ok_or(Unopened)?;
        let (nonce, body) = bytes.split_at_checked(NONCE).ok_or(Unopened)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| Unopened)?;
        let mut body = body.to_vec();
        let plain = self.0.open_in_place(nonce, Aad::from(context), &mut body).map_err(|_| Unopened)?;
        Ok(plain.to_vec())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seal_opens_only_whole_and_in_its_own_context() {
        let sealer = Sealer::new(&[1; 32]).unwrap();
        let sealed = sealer.seal("job/1", b"code 123456").unwrap();
        assert_eq!(sealer.open("job/1", &sealed).unwrap(), b"code 123456");
        assert_eq!(sealer.open("job/2", &sealed), Err(Unopened));
        assert_eq!(Sealer::new(&[2; 32]).unwrap().open("job/1", &sealed), Err(Unopened));
        for i in 0..sealed.len() {
            let mut bad = sealed.clone().into_bytes();
            bad[i] = if bad[i] == b'A' { b'B' } else { b'A' };
            assert!(sealer.open("job/1", std::str::from_utf8(&bad).unwrap()).is_err());
        }
        assert!(sealer.open("job/1", "").is_err());
    }
}
