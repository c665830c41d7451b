//! The UserInfo endpoint (OpenID Connect Core §5.3).

use serde_json::{Map, Value};

use super::bearer::{self, Holder, NotTaken};
use super::claims;
use super::error::{Code, OAuthError, Result};
use super::hub::Hub;
use super::token::mint::parse_claims;
use crate::base::Timestamp;
use crate::db::Db;

/// Claims about the person behind an access token that has the `openid` scope.
pub async fn userinfo(db: &Db, hub: &Hub<'_>, token: &str, now: Timestamp) -> Result<Map<String, Value>> {
    let bearer = bearer::read(db, hub, token, now).await?.map_err(refused)?;
    let insufficient = OAuthError::new(Code::InsufficientScope, "the openid scope is required");
    let Holder::Person(alive) = bearer.holder else { return Err(insufficient.into()) };
    if !bearer.scope.split_ascii_whitespace().any(|s| s == "openid") {
        return Err(insufficient.into());
    }
    let request = parse_claims(alive.grant().claims.as_deref());
    let mut body = claims::for_userinfo(alive.account(), &bearer.scope, request.as_ref());
    claims::of_sign_in(&mut body, alive.account(), alive.grant().aal, &bearer.scope);
    body.insert("sub".into(), claims::subject(&hub.keys.subject, alive.client(), alive.account()).into());
    Ok(body)
}

/// RFC 6750 §3.1; RFC 9470 §3 when the person must prove more.
fn refused(why: NotTaken) -> OAuthError {
    match why {
        NotTaken::Invalid => OAuthError::new(Code::InvalidToken, "the access token is unknown, expired or revoked"),
        NotTaken::Weak(needed) => OAuthError::insufficient(needed),
    }
}
