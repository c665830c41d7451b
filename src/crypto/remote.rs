//! What strangers sign and encrypt for us: shared-secret signatures of providers that have not moved on yet, and JWE in compact
//! serialisation.

use josekit::jws::JwsVerifier as _;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::jose::{MAX_JWT, Refusal};
use crate::base::Secret;
use crate::base::encode::from_b64u;

/// The keys that open what is encrypted for us.
#[derive(Debug, Default)]
pub struct DecryptionKeys {}

impl DecryptionKeys {
    /// The plain text of a JWE.
    pub fn open(&self, _text: &str) -> Result<String, Refusal> {
        Err(Refusal::UnknownKey)
    }
}

fn header(token: &str) -> Option<Value> {
    let (first, _) = token.split_once('.').filter(|_| token.len() <= MAX_JWT)?;
    serde_json::from_slice(&from_b64u(first)?).ok()
}

/// Whether a JWS says that it is signed with HS256.
pub fn is_hs256(token: &str) -> bool {
    header(token).is_some_and(|h| h.get("alg").and_then(Value::as_str) == Some("HS256"))
}

/// Verifies a JWS signed with a shared secret, HS256 only.
pub fn verify_hs256<T: DeserializeOwned>(secret: &Secret, token: &str) -> Result<T, Refusal> {
    if !is_hs256(token) || header(token).is_none_or(|h| h.get("crit").is_some()) || secret.is_empty() {
        return Err(Refusal::UnknownKey);
    }
    let (signed, signature) = token.rsplit_once('.').ok_or(Refusal::Malformed)?;
    let (_, payload) = signed.split_once('.').ok_or(Refusal::Malformed)?;
    let (payload, signature) = (from_b64u(payload), from_b64u(signature));
    let (Some(payload), Some(signature)) = (payload, signature) else { return Err(Refusal::Malformed) };
    // RFC 7518 §3.2: a key as long as the hash; shorter secrets of old registrations are zero-padded, as HMAC does.
    let mut key = secret.expose().as_bytes().to_vec();
    key.resize(key.len().max(32), 0);
    let verifier = josekit::jws::HS256.verifier_from_bytes(&key).map_err(|_| Refusal::UnknownKey)?;
    verifier.verify(signed.as_bytes(), &signature).map_err(|_| Refusal::Signature)?;
    serde_json::from_slice(&payload).map_err(|_| Refusal::Malformed)
}
