//! The UserInfo endpoint (OpenID Connect Core §5.3).

use serde_json::{Map, Value};

use super::bearer::{self, Holder};
use super::claims;
use super::error::{Code, OAuthError, Result};
use super::hub::Hub;
use super::token::mint::parse_claims;
use crate::base::Timestamp;
use crate::db::Db;

/// Claims about the person behind an access token that has the `openid` scope.
pub async fn userinfo(db: &Db, hub: &Hub<'_>, token: &str, now: Timestamp) -> Result<Map<String, Value>> {
    let invalid = OAuthError::new(Code::InvalidToken, "the access token is unknown, expired or revoked");
    let bearer = bearer::read(db, hub, token, now).await?.ok_or(invalid)?;
    let insufficient = OAuthError::new(Code::InsufficientScope, "the openid scope is required");
    let Holder::Person(alive) = bearer.holder else { return Err(insufficient.into()) };
    if !bearer.scope.split_ascii_whitespace().any(|s| s == "openid") {
        return Err(insufficient.into());
    }
    let request = parse_claims(alive.grant().claims.as_deref());
    let mut body = claims::for_userinfo(alive.account(), &bearer.scope, request.as_ref());
    body.insert("sub".into(), claims::subject(&hub.keys.subject, alive.client(), alive.account()).into());
    Ok(body)
}
