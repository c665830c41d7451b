//! A passkey is made (ux P-09).

use super::challenge::{self, Answer, Place, Prompt, Stale};
use super::{MOST, event, handle, method, provider, store};
use crate::account::Account;
use crate::audit::{self, Kind};
use crate::authn::Proof;
use crate::authn::factor::{Kit, notice};
use crate::base::id::FactorId;
use crate::crypto::webauthn::{Creation, Flaw, Holder, Key, RelyingParty};
use crate::db::{Error, Handle, Result, Tx};
use crate::mail::message::SecurityEvent;

/// Why no passkey was added.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// The challenge is not good here, or no longer.
    Challenge(Stale),
    /// The answer is not that of a key we asked for.
    Answer(Flaw),
    /// The key is enrolled already, by this person or another.
    Known,
    /// The person has as many as they may.
    TooMany,
}

impl Refused {
    const fn name(self) -> &'static str {
        match self {
            Self::Challenge(stale) => stale.name(),
            Self::Answer(flaw) => flaw.name(),
            Self::Known => "known",
            Self::TooMany => "too_many",
        }
    }
}

/// What the browser is asked to make. The keys the person has are named, so that the same one is not made twice.
pub async fn prompt(
    h: &mut impl Handle,
    kit: &Kit<'_>,
    party: &RelyingParty,
    place: &Place<'_>,
    account: &Account,
) -> Result<std::result::Result<Prompt, Refused>> {
    let rows = store::list(h, &account.id).await?;
    if rows.len() >= MOST {
        return Ok(Err(Refused::TooMany));
    }
    let has: Vec<Key> = rows.iter().map(|row| row.key(kit)).collect::<Result<_>>()?;
    let full_name = account.full_name();
    let name = account.notice_email().map_or(full_name.as_str(), |e| e.as_str());
    let name = account.login_email.as_ref().map_or(name, |e| e.as_str());
    let display_name = if full_name.is_empty() { name } else { full_name.as_str() };
    let holder = Holder { handle: &handle(kit, &account.id), name, display_name };
    let (options, state) = party.create(&holder, &has).map_err(|e| Error::inconsistent(e.name()))?;
    challenge::seal(kit, place, options, state).map(Ok)
}

/// A passkey that was just made.
#[derive(Debug)]
pub struct Added {
    /// Its identifier.
    pub id: FactorId,
    /// The authenticator verified its user: where one more factor is owed, this is it.
    pub proof: Proof,
}

/// Adds the passkey that was made, under the name of its model or of the browser, and tells its owner. Commit whatever the
/// outcome.
pub async fn add(
    tx: &mut Tx,
    kit: &Kit<'_>,
    party: &RelyingParty,
    place: &Place<'_>,
    account: &Account,
    answer: Answer<'_>,
) -> Result<std::result::Result<Added, Refused>> {
    match check(tx, kit, party, place, account, answer).await? {
        Ok(added) => {
            audit::append(tx, kit.ctx, event(Kind::FactorAdded, &account.id).with("id", added.id.as_str())).await?;
            notice(tx, kit, &account.id, SecurityEvent::PasskeyAdded).await?;
            Ok(Ok(added))
        }
        Err(refused) => {
            let event = event(Kind::SignInRefused, &account.id).with("purpose", place.purpose.name());
            audit::append(tx, kit.ctx, event.with("why", refused.name())).await?;
            Ok(Err(refused))
        }
    }
}

async fn check(
    tx: &mut Tx,
    kit: &Kit<'_>,
    party: &RelyingParty,
    place: &Place<'_>,
    account: &Account,
    answer: Answer<'_>,
) -> Result<std::result::Result<Added, Refused>> {
    let state: Creation = match challenge::spend(tx, kit, place, answer.sealed).await? {
        Ok(state) => state,
        Err(stale) => return Ok(Err(Refused::Challenge(stale))),
    };
    let key = match party.created(answer.credential, &state) {
        Ok(key) => key,
        Err(flaw) => return Ok(Err(Refused::Answer(flaw))),
    };
    if store::list(tx, &account.id).await?.len() >= MOST {
        return Ok(Err(Refused::TooMany));
    }
    let id = FactorId::new(kit.ctx.now(), kit.ctx.rng.as_ref());
    let new = store::New { id: &id, account: &account.id, name: &provider::name(kit, key.aaguid()), key: &key };
    if store::insert(tx, kit, &new).await? == 0 {
        return Ok(Err(Refused::Known));
    }
    let proof = Proof::new(account.id.clone(), method(&key), kit.ctx.now());
    Ok(Ok(Added { id, proof }))
}
