//! Signing keys as operators handle them: rotated ahead of time, or revoked. Each leaves an event in the trail, in the same
//! transaction.

use std::time::Duration;

use crate::audit::{self, Event, Kind};
use crate::base::Ctx;
use crate::crypto::keyring::{self, KeyState, Schedule};
use crate::crypto::remote::{self, DecryptionKeys};
use crate::crypto::{Algorithm, Sealer, store};
use crate::db::{self, Tx};

/// A change of the keyring is refused.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Relying parties may not have seen the next key yet.
    #[error("the next {0} key was published less than {1} h ago: services that keep our keys in memory would refuse what it signs")]
    TooFresh(&'static str, u64),
    /// There is no such key.
    #[error("no key {0}")]
    Unknown(String),
    /// No provider encrypts to us, or what it may still encrypt to would open no more.
    #[error("there are no decryption keys, or those before them still decrypt: they would go now, not {0} days after their turn")]
    Decrypting(u64),
    /// It is published: providers encrypt to it.
    #[error("providers encrypt to {0}: `guichet key rotate --decryption` first")]
    Published(String),
    /// The keyring.
    #[error(transparent)]
    Keyring(#[from] keyring::Error),
    /// The store.
    #[error(transparent)]
    Db(#[from] db::Error),
}

/// Lets the next key of an algorithm sign from now on; the present one stays published. Refused while the next key is
/// younger than the time it must be published ahead, unless `force`. Answers the `kid`.
pub async fn rotate(tx: &mut Tx, ctx: &Ctx, schedule: &Schedule, alg: Algorithm, force: bool) -> Result<String, Error> {
    let keys = store::list_keys(tx).await?;
    let next = keys.iter().find(|k| k.alg == alg && k.state == KeyState::Next);
    let fresh = next.is_some_and(|k| ctx.now().since(k.created_at) < schedule.published_ahead);
    if fresh && !force {
        return Err(Error::TooFresh(alg.name(), hours(schedule.published_ahead)));
    }
    let kid = keyring::rotate(tx, ctx, alg).await?;
    let change = format!("{} rotated to {kid}", alg.name());
    audit::append(tx, ctx, Event::new(Kind::KeysChanged).with("changes", vec![change])).await?;
    Ok(kid)
}

/// Takes a key away at once: nothing it signed verifies any more.
pub async fn revoke(tx: &mut Tx, ctx: &Ctx, kid: &str) -> Result<(), Error> {
    if !store::list_keys(tx).await?.iter().any(|k| k.kid == kid) {
        return Err(Error::Unknown(kid.to_owned()));
    }
    keyring::revoke(tx, ctx, kid).await?;
    audit::append(tx, ctx, Event::new(Kind::KeyRevoked).with("kid", kid)).await?;
    Ok(())
}

/// Puts new decryption keys, made by [`DecryptionKeys::make`], in the place of those providers encrypt to.
pub async fn rotate_decryption(tx: &mut Tx, ctx: &Ctx, rest: &Sealer, made: &[(&'static str, String)], force: bool) -> Result<(), Error> {
    let replaced = remote::replace(tx, rest, made, ctx.now(), force).await.map_err(keyring::Error::from)?;
    if !replaced {
        return Err(Error::Decrypting(hours(remote::KEPT) / 24));
    }
    audit::append(tx, ctx, Event::new(Kind::KeysChanged).with("changes", vec!["decryption keys rotated".to_owned()])).await?;
    Ok(())
}

/// Takes the decryption keys before the present ones away at once. `kid` is one of them.
pub async fn revoke_decryption(tx: &mut Tx, ctx: &Ctx, held: &DecryptionKeys, kid: &str) -> Result<(), Error> {
    match held.listed().into_iter().find(|k| k.kid == kid) {
        None => Err(Error::Unknown(kid.to_owned())),
        Some(key) if !key.retired => Err(Error::Published(kid.to_owned())),
        Some(_) => {
            remote::drop_retired(tx, ctx.now()).await?;
            audit::append(tx, ctx, Event::new(Kind::KeyRevoked).with("kid", kid)).await?;
            Ok(())
        }
    }
}

fn hours(d: Duration) -> u64 {
    d.as_secs() / 3_600
}
