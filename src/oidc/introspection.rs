//! Token introspection (RFC 7662).

use serde_json::{Value, json};

use super::bearer::{self, Holder};
use super::client::{Client, Introspection};
use super::error::Result;
use super::hub::Hub;
use super::{claims, liveness, store};
use crate::base::Timestamp;
use crate::crypto::{Token, TokenKind};
use crate::db::Db;

/// What an authenticated client may know of a token. Anything dead, unknown or not its business is `{"active": false}`.
pub async fn introspect(db: &Db, hub: &Hub<'_>, caller: &Client, token: &str, now: Timestamp) -> Result<Value> {
    let inactive = || json!({ "active": false });
    let allowed = |owner: &str| match caller.metadata.introspection {
        Introspection::All => true,
        Introspection::Own => owner == caller.id,
    };
    if let Some(token) = Token::parse(TokenKind::Refresh, token) {
        return refresh(db, hub, &token, now, allowed).await.map(|found| found.unwrap_or_else(inactive));
    }
    let Ok(bearer) = bearer::read(db, hub, token, now).await? else { return Ok(inactive()) };
    let (owner, about) = match &bearer.holder {
        Holder::Client(id) => (id.as_str(), json!({ "sub": id })),
        Holder::Person(alive) => {
            let grant = alive.grant();
            let sub = claims::subject(&hub.keys.subject, alive.client(), alive.account());
            let amr: Vec<&str> = grant.amr.split_ascii_whitespace().collect();
            let mut about = json!({ "sub": sub, "auth_time": grant.auth_time.secs(), "acr": grant.acr, "amr": amr,
                "aal": grant.aal.number() });
            if let Some(about) = about.as_object_mut() {
                claims::of_place(about, alive, &bearer.scope, now);
            }
            (grant.client_id.as_str(), about)
        }
    };
    if !allowed(owner) {
        return Ok(inactive());
    }
    let mut body = json!({
        "active": true, "iss": hub.issuer, "aud": hub.issuer, "client_id": owner, "token_type": "Bearer", "scope": bearer.scope,
        "iat": bearer.issued_at.secs(), "exp": bearer.expires_at.secs(),
    });
    if let (Some(body), Value::Object(about)) = (body.as_object_mut(), about) {
        body.extend(about);
    }
    Ok(body)
}

async fn refresh(db: &Db, hub: &Hub<'_>, token: &Token, now: Timestamp, allowed: impl Fn(&str) -> bool) -> Result<Option<Value>> {
    let mut read = db.read().await?;
    let Some(row) = store::find_refresh(&mut read, &token.hash()).await? else { return Ok(None) };
    if row.consumed_at.is_some() || now.millis() >= row.expires_at || !allowed(&row.client_id) {
        return Ok(None);
    }
    let Some((grant, account)) = store::find_grant(&mut read, &row.grant_id, "").await? else { return Ok(None) };
    let Ok(alive) = liveness::alive(&mut read, hub, grant, account, now).await? else { return Ok(None) };
    Ok(Some(json!({
        "active": true, "iss": hub.issuer, "token_type": "refresh_token", "client_id": row.client_id, "scope": alive.grant().scope,
        "sub": claims::subject(&hub.keys.subject, alive.client(), alive.account()), "exp": Timestamp::from_millis(row.expires_at).secs(),
    })))
}
