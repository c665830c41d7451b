//! Encryption to a client's public key: JWE in compact serialisation (RFC 7516), algorithms of RFC 7518. Never compressed.

use josekit::jwe::{self, JweEncrypter, JweHeader};
use josekit::jwk::{Jwk, JwkSet};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// How the content key reaches the client (RFC 7518 §4.1). Neither RSA1_5, which tells attackers too much (RFC 8725 §3.2), nor
/// anything made from a shared secret: we keep only hashes of those.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum KeyManagement {
    /// Ephemeral Diffie-Hellman on an elliptic curve.
    #[serde(rename = "ECDH-ES")]
    EcdhEs,
    /// The same, wrapping a random key.
    #[serde(rename = "ECDH-ES+A256KW")]
    EcdhEsA256Kw,
    /// RSA-OAEP with SHA-1, as services written for FranceConnect use it.
    #[serde(rename = "RSA-OAEP")]
    RsaOaep,
    /// RSA-OAEP with SHA-256.
    #[serde(rename = "RSA-OAEP-256")]
    RsaOaep256,
}

impl KeyManagement {
    /// All of them, as published.
    pub const ALL: [Self; 4] = [Self::EcdhEs, Self::EcdhEsA256Kw, Self::RsaOaep, Self::RsaOaep256];

    /// The registered name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::EcdhEs => "ECDH-ES",
            Self::EcdhEsA256Kw => "ECDH-ES+A256KW",
            Self::RsaOaep => "RSA-OAEP",
            Self::RsaOaep256 => "RSA-OAEP-256",
        }
    }

    fn encrypter(self, key: &Jwk) -> Option<Box<dyn JweEncrypter>> {
        Some(match self {
            Self::EcdhEs => Box::new(jwe::ECDH_ES.encrypter_from_jwk(key).ok()?),
            Self::EcdhEsA256Kw => Box::new(jwe::ECDH_ES_A256KW.encrypter_from_jwk(key).ok()?),
            Self::RsaOaep => Box::new(jwe::RSA_OAEP.encrypter_from_jwk(key).ok()?),
            Self::RsaOaep256 => Box::new(jwe::RSA_OAEP_256.encrypter_from_jwk(key).ok()?),
        })
    }
}

/// How the content is encrypted (RFC 7518 §5.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
pub enum ContentEncryption {
    /// AES-128 in CBC mode with HMAC SHA-256; what a registration means when it says nothing (Dynamic Client Registration §2).
    #[default]
    #[serde(rename = "A128CBC-HS256")]
    A128CbcHs256,
    /// AES-256 in CBC mode with HMAC SHA-512.
    #[serde(rename = "A256CBC-HS512")]
    A256CbcHs512,
    /// AES-128 in Galois/Counter mode.
    A128GCM,
    /// AES-256 in Galois/Counter mode.
    A256GCM,
}

impl ContentEncryption {
    /// All of them, as published.
    pub const ALL: [Self; 4] = [Self::A128CbcHs256, Self::A256CbcHs512, Self::A128GCM, Self::A256GCM];

    /// The registered name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::A128CbcHs256 => "A128CBC-HS256",
            Self::A256CbcHs512 => "A256CBC-HS512",
            Self::A128GCM => "A128GCM",
            Self::A256GCM => "A256GCM",
        }
    }
}

/// A pair of algorithms that a client registered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Encryption {
    /// Of the key.
    pub alg: KeyManagement,
    /// Of the content.
    pub enc: ContentEncryption,
}

/// Nothing in the set can be encrypted to, or the library refuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no usable encryption key")]
pub struct NoKey;

/// What is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Content<'a> {
    /// A signed JWT: the header says `cty: JWT` (RFC 7519 §5.2).
    Jwt(&'a str),
    /// Claims as they are.
    Json(&'a [u8]),
}

/// Encrypts to the key of `jwks` that suits best; its `kid` goes into the header. A tenth of a millisecond or two.
pub fn encrypt(jwks: &Value, with: Encryption, content: Content<'_>) -> Result<String, NoKey> {
    let encrypter = encrypters(jwks, with.alg).next().ok_or(NoKey)?;
    let mut header = JweHeader::new();
    header.set_content_encryption(with.enc.name());
    let payload = match content {
        Content::Jwt(jwt) => {
            header.set_content_type("JWT");
            jwt.as_bytes()
        }
        Content::Json(bytes) => bytes,
    };
    jwe::serialize_compact(payload, &header, encrypter.as_ref()).map_err(|_| NoKey)
}

/// Whether a JWK set holds a key that `alg` can encrypt to.
pub fn usable_jwks(jwks: &Value, alg: KeyManagement) -> bool {
    encrypters(jwks, alg).next().is_some()
}

/// Keys that fit, best first: those said to be for encryption, then those said to be for this algorithm, then in the client's order.
/// A key for signatures never fits.
fn encrypters(jwks: &Value, alg: KeyManagement) -> impl Iterator<Item = Box<dyn JweEncrypter>> {
    let set = JwkSet::from_bytes(jwks.to_string());
    let mut keys: Vec<Jwk> = set.iter().flat_map(JwkSet::keys).take(MAX_KEYS).cloned().collect();
    keys.sort_by_key(|k| (k.key_use() != Some("enc"), k.algorithm() != Some(alg.name())));
    keys.into_iter().filter_map(move |k| alg.encrypter(&k))
}

/// Keys of a set that are looked at.
const MAX_KEYS: usize = 20;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::encode::from_b64u;
    use josekit::jwe::JweDecrypter;
    use josekit::jwk::alg::{ec::EcCurve, ecx::EcxCurve};
    use serde_json::json;

    fn private(alg: KeyManagement) -> Jwk {
        let mut key = match alg {
            KeyManagement::EcdhEs | KeyManagement::EcdhEsA256Kw => Jwk::generate_ec_key(EcCurve::P256).unwrap(),
            KeyManagement::RsaOaep | KeyManagement::RsaOaep256 => Jwk::generate_rsa_key(2048).unwrap(),
        };
        key.set_key_id("k1");
        key
    }

    fn decrypter(alg: KeyManagement, key: &Jwk) -> Box<dyn JweDecrypter> {
        match alg {
            KeyManagement::EcdhEs => Box::new(jwe::ECDH_ES.decrypter_from_jwk(key).unwrap()),
            KeyManagement::EcdhEsA256Kw => Box::new(jwe::ECDH_ES_A256KW.decrypter_from_jwk(key).unwrap()),
            KeyManagement::RsaOaep => Box::new(jwe::RSA_OAEP.decrypter_from_jwk(key).unwrap()),
            KeyManagement::RsaOaep256 => Box::new(jwe::RSA_OAEP_256.decrypter_from_jwk(key).unwrap()),
        }
    }

    fn public_part(key: &Jwk) -> Value {
        let mut key = serde_json::to_value(key).unwrap();
        key.as_object_mut().unwrap().retain(|name, _| !["d", "p", "q", "dp", "dq", "qi"].contains(&name.as_str()));
        key
    }

    fn set(keys: &[&Jwk]) -> Value {
        json!({ "keys": keys.iter().map(|k| public_part(k)).collect::<Vec<_>>() })
    }

    fn header(token: &str) -> Value {
        serde_json::from_slice(&from_b64u(token.split('.').next().unwrap()).unwrap()).unwrap()
    }

    #[test]
    fn every_published_pair_of_algorithms_is_read_back_by_the_holder_of_the_key() {
        for alg in KeyManagement::ALL {
            let key = private(alg);
            for enc in ContentEncryption::ALL {
                let token = encrypt(&set(&[&key]), Encryption { alg, enc }, Content::Jwt("a.b.c")).unwrap();
                let said = header(&token);
                assert_eq!(
                    (&said["alg"], &said["enc"], &said["kid"], &said["cty"]),
                    (&json!(alg.name()), &json!(enc.name()), &json!("k1"), &json!("JWT"))
                );
                assert_eq!(said.get("zip"), None);
                let (payload, _) = jwe::deserialize_compact(&token, decrypter(alg, &key).as_ref()).unwrap();
                assert_eq!(payload, b"a.b.c", "{} {}", alg.name(), enc.name());
                assert_eq!(serde_json::from_value::<KeyManagement>(json!(alg.name())).unwrap(), alg);
                assert_eq!(serde_json::from_value::<ContentEncryption>(json!(enc.name())).unwrap(), enc);
            }
        }
        let key = private(KeyManagement::EcdhEs);
        let pair = Encryption { alg: KeyManagement::EcdhEs, enc: ContentEncryption::A256GCM };
        assert_eq!(header(&encrypt(&set(&[&key]), pair, Content::Json(b"{}")).unwrap()).get("cty"), None, "claims are not a JWT");
    }

    #[test]
    fn a_key_for_encryption_is_taken_before_any_other_and_a_key_for_signatures_never() {
        let named = |kid: &str, key_use: Option<&str>, alg: Option<&str>| {
            let mut key = private(KeyManagement::EcdhEs);
            key.set_key_id(kid);
            if let Some(u) = key_use {
                key.set_key_use(u);
            }
            if let Some(a) = alg {
                key.set_algorithm(a);
            }
            key
        };
        let (sig, any, enc) = (named("sig", Some("sig"), None), named("any", None, None), named("enc", Some("enc"), None));
        let (exact, other) = (named("exact", Some("enc"), Some("ECDH-ES")), named("other", Some("enc"), Some("ECDH-ES+A256KW")));
        let es256 = named("es256", None, Some("ES256"));
        let pair = Encryption { alg: KeyManagement::EcdhEs, enc: ContentEncryption::A256GCM };
        let kid = |keys: &[&Jwk]| encrypt(&set(keys), pair, Content::Jwt("x")).map(|t| header(&t)["kid"].as_str().unwrap().to_owned());
        assert_eq!(kid(&[&sig, &any, &other, &enc, &exact]), Ok("exact".into()));
        assert_eq!(kid(&[&sig, &any, &other, &enc]), Ok("enc".into()));
        assert_eq!(kid(&[&sig, &any]), Ok("any".into()));
        assert_eq!(kid(&[&sig, &es256, &other]), Err(NoKey));
        assert_eq!(kid(&[&private(KeyManagement::RsaOaep)]), Err(NoKey), "another kind of key");
        assert_eq!(encrypt(&json!({}), pair, Content::Jwt("x")), Err(NoKey));
    }

    #[test]
    fn weak_and_damaged_keys_are_no_keys() {
        let short = Jwk::generate_rsa_key(1024).unwrap();
        assert!(!usable_jwks(&set(&[&short]), KeyManagement::RsaOaep256));
        let mut off = public_part(&private(KeyManagement::EcdhEs));
        off["y"] = off["x"].clone();
        assert!(!usable_jwks(&json!({ "keys": [off] }), KeyManagement::EcdhEs), "a point that is not on the curve");
        let signs = Jwk::generate_ed_key(josekit::jwk::alg::ed::EdCurve::Ed25519).unwrap();
        assert!(!usable_jwks(&set(&[&signs]), KeyManagement::EcdhEs));
        let agrees = Jwk::generate_ecx_key(EcxCurve::X25519).unwrap();
        assert!(usable_jwks(&set(&[&agrees]), KeyManagement::EcdhEs));
    }
}
