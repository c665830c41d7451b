//! Telling clients what ended or changed: OpenID Connect Back-Channel Logout 1.0, and security event tokens (RFC 8417) pushed
//! as RFC 8935 says. What happened is found in the outbox ([`crate::jobs::notice`]); here it becomes one notice for each client
//! that listens, signed when it is sent and never before.

mod deliver;
pub mod store;
mod token;

use std::collections::HashSet;

use url::Url;

pub use deliver::deliver;

use self::store::Holder;
use super::Clients;
use super::client::{Client, Metadata};
use crate::base::id::{AccountId, NoticeId, SessionId};
use crate::base::{Ctx, Timestamp};
use crate::db::{Handle, Result, Tx};
use crate::federation::http::{Reach, is_internal_host};
use crate::jobs::notice::{Event, Kind};
use crate::org;

/// Events that become notices in one transaction.
const BATCH: i64 = 200;

/// A notice for one client.
#[derive(Debug, Clone)]
pub struct Notice {
    /// Identifier.
    pub id: NoticeId,
    /// What happened.
    pub kind: Kind,
    /// Who is told.
    pub client_id: String,
    /// Whose account.
    pub account: AccountId,
    /// Which session.
    pub session: Option<SessionId>,
    /// In which establishment.
    pub siret: Option<String>,
    /// `pending`, `sent` or `dead`.
    pub state: String,
    /// How often it was tried.
    pub attempts: i64,
    /// When it is due, or was settled.
    pub run_at: Timestamp,
    /// Why it failed last; without secrets.
    pub last_error: Option<String>,
    /// When it happened.
    pub created_at: Timestamp,
}

impl Metadata {
    /// Where the client is told of such an event, if it wants to be.
    pub fn told_at(&self, kind: Kind) -> Option<&str> {
        match kind {
            Kind::SessionEnded => self.backchannel_logout_uri.as_deref(),
            // Whoever hears of changes finds out what is left; the others are only able to end what they opened.
            Kind::RightEnded => self.backchannel_logout_uri.as_deref().filter(|_| self.claims_notice_uri.is_none()),
            Kind::ClaimsChanged | Kind::AccountDisabled | Kind::AccountEnabled => self.claims_notice_uri.as_deref(),
        }
    }

    /// What is wrong with the members about notices.
    pub(super) fn notice_problems(&self, plain_http: bool) -> Vec<String> {
        let addresses = [("backchannel_logout_uri", &self.backchannel_logout_uri), ("claims_notice_uri", &self.claims_notice_uri)];
        let wrong = |(name, uri): (&str, &Option<String>)| {
            let uri = uri.as_ref()?;
            self.check_receiver(uri, plain_http).err().map(|why| format!("{name}: {uri}: {why}"))
        };
        let mut out: Vec<String> = addresses.into_iter().filter_map(wrong).collect();
        if self.backchannel_logout_session_required && self.backchannel_logout_uri.is_none() {
            out.push("backchannel_logout_session_required: means something with backchannel_logout_uri only".to_owned());
        }
        out
    }

    pub(super) fn check_receiver(&self, uri: &str, plain_http: bool) -> Result<(), &'static str> {
        let url = super::client::absolute(uri)?;
        match url.scheme() {
            "https" => {}
            "http" if plain_http => {}
            _ => return Err("https is required"),
        }
        if !plain_http && !self.allow_private_network && is_internal_host(&url) {
            return Err("an internal address, which needs allow_private_network = true");
        }
        Ok(())
    }
}

impl Client {
    /// Where calls to it may go; `trial`: plain http and internal addresses are accepted.
    pub(super) fn reach(&self, trial: bool) -> Reach {
        Reach { plain: trial, internal: trial || self.metadata.allow_private_network }
    }
}

/// Turns what happened into notices for the clients that listen, one batch, oldest first. Answers how much was taken.
pub async fn fan_out(tx: &mut Tx, ctx: &Ctx, clients: &Clients) -> Result<usize> {
    let events = crate::jobs::notice::store::take(tx, BATCH).await?;
    let mut told = HashSet::new();
    for event in &events {
        for (id, session) in concerned(tx, clients, event).await? {
            let listens = clients.live(&id).is_some_and(|c| listens(c, event));
            // Several changes of the same kind in a row are one piece of news.
            if listens && told.insert((id.clone(), event.kind, &event.account, session.clone(), &event.siret)) {
                let event = Event { session, ..event.clone() };
                store::insert(tx, &NoticeId::new(ctx.now(), ctx.rng.as_ref()), &id, &event)?;
            }
        }
    }
    Ok(events.len())
}

/// Whether a client wants to be told of it: of a right that ended, those of its service.
fn listens(client: &Client, event: &Event) -> bool {
    let of_service = event.service.is_none() || event.service == client.metadata.service;
    of_service && client.metadata.told_at(event.kind).is_some()
}

/// Clients with which what happened had to do, each with the session that it is about, if it is about one.
async fn concerned(tx: &mut Tx, clients: &Clients, event: &Event) -> Result<Vec<(String, Option<SessionId>)>> {
    if let Some(client) = &event.client {
        return Ok(vec![(client.clone(), event.session.clone())]);
    }
    if !clients.all().iter().any(|c| listens(c, event)) {
        return Ok(Vec::new());
    }
    let holders = match event.kind {
        Kind::RightEnded => store::users(tx, event).await?,
        Kind::SessionEnded | Kind::ClaimsChanged | Kind::AccountDisabled | Kind::AccountEnabled => store::holders(tx, event).await?,
    };
    let mut found = Vec::new();
    for holder in holders {
        if is_there(tx, event, &holder).await? {
            found.push((holder.client, holder.session));
        }
    }
    Ok(found)
}

/// Whether it happened where the client was used: there, or where its person was carried over to.
async fn is_there(h: &mut impl Handle, event: &Event, holder: &Holder) -> Result<bool> {
    let Some(closed) = &holder.closed else { return Ok(true) };
    let carried = org::succession::carried(h, &event.account, closed).await?;
    Ok(carried.iter().any(|siret| Some(siret.as_str()) == event.siret.as_deref()))
}

/// Which of these clients have heard that a session ended since an instant, and whether others may yet hear.
pub async fn heard(
    h: &mut impl Handle,
    clients: &Clients,
    ids: &[String],
    session: &SessionId,
    since: Timestamp,
) -> Result<(Vec<String>, bool)> {
    let (mut heard, mut waiting) = (Vec::new(), false);
    let listens = |id: &&String| clients.live(id).is_some_and(|c| c.metadata.told_at(Kind::SessionEnded).is_some());
    for id in ids.iter().filter(listens) {
        match store::heard(h, id, session, since).await? {
            Some(true) => heard.push(id.clone()),
            Some(false) => {}
            None => waiting = true,
        }
    }
    Ok((heard, waiting))
}

/// The host of an address, for the operator.
fn host(url: &Url) -> &str {
    url.host_str().unwrap_or_default()
}
