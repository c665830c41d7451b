//! « A dead thing is dead everywhere » (DESIGN §2.1): the one answer to whether a grant may still be used. Every path that
//! mints, refreshes, introspects or shows anything goes through [`alive`].

use super::hub::Hub;
use super::store::{GrantFacts, SessionState};
use crate::account::{Account, AccountKind};
use crate::authn::policy::{self, Asker, Demand};
use crate::base::{Aal, Timestamp};
use crate::db::{self, Handle};
use crate::oidc::client::Client;
use crate::org::service::Service;
use crate::org::{self, Link, Standing};
use std::sync::Arc;

/// Proof that client, account, session and grant are all alive at this instant.
#[derive(Debug)]
pub struct Alive {
    client: Arc<Client>,
    account: Account,
    grant: GrantFacts,
    place: Option<Box<Standing>>,
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

    /// What the person is and holds, now, in the establishment they act for.
    pub fn place(&self) -> Option<&Standing> {
        self.place.as_deref()
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
    /// The person does not act any more for the establishment of the grant.
    #[error("the person does not act for the establishment any more")]
    Establishment,
    /// The service is closed, or the person holds no habilitation for it any more.
    #[error("no access to the service any more")]
    Access,
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
pub async fn alive(
    h: &mut impl Handle,
    hub: &Hub<'_>,
    mut grant: GrantFacts,
    account: Account,
    now: Timestamp,
) -> db::Result<Result<Alive, Dead>> {
    let mut place = None;
    if let Some(siret) = grant.siret.clone() {
        let service = hub.clients.live(&grant.client_id).and_then(|c| c.metadata.service.clone()).unwrap_or_default();
        place = org::store::standing(h, &account.id, &siret, &service).await?.map(Box::new);
        // What was granted for an establishment that closed goes on in the one that took over its people, for those who were among them.
        if !place.as_ref().is_some_and(|p| p.membership.holds(now))
            && let Some(next) = org::succession::carried(h, &account.id, &siret).await?.pop()
        {
            place = org::store::standing(h, &account.id, &next, &service).await?.map(Box::new);
            grant.siret = Some(next);
        }
    }
    Ok(judge(hub, grant, account, place, now))
}

fn judge(hub: &Hub<'_>, grant: GrantFacts, account: Account, place: Option<Box<Standing>>, now: Timestamp) -> Result<Alive, Dead> {
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
    if grant.siret.is_some() && !place.as_ref().is_some_and(|p| p.membership.holds(now)) {
        return Err(Dead::Establishment);
    }
    // A service that is not in the catalogue is closed.
    let service = client.metadata.service.as_deref().map(|id| hub.services.live(id).ok_or(Dead::Access)).transpose()?;
    if service.is_some_and(|s| !access(s, &account, place.as_deref(), now)) {
        return Err(Dead::Access);
    }
    let held = place.as_ref().and_then(|p| p.rights.as_ref()).map_or(&[][..], |h| &h.profiles);
    let of_service = Demand { aal: service.map(|s| s.demand(held)).unwrap_or_default(), by: Asker::Service };
    let demand = policy::in_force(&account, hub.policy, now).or(client.demand()).or(of_service);
    if grant.aal < demand.aal {
        return Err(Dead::Weak(demand.aal));
    }
    Ok(Alive { client, account, grant, place })
}

/// Whether a service is open to a person in the establishment they act for: individuals have none, and need none.
pub fn access(service: &Service, account: &Account, place: Option<&Standing>, now: Timestamp) -> bool {
    if !service.metadata.audience.includes(account.kind) {
        return false;
    }
    match (account.kind, place) {
        (AccountKind::Individual, _) => true,
        (AccountKind::Professional, Some(place)) => service.opens_to(place, now),
        (AccountKind::Professional, None) => !service.on_request() && service.metadata.minimum_link == Link::Declared,
    }
}
