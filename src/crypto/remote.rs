//! What strangers sign and encrypt for us: shared-secret signatures of providers that have not moved on yet, and JWE in compact
//! serialisation.

use std::time::Duration;

use josekit::jwe::{self, JweDecrypter};
use josekit::jwk::Jwk;
use josekit::jwk::alg::ec::EcCurve;
use josekit::jws::JwsVerifier as _;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::jose::{MAX_JWT, Refusal};
use super::{Sealer, store};
use crate::base::encode::from_b64u;
use crate::base::{Secret, Timestamp};
use crate::db::{self, Handle, Tx};

/// Names of the sealed keys, one for each family of algorithms: the present one, and the one it took the place of.
const NAMES: [(&str, &str); 2] = [("decryption EC", "decryption EC before"), ("decryption RSA", "decryption RSA before")];
/// How long a key still decrypts after another took its place: longer than anybody keeps our JWK set in memory.
pub const KEPT: Duration = Duration::from_secs(7 * 86_400);
/// Size of the RSA key, in bits.
const RSA_BITS: u32 = 3_072;

/// The keys that open what is encrypted for us; the public halves of the present ones are published with the others (`use`:
/// `enc`).
#[derive(Default)]
pub struct DecryptionKeys(Vec<Held>);

struct Held {
    key: Jwk,
    retired: bool,
    since: Timestamp,
}

/// A key as operators see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Name.
    pub kid: String,
    /// `EC` or `RSA`.
    pub family: String,
    /// Another took its place: it only opens what was already encrypted to it.
    pub retired: bool,
    /// Since when it is what it is.
    pub since: Timestamp,
}

impl std::fmt::Debug for DecryptionKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "DecryptionKeys({})", self.0.len())
    }
}

/// The keys cannot be made or read.
#[derive(Debug, thiserror::Error)]
pub enum Unusable {
    /// One does not open, or is none.
    #[error("decryption key unreadable")]
    Key,
    /// The store.
    #[error(transparent)]
    Db(#[from] db::Error),
}

impl DecryptionKeys {
    /// Those that were made.
    pub async fn load(h: &mut impl Handle, rest: &Sealer) -> Result<Self, Unusable> {
        let mut keys = Vec::new();
        let present = NAMES.map(|(name, _)| (name, false));
        let before = NAMES.map(|(_, name)| (name, true));
        for (name, retired) in present.into_iter().chain(before) {
            if let (Some(sealed), Some(since)) = (store::find_secret(h, name).await?, store::secret_date(h, name).await?) {
                let text = rest.open(name, &sealed).map_err(|_| Unusable::Key)?;
                keys.push(Held { key: Jwk::from_bytes(text).map_err(|_| Unusable::Key)?, retired, since });
            }
        }
        Ok(Self(keys))
    }

    /// Makes a set of them. Slow for RSA: call from a blocking thread. Sealed texts by name, for [`keep`] or
    /// [`replace`].
    pub fn make(rest: &Sealer) -> Result<Vec<(&'static str, String)>, Unusable> {
        let wrong = |_| Unusable::Key;
        let [ec, rsa] = [Jwk::generate_ec_key(EcCurve::P256).map_err(wrong)?, Jwk::generate_rsa_key(RSA_BITS).map_err(wrong)?];
        let mut made = Vec::new();
        for ((name, _), mut key) in NAMES.into_iter().zip([ec, rsa]) {
            let public = key.to_public_key().map_err(wrong)?.to_string();
            key.set_key_use("enc");
            key.set_key_id(super::sha256(public.as_bytes()).chars().take(22).collect::<String>());
            let text = serde_json::to_vec(key.as_ref()).map_err(|_| Unusable::Key)?;
            made.push((name, rest.seal(name, &text).map_err(|_| Unusable::Key)?));
        }
        Ok(made)
    }

    /// Whether none was made yet.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All of them, the present ones first.
    pub fn listed(&self) -> Vec<Listed> {
        let of = |held: &Held| Listed {
            kid: held.key.key_id().unwrap_or_default().to_owned(),
            family: held.key.key_type().to_owned(),
            retired: held.retired,
            since: held.since,
        };
        self.0.iter().map(of).collect()
    }

    /// The public halves of the present ones.
    pub fn published(&self) -> Vec<Value> {
        let public = |key: &Jwk| {
            let mut public = key.to_public_key().ok()?;
            public.set_key_id(key.key_id()?);
            serde_json::from_str(&public.to_string()).ok()
        };
        self.0.iter().filter(|held| !held.retired).filter_map(|held| public(&held.key)).collect()
    }

    /// The text inside a JWE (RFC 7516): ECDH-ES, RSA-OAEP or RSA-OAEP-256, with A256GCM, and never compressed.
    pub fn open(&self, text: &str) -> Result<String, Refusal> {
        let header = header(text).ok_or(Refusal::Malformed)?;
        let said = |name: &str| header.get(name).and_then(Value::as_str);
        if header.get("zip").is_some() || header.get("crit").is_some() || said("enc") != Some("A256GCM") {
            return Err(Refusal::Malformed);
        }
        let family = match said("alg") {
            Some("ECDH-ES") => "EC",
            Some("RSA-OAEP" | "RSA-OAEP-256") => "RSA",
            Some(_) | None => return Err(Refusal::UnknownKey),
        };
        // Without a name (RFC 7516 §4.1.6 makes it optional), each key of the family is tried.
        let fits = |key: &&Jwk| key.key_type() == family && said("kid").is_none_or(|kid| key.key_id() == Some(kid));
        let mut verdict = Refusal::UnknownKey;
        for key in self.0.iter().map(|held| &held.key).filter(fits) {
            match decrypt(said("alg"), key, said("kid").is_some(), text) {
                Ok(plain) => return String::from_utf8(plain).map_err(|_| Refusal::Malformed),
                Err(refusal) => verdict = refusal,
            }
        }
        Err(verdict)
    }
}

fn decrypt(alg: Option<&str>, key: &Jwk, named: bool, text: &str) -> Result<Vec<u8>, Refusal> {
    let mut key = key.clone();
    if !named {
        // josekit wants the name of the key in the header once the key has one.
        key.set_parameter("kid", None).map_err(|_| Refusal::UnknownKey)?;
    }
    let decrypter: Box<dyn JweDecrypter> = match alg {
        Some("ECDH-ES") => Box::new(jwe::ECDH_ES.decrypter_from_jwk(&key).map_err(|_| Refusal::UnknownKey)?),
        Some("RSA-OAEP") => Box::new(jwe::RSA_OAEP.decrypter_from_jwk(&key).map_err(|_| Refusal::UnknownKey)?),
        Some(_) | None => Box::new(jwe::RSA_OAEP_256.decrypter_from_jwk(&key).map_err(|_| Refusal::UnknownKey)?),
    };
    jwe::deserialize_compact(text, decrypter.as_ref()).map(|(plain, _)| plain).map_err(|_| Refusal::Signature)
}

/// Stores keys that were made, unless there are some by now; nodes reload.
pub async fn keep(tx: &mut Tx, made: &[(&'static str, String)], now: Timestamp) -> db::Result<()> {
    for (name, sealed) in made {
        store::insert_secret(tx, name, sealed, now).await?;
    }
    store::bump(tx, "keys").await
}

/// Puts keys that were made in the place of those there are, which still decrypt for [`KEPT`]; nodes reload. `false`, with nothing
/// changed, when there are none yet, or when those before them still decrypt and `force` is not given: they would go at once.
pub async fn replace(tx: &mut Tx, rest: &Sealer, made: &[(&'static str, String)], now: Timestamp, force: bool) -> Result<bool, Unusable> {
    store::hold(tx, "keys").await?;
    for (name, before) in NAMES {
        let Some(sealed) = store::find_secret(tx, name).await? else { return Ok(false) };
        if store::find_secret(tx, before).await?.is_some() && !force {
            return Ok(false);
        }
        let text = rest.open(name, &sealed).map_err(|_| Unusable::Key)?;
        store::put_secret(tx, before, &rest.seal(before, &text).map_err(|_| Unusable::Key)?, now).await?;
    }
    for (name, sealed) in made {
        store::put_secret(tx, name, sealed, now).await?;
    }
    store::bump(tx, "keys").await?;
    Ok(true)
}

/// Forgets keys whose place was taken at that time or before: what is encrypted to them opens no more. Answers whether there
/// were any.
pub async fn drop_retired(tx: &mut Tx, until: Timestamp) -> db::Result<bool> {
    let mut gone = 0;
    for (_, before) in NAMES {
        gone += store::drop_secret(tx, before, until).await?;
    }
    if gone > 0 {
        store::bump(tx, "keys").await?;
    }
    Ok(gone > 0)
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

#[cfg(test)]
mod tests {
    use super::*;

    fn keys() -> DecryptionKeys {
        let rest = Sealer::new(&[3; 32]).unwrap();
        let made = DecryptionKeys::make(&rest).unwrap();
        let key = |(name, sealed): &(&str, String)| Jwk::from_bytes(rest.open(name, sealed).unwrap()).unwrap();
        DecryptionKeys(made.iter().map(|m| Held { key: key(m), retired: false, since: Timestamp::from_secs(0) }).collect())
    }

    #[test]
    fn what_is_encrypted_for_us_opens_and_nothing_else_does() {
        let (keys, others) = (keys(), keys());
        let published = keys.published();
        assert!(published.iter().all(|k| k["use"] == "enc" && k["kid"].is_string() && k.get("d").is_none() && k.get("p").is_none()));
        let seal = |alg: &str, enc: &str, zip: bool| {
            let key = published.iter().find(|k| (k["kty"] == "EC") == (alg == "ECDH-ES")).unwrap();
            let key = Jwk::from_bytes(key.to_string()).unwrap();
            let mut header = josekit::jwe::JweHeader::new();
            header.set_content_encryption(enc);
            if zip {
                header.set_compression("DEF");
            }
            let encrypter: Box<dyn jwe::JweEncrypter> = match alg {
                "ECDH-ES" => Box::new(jwe::ECDH_ES.encrypter_from_jwk(&key).unwrap()),
                "RSA-OAEP" => Box::new(jwe::RSA_OAEP.encrypter_from_jwk(&key).unwrap()),
                _ => Box::new(jwe::RSA_OAEP_256.encrypter_from_jwk(&key).unwrap()),
            };
            jwe::serialize_compact(b"inner", &header, encrypter.as_ref()).unwrap()
        };
        for alg in ["ECDH-ES", "RSA-OAEP", "RSA-OAEP-256"] {
            let text = seal(alg, "A256GCM", false);
            assert_eq!(keys.open(&text).unwrap(), "inner", "{alg}");
            assert!(others.open(&text).is_err(), "{alg}: other keys");
            let mut spoilt = text.clone();
            let at = text.len() - 4;
            spoilt.replace_range(at..=at, if text[at..].starts_with('A') { "B" } else { "A" });
            assert!(keys.open(&spoilt).is_err(), "{alg}: altered");
        }
        assert!(keys.open(&seal("ECDH-ES", "A128CBC-HS256", false)).is_err(), "another content encryption");
        assert!(keys.open(&seal("ECDH-ES", "A256GCM", true)).is_err(), "compressed");
        assert!(["", "a.b.c", "....", &"a".repeat(MAX_JWT + 1)].iter().all(|t| keys.open(t).is_err()));
    }

    #[test]
    fn without_a_name_each_key_is_tried_the_retired_ones_too() {
        let (present, mut before) = (keys(), keys());
        let old = before.published();
        before.0.iter_mut().for_each(|held| held.retired = true);
        let both = DecryptionKeys(present.0.into_iter().chain(before.0).collect());
        assert_eq!(both.published().len(), 2, "retired keys are not published");
        for (alg, kty) in [("ECDH-ES", "EC"), ("RSA-OAEP", "RSA"), ("RSA-OAEP-256", "RSA")] {
            let mut newest = both.published();
            for (keys, whose) in [(&mut newest, "present"), (&mut old.clone(), "retired")] {
                let key = keys.iter_mut().find(|k| k["kty"] == kty).unwrap();
                key.as_object_mut().unwrap().remove("kid");
                let key = Jwk::from_bytes(key.to_string()).unwrap();
                let mut header = josekit::jwe::JweHeader::new();
                header.set_content_encryption("A256GCM");
                let encrypter: Box<dyn jwe::JweEncrypter> = match alg {
                    "ECDH-ES" => Box::new(jwe::ECDH_ES.encrypter_from_jwk(&key).unwrap()),
                    "RSA-OAEP" => Box::new(jwe::RSA_OAEP.encrypter_from_jwk(&key).unwrap()),
                    _ => Box::new(jwe::RSA_OAEP_256.encrypter_from_jwk(&key).unwrap()),
                };
                let text = jwe::serialize_compact(b"inner", &header, encrypter.as_ref()).unwrap();
                let said: Value = serde_json::from_slice(&from_b64u(text.split('.').next().unwrap()).unwrap()).unwrap();
                assert_eq!(said.get("kid"), None);
                assert_eq!(both.open(&text).as_deref(), Ok("inner"), "{alg} {whose}");
            }
        }
    }

    #[test]
    fn a_shared_secret_signs_what_says_so() {
        let secret = Secret::new("a-secret-of-at-least-thirty-two-bytes");
        let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, secret.expose().as_bytes());
        let sign = |header: &str| {
            let signed = format!("{}.{}", crate::base::encode::b64u(header), crate::base::encode::b64u(r#"{"a":1}"#));
            let tag = aws_lc_rs::hmac::sign(&key, signed.as_bytes());
            format!("{signed}.{}", crate::base::encode::b64u(tag))
        };
        assert_eq!(verify_hs256::<Value>(&secret, &sign(r#"{"alg":"HS256"}"#)).unwrap()["a"], 1);
        assert_eq!(verify_hs256::<Value>(&Secret::new("x".repeat(32)), &sign(r#"{"alg":"HS256"}"#)), Err(Refusal::Signature));
        assert!(verify_hs256::<Value>(&secret, &sign(r#"{"alg":"none"}"#)).is_err());
        assert!(verify_hs256::<Value>(&secret, &sign(r#"{"alg":"HS256","crit":["x"]}"#)).is_err());
        assert!(verify_hs256::<Value>(&Secret::new(""), &sign(r#"{"alg":"HS256"}"#)).is_err());
    }
}
