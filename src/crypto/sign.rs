//! Signing and verifying keys on aws-lc-rs, built once and shared.

use std::sync::Arc;

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    self, EcdsaKeyPair, Ed25519KeyPair, KeyPair, ParsedPublicKey, RsaKeyPair, UnparsedPublicKey, VerificationAlgorithm,
};
use josekit::JoseError;
use josekit::jws::{self, JwsAlgorithm, JwsSigner};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use zeroize::Zeroizing;

use crate::base::encode::{b64u, from_b64u};

/// The JWS algorithms we sign with (RFC 7518 §3.1, RFC 8037). Neither `none` nor HMAC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Algorithm {
    /// ECDSA P-256 with SHA-256; the default.
    ES256,
    /// RSASSA-PKCS1-v1_5 with SHA-256, for older clients.
    RS256,
    /// RSASSA-PSS with SHA-256.
    PS256,
    /// Ed25519.
    EdDSA,
}

impl Algorithm {
    /// All of them, the default first.
    pub const ALL: [Self; 4] = [Self::ES256, Self::RS256, Self::PS256, Self::EdDSA];

    /// The registered name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ES256 => "ES256",
            Self::RS256 => "RS256",
            Self::PS256 => "PS256",
            Self::EdDSA => "EdDSA",
        }
    }

    /// Reads a registered name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|a| a.name() == name)
    }

    fn verification(self) -> &'static dyn VerificationAlgorithm {
        match self {
            Self::ES256 => &signature::ECDSA_P256_SHA256_FIXED,
            Self::RS256 => &signature::RSA_PKCS1_2048_8192_SHA256,
            Self::PS256 => &signature::RSA_PSS_2048_8192_SHA256,
            Self::EdDSA => &signature::ED25519,
        }
    }

    /// `at_hash` and the like (OpenID Connect Core §3.1.3.6): left half of the hash that goes with the algorithm.
    pub fn half_hash(self, text: &str) -> String {
        let digest = match self {
            Self::ES256 | Self::RS256 | Self::PS256 => &aws_lc_rs::digest::SHA256,
            // Ed25519 hashes with SHA-512; so do at_hash implementations.
            Self::EdDSA => &aws_lc_rs::digest::SHA512,
        };
        let hash = aws_lc_rs::digest::digest(digest, text.as_bytes());
        let bytes = hash.as_ref();
        b64u(bytes.get(..bytes.len() / 2).unwrap_or_default())
    }
}

/// A key that does not load, or an operation the library refuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("unusable key")]
pub struct BadKey;

enum Pair {
    Ec(EcdsaKeyPair),
    Rsa(RsaKeyPair),
    Ed(Ed25519KeyPair),
}

/// A private key ready to sign, by itself ([`super::jose::sign`]) or for josekit, as one of its signers.
#[derive(Clone)]
pub struct SigningKey {
    kid: Arc<str>,
    alg: Algorithm,
    pair: Arc<Pair>,
    public_jwk: Arc<Value>,
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SigningKey({}, {})", self.kid, self.alg.name())
    }
}

impl SigningKey {
    /// Makes a key: private half as PKCS#8 DER. RSA (2048 bits) takes a tenth of a second or more: not on an async thread.
    pub fn generate(alg: Algorithm) -> Result<Zeroizing<Vec<u8>>, BadKey> {
        let bad = |_| BadKey;
        Ok(Zeroizing::new(match alg {
            Algorithm::ES256 => EcdsaKeyPair::generate(&signature::ECDSA_P256_SHA256_FIXED_SIGNING)
                .and_then(|k| k.to_pkcs8v1())
                .map_err(bad)?
                .as_ref()
                .to_vec(),
            Algorithm::RS256 | Algorithm::PS256 => {
                let key = RsaKeyPair::generate(KeySize::Rsa2048).map_err(bad)?;
                AsDer::<aws_lc_rs::encoding::Pkcs8V1Der<'_>>::as_der(&key).map_err(bad)?.as_ref().to_vec()
            }
            Algorithm::EdDSA => Ed25519KeyPair::generate().and_then(|k| k.to_pkcs8()).map_err(bad)?.as_ref().to_vec(),
        }))
    }

    /// Loads a private key. Its `kid` is the RFC 7638 thumbprint of the public key and algorithm.
    pub fn load(alg: Algorithm, pkcs8: &[u8]) -> Result<Self, BadKey> {
        let bad = |_| BadKey;
        let (pair, mut public_jwk) = match alg {
            Algorithm::ES256 => {
                let key = EcdsaKeyPair::from_pkcs8(&signature::ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8).map_err(bad)?;
                let point = key.public_key().as_ref().to_vec();
                let (x, y) = (point.get(1..33).ok_or(BadKey)?, point.get(33..65).ok_or(BadKey)?);
                (Pair::Ec(key), json!({ "kty": "EC", "crv": "P-256", "x": b64u(x), "y": b64u(y) }))
            }
            Algorithm::RS256 | Algorithm::PS256 => {
                let key = RsaKeyPair::from_pkcs8(pkcs8).map_err(bad)?;
                let n = b64u(key.public_key().modulus().big_endian_without_leading_zero());
                let e = b64u(key.public_key().exponent().big_endian_without_leading_zero());
                (Pair::Rsa(key), json!({ "kty": "RSA", "e": e, "n": n }))
            }
            Algorithm::EdDSA => {
                let key = Ed25519KeyPair::from_pkcs8(pkcs8).map_err(bad)?;
                let x = b64u(key.public_key().as_ref());
                (Pair::Ed(key), json!({ "kty": "OKP", "crv": "Ed25519", "x": x }))
            }
        };
        let kid = super::sha256(format!("{}{public_jwk}", alg.name()).as_bytes());
        if let Some(jwk) = public_jwk.as_object_mut() {
            jwk.insert("alg".into(), alg.name().into());
            jwk.insert("use".into(), "sig".into());
            jwk.insert("kid".into(), kid.clone().into());
        }
        Ok(Self { kid: kid.into(), alg, pair: Arc::new(pair), public_jwk: Arc::new(public_jwk) })
    }

    /// The key's name in JWS headers and the JWK set.
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// The one algorithm the key is used with.
    pub fn alg(&self) -> Algorithm {
        self.alg
    }

    /// The public half (RFC 7517), with `alg`, `use` and `kid`.
    pub fn public_jwk(&self) -> &Value {
        &self.public_jwk
    }

    /// The raw JWS signature of `message`.
    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>, BadKey> {
        let rng = SystemRandom::new();
        match self.pair.as_ref() {
            Pair::Ec(key) => key.sign(&rng, message).map(|s| s.as_ref().to_vec()).map_err(|_| BadKey),
            Pair::Rsa(key) => {
                let padding: &'static dyn signature::RsaEncoding = match self.alg {
                    Algorithm::PS256 => &signature::RSA_PSS_SHA256,
                    Algorithm::ES256 | Algorithm::RS256 | Algorithm::EdDSA => &signature::RSA_PKCS1_SHA256,
                };
                let mut out = vec![0; key.public_modulus_len()];
                key.sign(padding, &rng, message, &mut out).map_err(|_| BadKey)?;
                Ok(out)
            }
            Pair::Ed(key) => Ok(key.sign(message).as_ref().to_vec()),
        }
    }
}

/// What josekit serialises is signed here too (DESIGN §7).
impl JwsSigner for SigningKey {
    fn algorithm(&self) -> &dyn JwsAlgorithm {
        match self.alg {
            Algorithm::ES256 => &jws::ES256,
            Algorithm::RS256 => &jws::RS256,
            Algorithm::PS256 => &jws::PS256,
            Algorithm::EdDSA => &jws::EdDSA,
        }
    }

    fn key_id(&self) -> Option<&str> {
        Some(&self.kid)
    }

    fn signature_len(&self) -> usize {
        match self.pair.as_ref() {
            Pair::Ec(_) | Pair::Ed(_) => 64,
            Pair::Rsa(key) => key.public_modulus_len(),
        }
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, JoseError> {
        Self::sign(self, message).map_err(|e| JoseError::InvalidSignature(e.into()))
    }

    fn box_clone(&self) -> Box<dyn JwsSigner> {
        Box::new(self.clone())
    }
}

/// A public key ready to verify.
#[derive(Clone)]
pub struct VerifyingKey {
    alg: Algorithm,
    key: ParsedPublicKey,
}

impl std::fmt::Debug for VerifyingKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "VerifyingKey({})", self.alg.name())
    }
}

impl VerifyingKey {
    /// The public half of one of our own JWKs.
    pub fn from_public_jwk(alg: Algorithm, jwk: &Value) -> Result<Self, BadKey> {
        let member = |name: &str| jwk.get(name).and_then(Value::as_str).and_then(from_b64u).ok_or(BadKey);
        let bytes = match alg {
            Algorithm::ES256 => [vec![4], member("x")?, member("y")?].concat(),
            Algorithm::RS256 | Algorithm::PS256 => rsa_public_der(&member("n")?, &member("e")?),
            Algorithm::EdDSA => member("x")?,
        };
        let key = UnparsedPublicKey::new(alg.verification(), bytes).parse().map_err(|_| BadKey)?;
        Ok(Self { alg, key })
    }

    /// The algorithm.
    pub fn alg(&self) -> Algorithm {
        self.alg
    }

    /// Checks a raw JWS signature.
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), BadKey> {
        self.key.verify_sig(message, signature).map_err(|_| BadKey)
    }
}

/// RSAPublicKey (RFC 8017 §A.1.1): SEQUENCE of two INTEGERs.
fn rsa_public_der(n: &[u8], e: &[u8]) -> Vec<u8> {
    fn tlv(tag: u8, body: &[u8]) -> Vec<u8> {
        let len = body.len();
        let mut out = vec![tag];
        match len {
            0..=127 => out.push(len as u8),
            128..=255 => out.extend([0x81, len as u8]),
            _ => out.extend([0x82, (len >> 8) as u8, len as u8]),
        }
        out.extend_from_slice(body);
        out
    }
    let integer = |value: &[u8]| {
        let positive = value.first().is_none_or(|b| b & 0x80 == 0);
        tlv(2, &if positive { value.to_vec() } else { [&[0], value].concat() })
    };
    tlv(0x30, &[integer(n), integer(e)].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_algorithm_signs_and_verifies_and_refuses_another_message() {
        for alg in Algorithm::ALL {
            let key = SigningKey::load(alg, &SigningKey::generate(alg).unwrap()).unwrap();
            let public = VerifyingKey::from_public_jwk(alg, key.public_jwk()).unwrap();
            let signature = key.sign(b"message").unwrap();
            public.verify(b"message", &signature).unwrap();
            assert!(public.verify(b"messagf", &signature).is_err());
            // josekit reads the same public key: strangers will too.
            let jwk = josekit::jwk::Jwk::from_bytes(key.public_jwk().to_string()).unwrap();
            let verifier: Box<dyn josekit::jws::JwsVerifier> = match alg {
                Algorithm::ES256 => Box::new(josekit::jws::ES256.verifier_from_jwk(&jwk).unwrap()),
                Algorithm::RS256 => Box::new(josekit::jws::RS256.verifier_from_jwk(&jwk).unwrap()),
                Algorithm::PS256 => Box::new(josekit::jws::PS256.verifier_from_jwk(&jwk).unwrap()),
                Algorithm::EdDSA => Box::new(josekit::jws::EdDSA.verifier_from_jwk(&jwk).unwrap()),
            };
            verifier.verify(b"message", &signature).unwrap();
        }
    }

    #[test]
    fn josekit_signs_with_our_keys_what_strangers_and_we_verify() {
        for alg in Algorithm::ALL {
            let key = SigningKey::load(alg, &SigningKey::generate(alg).unwrap()).unwrap();
            let signer: Box<dyn JwsSigner> = Box::new(key.clone());
            assert_eq!(signer.algorithm().name(), alg.name());
            assert_eq!(signer.clone().sign(b"message").unwrap().len(), signer.signature_len(), "{}", alg.name());
            let mut header = jws::JwsHeader::new();
            header.set_token_type("JWT");
            let token = jws::serialize_compact(br#"{"sub":"x"}"#, &header, signer.as_ref()).unwrap();
            let jwks = json!({ "keys": [key.public_jwk()] });
            let read: Value = super::super::jose::verify_with_jwks(&jwks, &[alg.name()], &token).unwrap();
            assert_eq!(read["sub"], "x");
            let said: Value = serde_json::from_slice(&from_b64u(token.split('.').next().unwrap()).unwrap()).unwrap();
            assert_eq!((&said["alg"], &said["kid"], &said["typ"]), (&json!(alg.name()), &json!(key.kid()), &json!("JWT")));
            // The short way says the same.
            let short = super::super::jose::sign(&key, "JWT", &json!({ "sub": "x" })).unwrap();
            let said_too: Value = serde_json::from_slice(&from_b64u(short.split('.').next().unwrap()).unwrap()).unwrap();
            assert_eq!(said, said_too);
        }
    }

    // OpenID Connect Core, appendix A.3 (RS256 example): access token and its at_hash.
    #[test]
    fn at_hash_matches_the_published_example() {
        assert_eq!(Algorithm::RS256.half_hash("jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y"), "77QmUPtjPfzWtF2AnpK9RQ");
    }
}
