//! Client authentication at back-channel endpoints (RFC 6749 §2.3, OpenID Connect Core §9).

use std::sync::Arc;

use serde::Deserialize;
use serde_json::Value;

use super::client::{AuthMethod, Client, Secrets};
use super::error::{Code, Error, OAuthError, Result};
use super::hub::Hub;
use super::store;
use crate::audit::{self, Event, Kind};
use crate::authn::throttle::{self, Counter};
use crate::base::encode::from_b64;
use crate::base::{Ctx, Timestamp};
use crate::crypto::{jose, sha256};
use crate::db::Db;

/// Algorithms accepted for `private_key_jwt` (RFC 7518), also published.
pub const ASSERTION_ALGS: &[&str] = &["ES256", "ES384", "PS256", "RS256", "EdDSA"];

const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// How long an assertion may live, and how far clocks may differ, in seconds.
const ASSERTION_LIFE: i64 = 3_600;
const SKEW: i64 = 60;

/// Refusals of one client recorded in the trail per quarter of an hour: the trail is not a way to fill the disk.
const RECORDED: i64 = 50;

/// What a request says about its client.
#[derive(Debug, Default)]
pub struct Credentials<'a> {
    /// `Authorization` header.
    pub authorization: Option<&'a str>,
    /// `client_id`.
    pub client_id: Option<&'a str>,
    /// `client_secret`.
    pub client_secret: Option<&'a str>,
    /// `client_assertion_type`.
    pub assertion_type: Option<&'a str>,
    /// `client_assertion`.
    pub assertion: Option<&'a str>,
}

/// Proof that a client said who it is, as it is registered to. Only [`authenticate`] makes one.
#[derive(Debug, Clone)]
pub struct AuthenticatedClient(Arc<Client>);

impl AuthenticatedClient {
    /// The client, enabled.
    pub fn client(&self) -> &Arc<Client> {
        &self.0
    }
}

enum Presented {
    Basic { id: String, secret: String },
    Post { id: String, secret: String },
    Assertion(String),
    Public { id: String },
}

fn refused() -> OAuthError {
    OAuthError::new(Code::InvalidClient, "client authentication failed")
}

/// Authenticates the client of a request. Every failure looks the same from outside; the trail says which.
pub async fn authenticate(db: &Db, ctx: &Ctx, hub: &Hub<'_>, credentials: &Credentials<'_>) -> Result<AuthenticatedClient> {
    let presented = read(credentials)?;
    let id = claimed_id(&presented);
    match check(db, ctx, hub, presented, credentials.client_id).await {
        Ok(client) => {
            // What it is answered may be encrypted to them.
            client.freshen_keys(hub.outside, ctx.now()).await;
            Ok(AuthenticatedClient(client))
        }
        Err(Refusal::Because(why)) => {
            record(db, ctx, &id, why).await?;
            Err(refused().into())
        }
        Err(Refusal::Failed(e)) => Err(e),
    }
}

enum Refusal {
    Because(&'static str),
    Failed(Error),
}

impl<E: Into<Error>> From<E> for Refusal {
    fn from(e: E) -> Self {
        Self::Failed(e.into())
    }
}

async fn check(db: &Db, ctx: &Ctx, hub: &Hub<'_>, presented: Presented, form_id: Option<&str>) -> Result<Arc<Client>, Refusal> {
    let id = claimed_id(&presented);
    if form_id.is_some_and(|f| f != id) {
        return Err(Refusal::Because("client_id differs"));
    }
    let client = hub.clients.live(&id);
    let method = client.map(|c| c.metadata.token_endpoint_auth_method);
    let secret_fits = |secret: &str| {
        // The same work for a client that does not exist.
        let none = Secrets::default();
        client.map_or(&none, |c| &c.secrets).accept(&hub.keys.client_secret, &id, secret, ctx.now())
    };
    let verdict = match &presented {
        Presented::Basic { secret, .. } => (secret_fits(secret) && method == Some(AuthMethod::ClientSecretBasic), "secret or method"),
        Presented::Post { secret, .. } => (secret_fits(secret) && method == Some(AuthMethod::ClientSecretPost), "secret or method"),
        Presented::Public { .. } => (method == Some(AuthMethod::None), "no authentication"),
        Presented::Assertion(jwt) => {
            let Some(client) = client.filter(|_| method == Some(AuthMethod::PrivateKeyJwt)) else {
                return Err(Refusal::Because("assertion of an unknown client"));
            };
            assertion(db, ctx, hub, client, jwt).await?;
            (true, "")
        }
    };
    match (verdict, client) {
        ((true, _), Some(client)) => Ok(client.clone()),
        ((_, why), _) => Err(Refusal::Because(why)),
    }
}

fn read(c: &Credentials<'_>) -> Result<Presented, OAuthError> {
    let invalid = |what: &'static str| OAuthError::new(Code::InvalidRequest, what);
    let methods = [c.authorization.is_some(), c.client_secret.is_some(), c.assertion.is_some()];
    if methods.into_iter().filter(|m| *m).count() > 1 {
        return Err(invalid("several client authentication methods"));
    }
    if let Some(header) = c.authorization {
        let (id, secret) = basic(header).ok_or_else(refused)?;
        return Ok(Presented::Basic { id, secret });
    }
    if let Some(jwt) = c.assertion {
        if c.assertion_type != Some(ASSERTION_TYPE) {
            return Err(invalid("unknown client_assertion_type"));
        }
        return Ok(Presented::Assertion(jwt.to_owned()));
    }
    let id = c.client_id.ok_or_else(refused)?.to_owned();
    Ok(match c.client_secret {
        Some(secret) => Presented::Post { id, secret: secret.to_owned() },
        None => Presented::Public { id },
    })
}

/// `Basic` with both parts form-encoded before base64 (RFC 6749 §2.3.1).
fn basic(header: &str) -> Option<(String, String)> {
    let (scheme, value) = header.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let text = String::from_utf8(from_b64(value.trim())?).ok()?;
    let (id, secret) = text.split_once(':')?;
    let decode =
        |part: &str| form_urlencoded::parse(format!("x={}", part.replace('&', "%26")).as_bytes()).next().map(|(_, v)| v.into_owned());
    Some((decode(id)?, decode(secret)?))
}

#[derive(Deserialize)]
struct Claimed {
    sub: String,
}

fn claimed_id(presented: &Presented) -> String {
    match presented {
        Presented::Basic { id, .. } | Presented::Post { id, .. } | Presented::Public { id } => id.clone(),
        Presented::Assertion(jwt) => jose::peek::<Claimed>(jwt).map(|c| c.sub).unwrap_or_default(),
    }
}

#[derive(Deserialize)]
struct Assertion {
    iss: String,
    sub: String,
    aud: Value,
    exp: i64,
    #[serde(default)]
    nbf: Option<i64>,
    #[serde(default)]
    iat: Option<i64>,
    jti: String,
}

/// RFC 7523 §3: signed by a registered key, for us, fresh, and never seen before.
async fn assertion(db: &Db, ctx: &Ctx, hub: &Hub<'_>, client: &Client, jwt: &str) -> Result<(), Refusal> {
    let a = verified(ctx, hub, client, jwt).await?;
    let now = ctx.now().secs();
    let for_us = |v: &Value| v.as_str().is_some_and(|s| s == hub.issuer || s == hub.url("/oauth/token"));
    let audience = for_us(&a.aud) || a.aud.as_array().is_some_and(|all| all.iter().any(for_us));
    let early = |t: Option<i64>| t.is_some_and(|t| t > now + SKEW);
    if a.iss != client.id || a.sub != client.id || !audience {
        return Err(Refusal::Because("assertion for another issuer, subject or audience"));
    }
    if a.exp <= now - SKEW || a.exp > now + ASSERTION_LIFE + SKEW || early(a.nbf) || early(a.iat) {
        return Err(Refusal::Because("assertion outside its time"));
    }
    if a.jti.is_empty() || a.jti.len() > 512 {
        return Err(Refusal::Because("assertion without a usable jti"));
    }
    let mut tx = db.begin().await?;
    let id = sha256(format!("{}|{}", client.id, a.jti).as_bytes());
    let first = store::use_assertion(&mut tx, &id, Timestamp::from_secs(a.exp + SKEW + 1)).await?;
    tx.commit().await?;
    if first { Ok(()) } else { Err(Refusal::Because("assertion replayed")) }
}

/// What a key of the client signed. The keys it publishes are read anew for one that is not known.
async fn verified(ctx: &Ctx, hub: &Hub<'_>, client: &Client, jwt: &str) -> Result<Assertion, Refusal> {
    client.freshen_keys(hub.outside, ctx.now()).await;
    let read = || client.with_jwks(|jwks| jose::verify_with_jwks::<Assertion>(jwks, ASSERTION_ALGS, jwt));
    let refused = |_| Refusal::Because("assertion does not verify");
    match read() {
        Some(Ok(assertion)) => Ok(assertion),
        Some(Err(jose::Refusal::UnknownKey | jose::Refusal::Signature)) if client.metadata.jwks_uri.is_some() => {
            // Perhaps somebody else has just read them: what is known now counts.
            client.reread_keys(hub.outside, ctx.now()).await;
            read().ok_or(Refusal::Because("no key"))?.map_err(refused)
        }
        Some(Err(e)) => Err(refused(e)),
        None => Err(Refusal::Because("no registered key, or none that could be read")),
    }
}

async fn record(db: &Db, ctx: &Ctx, id: &str, why: &'static str) -> Result<()> {
    let mut tx = db.begin().await?;
    if throttle::take(&mut tx, ctx, Counter::Client, &sha256(id.as_bytes()), RECORDED).await?.is_ok() {
        audit::append(&mut tx, ctx, Event::new(Kind::ClientRefused).client(id).with("reason", why)).await?;
    }
    tx.commit().await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;

    #[test]
    fn basic_credentials_are_form_decoded() {
        let header = |s: &str| format!("Basic {}", STANDARD.encode(s));
        assert_eq!(basic(&header("a%3Ab:p+q%25")), Some(("a:b".into(), "p q%".into())));
        assert_eq!(basic(&header("id:s:t&u=v")), Some(("id".into(), "s:t&u=v".into())));
        assert_eq!(basic("Bearer x"), None);
        assert_eq!(basic("Basic ???"), None);
        assert_eq!(basic(&header("no-colon")), None);
    }
}
