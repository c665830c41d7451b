//! The tokens that notices are made of, signed as the id_tokens of the client are.

use serde_json::{Map, Value, json};

use super::Notice;
use crate::account::Account;
use crate::base::{Ctx, Timestamp};
use crate::crypto::jose;
use crate::jobs::notice::Kind;
use crate::oidc::claims;
use crate::oidc::client::Client;
use crate::oidc::error::{Error, Result};
use crate::oidc::hub::Hub;

/// `typ` of logout tokens (Back-Channel Logout §2.4).
const LOGOUT_TYP: &str = "logout+jwt";
/// `typ` of security event tokens (RFC 8417 §2.3).
const EVENT_TYP: &str = "secevent+jwt";

/// Seconds a logout token is good for (§4: at most two minutes).
const LOGOUT_LIFE: u64 = 120;

/// The event of a logout token (§2.4).
const LOGOUT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// The identifier and payload of an event of Shared Signals: CAEP 1.0 §3.2, RISC 1.0 §2. Of what changed, only that it did:
/// the client asks userinfo, which answers what it may know now.
fn shared_signal(kind: Kind, account: &Account) -> Option<(&'static str, Value)> {
    match kind {
        Kind::SessionEnded | Kind::RightEnded => None,
        Kind::ClaimsChanged => {
            let claims = json!({ "claims": { "updated_at": account.updated_at.secs() } });
            Some(("https://schemas.openid.net/secevent/caep/event-type/token-claims-change", claims))
        }
        Kind::AccountDisabled => Some(("https://schemas.openid.net/secevent/risc/event-type/account-disabled", json!({}))),
        Kind::AccountEnabled => Some(("https://schemas.openid.net/secevent/risc/event-type/account-enabled", json!({}))),
    }
}

fn common(hub: &Hub<'_>, client: &Client, now: Timestamp) -> Map<String, Value> {
    let mut body = Map::new();
    body.insert("iss".into(), hub.issuer.into());
    body.insert("aud".into(), client.id.as_str().into());
    body.insert("iat".into(), now.secs().into());
    body
}

/// What is sent about a notice: a logout token, or a security event token. `account` is its account.
pub fn make(hub: &Hub<'_>, ctx: &Ctx, client: &Client, account: &Account, notice: &Notice) -> Result<String> {
    let now = ctx.now();
    let sub = claims::subject(&hub.keys.subject, client, account);
    let mut body = common(hub, client, now);
    let typ = match shared_signal(notice.kind, account) {
        None => {
            body.insert("sub".into(), sub.into());
            body.insert("exp".into(), now.plus(std::time::Duration::from_secs(LOGOUT_LIFE)).secs().into());
            // A client that remembers `jti` may have acted on an attempt whose answer was lost: each has its own.
            body.insert("jti".into(), format!("{}.{}", notice.id, notice.attempts).into());
            body.insert("events".into(), json!({ LOGOUT: {} }));
            if let Some(session) = &notice.session {
                body.insert("sid".into(), claims::sid(&hub.keys.subject, client, session.as_str()).into());
            }
            LOGOUT_TYP
        }
        // Neither `sub` nor `exp` (RFC 8417 §2.2.4, §4.5): it must not pass for an id_token.
        Some((event, payload)) => {
            body.insert("jti".into(), notice.id.as_str().into());
            body.insert("sub_id".into(), json!({ "format": "iss_sub", "iss": hub.issuer, "sub": sub }));
            body.insert("toe".into(), notice.created_at.secs().into());
            body.insert("events".into(), json!({ event: payload }));
            EVENT_TYP
        }
    };
    let signed = jose::sign(hub.signing(client.signing_alg())?, typ, &body).map_err(|_| Error::Internal("signing failed".into()))?;
    match notice.kind {
        // §2.4: encrypted as id_tokens are.
        Kind::SessionEnded | Kind::RightEnded => client.enclose(client.metadata.id_token_encryption(), signed),
        Kind::ClaimsChanged | Kind::AccountDisabled | Kind::AccountEnabled => Ok(signed),
    }
}
