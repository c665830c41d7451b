//! What services read by access token besides userinfo (DESIGN §6): tokens hold one establishment, the others are here; and a
//! service reads who may use it in an establishment.

use serde_json::{Value, json};

use super::bearer::{self, Bearer, Holder};
use super::claims::{self, Facts};
use super::client::Client;
use super::error::{Code, Error, OAuthError, Result};
use super::hub::Hub;
use super::userinfo::refused;
use crate::base::id::AccountId;
use crate::base::{Siret, Timestamp};
use crate::db::Db;
use crate::org::listing;

/// The scope by which a person's token reads their establishments.
pub const ESTABLISHMENT: &str = "establishment";
/// The scope by which a service, for itself, reads who may use it.
pub const PEOPLE: &str = "people";

/// Items of a page, unless the request says.
const USUAL: usize = 50;
/// At most.
const MOST: usize = 100;

/// What a page of people tells of each, if the client is registered for a scope that gives it.
const TOLD: &[&str] = &["given_name", "family_name", "usual_name", "email"];

/// Which page.
#[derive(Debug, Default)]
pub struct Input<'a> {
    /// `cursor`: the `next` of the page before.
    pub cursor: Option<&'a str>,
    /// `limit`: 1 to 100.
    pub limit: Option<&'a str>,
}

/// A page of the establishments a person acts for now.
pub async fn establishments(db: &Db, hub: &Hub<'_>, token: &str, input: &Input<'_>, now: Timestamp) -> Result<Value> {
    let bearer = allowed(db, hub, token, ESTABLISHMENT, now).await?;
    let Holder::Person(alive) = &bearer.holder else { return Err(insufficient("the token of a person is required")) };
    let account = &alive.account().id;
    let context = format!("establishments/{account}");
    let after = input.after(hub, &context, |text| Siret::unchecked(text).ok())?;
    let page = listing::places(&mut db.read().await?, account, after.as_ref(), input.limit()?, now).await?;
    let one = |p: &listing::Place| {
        let e = &p.establishment;
        json!({ "siret": e.siret.as_str(), "siren": e.siret.siren(), "name": e.name, "role": p.role.name(), "link": p.link.name() })
    };
    let last = page.items.last().filter(|_| page.more).map(|p| p.establishment.siret.as_str());
    body("establishments", page.items.iter().map(one).collect(), next(hub, &context, last)?)
}

/// A page of the people who may use the service of a client in an establishment.
pub async fn people(db: &Db, hub: &Hub<'_>, token: &str, siret: &str, input: &Input<'_>, now: Timestamp) -> Result<Value> {
    let bearer = allowed(db, hub, token, PEOPLE, now).await?;
    let Holder::Client(id) = &bearer.holder else { return Err(insufficient("the token of a client for itself is required")) };
    let client = hub.clients.live(id).ok_or_else(|| insufficient("the client is disabled"))?;
    let service = client.metadata.service.as_deref().and_then(|service| hub.services.any(service)).filter(|s| s.enabled);
    let Some(service) = service else { return Err(insufficient("the client belongs to no service of the catalogue")) };
    let not_a_siret = |_| OAuthError::new(Code::InvalidRequest, "not a SIRET");
    let siret = Siret::unchecked(siret).map_err(not_a_siret)?;
    let context = format!("people/{id}/{siret}");
    let after = input.after(hub, &context, AccountId::parse)?;
    let page = listing::holders(&mut db.read().await?, &siret, &service.id, after.as_ref(), input.limit()?, now).await?;
    // Establishments are registered under a wrong check digit too: it counts where there is nobody.
    if page.items.is_empty() {
        Siret::parse(siret.as_str()).map_err(not_a_siret)?;
    }
    let last = page.items.last().filter(|_| page.more).map(|h| h.account.id.as_str());
    body("people", page.items.iter().map(|h| person(hub, client, h, now)).collect(), next(hub, &context, last)?)
}

/// Somebody as the client knows them.
fn person(hub: &Hub<'_>, client: &Client, holder: &listing::Holder, now: Timestamp) -> Value {
    let sub = claims::subject(&hub.keys.subject, client, &holder.account);
    let facts = Facts { account: &holder.account, sub: &sub, place: None, now, acr: None, amr: "" };
    let vocabulary = client.metadata.claims_vocabulary;
    let names: Vec<&str> = TOLD.iter().copied().filter(|name| vocabulary.gives(client.scopes().into_iter(), name)).collect();
    let mut told = claims::collect(vocabulary, &facts, &names);
    told.insert("sub".into(), sub.into());
    told.insert("role".into(), holder.role.name().into());
    told.insert("profiles".into(), holder.profiles.clone().into());
    if let Some(until) = holder.until {
        told.insert("until".into(), until.secs().into());
    }
    told.into()
}

/// An access token that is good now and has a scope.
async fn allowed(db: &Db, hub: &Hub<'_>, token: &str, scope: &'static str, now: Timestamp) -> Result<Bearer> {
    let bearer = bearer::read(db, hub, token, now).await?.map_err(refused)?;
    if bearer.scope.split_ascii_whitespace().any(|s| s == scope) {
        return Ok(bearer);
    }
    Err(OAuthError::said(Code::InsufficientScope, &format!("the {scope} scope is required")).into())
}

fn insufficient(what: &'static str) -> Error {
    OAuthError::new(Code::InsufficientScope, what).into()
}

/// Cursors are sealed: accounts have no name outside, and one made for a list is of no use in another.
fn next(hub: &Hub<'_>, context: &str, last: Option<&str>) -> Result<Option<String>> {
    let seal = |last: &str| hub.keys.browser.seal(&format!("cursor/{context}"), last.as_bytes());
    last.map(seal).transpose().map_err(|_| Error::Internal("sealing failed".into()))
}

fn body(name: &str, items: Vec<Value>, next: Option<String>) -> Result<Value> {
    Ok(match next {
        Some(next) => json!({ name: items, "next": next }),
        None => json!({ name: items }),
    })
}

impl Input<'_> {
    fn after<T>(&self, hub: &Hub<'_>, context: &str, read: impl Fn(&str) -> Option<T>) -> Result<Option<T>, OAuthError> {
        let open = |sealed: &str| {
            let text = hub.keys.browser.open(&format!("cursor/{context}"), sealed).ok()?;
            read(std::str::from_utf8(&text).ok()?)
        };
        let wrong = || OAuthError::new(Code::InvalidRequest, "cursor: not one of ours for this list");
        self.cursor.map(|sealed| open(sealed).ok_or_else(wrong)).transpose()
    }

    fn limit(&self) -> Result<usize, OAuthError> {
        let Some(text) = self.limit else { return Ok(USUAL) };
        let fits = |n: &usize| (1..=MOST).contains(n);
        text.parse().ok().filter(fits).ok_or_else(|| OAuthError::new(Code::InvalidRequest, "limit: a whole number from 1 to 100"))
    }
}
