//! The registry of providers: declared, changed, disabled. Every change leaves an event in the trail, in the same transaction.

use super::{Metadata, Provider, store};
use crate::audit::{self, Event, Kind};
use crate::base::{Ctx, Secret, Timestamp};
use crate::crypto::Sealer;
use crate::db::{self, Tx};

/// What a change rests on.
#[derive(Debug, Clone, Copy)]
pub struct Rules<'a> {
    /// Seals secrets.
    pub rest: &'a Sealer,
    /// Plain http and addresses of this machine are accepted.
    pub trial: bool,
}

/// A change is refused.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// What is wrong, each with the member it is about (`issuer: …`).
    #[error("{}", .0.join("; "))]
    Invalid(Vec<String>),
    /// There is no such provider.
    #[error("no provider {0}")]
    Unknown(String),
    /// Somebody else changed it at the same time.
    #[error("provider {0} was changed meanwhile; try again")]
    Meanwhile(String),
    /// The store.
    #[error(transparent)]
    Db(#[from] db::Error),
}

/// Result of a change.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What is wrong with an identifier: it stands in an address.
pub fn wrong_id(id: &str) -> Option<String> {
    let ok = (1..=40).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    (!ok).then(|| "id: 1 to 40 lower-case letters, digits and hyphens".to_owned())
}

/// Everything wrong with a declaration.
pub fn problems(rules: Rules<'_>, id: &str, metadata: &Metadata, secret: bool) -> Vec<String> {
    let mut wrong: Vec<String> = wrong_id(id).into_iter().collect();
    wrong.extend(metadata.problems(rules.trial));
    let has = metadata.token_endpoint_auth_method.has_secret();
    if secret && !has {
        wrong.push("client_secret: private_key_jwt uses none".to_owned());
    }
    wrong
}

/// Puts a provider in place: made, or changed as a whole. `None` keeps the secret there is. Answers whether anything changed.
pub async fn put(tx: &mut Tx, ctx: &Ctx, rules: Rules<'_>, id: &str, metadata: Metadata, secret: Option<Secret>) -> Result<bool> {
    valid(problems(rules, id, &metadata, secret.is_some()))?;
    let needs = metadata.token_endpoint_auth_method.has_secret();
    let Some(present) = store::find(tx, rules.rest, id).await? else {
        if needs && secret.is_none() {
            return Err(Error::Invalid(vec![
                "client_secret: needed to prove who we are; give client_secret_file or client_secret_env".into(),
            ]));
        }
        let provider = Provider { id: id.to_owned(), metadata, secret, enabled: true, updated_at: ctx.now() };
        store::insert(tx, rules.rest, &provider).await?;
        audit::append(tx, ctx, Event::new(Kind::ProviderCreated).with("provider", id)).await?;
        return Ok(true);
    };
    let secret = if needs { secret.or_else(|| present.secret.clone()) } else { None };
    if needs && secret.is_none() {
        return Err(Error::Invalid(vec!["client_secret: needed to prove who we are; give client_secret_file or client_secret_env".into()]));
    }
    let same = |a: &Option<Secret>, b: &Option<Secret>| a.as_ref().map(Secret::expose) == b.as_ref().map(Secret::expose);
    if present.metadata == metadata && same(&present.secret, &secret) {
        return Ok(false);
    }
    if present.metadata.issuer != metadata.issuer {
        store::drop_documents(tx, id).await?;
    }
    write(tx, ctx, rules, Provider { metadata, secret, ..present }).await?;
    audit::append(tx, ctx, Event::new(Kind::ProviderChanged).with("provider", id)).await?;
    Ok(true)
}

/// Enables or disables a provider: from the next request on, everywhere. Answers whether that changed anything.
pub async fn set_enabled(tx: &mut Tx, ctx: &Ctx, rules: Rules<'_>, id: &str, enabled: bool) -> Result<bool> {
    let present = store::find(tx, rules.rest, id).await?.ok_or_else(|| Error::Unknown(id.to_owned()))?;
    if present.enabled == enabled {
        return Ok(false);
    }
    write(tx, ctx, rules, Provider { enabled, ..present }).await?;
    let kind = if enabled { Kind::ProviderEnabled } else { Kind::ProviderDisabled };
    audit::append(tx, ctx, Event::new(kind).with("provider", id)).await?;
    Ok(true)
}

/// Writes over what was loaded in this transaction. The instant of change always moves forward: it is the guard.
async fn write(tx: &mut Tx, ctx: &Ctx, rules: Rules<'_>, mut provider: Provider) -> Result<()> {
    let before = provider.updated_at;
    provider.updated_at = ctx.now().max(Timestamp::from_millis(before.millis().saturating_add(1)));
    match store::update(tx, rules.rest, &provider, before).await? {
        0 => Err(Error::Meanwhile(provider.id)),
        _ => Ok(()),
    }
}

fn valid(wrong: Vec<String>) -> Result<()> {
    if wrong.is_empty() { Ok(()) } else { Err(Error::Invalid(wrong)) }
}
