//! From a verified person to an account: the one linked to their identity, a new one, or a question (S-18). Never a merge by
//! itself, and never by an address.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::agent::Agent;
use super::identity::Vouched;
use super::store::{self, Proposal, Seen};
use super::{Provider, Refusal};
use crate::account::{self, Account, AccountKind};
use crate::audit::{self, Event, Kind};
use crate::authn::Method;
use crate::authn::factor::Kit;
use crate::authn::proof::{Proof, Voucher};
use crate::base::id::{AccountId, InteractionId, LinkId};
use crate::base::{Actor, Email};
use crate::db::{Error, Result, Tx};
use crate::jobs::notice;

/// How long a question waits for its answer.
const OPEN_FOR: Duration = Duration::from_secs(1_800);

/// Somebody a provider vouched for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Person {
    /// FranceConnect's.
    Individual(Vouched),
    /// Another's.
    Professional(Agent),
}

impl Person {
    /// The address the provider knows.
    pub fn email(&self) -> Option<&Email> {
        match self {
            Self::Individual(vouched) => vouched.email.as_ref(),
            Self::Professional(agent) => agent.email.as_ref(),
        }
    }

    pub(super) fn part(&self) -> Part<'_> {
        match self {
            Self::Individual(vouched) => vouched.part(),
            Self::Professional(agent) => agent.part(),
        }
    }
}

/// The part of what is vouched for that does not depend on whom.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part<'a> {
    pub issuer: &'a str,
    pub sub: &'a str,
    pub acr: Option<&'a str>,
    pub method: Method,
    pub id_token: &'a str,
}

impl<'a> Part<'a> {
    pub(super) fn seen(self, kit: &Kit<'_>, provider: &'a Provider) -> Seen<'a> {
        Seen { issuer: self.issuer, sub: self.sub, provider: &provider.id, acr: self.acr, now: kit.ctx.now() }
    }
}

impl Vouched {
    pub(super) fn part(&self) -> Part<'_> {
        let (acr, method) = (Some(self.level.name()), self.level.into());
        Part { issuer: &self.issuer, sub: &self.sub, acr, method, id_token: &self.id_token }
    }
}

/// What becomes of somebody a provider vouched for.
#[derive(Debug)]
pub enum Settled {
    /// Proved: their account, new or not.
    Proved(Proof),
    /// They may have an account already: they are to be asked.
    Asked,
}

/// Finds or makes the account, in the transaction that will open the session. [`Error::Conflict`] when another callback of the
/// same person was first: roll back and try again.
pub async fn settle(
    tx: &mut Tx,
    kit: &Kit<'_>,
    provider: &Provider,
    vouched: &Vouched,
    journey: &InteractionId,
) -> Result<std::result::Result<Settled, Refusal>> {
    match linked(tx, kit, provider, &vouched.part(), AccountKind::Individual).await? {
        Err(refusal) => return Ok(Err(refusal)),
        Ok(Some(account)) => {
            refresh(tx, kit, &account, vouched).await?;
            return Ok(Ok(Settled::Proved(proof(kit, provider, &vouched.part(), account.id)?)));
        }
        Ok(None) => {}
    }
    if let Some(candidate) = candidate(tx, vouched).await? {
        propose(tx, kit, provider, &Person::Individual(vouched.clone()), &candidate, journey).await?;
        return Ok(Ok(Settled::Asked));
    }
    let account = create(tx, kit, provider, vouched).await?;
    Ok(Ok(Settled::Proved(proof(kit, provider, &vouched.part(), account)?)))
}

/// The account an identity is linked to, if it is. Kinds are never merged, whoever linked it and whatever the provider was then.
pub(super) async fn linked(
    tx: &mut Tx,
    kit: &Kit<'_>,
    provider: &Provider,
    part: &Part<'_>,
    kind: AccountKind,
) -> Result<std::result::Result<Option<Account>, Refusal>> {
    // It may have been disabled while the person was there.
    if !store::is_enabled(tx, &provider.id).await? {
        return Ok(Err(Refusal::unavailable("provider disabled")));
    }
    let Some(row) = store::identity(tx, part.issuer, part.sub).await?.filter(store::IdentityRow::is_linked) else { return Ok(Ok(None)) };
    let account = account::store::find(tx, &row.account()).await?.ok_or_else(|| Error::inconsistent("federated_identity.account_id"))?;
    if account.kind != kind {
        return Ok(Err(Refusal::other("identity of an account of the other kind")));
    }
    store::used(tx, &part.seen(kit, provider)).await?;
    Ok(Ok(Some(account)))
}

fn context(provider: &str) -> String {
    format!("upstream_session/{provider}")
}

/// The proof that opens a session: the only call of [`Proof::vouched`].
pub(super) fn proof(kit: &Kit<'_>, provider: &Provider, part: &Part<'_>, account: AccountId) -> Result<Proof> {
    Ok(Proof::vouched(account, part.method, kit.ctx.now(), voucher(kit, provider, part.id_token)?))
}

/// What signing out of the provider takes.
pub(super) fn voucher(kit: &Kit<'_>, provider: &Provider, id_token: &str) -> Result<Voucher> {
    let sealed = kit.keys.rest.seal(&context(&provider.id), id_token.as_bytes());
    let sealed = sealed.map_err(|e| Error::inconsistent(e.to_string()))?;
    Ok(Voucher { provider: provider.id.clone(), sealed })
}

/// The id_token that was kept with a session.
pub fn id_token(kit: &Kit<'_>, voucher: &Voucher) -> Option<String> {
    let bytes = kit.keys.rest.open(&context(&voucher.provider), &voucher.sealed).ok()?;
    String::from_utf8(bytes).ok()
}

/// What is vouched for takes the place of what was, when it differs.
async fn refresh(tx: &mut Tx, kit: &Kit<'_>, account: &Account, vouched: &Vouched) -> Result<()> {
    if account.civil.as_ref().is_some_and(|c| c.says_the_same(&vouched.civil)) {
        return Ok(());
    }
    account::civil::store::set(tx, &account.id, &vouched.civil, kit.ctx.now()).await?;
    notice::claims_changed(tx, kit.ctx, &account.id, None)?;
    let event = Event::new(Kind::IdentityChanged).account(&account.id).with("provider", vouched.civil.provider.as_str());
    audit::append(tx, kit.ctx, event).await
}

/// An individual's account that this person may have had before: their address receives its notices, and all but one fact
/// agree. The address alone says nothing: families share theirs.
async fn candidate(tx: &mut Tx, vouched: &Vouched) -> Result<Option<Account>> {
    let Some(email) = &vouched.email else { return Ok(None) };
    let mut ids = account::civil::store::individuals_at(tx, email).await?;
    if let Some(local) = account::store::find_by_login(tx, email).await?.filter(|a| a.kind == AccountKind::Individual) {
        ids.push(local.id);
    }
    for id in ids {
        let Some(account) = account::store::find(tx, &id).await?.filter(Account::is_alive) else { continue };
        let close = match &account.civil {
            Some(civil) => civil.is_close_to(&vouched.civil),
            None => vouched.civil.is_named(&account.given_name, &account.family_name),
        };
        if close {
            return Ok(Some(account));
        }
    }
    Ok(None)
}

/// Asks whether this account is theirs, once in a journey.
pub(super) async fn propose(
    tx: &mut Tx,
    kit: &Kit<'_>,
    provider: &Provider,
    person: &Person,
    to: &Account,
    journey: &InteractionId,
) -> Result<()> {
    let now = kit.ctx.now();
    let id = LinkId::new(now, kit.ctx.rng.as_ref());
    let text = serde_json::to_vec(person).map_err(|e| Error::inconsistent(e.to_string()))?;
    let sealed = kit.keys.rest.seal(&link_context(&id), &text).map_err(|e| Error::inconsistent(e.to_string()))?;
    let proposal = Proposal { id, provider: provider.id.clone(), account: to.id.clone(), sealed };
    if store::propose(tx, &proposal, journey, now, now.plus(OPEN_FOR)).await? == 1 {
        let event = Event::new(Kind::IdentityProposed).account(&to.id).with("provider", provider.id.as_str());
        audit::append(tx, kit.ctx, event.with("link", proposal.id.as_str())).await?;
    }
    Ok(())
}

/// Where what was proved is sealed until its person answers.
pub(super) fn link_context(id: &LinkId) -> String {
    format!("identity_link/{}", id.as_str())
}

/// A space for somebody new (AG-01): at once, with what the provider vouches for and nothing typed.
pub(super) async fn create(tx: &mut Tx, kit: &Kit<'_>, provider: &Provider, vouched: &Vouched) -> Result<AccountId> {
    let now = kit.ctx.now();
    let account = Account {
        given_name: vouched.civil.given_name.clone(),
        family_name: vouched.civil.family_name.clone(),
        ..Account::new(kit.ctx, AccountKind::Individual)
    };
    account::store::insert(tx, &account).await?;
    account::civil::store::set(tx, &account.id, &vouched.civil, now).await?;
    let ctx = kit.ctx.acting_as(Actor::Account(account.id.clone()));
    let event = Event::new(Kind::AccountCreated).account(&account.id).with("how", "upstream").with("provider", provider.id.as_str());
    audit::append(tx, &ctx, event).await?;
    link(tx, kit, provider, &vouched.part(), &account.id, "first").await?;
    Ok(account.id)
}

/// Links an identity; [`Error::Conflict`] when it is linked already.
pub(super) async fn link(tx: &mut Tx, kit: &Kit<'_>, provider: &Provider, part: &Part<'_>, account: &AccountId, how: &str) -> Result<()> {
    if store::link(tx, &part.seen(kit, provider), account).await? == 0 {
        return Err(Error::Conflict("federated_identity".to_owned()));
    }
    let ctx = kit.ctx.acting_as(Actor::Account(account.clone()));
    let event = Event::new(Kind::IdentityLinked).account(account).with("provider", provider.id.as_str()).with("how", how);
    audit::append(tx, &ctx, event).await
}
