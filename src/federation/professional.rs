//! From a verified professional to an account: the one linked to their identity, one they prove is theirs (S-18), or a new one. What
//! their provider says of an establishment gives no right anywhere.

use super::agent::Agent;
use super::sign_in::{self, Part, Settled};
use super::{Cause, Provider, Providers, Refusal};
use crate::account::{self, Account, AccountKind};
use crate::audit::{self, Event, Kind};
use crate::authn::factor::Kit;
use crate::base::id::{AccountId, InteractionId};
use crate::base::{Actor, Email};
use crate::db::{Result, Tx};

impl Agent {
    /// What does not depend on whom it is about.
    pub(super) fn part(&self) -> Part<'_> {
        Part { issuer: &self.issuer, sub: &self.sub, acr: self.acr.as_deref(), method: self.method, id_token: &self.id_token }
    }
}

/// Finds or makes the account, in the transaction that will open the session. [`Error::Conflict`] when another callback of the
/// same person was first: roll back and try again.
pub async fn settle(
    tx: &mut Tx,
    kit: &Kit<'_>,
    providers: &Providers,
    provider: &Provider,
    agent: &Agent,
    journey: &InteractionId,
) -> Result<std::result::Result<Settled, Refusal>> {
    match sign_in::linked(tx, kit, provider, &agent.part(), AccountKind::Professional).await? {
        Err(refusal) => return Ok(Err(refusal)),
        Ok(Some(account)) => return sign_in::proof(kit, provider, &agent.part(), account.id).map(|proof| Ok(Settled::Proved(proof))),
        Ok(None) => {}
    }
    let Some(email) = &agent.email else {
        return Ok(Err(Refusal { cause: Cause::Incomplete, code: None, why: "no address it answers for".to_owned() }));
    };
    // A domain that another provider answers for alone is not for this one to vouch for.
    if providers.route(email).is_some_and(|owner| owner.metadata.exclusive && owner.id != provider.id) {
        return Ok(Err(Refusal::other("address of another provider")));
    }
    match account::store::find_by_login(tx, email).await? {
        Some(account) if account.is_alive() && account.kind == AccountKind::Professional => {
            let about = sign_in::Person::Professional(agent.clone());
            sign_in::propose(tx, kit, provider, &about, &account, journey).await?;
            Ok(Ok(Settled::Asked))
        }
        Some(_) => Ok(Err(Refusal::other("address of an account that cannot be linked"))),
        None => {
            let account = create(tx, kit, provider, agent, email).await?;
            sign_in::proof(kit, provider, &agent.part(), account).map(|proof| Ok(Settled::Proved(proof)))
        }
    }
}

/// An account for somebody new, with what the provider vouches for.
async fn create(tx: &mut Tx, kit: &Kit<'_>, provider: &Provider, agent: &Agent, email: &Email) -> Result<AccountId> {
    let account = Account {
        login_email: Some(email.clone()),
        login_email_verified: true,
        given_name: agent.given_name.clone(),
        family_name: agent.family_name.clone(),
        phone: agent.phone.clone(),
        ..Account::new(kit.ctx, AccountKind::Professional)
    };
    account::store::insert(tx, &account).await?;
    let ctx = kit.ctx.acting_as(Actor::Account(account.id.clone()));
    let event = Event::new(Kind::AccountCreated).account(&account.id).with("how", "upstream").with("provider", provider.id.as_str());
    audit::append(tx, &ctx, event.with("siret", agent.siret.name())).await?;
    sign_in::link(tx, kit, provider, &agent.part(), &account.id, "first").await?;
    Ok(account.id)
}
