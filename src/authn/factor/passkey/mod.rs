//! Passkeys (ux 3.5, WebAuthn Level 3): enrolled in « Mon compte », good as a first factor and as a second one, always
//! with user verification.
//!
//! A challenge is sealed in the page that shows it and comes back with the answer: whoever only looks writes nothing. Each
//! is bound to its step, browser and journey, good for five minutes and for one answer. A key whose counter goes back may
//! have been copied: the answer is refused, the key suspended and its owner told; it can only be removed.

pub mod challenge;
pub mod enrol;
pub mod offer;
pub mod party;
pub mod provider;
pub mod store;
pub mod verify;

use super::{Kit, notice};
use crate::audit::{self, Event, Kind};
use crate::authn::{Method, trusted_browser};
use crate::base::Timestamp;
use crate::base::encode::{b64u, from_b64u};
use crate::base::id::{AccountId, FactorId};
use crate::crypto::webauthn::{Key, RelyingParty};
use crate::db::{Handle, Result, Tx};
use crate::mail::message::SecurityEvent;

/// How many a person may have.
pub const MOST: usize = 20;

/// A passkey, as its owner sees it.
#[derive(Debug, Clone)]
pub struct Passkey {
    /// Identifier.
    pub id: FactorId,
    /// Name its owner gave it.
    pub name: String,
    /// Enrolment.
    pub created_at: Timestamp,
    /// Last use.
    pub last_used_at: Option<Timestamp>,
    /// Since when it is refused, its counter having gone back.
    pub suspended_at: Option<Timestamp>,
    /// Kept in several devices at once, or in one.
    pub synced: bool,
}

/// The passkeys of an account, oldest first.
pub async fn list(h: &mut impl Handle, kit: &Kit<'_>, account: &AccountId) -> Result<Vec<Passkey>> {
    let rows = store::list(h, account).await?;
    rows.into_iter()
        .map(|row| {
            let synced = row.key(kit)?.is_synced();
            let store::Row { id, name, created_at, last_used_at, suspended_at, .. } = row;
            Ok(Passkey { id, name, created_at, last_used_at, suspended_at, synced })
        })
        .collect()
}

/// One of them.
pub async fn find(h: &mut impl Handle, kit: &Kit<'_>, account: &AccountId, id: &FactorId) -> Result<Option<Passkey>> {
    Ok(list(h, kit, account).await?.into_iter().find(|key| key.id == *id))
}

/// The keys that may answer for an account: those that are not suspended.
async fn usable(h: &mut impl Handle, kit: &Kit<'_>, account: &AccountId) -> Result<Vec<Key>> {
    store::list(h, account).await?.iter().filter(|row| row.suspended_at.is_none()).map(|row| row.key(kit)).collect()
}

/// Gives a passkey another name. Answers whether the person has it.
pub async fn rename(tx: &mut Tx, kit: &Kit<'_>, account: &AccountId, id: &FactorId, name: &str) -> Result<bool> {
    let renamed = store::rename(tx, account, id, name).await? == 1;
    if renamed {
        audit::append(tx, kit.ctx, event(Kind::FactorRenamed, account).with("id", id.as_str())).await?;
    }
    Ok(renamed)
}

/// Removes a passkey and tells its owner. Answers whether they had it.
pub async fn remove(tx: &mut Tx, kit: &Kit<'_>, account: &AccountId, id: &FactorId) -> Result<bool> {
    let removed = store::remove(tx, account, id).await? == 1;
    if removed {
        audit::append(tx, kit.ctx, event(Kind::FactorRemoved, account).with("id", id.as_str())).await?;
        trusted_browser::distrust_all(tx, kit, account).await?;
        notice(tx, kit, account, SecurityEvent::PasskeyRemoved).await?;
    }
    Ok(removed)
}

/// What a key proves.
fn method(key: &Key) -> Method {
    if key.is_synced() { Method::SyncedKey } else { Method::DeviceKey }
}

fn event(kind: Kind, account: &AccountId) -> Event {
    Event::new(kind).account(account).with("factor", "passkey")
}

/// The person, as authenticators know them: stable, and it tells nothing of the account to whoever holds one.
fn handle(kit: &Kit<'_>, account: &AccountId) -> Vec<u8> {
    from_b64u(&kit.keys.subject.tag(&["passkey", account.as_str()])).unwrap_or_default()
}

/// What a browser is told so that it forgets the keys that were removed (`signalAllAcceptedCredentials`).
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Accepted {
    /// The RP ID.
    pub rp_id: String,
    /// The person's handle, base64url.
    pub user_id: String,
    /// Identifiers of the keys that are accepted, base64url.
    pub all_accepted_credential_ids: Vec<String>,
}

/// See [`Accepted`].
pub async fn accepted(h: &mut impl Handle, kit: &Kit<'_>, party: &RelyingParty, account: &AccountId) -> Result<Accepted> {
    let keys = usable(h, kit, account).await?;
    Ok(Accepted {
        rp_id: party.id().to_owned(),
        user_id: b64u(handle(kit, account)),
        all_accepted_credential_ids: keys.iter().map(|key| b64u(key.id())).collect(),
    })
}
