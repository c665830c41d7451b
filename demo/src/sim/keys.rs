//! Signing keys of a platform, and encryption for its clients.

use std::sync::Mutex;

use anyhow::Context;
use josekit::jwe::{self, JweHeader};
use josekit::jwk::Jwk;
use josekit::jwk::alg::ec::EcCurve;
use josekit::jws::{self, JwsHeader, JwsSigner, JwsVerifier};
use josekit::jwt;
use serde_json::{Map, Value, json};

use super::client::{Alg, Wrap};
use super::lock;

/// Sets of keys remembered, the current one first; hints are checked against all of them.
const REMEMBERED: usize = 10;
/// Sets of keys published.
const PUBLISHED: usize = 2;

pub(super) struct Keys {
    rsa: bool,
    sets: Mutex<Vec<Vec<Jwk>>>,
}

impl Keys {
    /// Keys are made when first needed.
    pub fn new(rsa: bool) -> Self {
        Self { rsa, sets: Mutex::default() }
    }

    fn make(&self) -> anyhow::Result<Vec<Jwk>> {
        let mut set = vec![named(Jwk::generate_ec_key(EcCurve::P256)?, "ES256")?];
        if self.rsa {
            set.push(named(Jwk::generate_rsa_key(2048)?, "RS256")?);
        }
        Ok(set)
    }

    pub fn rotate(&self) -> anyhow::Result<()> {
        let set = self.make()?;
        let mut sets = lock(&self.sets);
        sets.insert(0, set);
        sets.truncate(REMEMBERED);
        Ok(())
    }

    fn with<T>(&self, work: impl FnOnce(&[Vec<Jwk>]) -> anyhow::Result<T>) -> anyhow::Result<T> {
        let mut sets = lock(&self.sets);
        if sets.is_empty() {
            sets.push(self.make()?);
        }
        work(&sets)
    }

    /// The public set.
    pub fn jwks(&self) -> anyhow::Result<Value> {
        self.with(|sets| {
            let keys = sets.iter().take(PUBLISHED).flatten().map(public).collect::<anyhow::Result<Vec<_>>>()?;
            Ok(json!({ "keys": keys }))
        })
    }

    /// A compact JWS of `claims`.
    pub fn sign(&self, alg: Alg, claims: &Map<String, Value>) -> anyhow::Result<String> {
        self.with(|sets| {
            let key = sets.iter().flatten().find(|k| k.algorithm() == Some(alg.name())).context("no such key")?;
            let signer: Box<dyn JwsSigner> = match alg {
                Alg::ES256 => Box::new(jws::ES256.signer_from_jwk(key)?),
                Alg::RS256 => Box::new(jws::RS256.signer_from_jwk(key)?),
            };
            compact(claims, key.key_id(), signer.as_ref())
        })
    }

    /// The claims of a token this platform signed, however old.
    pub fn verify(&self, token: &str) -> anyhow::Result<Map<String, Value>> {
        let header = jwt::decode_header(token)?;
        let kid = header.claim("kid").and_then(Value::as_str).context("no kid")?;
        self.with(|sets| {
            let key = sets.iter().flatten().find(|k| k.key_id() == Some(kid)).context("unknown key")?;
            let verifier = verifier(key, key.algorithm().unwrap_or_default())?;
            Ok(serde_json::from_slice(&jws::deserialize_compact(token, verifier.as_ref())?.0)?)
        })
    }
}

/// The verifier of `alg` with a public key.
pub(super) fn verifier(key: &Jwk, alg: &str) -> anyhow::Result<Box<dyn JwsVerifier>> {
    Ok(match alg {
        "ES256" => Box::new(jws::ES256.verifier_from_jwk(key)?),
        "RS256" => Box::new(jws::RS256.verifier_from_jwk(key)?),
        _ => anyhow::bail!("algorithm not taken"),
    })
}

fn compact(claims: &Map<String, Value>, kid: Option<&str>, signer: &dyn JwsSigner) -> anyhow::Result<String> {
    let mut header = JwsHeader::new();
    if let Some(kid) = kid {
        header.set_key_id(kid);
    }
    Ok(jws::serialize_compact(&serde_json::to_vec(claims)?, &header, signer)?)
}

/// HS256 with the client's secret: what FranceConnect still does for old clients.
pub(super) fn sign_with_secret(secret: &str, claims: &Map<String, Value>) -> anyhow::Result<String> {
    compact(claims, None, &jws::HS256.signer_from_bytes(secret.as_bytes())?)
}

/// `alg: none`, which nobody may take.
pub(super) fn unsigned(claims: &Map<String, Value>) -> anyhow::Result<String> {
    let payload = jwt::JwtPayload::from_map(claims.clone())?;
    Ok(jwt::encode_unsecured(&payload, &JwsHeader::new())?)
}

/// By a key that the JWKS does not have.
pub(super) fn sign_with_stranger(claims: &Map<String, Value>) -> anyhow::Result<String> {
    let key = named(Jwk::generate_ec_key(EcCurve::P256)?, "ES256")?;
    compact(claims, key.key_id(), &jws::ES256.signer_from_jwk(&key)?)
}

/// Nests a JWS in a JWE for a key of `jwks`.
pub(super) fn encrypt(token: &str, wrap: Wrap, jwks: &Value) -> anyhow::Result<String> {
    let (kty, alg) = match wrap {
        Wrap::EcdhEs => ("EC", "ECDH-ES"),
        Wrap::RsaOaep => ("RSA", "RSA-OAEP"),
    };
    let keys = jwks.get("keys").and_then(Value::as_array).context("no keys")?;
    let is = |key: &Value, name: &str, wanted: &str| key.get(name).is_none_or(|v| v == wanted);
    let fits = |key: &&Value| is(key, "use", "enc") && key.get("kty").is_some_and(|k| k == kty) && is(key, "alg", alg);
    let key = keys.iter().find(fits).context("the client has no key for this encryption")?;
    let key = Jwk::from_map(key.as_object().context("not a key")?.clone())?;
    let mut header = JweHeader::new();
    header.set_content_encryption("A256GCM");
    header.set_content_type("JWT");
    if let Some(kid) = key.key_id() {
        header.set_key_id(kid);
    }
    Ok(match wrap {
        Wrap::EcdhEs => jwe::serialize_compact(token.as_bytes(), &header, &jwe::ECDH_ES.encrypter_from_jwk(&key)?)?,
        Wrap::RsaOaep => jwe::serialize_compact(token.as_bytes(), &header, &jwe::RSA_OAEP.encrypter_from_jwk(&key)?)?,
    })
}

/// The public part, with its name, algorithm and use, which josekit drops.
fn public(key: &Jwk) -> anyhow::Result<Jwk> {
    let mut public = key.to_public_key()?;
    public.set_key_id(key.key_id().context("no name")?);
    public.set_algorithm(key.algorithm().context("no algorithm")?);
    public.set_key_use("sig");
    Ok(public)
}

/// Names a key by its thumbprint (RFC 7638), so that no two keys ever share a name.
fn named(mut key: Jwk, alg: &str) -> anyhow::Result<Jwk> {
    let members: &[&str] = if key.key_type() == "EC" { &["crv", "kty", "x", "y"] } else { &["e", "kty", "n"] };
    let mut canonical = Map::new();
    for member in members {
        canonical.insert((*member).into(), key.as_ref().get(*member).cloned().context("incomplete key")?);
    }
    key.set_key_id(guichet::crypto::sha256(&serde_json::to_vec(&canonical)?));
    key.set_algorithm(alg);
    key.set_key_use("sig");
    Ok(key)
}
