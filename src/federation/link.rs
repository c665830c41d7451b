//! S-18: a proved identity and an account that may be its person's. Both sides are proved before anything is linked, what was
//! asked and answered is recorded, and an operator can undo it.

use std::time::Duration;

use super::sign_in::{Person, create, link, link_context, proof};
use super::store::{self, IdentityRow, Proposal};
use super::{Provider, Refusal};
use crate::account::{self, Account};
use crate::audit::{self, Event, Kind};
use crate::authn::factor::Kit;
use crate::authn::factor::email_code::{Proved, Purpose};
use crate::authn::proof::Proof;
use crate::authn::session;
use crate::base::Email;
use crate::base::id::{AccountId, InteractionId};
use crate::db::{Error, Handle, Result, Tx};

/// How long the answers are kept.
const KEPT_FOR: Duration = Duration::from_secs(366 * 86_400);

/// A question that waits, and what it is about.
#[derive(Debug)]
pub struct Question {
    proposal: Proposal,
    person: Person,
    /// The account it may be.
    pub account: Account,
    /// The provider.
    pub provider: String,
}

impl Question {
    /// Whether who says no gets a space of their own.
    pub fn may_part(&self) -> bool {
        match self.person {
            Person::Individual(_) => true,
            Person::Professional(_) => false,
        }
    }

    /// Where the code goes that proves the account: an address that the provider gave too.
    pub fn address(&self) -> Option<&Email> {
        self.person.email()
    }
}

/// The question of a journey.
pub async fn question(h: &mut impl Handle, kit: &Kit<'_>, journey: &InteractionId) -> Result<Option<Question>> {
    let Some(proposal) = store::proposal(h, journey, kit.ctx.now()).await? else { return Ok(None) };
    let Some(account) = account::store::find(h, &proposal.account).await?.filter(Account::is_alive) else { return Ok(None) };
    let text = kit.keys.rest.open(&link_context(&proposal.id), &proposal.sealed).map_err(|e| Error::inconsistent(e.to_string()))?;
    let person = serde_json::from_slice(&text).map_err(|e| Error::inconsistent(e.to_string()))?;
    Ok(Some(Question { provider: proposal.provider.clone(), proposal, person, account }))
}

/// Spends a question. `false` when it was answered already, or its provider was disabled.
async fn decide(tx: &mut Tx, kit: &Kit<'_>, question: &Question, state: &str) -> Result<bool> {
    let now = kit.ctx.now();
    let first = store::decide(tx, &question.proposal.id, state, now, now.plus(KEPT_FOR)).await? == 1;
    Ok(first && store::is_enabled(tx, &question.provider).await?)
}

/// « Rattacher à mon compte existant »: with the code that came back from the account's own address. [`Error::Conflict`] when
/// the identity was linked meanwhile: roll back.
pub async fn accept(
    tx: &mut Tx,
    kit: &Kit<'_>,
    provider: &Provider,
    question: &Question,
    proved: &Proved,
) -> Result<std::result::Result<Proof, Refusal>> {
    let account = &question.account.id;
    if !proved.is_for(Purpose::Link) || proved.account() != Some(account) {
        return Ok(Err(Refusal::untrusted("the code is not of this account")));
    }
    if !decide(tx, kit, question, "linked").await? {
        return Ok(Err(Refusal::unavailable("answered already, or provider disabled")));
    }
    link(tx, kit, provider, &question.person.part(), account, "proved").await?;
    match &question.person {
        Person::Individual(vouched) => account::civil::store::set(tx, account, &vouched.civil, kit.ctx.now()).await?,
        // The code went to the address they sign in with.
        Person::Professional(agent) => match &agent.email {
            Some(email) => account::store::verify_login(tx, account, email, kit.ctx.now()).await?,
            None => 0,
        },
    };
    proof(kit, provider, &question.person.part(), account.clone()).map(Ok)
}

/// « Ce n’est pas moi »: a space of their own. A professional gets none, as the address they would sign in with is the other account's.
pub async fn decline(
    tx: &mut Tx,
    kit: &Kit<'_>,
    provider: &Provider,
    question: &Question,
) -> Result<std::result::Result<Option<Proof>, Refusal>> {
    if !decide(tx, kit, question, "declined").await? {
        return Ok(Err(Refusal::unavailable("answered already, or provider disabled")));
    }
    let event = Event::new(Kind::IdentityDeclined).account(&question.account.id).with("link", question.proposal.id.as_str());
    audit::append(tx, kit.ctx, event).await?;
    match &question.person {
        Person::Individual(vouched) => {
            let account = create(tx, kit, provider, vouched).await?;
            proof(kit, provider, &vouched.part(), account).map(|proof| Ok(Some(proof)))
        }
        Person::Professional(_) => Ok(Ok(None)),
    }
}

/// An operator undoes a link: the identity signs nobody in until it is linked again, and the account's sessions and grants
/// end. `false` when it was not linked to this account.
pub async fn unlink(tx: &mut Tx, kit: &Kit<'_>, account: &AccountId, issuer: &str, sub: &str) -> Result<bool> {
    if store::unlink(tx, issuer, sub, account).await? == 0 {
        return Ok(false);
    }
    session::end_all(tx, kit.ctx, account, None, "identity_unlinked").await?;
    audit::append(tx, kit.ctx, Event::new(Kind::IdentityUnlinked).account(account).with("issuer", issuer)).await?;
    Ok(true)
}

/// An operator moves an identity to the account that is its person's: undoes what was, and links.
pub async fn relink(tx: &mut Tx, kit: &Kit<'_>, row: &IdentityRow, to: &Account) -> Result<bool> {
    unlink(tx, kit, &row.account(), &row.issuer, &row.sub).await?;
    let seen = store::Seen { issuer: &row.issuer, sub: &row.sub, provider: &row.provider_id, acr: row.acr.as_deref(), now: kit.ctx.now() };
    let linked = store::link(tx, &seen, &to.id).await? == 1;
    if linked {
        let event = Event::new(Kind::IdentityLinked).account(&to.id).with("provider", row.provider_id.as_str()).with("how", "operator");
        audit::append(tx, kit.ctx, event).await?;
    }
    Ok(linked)
}
