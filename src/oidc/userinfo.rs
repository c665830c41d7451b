//! The UserInfo endpoint (OpenID Connect Core §5.3).

use serde_json::{Map, Value};

use super::bearer::{self, Bearer, Holder, NotTaken};
use super::claims::{self, Facts};
use super::client::Client;
use super::error::{Code, Error, OAuthError, Result};
use super::hub::Hub;
use super::token::mint::{ID_TYP, parse_claims};
use crate::base::Timestamp;
use crate::crypto::encrypt::Content;
use crate::crypto::jose;
use crate::db::Db;

/// What a client receives.
#[derive(Debug)]
pub enum UserInfo {
    /// `application/json`.
    Plain(Map<String, Value>),
    /// `application/jwt` (§5.3.2): signed, encrypted, or both.
    Jwt(String),
}

/// Claims about the person behind an access token that has the `openid` scope, in the form the client registered for.
pub async fn userinfo(db: &Db, hub: &Hub<'_>, token: &str, now: Timestamp) -> Result<UserInfo> {
    let bearer = bearer::read(db, hub, token, now).await?.map_err(refused)?;
    let insufficient = OAuthError::new(Code::InsufficientScope, "the openid scope is required");
    let Holder::Person(alive) = &bearer.holder else { return Err(insufficient.into()) };
    if !bearer.scope.split_ascii_whitespace().any(|s| s == "openid") {
        return Err(insufficient.into());
    }
    let (client, account, grant) = (alive.client(), alive.account(), alive.grant());
    let request = parse_claims(grant.claims.as_deref());
    let names = claims::for_userinfo(client, &bearer.scope, request.as_ref());
    let sub = claims::subject(&hub.keys.subject, client, account);
    let facts = Facts { account, sub: &sub, place: alive.place(), now, acr: grant.acr.as_deref(), amr: &grant.amr };
    let mut body = claims::collect(client.metadata.claims_vocabulary, &facts, &names);
    claims::of_sign_in(&mut body, account, grant.aal, &bearer.scope, now);
    claims::of_place(&mut body, alive, &bearer.scope, now);
    body.insert("sub".into(), sub.into());
    if client.metadata.userinfo_encryption().is_some() {
        client.freshen_keys(hub.outside, now).await;
    }
    sealed(hub, client, &bearer, body, now)
}

/// Signed with `iss` and `aud` (§5.3.2) and good as long as the access token, then encrypted; each as registered.
fn sealed(hub: &Hub<'_>, client: &Client, bearer: &Bearer, mut body: Map<String, Value>, now: Timestamp) -> Result<UserInfo> {
    let encryption = client.metadata.userinfo_encryption();
    let (alg, encryption) = match (client.userinfo_alg(), encryption) {
        (None, None) => return Ok(UserInfo::Plain(body)),
        (None, Some(with)) => {
            let json = serde_json::to_vec(&body).map_err(|e| Error::Internal(e.to_string()))?;
            return client.encrypt(with, Content::Json(&json)).map(UserInfo::Jwt);
        }
        (Some(alg), encryption) => (alg, encryption),
    };
    body.insert("iss".into(), hub.issuer.into());
    body.insert("aud".into(), client.id.as_str().into());
    body.insert("iat".into(), now.secs().into());
    body.insert("exp".into(), bearer.expires_at.secs().into());
    let signed = jose::sign(hub.signing(alg)?, ID_TYP, &body).map_err(|_| Error::Internal("signing failed".into()))?;
    client.enclose(encryption, signed).map(UserInfo::Jwt)
}

/// RFC 6750 §3.1; RFC 9470 §3 when the person must prove more.
pub(super) fn refused(why: NotTaken) -> OAuthError {
    match why {
        NotTaken::Invalid => OAuthError::new(Code::InvalidToken, "the access token is unknown, expired or revoked"),
        NotTaken::Weak(needed) => OAuthError::insufficient(needed),
    }
}
