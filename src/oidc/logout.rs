//! RP-initiated logout (OpenID Connect RP-Initiated Logout 1.0): what a request may do.

use std::sync::Arc;

use serde::Deserialize;
use url::Url;

use super::claims;
use super::client::Client;
use super::hub::Hub;
use super::token::mint::ID_TYP;
use crate::base::id::SessionId;
use crate::crypto::{jose, same};

/// Parameters.
#[derive(Debug, Default)]
pub struct Input<'a> {
    /// `id_token_hint`.
    pub id_token_hint: Option<&'a str>,
    /// `client_id`.
    pub client_id: Option<&'a str>,
    /// `post_logout_redirect_uri`.
    pub post_logout_redirect_uri: Option<&'a str>,
    /// `state`.
    pub state: Option<&'a str>,
}

/// What the request proves and asks.
#[derive(Debug)]
pub struct LogoutRequest {
    /// The client, when the hint or `client_id` names one.
    pub client: Option<Arc<Client>>,
    /// The session that the hint speaks of, as its client knows it.
    sid: Option<String>,
    /// Where the person goes afterwards; registered, and the client known by the hint.
    pub return_to: Option<String>,
}

impl LogoutRequest {
    /// Whether the hint speaks of this session: it may end without asking the person.
    pub fn speaks_of(&self, hub: &Hub<'_>, session: &SessionId) -> bool {
        match (&self.client, &self.sid) {
            (Some(client), Some(sid)) => same(sid, &claims::sid(&hub.keys.subject, client, session.as_str())),
            (None, _) | (Some(_), None) => false,
        }
    }
}

/// A request that cannot be honoured as it is (§2, §4): the answer is a page, never a redirect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The hint is an id_token of ours, but of another issuer or to another client than `client_id`.
    #[error("id_token_hint is not one of this client")]
    Hint,
    /// The return address is not registered, or no client is proved.
    #[error("post_logout_redirect_uri is not registered")]
    ReturnAddress,
}

#[derive(Deserialize)]
struct HintClaims {
    iss: String,
    aud: String,
    /// Only id_tokens have one: signed userinfo is no hint.
    #[serde(rename = "at_hash")]
    _at_hash: String,
    #[serde(default)]
    sid: Option<String>,
}

/// Reads a request. An expired hint is still a hint. One that does not verify (forged, or signed with a key that is gone) is
/// none, and the person goes nowhere on its word: a person who wants to sign out is asked, never sent away with an error.
pub fn read(hub: &Hub<'_>, input: &Input<'_>) -> Result<LogoutRequest, Refusal> {
    let hint = input.id_token_hint.and_then(|text| jose::verify_own::<HintClaims>(&hub.keyring, ID_TYP, text).ok());
    let unverifiable = hint.is_none() && input.id_token_hint.is_some();
    if let Some(h) = &hint
        && (h.iss != hub.issuer || input.client_id.is_some_and(|id| id != h.aud))
    {
        return Err(Refusal::Hint);
    }
    let hinted = hint.as_ref().and_then(|h| hub.clients.any(&h.aud)).cloned();
    let named = || input.client_id.and_then(|id| hub.clients.any(id)).cloned();
    let return_to = match (input.post_logout_redirect_uri, &hinted) {
        (None, _) => None,
        (Some(_), None) if unverifiable => None,
        (Some(uri), Some(client)) if client.metadata.post_logout_redirect_uris.iter().any(|known| known == uri) => {
            Some(with_state(uri, input.state))
        }
        (Some(_), _) => return Err(Refusal::ReturnAddress),
    };
    Ok(LogoutRequest { sid: hint.and_then(|h| h.sid), client: hinted.or_else(named), return_to })
}

fn with_state(uri: &str, state: Option<&str>) -> String {
    match (state, Url::parse(uri)) {
        (Some(state), Ok(mut url)) => {
            url.query_pairs_mut().append_pair("state", state);
            url.into()
        }
        (None, _) | (Some(_), Err(_)) => uri.to_owned(),
    }
}
