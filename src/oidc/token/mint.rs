//! Making tokens: the one place, for every grant.

use serde_json::{Map, Value, json};

use super::Tokens;
use crate::base::{Ctx, Timestamp, rng};
use crate::crypto::{Token, TokenKind, jose};
use crate::db::Tx;
use crate::oidc::claims::{self, ClaimsRequest, Facts};
use crate::oidc::client::{AccessTokenFormat, Client};
use crate::oidc::error::{Error, Result};
use crate::oidc::hub::Hub;
use crate::oidc::liveness::Alive;
use crate::oidc::store::{self, GrantFacts};
use crate::telemetry::metrics;

/// `typ` of JWT access tokens (RFC 9068 §2.1).
pub const ACCESS_TYP: &str = "at+jwt";
/// `typ` of id_tokens.
pub const ID_TYP: &str = "JWT";

/// Tokens of a person for a client. `scope` may be narrower than the grant's; `refresh` says whether a refresh token goes with them.
pub async fn for_person(
    tx: &mut Tx,
    ctx: &Ctx,
    hub: &Hub<'_>,
    alive: &Alive,
    scope: &str,
    nonce: Option<&str>,
    refresh: bool,
) -> Result<Tokens> {
    let (client, grant, now) = (alive.client(), alive.grant(), ctx.now());
    let sub = claims::subject(&hub.keys.subject, client, alive.account());
    let expires_at = now.plus(hub.tokens.access).min(grant.expires_at);
    let access_token = match client.metadata.access_token_format {
        AccessTokenFormat::Jwt => {
            let mut body = access_claims(ctx, hub, client, &sub, scope, &grant.grant_id, expires_at);
            body.insert("auth_time".into(), grant.auth_time.secs().into());
            body.insert("acr".into(), json!(grant.acr));
            body.insert("amr".into(), amr(&grant.amr));
            claims::of_sign_in(&mut body, alive.account(), grant.aal, scope, now);
            claims::of_place(&mut body, alive, scope, now);
            sign(hub, client, ACCESS_TYP, &body)?
        }
        AccessTokenFormat::Opaque => {
            let token = Token::new(TokenKind::Access, ctx.rng.as_ref());
            store::insert_access(tx, &token.hash(), Some(&grant.grant_id), &client.id, scope, now, expires_at)?;
            token.as_str().to_owned()
        }
    };
    let refresh_token = if refresh { Some(refresh_token(tx, ctx, hub, grant).await?) } else { None };
    let openid = scope.split_ascii_whitespace().any(|s| s == "openid");
    let id_token =
        if openid { Some(id_token(ctx, hub, alive, &About { scope, sub: &sub, nonce, access_token: &access_token })?) } else { None };
    Ok(counted(Tokens {
        access_token,
        token_type: "Bearer",
        expires_in: expires_at.since(now).as_secs(),
        scope: scope.to_owned(),
        refresh_token,
        id_token,
    }))
}

/// An access token of a client for itself (RFC 6749 §4.4): `sub` is the client (RFC 9068 §2.2).
pub async fn for_client(tx: Option<&mut Tx>, ctx: &Ctx, hub: &Hub<'_>, client: &Client, scope: &str) -> Result<Tokens> {
    let now = ctx.now();
    let expires_at = now.plus(hub.tokens.access);
    let access_token = match (client.metadata.access_token_format, tx) {
        (AccessTokenFormat::Jwt, _) => {
            let body = access_claims(ctx, hub, client, &client.id, scope, "client", expires_at);
            sign(hub, client, ACCESS_TYP, &body)?
        }
        (AccessTokenFormat::Opaque, Some(tx)) => {
            let token = Token::new(TokenKind::Access, ctx.rng.as_ref());
            store::insert_access(tx, &token.hash(), None, &client.id, scope, now, expires_at)?;
            token.as_str().to_owned()
        }
        (AccessTokenFormat::Opaque, None) => return Err(Error::Internal("opaque token without a transaction".into())),
    };
    Ok(counted(Tokens {
        access_token,
        token_type: "Bearer",
        expires_in: hub.tokens.access.as_secs(),
        scope: scope.to_owned(),
        refresh_token: None,
        id_token: None,
    }))
}

fn counted(tokens: Tokens) -> Tokens {
    metrics::token_issued("access");
    if tokens.id_token.is_some() {
        metrics::token_issued("id");
    }
    if tokens.refresh_token.is_some() {
        metrics::token_issued("refresh");
    }
    tokens
}

fn sign(hub: &Hub<'_>, client: &Client, typ: &str, body: &Map<String, Value>) -> Result<String> {
    jose::sign(hub.signing(client.signing_alg())?, typ, body).map_err(|_| Error::Internal("signing failed".into()))
}

/// Claims common to JWT access tokens. The grant is the first part of `jti`, so that revocation reaches the token.
fn access_claims(
    ctx: &Ctx,
    hub: &Hub<'_>,
    client: &Client,
    sub: &str,
    scope: &str,
    grant: &str,
    expires_at: Timestamp,
) -> Map<String, Value> {
    let unique = crate::base::encode::b64u(rng::bytes::<12>(ctx.rng.as_ref()));
    let mut body = Map::new();
    body.insert("iss".into(), hub.issuer.into());
    body.insert("sub".into(), sub.into());
    body.insert("aud".into(), hub.issuer.into());
    body.insert("exp".into(), expires_at.secs().into());
    body.insert("iat".into(), ctx.now().secs().into());
    body.insert("jti".into(), format!("{grant}.{unique}").into());
    body.insert("client_id".into(), client.id.as_str().into());
    body.insert("scope".into(), scope.into());
    body
}

fn amr(stored: &str) -> Value {
    stored.split_ascii_whitespace().collect::<Vec<_>>().into()
}

async fn refresh_token(tx: &mut Tx, ctx: &Ctx, hub: &Hub<'_>, grant: &GrantFacts) -> Result<String> {
    let token = Token::new(TokenKind::Refresh, ctx.rng.as_ref());
    let expires_at = ctx.now().plus(hub.tokens.refresh_idle).min(grant.expires_at);
    store::insert_refresh(tx, &token.hash(), &grant.grant_id, ctx.now(), expires_at)?;
    Ok(token.as_str().to_owned())
}

/// What an id_token is about.
struct About<'a> {
    scope: &'a str,
    sub: &'a str,
    nonce: Option<&'a str>,
    access_token: &'a str,
}

fn id_token(ctx: &Ctx, hub: &Hub<'_>, alive: &Alive, about: &About<'_>) -> Result<String> {
    let (client, grant, now) = (alive.client(), alive.grant(), ctx.now());
    let About { scope, sub, nonce, access_token } = *about;
    let request = parse_claims(grant.claims.as_deref());
    let names = claims::for_id_token(client, request.as_ref());
    let facts = Facts { account: alive.account(), sub, place: alive.place(), now, acr: grant.acr.as_deref(), amr: &grant.amr };
    let vocabulary = client.metadata.claims_vocabulary;
    let mut body = claims::collect(vocabulary, &facts, &names);
    body.insert("iss".into(), hub.issuer.into());
    body.insert("sub".into(), sub.into());
    body.insert("aud".into(), client.id.as_str().into());
    body.insert("exp".into(), now.plus(hub.tokens.id).secs().into());
    body.insert("iat".into(), now.secs().into());
    body.insert("auth_time".into(), grant.auth_time.secs().into());
    if let Some(acr) = &grant.acr {
        body.insert("acr".into(), acr.as_str().into());
    }
    // The federations tell it to those who ask, among the claims above.
    if !vocabulary.is_federal() {
        body.insert("amr".into(), amr(&grant.amr));
    }
    claims::of_sign_in(&mut body, alive.account(), grant.aal, scope, now);
    if !vocabulary.is_federal() {
        claims::of_place(&mut body, alive, scope, now);
    }
    body.insert("sid".into(), claims::sid(&hub.keys.subject, client, &grant.session_id).into());
    body.insert("at_hash".into(), client.signing_alg().half_hash(access_token).into());
    if let Some(nonce) = nonce {
        body.insert("nonce".into(), nonce.into());
    }
    client.enclose(client.metadata.id_token_encryption(), sign(hub, client, ID_TYP, &body)?)
}

/// The stored `claims` request of a grant.
pub fn parse_claims(stored: Option<&str>) -> Option<ClaimsRequest> {
    stored.and_then(|text| serde_json::from_str(text).ok())
}
