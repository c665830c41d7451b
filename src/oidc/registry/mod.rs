//! The registry of clients: created, changed, disabled, given new secrets. Every change leaves an event in the trail,
//! in the same transaction; the command line, declarations and the console all come here.

pub mod store;

use std::time::Duration;

use serde_json::{Map, Value};

use super::client::{Client, Metadata, Secrets};
use super::client_keys::Published;
use crate::audit::{self, Event, Kind};
use crate::base::{Ctx, Secret, Timestamp};
use crate::config::Environment;
use crate::crypto::{MacKey, Token, TokenKind, same};
use crate::db::{self, Tx};

/// How long the previous secret serves after a rotation, unless said otherwise.
pub const OVERLAP: Duration = Duration::from_secs(86_400);

const SHORTEST_SECRET: usize = 16;

/// What the deployment imposes on registrations.
#[derive(Debug, Clone, Copy)]
pub struct Rules<'a> {
    /// Key of the hashes of secrets.
    pub key: &'a MacKey,
    /// Kind of deployment: outside production plain http and short secrets are accepted.
    pub environment: Environment,
}

/// A change is refused.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// What is wrong, each with the member it is about (`redirect_uris: …`).
    #[error("{}", .0.join("; "))]
    Invalid(Vec<String>),
    /// The identifier is taken.
    #[error("client {0} exists already")]
    Exists(String),
    /// There is no such client.
    #[error("no client {0}")]
    Unknown(String),
    /// The client does not authenticate by a secret.
    #[error("client {0} authenticates by {1}: it has no secret")]
    NoSecret(String, &'static str),
    /// Somebody else changed the client at the same time.
    #[error("client {0} was changed meanwhile; try again")]
    Meanwhile(String),
    /// The store.
    #[error(transparent)]
    Db(#[from] db::Error),
}

/// Result of a change of the registry.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A client as it stands after a change.
#[derive(Debug)]
pub struct Registered {
    /// The client.
    pub client: Client,
    /// The secret made for it, to be shown this once.
    pub secret: Option<Token>,
}

/// Adds a client. A client that needs a secret gets a random one when none is given.
pub async fn create(tx: &mut Tx, ctx: &Ctx, rules: Rules<'_>, id: &str, metadata: Metadata, secret: Option<Secret>) -> Result<Registered> {
    if store::find(tx, id).await?.is_some() {
        return Err(Error::Exists(id.to_owned()));
    }
    let mut wrong = rules.problems(&metadata, secret.as_ref());
    if !is_client_id(id) {
        wrong.insert(0, "client_id: 1 to 100 letters, digits and -._~:/@+ only".to_owned());
    }
    valid(wrong)?;
    let (hash, made) = rules.first_secret(ctx, id, &metadata, secret);
    let secrets = Secrets { current: hash, previous: None };
    let client = Client { id: id.to_owned(), metadata, secrets, enabled: true, updated_at: ctx.now(), published: Published::default() };
    store::insert(tx, &client).await.map_err(|e| match e {
        db::Error::Conflict(_) => Error::Exists(id.to_owned()),
        other => other.into(),
    })?;
    audit::append(tx, ctx, Event::new(Kind::ClientCreated).client(id)).await?;
    Ok(Registered { client, secret: made })
}

/// Replaces the registration of a client, which `metadata` was made from: [`Error::Meanwhile`] when it changed since it was
/// loaded. Secrets stay, unless its new way of authenticating has none; one is made when it needs a first one.
pub async fn change(tx: &mut Tx, ctx: &Ctx, rules: Rules<'_>, mut client: Client, metadata: Metadata) -> Result<Registered> {
    valid(rules.problems(&metadata, None))?;
    let changed: Vec<String> = differences(&client.metadata, &metadata).into_iter().map(|d| d.member).collect();
    if changed.is_empty() {
        return Ok(Registered { client, secret: None });
    }
    let mut made = None;
    if !metadata.token_endpoint_auth_method.has_secret() {
        client.secrets = Secrets::default();
    } else if client.secrets.current.is_none() {
        (client.secrets.current, made) = rules.first_secret(ctx, &client.id, &metadata, None);
    }
    client.metadata = metadata;
    write(tx, ctx, &mut client).await?;
    audit::append(tx, ctx, Event::new(Kind::ClientChanged).client(&client.id).with("members", changed)).await?;
    Ok(Registered { client, secret: made })
}

/// Gives a client a random secret; the one before serves for `overlap` more.
pub async fn rotate_secret(tx: &mut Tx, ctx: &Ctx, rules: Rules<'_>, id: &str, overlap: Duration) -> Result<Registered> {
    let token = Token::new(TokenKind::ClientSecret, ctx.rng.as_ref());
    let client = renew(tx, ctx, rules, id, token.as_str(), overlap).await?;
    Ok(Registered { client, secret: Some(token) })
}

/// Gives a client the secret its operator chose; the one before serves for `overlap` more.
pub async fn set_secret(tx: &mut Tx, ctx: &Ctx, rules: Rules<'_>, id: &str, secret: &Secret, overlap: Duration) -> Result<Client> {
    valid(rules.secret_problem(secret).into_iter().collect())?;
    renew(tx, ctx, rules, id, secret.expose(), overlap).await
}

async fn renew(tx: &mut Tx, ctx: &Ctx, rules: Rules<'_>, id: &str, secret: &str, overlap: Duration) -> Result<Client> {
    let mut client = load(tx, id).await?;
    let method = client.metadata.token_endpoint_auth_method;
    if !method.has_secret() {
        return Err(Error::NoSecret(id.to_owned(), method.name()));
    }
    let until = ctx.now().plus(overlap);
    let fresh = Secrets::hash(rules.key, id, secret);
    let kept = client.secrets.current.take().filter(|old| !overlap.is_zero() && !same(old, &fresh));
    client.secrets = Secrets { current: Some(fresh), previous: kept.map(|hash| (hash, until)) };
    write(tx, ctx, &mut client).await?;
    let event = Event::new(Kind::ClientSecretRotated).client(id).with("overlap_seconds", overlap.as_secs());
    audit::append(tx, ctx, event).await?;
    Ok(client)
}

/// Enables or disables a client: from the next request on, everywhere. Answers whether that changed anything.
pub async fn set_enabled(tx: &mut Tx, ctx: &Ctx, id: &str, enabled: bool) -> Result<bool> {
    let mut client = load(tx, id).await?;
    if client.enabled == enabled {
        return Ok(false);
    }
    client.enabled = enabled;
    write(tx, ctx, &mut client).await?;
    let kind = if enabled { Kind::ClientEnabled } else { Kind::ClientDisabled };
    audit::append(tx, ctx, Event::new(kind).client(id)).await?;
    Ok(true)
}

async fn load(tx: &mut Tx, id: &str) -> Result<Client> {
    store::find(tx, id).await?.ok_or_else(|| Error::Unknown(id.to_owned()))
}

/// Writes over what was loaded in this transaction. The instant of change always moves forward: it is the guard.
async fn write(tx: &mut Tx, ctx: &Ctx, client: &mut Client) -> Result<()> {
    let before = client.updated_at;
    client.updated_at = ctx.now().max(Timestamp::from_millis(before.millis().saturating_add(1)));
    match store::update(tx, client, before).await? {
        0 => Err(Error::Meanwhile(client.id.clone())),
        _ => Ok(()),
    }
}

fn valid(wrong: Vec<String>) -> Result<()> {
    if wrong.is_empty() { Ok(()) } else { Err(Error::Invalid(wrong)) }
}

fn is_client_id(id: &str) -> bool {
    (1..=100).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~:/@+".contains(&b))
}

impl Rules<'_> {
    /// Everything wrong with a registration and the secret chosen for it.
    pub fn problems(&self, metadata: &Metadata, secret: Option<&Secret>) -> Vec<String> {
        let mut wrong = metadata.problems(self.environment.accepts_plain_http());
        let method = metadata.token_endpoint_auth_method;
        if secret.is_some() && !method.has_secret() {
            wrong.push(format!("client_secret: {} uses none", method.name()));
        }
        wrong.extend(secret.and_then(|s| self.secret_problem(s)));
        wrong
    }

    fn secret_problem(&self, secret: &Secret) -> Option<String> {
        let text = secret.expose();
        // RFC 6749 appendix A.2: VSCHAR.
        if text.is_empty() || text.len() > 512 || !text.bytes().all(|b| (0x20..=0x7e).contains(&b)) {
            return Some("client_secret: 1 to 512 printable ASCII characters".to_owned());
        }
        let short = text.len() < SHORTEST_SECRET && self.environment == Environment::Production;
        short.then(|| format!("client_secret: at least {SHORTEST_SECRET} characters in production"))
    }

    /// Whether `secret` is the one this client uses now.
    pub fn is_current(&self, client: &Client, secret: &Secret) -> bool {
        let hash = Secrets::hash(self.key, &client.id, secret.expose());
        client.secrets.current.as_ref().is_some_and(|current| same(current, &hash))
    }

    fn first_secret(&self, ctx: &Ctx, id: &str, metadata: &Metadata, secret: Option<Secret>) -> (Option<String>, Option<Token>) {
        if !metadata.token_endpoint_auth_method.has_secret() {
            return (None, None);
        }
        match secret {
            Some(chosen) => (Some(Secrets::hash(self.key, id, chosen.expose())), None),
            None => {
                let token = Token::new(TokenKind::ClientSecret, ctx.rng.as_ref());
                (Some(Secrets::hash(self.key, id, token.as_str())), Some(token))
            }
        }
    }
}

/// A member that differs between two registrations; `None` when it is absent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// RFC 7591 name.
    pub member: String,
    /// Before.
    pub old: Option<Value>,
    /// After.
    pub new: Option<Value>,
}

/// Members that differ.
pub fn differences(old: &Metadata, new: &Metadata) -> Vec<Difference> {
    let (old, new) = (members(old), members(new));
    let mut names: Vec<&String> = old.keys().collect();
    names.extend(new.keys().filter(|k| !old.contains_key(*k)));
    names
        .into_iter()
        .filter(|name| old.get(*name) != new.get(*name))
        .map(|name| Difference { member: name.clone(), old: old.get(name).cloned(), new: new.get(name).cloned() })
        .collect()
}

fn members(metadata: &Metadata) -> Map<String, Value> {
    match serde_json::to_value(metadata) {
        Ok(Value::Object(map)) => map,
        _ => Map::new(),
    }
}
