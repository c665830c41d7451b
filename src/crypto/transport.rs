//! How factories protect the seeds they send: AES in CBC mode, a MAC over what is encrypted, a key made from a passphrase
//! (RFC 6030 §6; XML Encryption 1.1).

use std::num::NonZeroU32;

use aws_lc_rs::cipher::{AES_128, AES_256, DecryptionContext, PaddedBlockDecryptingKey, UnboundCipherKey};
use aws_lc_rs::iv::FixedLength;
use aws_lc_rs::{hmac, pbkdf2};
use zeroize::Zeroizing;

const BLOCK: usize = 16;
/// Most rounds of a key derivation that a file may ask for: about a second.
const MAX_ROUNDS: u32 = 1_000_000;

/// The hash of a MAC or of a key derivation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Digest {
    /// Still the common one in this place.
    Sha1,
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
}

/// Decrypts what begins with its initialisation vector; AES-128 or AES-256 after the length of the key. `None` for a key of
/// another length, a truncated text or a wrong padding. Check the MAC first.
pub fn decrypt_cbc(key: &[u8], text: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let algorithm = match key.len() {
        16 => &AES_128,
        32 => &AES_256,
        _ => return None,
    };
    let (iv, body) = text.split_at_checked(BLOCK)?;
    if body.is_empty() || !body.len().is_multiple_of(BLOCK) {
        return None;
    }
    let context = DecryptionContext::Iv128(FixedLength::<BLOCK>::try_from(iv).ok()?);
    // Only the last byte of the padding has a meaning (XML Encryption §5.2).
    let key = PaddedBlockDecryptingKey::cbc_iso10126(UnboundCipherKey::new(algorithm, key).ok()?).ok()?;
    let mut buffer = Zeroizing::new(body.to_vec());
    key.decrypt(&mut buffer, context).ok().map(|plain| Zeroizing::new(plain.to_vec()))
}

/// Whether this is the MAC of `data`, in constant time.
pub fn mac_matches(digest: Digest, key: &[u8], data: &[u8], mac: &[u8]) -> bool {
    let algorithm = match digest {
        Digest::Sha1 => hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
        Digest::Sha256 => hmac::HMAC_SHA256,
        Digest::Sha384 => hmac::HMAC_SHA384,
        Digest::Sha512 => hmac::HMAC_SHA512,
    };
    hmac::verify(&hmac::Key::new(algorithm, key), data, mac).is_ok()
}

/// A key of so many bytes made from a passphrase (PBKDF2, RFC 8018 §5.2). `None` beyond what is reasonable to compute.
pub fn derive(digest: Digest, passphrase: &str, salt: &[u8], rounds: u32, length: usize) -> Option<Zeroizing<Vec<u8>>> {
    let algorithm = match digest {
        Digest::Sha1 => pbkdf2::PBKDF2_HMAC_SHA1,
        Digest::Sha256 => pbkdf2::PBKDF2_HMAC_SHA256,
        Digest::Sha384 => pbkdf2::PBKDF2_HMAC_SHA384,
        Digest::Sha512 => pbkdf2::PBKDF2_HMAC_SHA512,
    };
    let rounds = NonZeroU32::new(rounds).filter(|r| r.get() <= MAX_ROUNDS)?;
    if !matches!(length, 16 | 32) {
        return None;
    }
    let mut key = Zeroizing::new(vec![0; length]);
    pbkdf2::derive(algorithm, rounds, salt, passphrase.as_bytes(), &mut key);
    Some(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passphrases_give_the_keys_of_rfc_6070() {
        let key = derive(Digest::Sha1, "password", b"salt", 4_096, 16).unwrap();
        assert_eq!(crate::base::encode::hex(&key), "4b007901b765489abead49d926f721d0");
        assert_eq!(derive(Digest::Sha1, "password", b"salt", 0, 16), None);
        assert_eq!(derive(Digest::Sha1, "password", b"salt", u32::MAX, 16), None, "a file does not set how long we compute");
        assert_eq!(derive(Digest::Sha1, "password", b"salt", 1, 1 << 40), None);
    }

    #[test]
    fn damaged_texts_decrypt_to_nothing() {
        for text in [vec![], vec![0; 15], vec![0; 16], vec![0; 40]] {
            assert_eq!(decrypt_cbc(&[1; 16], &text), None, "{}", text.len());
        }
        assert_eq!(decrypt_cbc(&[1; 24], &[0; 48]), None, "no key of ours");
    }
}
