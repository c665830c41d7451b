//! JWS in compact serialisation: ours on our own keys, strangers' assertions through josekit.

use josekit::jwk::{Jwk, JwkSet};
use josekit::jws::{self, JwsVerifier};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{Keyring, SigningKey};
use crate::base::encode::{b64u, from_b64u};

/// Longest JWT read, in bytes.
pub const MAX_JWT: usize = 16 * 1024;

/// Why a JWT is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Not a compact JWS, too long, or not JSON.
    #[error("malformed JWT")]
    Malformed,
    /// No key of ours, or of the client, under that name and algorithm.
    #[error("unknown key")]
    UnknownKey,
    /// The signature does not verify.
    #[error("wrong signature")]
    Signature,
    /// Another kind of token (`typ`).
    #[error("wrong type of JWT")]
    Type,
}

/// Signs `claims`: what josekit's own serialisation does with the same signer, without building the header as a document each
/// time. `typ` goes into the header (RFC 9068: `at+jwt`; OpenID: `JWT`).
pub fn sign(key: &SigningKey, typ: &str, claims: &impl Serialize) -> Result<String, super::sign::BadKey> {
    let header = format!(r#"{{"alg":"{}","typ":"{typ}","kid":"{}"}}"#, key.alg().name(), key.kid());
    let payload = serde_json::to_vec(claims).map_err(|_| super::sign::BadKey)?;
    let mut token = b64u(header);
    token.push('.');
    token.push_str(&b64u(payload));
    let signature = key.sign(token.as_bytes())?;
    token.push('.');
    token.push_str(&b64u(signature));
    Ok(token)
}

struct Parts<'a> {
    header: Value,
    signed: &'a str,
    payload: Vec<u8>,
    signature: Vec<u8>,
}

fn split(token: &str) -> Result<Parts<'_>, Refusal> {
    if token.len() > MAX_JWT {
        return Err(Refusal::Malformed);
    }
    let (signed, signature) = token.rsplit_once('.').ok_or(Refusal::Malformed)?;
    let (header, payload) = signed.split_once('.').ok_or(Refusal::Malformed)?;
    let decode = |s: &str| from_b64u(s).ok_or(Refusal::Malformed);
    let header: Value = serde_json::from_slice(&decode(header)?).map_err(|_| Refusal::Malformed)?;
    // No extension is understood here (RFC 7515 §4.1.11).
    if !header.is_object() || header.get("crit").is_some() {
        return Err(Refusal::Malformed);
    }
    Ok(Parts { signed, payload: decode(payload)?, signature: decode(signature)?, header })
}

/// Verifies a JWT of our own, of the given `typ`. Expiry is the caller's business: a hint may be expired.
pub fn verify_own<T: DeserializeOwned>(keyring: &Keyring, typ: &str, token: &str) -> Result<T, Refusal> {
    let parts = split(token)?;
    let text = |name: &str| parts.header.get(name).and_then(Value::as_str);
    let key = text("kid").and_then(|kid| keyring.verifying(kid)).ok_or(Refusal::UnknownKey)?;
    if text("alg") != Some(key.alg().name()) {
        return Err(Refusal::UnknownKey);
    }
    if text("typ") != Some(typ) {
        return Err(Refusal::Type);
    }
    key.verify(parts.signed.as_bytes(), &parts.signature).map_err(|_| Refusal::Signature)?;
    serde_json::from_slice(&parts.payload).map_err(|_| Refusal::Malformed)
}

/// Verifies a JWT signed by a client with one of the keys it registered, under an algorithm it may use.
/// The header only chooses among the client's keys; it never brings one.
pub fn verify_with_jwks<T: DeserializeOwned>(jwks: &Value, allowed: &[&str], token: &str) -> Result<T, Refusal> {
    let parts = split(token)?;
    let alg = parts.header.get("alg").and_then(Value::as_str).ok_or(Refusal::Malformed)?;
    if !allowed.contains(&alg) {
        return Err(Refusal::UnknownKey);
    }
    let kid = parts.header.get("kid").and_then(Value::as_str);
    let set = JwkSet::from_bytes(jwks.to_string()).map_err(|_| Refusal::UnknownKey)?;
    let fits = |k: &&Jwk| {
        kid.is_none_or(|kid| k.key_id() == Some(kid)) && k.algorithm().is_none_or(|a| a == alg) && k.key_use().is_none_or(|u| u == "sig")
    };
    let mut verdict = Refusal::UnknownKey;
    for key in set.keys().into_iter().filter(fits).take(8) {
        let Some(verifier) = verifier(alg, key) else { continue };
        match verifier.verify(parts.signed.as_bytes(), &parts.signature) {
            Ok(()) => return serde_json::from_slice(&parts.payload).map_err(|_| Refusal::Malformed),
            Err(_) => verdict = Refusal::Signature,
        }
    }
    Err(verdict)
}

/// The payload without any check; only for finding out which client claims to speak, before verification.
pub fn peek<T: DeserializeOwned>(token: &str) -> Result<T, Refusal> {
    serde_json::from_slice(&split(token)?.payload).map_err(|_| Refusal::Malformed)
}

/// Whether a document is a JWK set without any private part.
pub fn public_jwks(jwks: &Value) -> bool {
    let Some(keys) = jwks.get("keys").and_then(Value::as_array) else { return false };
    let private = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];
    !keys.iter().any(|k| private.iter().any(|m| k.get(m).is_some())) && JwkSet::from_bytes(jwks.to_string()).is_ok()
}

/// Whether a document is a JWK set with at least one key that can verify one of `allowed`, and no private part.
pub fn usable_jwks(jwks: &Value, allowed: &[&str]) -> bool {
    public_jwks(jwks)
        && JwkSet::from_bytes(jwks.to_string())
            .is_ok_and(|set| set.keys().into_iter().any(|k| allowed.iter().any(|a| verifier(a, k).is_some())))
}

fn verifier(alg: &str, key: &Jwk) -> Option<Box<dyn JwsVerifier>> {
    Some(match alg {
        "ES256" => Box::new(jws::ES256.verifier_from_jwk(key).ok()?),
        "ES384" => Box::new(jws::ES384.verifier_from_jwk(key).ok()?),
        "RS256" => Box::new(jws::RS256.verifier_from_jwk(key).ok()?),
        "PS256" => Box::new(jws::PS256.verifier_from_jwk(key).ok()?),
        "EdDSA" => Box::new(jws::EdDSA.verifier_from_jwk(key).ok()?),
        _ => return None,
    })
}
