//! Signing keys and their life: next (published before use) → active → retired (published until the last token
//! it signed has expired, and the last session that such a token is a hint of has ended) → gone (DESIGN §7).

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use super::remote::{self, DecryptionKeys, Unusable};
use super::store::{self, StoredKey};
use super::{Algorithm, Sealer, SigningKey, VerifyingKey};
use crate::base::{Ctx, Timestamp};
use crate::db::{self, Handle, Tx};

/// Place of a key in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyState {
    /// Published, does not sign yet.
    Next,
    /// Signs.
    Active,
    /// Published, signs no more.
    Retired,
}

impl KeyState {
    /// The stored name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Next => "next",
            Self::Active => "active",
            Self::Retired => "retired",
        }
    }

    /// Reads a stored name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Next, Self::Active, Self::Retired].into_iter().find(|s| s.name() == name)
    }
}

/// When keys move.
#[derive(Debug, Clone, Copy)]
pub struct Schedule {
    /// How long a key signs.
    pub active_for: Duration,
    /// How long a key is published before it signs; longer than relying parties cache the JWK set.
    pub published_ahead: Duration,
    /// How long a retired key stays published: at least the life of what it signed, and of the sessions that id_tokens are hints of.
    pub retired_for: Duration,
}

/// The keys in memory, ready to use. Replaced as a whole when the database changes.
#[derive(Debug, Default)]
pub struct Keyring {
    active: HashMap<Algorithm, Arc<SigningKey>>,
    verifying: HashMap<String, VerifyingKey>,
    decryption: Arc<DecryptionKeys>,
    jwks: String,
}

/// The keyring cannot be used or changed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A stored key does not open or load.
    #[error("signing key {0} does not open with this master key")]
    Unusable(String),
    /// There is no such key, or it may not be moved so.
    #[error("{0}")]
    Refused(String),
    /// The store failed.
    #[error(transparent)]
    Db(#[from] db::Error),
}

impl From<Unusable> for Error {
    fn from(e: Unusable) -> Self {
        match e {
            Unusable::Key => Self::Unusable("decryption".to_owned()),
            Unusable::Db(e) => Self::Db(e),
        }
    }
}

impl Keyring {
    /// Loads every key.
    pub async fn load(h: &mut impl Handle, rest: &Sealer) -> Result<Self, Error> {
        let stored = store::list_keys(h).await?;
        let mut ring = Self::default();
        let mut published = Vec::with_capacity(stored.len());
        for key in &stored {
            let unusable = || Error::Unusable(key.kid.clone());
            let jwk: Value = serde_json::from_str(&key.public_jwk).map_err(|_| unusable())?;
            let public = VerifyingKey::from_public_jwk(key.alg, &jwk).map_err(|_| unusable())?;
            ring.verifying.insert(key.kid.clone(), public);
            if key.state == KeyState::Active {
                let pkcs8 = rest.open(&context(&key.kid), &key.sealed).map_err(|_| unusable())?;
                let signing = SigningKey::load(key.alg, &pkcs8).map_err(|_| unusable())?;
                ring.active.insert(key.alg, Arc::new(signing));
            }
            published.push(jwk);
        }
        ring.decryption = Arc::new(DecryptionKeys::load(h, rest).await?);
        published.extend(ring.decryption.published());
        ring.jwks = json!({ "keys": published }).to_string();
        Ok(ring)
    }

    /// The key that signs with `alg` now.
    pub fn signing(&self, alg: Algorithm) -> Option<&Arc<SigningKey>> {
        self.active.get(&alg)
    }

    /// A published key by name.
    pub fn verifying(&self, kid: &str) -> Option<&VerifyingKey> {
        self.verifying.get(kid)
    }

    /// Keys that open what is encrypted for us.
    pub fn decryption(&self) -> &Arc<DecryptionKeys> {
        &self.decryption
    }

    /// The JWK set document (RFC 7517 §5), ready to serve.
    pub fn jwks(&self) -> &str {
        &self.jwks
    }
}

fn context(kid: &str) -> String {
    format!("signing_key/{kid}")
}

/// A new key, not yet stored. Generation of RSA keys is slow: call from a blocking thread.
pub fn generate(alg: Algorithm, state: KeyState, rest: &Sealer, now: Timestamp) -> Result<StoredKey, Error> {
    let refused = |_| Error::Refused("key generation failed".into());
    let pkcs8 = SigningKey::generate(alg).map_err(refused)?;
    let key = SigningKey::load(alg, &pkcs8).map_err(refused)?;
    let sealed = rest.seal(&context(key.kid()), &pkcs8).map_err(|_| Error::Refused("sealing failed".into()))?;
    Ok(StoredKey {
        kid: key.kid().to_owned(),
        alg,
        state,
        public_jwk: key.public_jwk().to_string(),
        sealed,
        created_at: now,
        activated_at: (state == KeyState::Active).then_some(now),
        retired_at: None,
    })
}

/// What the keyring lacks: `(algorithm, state)` of keys to generate before [`advance`].
pub fn missing(keys: &[StoredKey], wanted: &[Algorithm]) -> Vec<(Algorithm, KeyState)> {
    let mut out = Vec::new();
    for &alg in wanted {
        for state in [KeyState::Active, KeyState::Next] {
            if !keys.iter().any(|k| k.alg == alg && k.state == state) {
                out.push((alg, state));
            }
        }
    }
    out
}

/// Stores `fresh` keys for places still empty, promotes and drops what is due. Answers what changed, in words for the log.
pub async fn advance(tx: &mut Tx, ctx: &Ctx, schedule: &Schedule, fresh: Vec<StoredKey>) -> Result<Vec<String>, Error> {
    // Nodes that start together must not make a key each.
    store::hold(tx, "keys").await?;
    let mut changes = Vec::new();
    let now = ctx.now();
    let mut keys = store::list_keys(tx).await?;
    for key in fresh {
        if !keys.iter().any(|k| k.alg == key.alg && k.state == key.state) {
            store::insert_key(tx, &key).await?;
            changes.push(format!("{} {} {}", key.alg.name(), key.state.name(), key.kid));
            keys.push(key);
        }
    }
    for alg in Algorithm::ALL {
        let of = |state: KeyState| keys.iter().find(|k| k.alg == alg && k.state == state);
        let (Some(active), Some(next)) = (of(KeyState::Active), of(KeyState::Next)) else { continue };
        let worn = now.since(active.activated_at.unwrap_or(active.created_at)) >= schedule.active_for;
        if worn && now.since(next.created_at) >= schedule.published_ahead {
            promote(tx, now, Some(active), next).await?;
            changes.push(format!("{} rotated to {}", alg.name(), next.kid));
        }
    }
    for key in &keys {
        if key.state == KeyState::Retired && now.since(key.retired_at.unwrap_or(now)) >= schedule.retired_for {
            store::delete_key(tx, &key.kid).await?;
            changes.push(format!("{} gone {}", key.alg.name(), key.kid));
        }
    }
    if remote::drop_retired(tx, now.minus(remote::KEPT)).await? {
        changes.push("retired decryption keys gone".to_owned());
    }
    if !changes.is_empty() {
        store::bump(tx, "keys").await?;
    }
    Ok(changes)
}

async fn promote(tx: &mut Tx, now: Timestamp, active: Option<&StoredKey>, next: &StoredKey) -> Result<(), Error> {
    if let Some(active) = active {
        store::move_key(tx, &active.kid, KeyState::Retired, None, Some(now)).await?;
    }
    store::move_key(tx, &next.kid, KeyState::Active, Some(now), None).await?;
    Ok(())
}

/// Rotates now: the published next key signs, the old one stays published.
pub async fn rotate(tx: &mut Tx, ctx: &Ctx, alg: Algorithm) -> Result<String, Error> {
    store::hold(tx, "keys").await?;
    let keys = store::list_keys(tx).await?;
    let of = |state: KeyState| keys.iter().find(|k| k.alg == alg && k.state == state);
    let next = of(KeyState::Next).ok_or_else(|| Error::Refused(format!("no next key for {}", alg.name())))?;
    promote(tx, ctx.now(), of(KeyState::Active), next).await?;
    store::bump(tx, "keys").await?;
    Ok(next.kid.clone())
}

/// Takes a compromised key away at once: nothing it signed verifies any more; the next key signs if it was the active one.
pub async fn revoke(tx: &mut Tx, ctx: &Ctx, kid: &str) -> Result<(), Error> {
    store::hold(tx, "keys").await?;
    let keys = store::list_keys(tx).await?;
    let key = keys.iter().find(|k| k.kid == kid).ok_or_else(|| Error::Refused(format!("no key {kid}")))?;
    if key.state == KeyState::Active {
        let next = keys.iter().find(|k| k.alg == key.alg && k.state == KeyState::Next);
        let next = next.ok_or_else(|| Error::Refused(format!("no next key for {}", key.alg.name())))?;
        promote(tx, ctx.now(), None, next).await?;
    }
    store::delete_key(tx, kid).await?;
    store::bump(tx, "keys").await?;
    Ok(())
}
