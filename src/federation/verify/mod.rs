//! « Vérifier mon identité avec FranceConnect » (french-domain §3.3; DESIGN §5, the axis of the person): a professional who is
//! signed in proves who they are to a provider. Nobody signs in by it, no account is made, nothing is linked to an individual's
//! space.
//!
//! A person of an issuer verifies one professional account at a time: one who has two says which by removing the verification
//! of the other. It leaves an account by itself when that account is closed or when its time has passed. Another identity may
//! renew that of an account only when it may be the same person's after a correction of their civil status.

pub mod store;

use serde::{Deserialize, Serialize};

use super::discovery::Net;
use super::identity::Vouched;
use super::logout::{self, Exit};
use super::{Cause, Provider, ProviderKind, Providers, Refusal, sign_in};
use crate::account::{self, Account, AccountKind, Civil};
use crate::audit::{self, Event, Kind};
use crate::authn::factor::{self, Kit};
use crate::base::id::{AccountId, SessionId};
use crate::db::{Handle, Result, Tx};
use crate::jobs::notice::claims_changed;
use crate::mail::message::SecurityEvent;

use store::{Row, Verified};

/// What somebody is at a provider for, when it is not to sign in. Sealed with the request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Errand {
    /// To verify the identity of this account, in this session.
    #[serde(rename = "v")]
    Verify(AccountId, SessionId),
    /// To show that they are who was verified on this account: its means of connection are lost (S-11).
    #[serde(rename = "r")]
    Recover(AccountId),
}

/// Why an identity does not verify an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Denied {
    /// It verifies another one.
    Taken,
    /// The account was verified as somebody else's.
    SomebodyElse,
    /// The provider or the account was disabled meanwhile, or this is not an account of a professional.
    Unavailable,
}

impl Denied {
    /// The same, for the trail.
    pub fn refusal(self) -> Refusal {
        let (cause, why) = match self {
            Self::Taken => (Cause::Other, "identity verifies another account"),
            Self::SomebodyElse => (Cause::Other, "not the person verified on this account"),
            Self::Unavailable => (Cause::Unavailable, "provider or account disabled, or not a professional"),
        };
        Refusal { cause, code: None, why: why.to_owned() }
    }
}

/// Whether a provider can verify professionals.
pub fn verifies(provider: &Provider) -> bool {
    provider.enabled && provider.metadata.kind == ProviderKind::FranceConnect
}

/// Records what was vouched for on an account: its names are those from now on, and nobody's to change.
/// [`crate::db::Error::Conflict`] when the person verified another account at the same time: roll back, it is [`Denied::Taken`].
pub async fn record(
    tx: &mut Tx,
    kit: &Kit<'_>,
    provider: &Provider,
    vouched: &Vouched,
    account: &AccountId,
) -> Result<std::result::Result<(), Denied>> {
    let now = kit.ctx.now();
    let enabled = super::store::is_enabled(tx, &provider.id).await?;
    // As it is now: it may have been disabled, or verified in another tab, while the person was there.
    let present = account::store::find(tx, account).await?.filter(|a| a.is_alive() && a.kind == AccountKind::Professional);
    let Some(account) = &present.filter(|_| enabled) else { return Ok(Err(Denied::Unavailable)) };
    if let Err(denied) = same_person(tx, vouched, account).await? {
        return Ok(Err(denied));
    }
    if let Some(other) = store::of_person(tx, &vouched.issuer, &vouched.sub).await?.filter(|row| row.account() != account.id) {
        let alive = account::store::find(tx, &other.account()).await?.is_some_and(|a| a.is_alive());
        if alive && now < other.valid_until() {
            return Ok(Err(Denied::Taken));
        }
        forget(tx, kit, &other.account(), "moved").await?;
    }
    let until = now.plus(kit.config.policy.identity_valid_for);
    let verified = Verified { issuer: &vouched.issuer, sub: &vouched.sub, provider: &provider.id, at: now, until };
    store::put(tx, &account.id, &verified).await?;
    let civil = Civil { until: Some(until), ..vouched.civil.least() };
    let (given_name, family_name) = civil.in_use();
    account::civil::store::verify(tx, &account.id, &civil, &given_name, &family_name, now).await?;
    let event = Event::new(Kind::IdentityVerified).account(&account.id).with("provider", provider.id.as_str());
    let renamed = (&given_name, &family_name) != (&account.given_name, &account.family_name);
    let event = event.with("acr", vouched.level.name()).with("until", until.millis()).with("renamed", renamed);
    audit::append(tx, kit.ctx, event).await?;
    claims_changed(tx, kit.ctx, &account.id, None)?;
    factor::notice(tx, kit, &account.id, SecurityEvent::IdentityVerified).await?;
    Ok(Ok(()))
}

async fn same_person(tx: &mut Tx, vouched: &Vouched, account: &Account) -> Result<std::result::Result<(), Denied>> {
    let (Some(row), Some(before)) = (store::of_account(tx, &account.id).await?, &account.civil) else { return Ok(Ok(())) };
    let same = row.issuer == vouched.issuer && row.sub == vouched.sub;
    Ok(if same || before.is_close_to(&vouched.civil) { Ok(()) } else { Err(Denied::SomebodyElse) })
}

/// Removes the verification of an account: its names stay, and are its person's to change. `why` is for the trail (`person`,
/// `operator`). `false` when there is none.
pub async fn remove(tx: &mut Tx, kit: &Kit<'_>, account: &AccountId, why: &str) -> Result<bool> {
    let removed = forget(tx, kit, account, why).await?;
    if removed {
        factor::notice(tx, kit, account, SecurityEvent::IdentityUnverified).await?;
    }
    Ok(removed)
}

async fn forget(tx: &mut Tx, kit: &Kit<'_>, account: &AccountId, why: &str) -> Result<bool> {
    if store::remove(tx, account).await? == 0 {
        return Ok(false);
    }
    account::civil::store::forget(tx, account, kit.ctx.now()).await?;
    audit::append(tx, kit.ctx, Event::new(Kind::IdentityUnverified).account(account).with("why", why)).await?;
    claims_changed(tx, kit.ctx, account, None)?;
    Ok(true)
}

/// Where the person verified on an account can prove again who they are: its time may have passed, the person is the same.
pub async fn route(h: &mut impl Handle, providers: &Providers, account: &AccountId) -> Result<Option<std::sync::Arc<Provider>>> {
    let Some(row) = store::of_account(h, account).await? else { return Ok(None) };
    Ok(providers.live(&row.provider_id).filter(|p| verifies(p) && p.metadata.issuer == row.issuer).cloned())
}

/// Whether this is the very person who was verified on an account; it and the provider are enabled now.
pub async fn is_person_of(tx: &mut Tx, provider: &Provider, vouched: &Vouched, account: &AccountId) -> Result<bool> {
    let is = |row: Row| row.provider_id == provider.id && row.issuer == vouched.issuer && row.sub == vouched.sub;
    let same = store::of_account(tx, account).await?.is_some_and(is);
    let alive = account::store::find(tx, account).await?.is_some_and(|a| a.is_alive());
    Ok(same && alive && super::store::is_enabled(tx, &provider.id).await?)
}

/// How the browser leaves the provider, at once: it only served to verify somebody (french-domain §1.9). `back` is a path of ours.
pub async fn exit(
    net: Net<'_>,
    kit: &Kit<'_>,
    hub: &str,
    provider: &Provider,
    vouched: &Vouched,
    browser: &str,
    back: &str,
) -> Result<Option<Exit>> {
    // What is kept must fit in a cookie; otherwise the way ends where sign-outs do.
    let back = Some(back.to_owned()).filter(|b| b.len() <= LONGEST_BACK);
    let voucher = sign_in::voucher(kit, provider, &vouched.id_token)?;
    Ok(logout::exit(net, kit, hub, provider, &voucher, browser, back).await)
}

const LONGEST_BACK: usize = 2_400;
