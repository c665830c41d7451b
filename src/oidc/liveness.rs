//! « A dead thing is dead everywhere » (DESIGN §2.1): the one answer to whether a grant may still be used. Every path that
//! mints, refreshes, introspects or shows anything goes through [`alive`].

use super::hub::Hub;
use super::store::{GrantFacts, SessionState};
use crate::account::Account;
use crate::authn::policy;
use crate::base::{Aal, Timestamp};
use crate::oidc::client::Client;
use std::sync::Arc;

/// Proof that client, account, session and grant are all alive at this instant.
#[derive(Debug)]
pub struct Alive {
    client: Arc<Client>,
    account: Account,
    grant: GrantFacts,
}

impl Alive {
    /// The client.
    pub fn client(&self) -> &Arc<Client> {
        &self.client
    }

    /// The account.
    pub fn account(&self) -> &Account {
        &self.account
    }

    /// The grant.
    pub fn grant(&self) -> &GrantFacts {
        &self.grant
    }
}

/// What is dead.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Dead {
    /// The client is unknown or disabled.
    #[error("client disabled")]
    Client,
    /// The account is disabled, or not one that the client takes any more.
    #[error("account disabled")]
    Account,
    /// The upstream provider that vouched for the person is disabled.
    #[error("provider disabled")]
    Provider,
    /// The session has ended and the grant depends on it.
    #[error("session ended")]
    Session,
    /// The sign-in behind the grant is weaker than what is demanded now.
    #[error("a stronger authentication is required")]
    Weak(Aal),
    /// The grant was revoked.
    #[error("revoked")]
    Revoked,
    /// The grant is past its end.
    #[error("expired")]
    Expired,
}

/// Whether a session may be used.
pub fn session_alive(hub: &Hub<'_>, session: Option<&SessionState>, now: Timestamp) -> bool {
    session.is_some_and(|s| !s.ended && now < s.expires_at && now.since(s.last_seen_at) < hub.sign_in.session_idle)
}

/// Asks whether all that a grant rests on is alive.
pub fn alive(hub: &Hub<'_>, grant: GrantFacts, account: Account, now: Timestamp) -> Result<Alive, Dead> {
    let client = hub.clients.live(&grant.client_id).ok_or(Dead::Client)?.clone();
    if !account.is_alive() || !client.takes(&account) {
        return Err(Dead::Account);
    }
    if !hub.upstreams.sustain(grant.provider.as_deref()) {
        return Err(Dead::Provider);
    }
    if grant.revoked {
        return Err(Dead::Revoked);
    }
    if now >= grant.expires_at {
        return Err(Dead::Expired);
    }
    if !grant.offline && !session_alive(hub, grant.session.as_ref(), now) {
        return Err(Dead::Session);
    }
    let demand = policy::in_force(&account, hub.policy, now).or(client.demand());
    if grant.aal < demand.aal {
        return Err(Dead::Weak(demand.aal));
    }
    Ok(Alive { client, account, grant })
}
