//! `grant_type=refresh_token`, with rotation and reuse detection (RFC 6749 §6, RFC 9700 §4.14.2).

use super::{Outcome, mint};
use crate::audit::{self, Event, Kind};
use crate::base::{Actor, Ctx};
use crate::crypto::{Token, TokenKind};
use crate::db::Tx;
use crate::oidc::client::{Client, GrantType};
use crate::oidc::error::{Code, OAuthError, Result};
use crate::oidc::hub::Hub;
use crate::oidc::liveness;
use crate::oidc::store;

fn no(what: &'static str) -> Outcome {
    Outcome::Refused(OAuthError::new(Code::InvalidGrant, what))
}

/// Takes a refresh token, once, and gives new tokens. A token presented again closes its grant.
pub async fn refresh(tx: &mut Tx, ctx: &Ctx, hub: &Hub<'_>, client: &Client, token: Option<&str>, scope: Option<&str>) -> Result<Outcome> {
    let Some(token) = token else {
        return Ok(Outcome::Refused(OAuthError::new(Code::InvalidRequest, "refresh_token is missing")));
    };
    if !client.may(GrantType::RefreshToken) {
        return Ok(Outcome::Refused(OAuthError::new(Code::UnauthorizedClient, "the client is not registered for refresh_token")));
    }
    let ctx = &ctx.acting_as(Actor::Client(client.id.clone()));
    let Some(token) = Token::parse(TokenKind::Refresh, token) else { return Ok(no("unknown refresh token")) };
    let hash = token.hash();
    let Some(grant_id) = store::consume_refresh(tx, &hash, &client.id, ctx.now()).await? else {
        return not_taken(tx, ctx, client, &hash).await;
    };
    let Some((grant, account)) = store::find_grant(tx, &grant_id, "").await? else { return Ok(no("unknown grant")) };
    let scope = match narrowed(&grant.scope, scope) {
        Ok(scope) => scope,
        // Nothing was wrong with the token: it must stay usable, so the transaction is given up.
        Err(e) => return Err(e.into()),
    };
    match liveness::alive(tx, hub, grant, account, ctx.now()).await? {
        Ok(alive) => {
            let tokens = mint::for_person(tx, ctx, hub, &alive, &scope, None, true).await?;
            Ok(Outcome::Granted(Box::new(tokens)))
        }
        Err(dead) => {
            let event = Event::new(Kind::TokenRefused).client(&client.id).with("grant", grant_id).with("reason", dead.to_string());
            audit::append(tx, ctx, event).await?;
            Ok(Outcome::Refused(OAuthError::said(Code::InvalidGrant, &dead.to_string())))
        }
    }
}

/// A subset of what was granted (RFC 6749 §6).
fn narrowed(granted: &str, asked: Option<&str>) -> Result<String, OAuthError> {
    let Some(asked) = asked else { return Ok(granted.to_owned()) };
    let allowed: Vec<&str> = granted.split_ascii_whitespace().collect();
    let asked: Vec<&str> = asked.split_ascii_whitespace().collect();
    if asked.is_empty() || !asked.iter().all(|s| allowed.contains(s)) {
        return Err(OAuthError::new(Code::InvalidScope, "scope exceeds what was granted"));
    }
    Ok(asked.join(" "))
}

async fn not_taken(tx: &mut Tx, ctx: &Ctx, client: &Client, hash: &str) -> Result<Outcome> {
    let Some(row) = store::find_refresh(tx, hash).await? else { return Ok(no("unknown refresh token")) };
    if row.client_id != client.id {
        let event = Event::new(Kind::TokenRefused).client(&client.id).with("reason", "refresh token of another client");
        audit::append(tx, ctx, event).await?;
        return Ok(no("the refresh token was issued to another client"));
    }
    if row.consumed_at.is_none() {
        return Ok(no("the refresh token has expired"));
    }
    if store::revoke_grant(tx, &row.grant_id, ctx.now()).await? == 1 {
        audit::append(tx, ctx, Event::new(Kind::RefreshReused).client(&client.id).with("grant", row.grant_id)).await?;
    }
    Ok(no("the refresh token was used already"))
}
