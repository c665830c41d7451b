//! Reading an authorization request (OpenID Connect Core §3.1.2, RFC 6749 §4.1.1, RFC 7636).

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::base::encode::from_b64u;
use crate::base::{Siret, Timestamp};
use crate::crypto::jose;
use crate::oidc::claims::ClaimsRequest;
use crate::oidc::client::{Client, GrantType};
use crate::oidc::error::{Code, OAuthError};
use crate::oidc::hub::Hub;
use crate::oidc::vocabulary::Vocabulary;

/// How the answer travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
pub enum ResponseMode {
    /// In the query of the redirect URI.
    #[default]
    #[serde(rename = "q")]
    Query,
    /// In a form that the browser posts (OAuth 2.0 Form Post Response Mode).
    #[serde(rename = "f")]
    FormPost,
}

/// `prompt` (OpenID Connect Core §3.1.2.1; `create`: Initiating User Registration 1.0).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Prompt {
    /// No page may be shown.
    None,
    /// Prove again.
    Login,
    /// Ask for consent again.
    Consent,
    /// Choose the account.
    SelectAccount,
    /// Make an account.
    Create,
    /// Choose the establishment acted for, where there are several. Ours (DESIGN §6).
    SelectEstablishment,
}

impl Prompt {
    /// Every value, as published.
    pub const ALL: [Self; 6] = [Self::None, Self::Login, Self::Consent, Self::SelectAccount, Self::Create, Self::SelectEstablishment];

    /// The registered text.
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Login => "login",
            Self::Consent => "consent",
            Self::SelectAccount => "select_account",
            Self::Create => "create",
            Self::SelectEstablishment => "select_establishment",
        }
    }
}

/// A request that passed every check. Short names: it travels sealed in URLs.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Request {
    /// `client_id`.
    #[serde(rename = "c")]
    pub client_id: String,
    /// `redirect_uri`, registered.
    #[serde(rename = "u")]
    pub redirect_uri: String,
    /// Scopes asked for that the client may have.
    #[serde(rename = "s")]
    pub scope: String,
    /// `state`, given back untouched.
    #[serde(rename = "t", default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// `nonce`.
    #[serde(rename = "n", default, skip_serializing_if = "Option::is_none")]
    pub nonce: Option<String>,
    /// `code_challenge`, S256.
    #[serde(rename = "k", default, skip_serializing_if = "Option::is_none")]
    pub code_challenge: Option<String>,
    /// `response_mode`.
    #[serde(rename = "m", default)]
    pub response_mode: ResponseMode,
    /// `prompt`.
    #[serde(rename = "p", default, skip_serializing_if = "BTreeSet::is_empty")]
    pub prompt: BTreeSet<Prompt>,
    /// `max_age`, or the client's default.
    #[serde(rename = "x", default, skip_serializing_if = "Option::is_none")]
    pub max_age: Option<u64>,
    /// `login_hint`.
    #[serde(rename = "l", default, skip_serializing_if = "Option::is_none")]
    pub login_hint: Option<String>,
    /// `sub` of the `id_token_hint`, or demanded by the `claims` parameter.
    #[serde(rename = "h", default, skip_serializing_if = "Option::is_none")]
    pub expected_sub: Option<String>,
    /// `acr_values`, or the values of an `acr` that is not essential in `claims`, or the client's default.
    #[serde(rename = "v", default, skip_serializing_if = "Vec::is_empty")]
    pub acr_values: Vec<String>,
    /// `claims`.
    #[serde(rename = "q", default, skip_serializing_if = "Option::is_none")]
    pub claims: Option<ClaimsRequest>,
    /// The client's words.
    #[serde(rename = "w", default, skip_serializing_if = "Vocabulary::is_standard")]
    pub vocabulary: Vocabulary,
    /// `siret_hint`: the establishment the service expects the person to act for. Ours, and ProConnect's (french-domain §2.2).
    #[serde(rename = "e", default, skip_serializing_if = "Option::is_none", deserialize_with = "crate::base::siret::kept")]
    pub siret_hint: Option<Siret>,
    /// `ui_locales`.
    #[serde(rename = "g", default, skip_serializing_if = "Option::is_none")]
    pub ui_locales: Option<String>,
}

impl Request {
    /// Whether a value of `prompt` was sent.
    pub fn prompts(&self, prompt: Prompt) -> bool {
        self.prompt.contains(&prompt)
    }

    /// Whether a scope is asked for and allowed.
    pub fn has_scope(&self, scope: &str) -> bool {
        self.scope.split_ascii_whitespace().any(|s| s == scope)
    }

    /// Whether it says how recent a proof of who is there must be: `prompt=login`, `max_age`.
    pub fn asks_proof(&self) -> bool {
        self.prompts(Prompt::Login) || self.max_age.is_some()
    }

    /// Where `max_age` is set: what was proved after this instant is recent enough for a sign-in at `at`. Ages are whole seconds.
    pub fn counts_from(&self, at: Timestamp) -> Option<Timestamp> {
        self.max_age.map(|max| at.minus(Duration::from_secs(max.saturating_add(1))))
    }
}

#[cfg(test)]
impl Request {
    /// A plain request of nobody in particular.
    pub fn sample() -> Self {
        let minimal = serde_json::json!({ "c": "dossier", "u": "https://dossier.example.fr/cb", "s": "openid" });
        serde_json::from_value(minimal).unwrap()
    }
}

/// `ui_locales` of a request that travels in a journey, without reading the rest.
pub fn locales_of(sealed: &serde_json::Value) -> Option<&str> {
    sealed.get("g")?.as_str()
}

/// [`Request::asks_proof`] of one that travels in a journey, likewise.
pub fn asks_proof(sealed: &serde_json::Value) -> bool {
    let prompts = sealed.get("p").and_then(|p| p.as_array());
    sealed.get("x").is_some() || prompts.is_some_and(|p| p.iter().any(|p| p == Prompt::Login.name()))
}

/// What a client may send once (RFC 6749 §3.1). Anything else that comes several times is ignored, as it is when it comes once;
/// `resource` may be repeated (RFC 8707 §2).
const ONCE: [&str; 20] = [
    "response_type",
    "response_mode",
    "scope",
    "state",
    "nonce",
    "code_challenge",
    "code_challenge_method",
    "prompt",
    "max_age",
    "display",
    "login_hint",
    "id_token_hint",
    "acr_values",
    "claims",
    "claims_locales",
    "siret_hint",
    "ui_locales",
    "request",
    "request_uri",
    "registration",
];

/// Why a request is not taken.
#[derive(Debug)]
pub enum Invalid {
    /// `client_id` or `redirect_uri` came several times: nobody can be told but the person (A103).
    Repeated(&'static str),
    /// Unknown client (A101).
    UnknownClient,
    /// Disabled client (A104).
    ClosedClient(Arc<Client>),
    /// The redirect URI is absent or not registered: the answer is a page (A102).
    RedirectUri(Arc<Client>),
    /// Anything else: the client is told at its redirect URI.
    Redirectable {
        /// The client.
        client: Arc<Client>,
        /// Where to answer.
        to: Box<ReturnAddress>,
        /// What.
        error: OAuthError,
    },
}

/// Where an authorization response goes.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ReturnAddress {
    /// Registered redirect URI.
    pub redirect_uri: String,
    /// `state` of the request.
    pub state: Option<String>,
    /// How.
    pub mode: ResponseMode,
}

impl From<&Request> for ReturnAddress {
    fn from(r: &Request) -> Self {
        Self { redirect_uri: r.redirect_uri.clone(), state: r.state.clone(), mode: r.response_mode }
    }
}

/// Longest `state` and `nonce`, in bytes; longer ones are refused, never cut.
const MAX_STATE: usize = 1_500;
const MAX_NONCE: usize = 600;

/// Levels of `acr_values` that are read.
const MAX_ACR_VALUES: usize = 10;

/// Reads a request from the first value of each parameter, and the names of those that came several times.
pub fn read<'p>(get: &dyn Fn(&str) -> Option<&'p str>, repeated: &[String], hub: &Hub<'_>) -> Result<(Arc<Client>, Request), Invalid> {
    let twice = |name: &str| repeated.iter().any(|r| r == name);
    if let Some(name) = ["client_id", "redirect_uri"].into_iter().find(|name| twice(name)) {
        return Err(Invalid::Repeated(name));
    }
    let client = get("client_id").and_then(|id| hub.clients.any(id)).ok_or(Invalid::UnknownClient)?.clone();
    if !client.enabled {
        return Err(Invalid::ClosedClient(client));
    }
    let Some(redirect_uri) = get("redirect_uri").filter(|u| client.allows_redirect(u)) else {
        return Err(Invalid::RedirectUri(client));
    };
    let once = match ONCE.into_iter().find(|name| twice(name)) {
        Some(name) => Err(OAuthError::said(Code::InvalidRequest, &format!("parameter {name} is repeated"))),
        None => Ok(()),
    };
    let mode = match get("response_mode").filter(|_| !twice("response_mode")) {
        None | Some("query") => Ok(ResponseMode::Query),
        Some("form_post") => Ok(ResponseMode::FormPost),
        Some(_) => Err(OAuthError::new(Code::InvalidRequest, "response_mode must be query or form_post")),
    };
    // Of several, none is the one that the client will look for.
    let state = get("state").filter(|_| !twice("state")).map(str::to_owned);
    let to = ReturnAddress {
        redirect_uri: redirect_uri.to_owned(),
        state: state.filter(|s| s.len() <= MAX_STATE),
        mode: *mode.as_ref().unwrap_or(&ResponseMode::Query),
    };
    let checked = once.and(mode).and_then(|_| rest(get, hub, &client, &to));
    match checked {
        Ok(request) => Ok((client, request)),
        Err(error) => Err(Invalid::Redirectable { client, to: Box::new(to), error }),
    }
}

fn rest<'p>(get: &dyn Fn(&str) -> Option<&'p str>, hub: &Hub<'_>, client: &Client, to: &ReturnAddress) -> Result<Request, OAuthError> {
    let invalid = |what: &'static str| OAuthError::new(Code::InvalidRequest, what);
    for (name, code) in [
        ("request", Code::RequestNotSupported),
        ("request_uri", Code::RequestUriNotSupported),
        ("registration", Code::RegistrationNotSupported),
    ] {
        if get(name).is_some() {
            return Err(OAuthError::said(code, &format!("{name} is not supported")));
        }
    }
    match get("response_type") {
        Some("code") => {}
        Some(_) => return Err(OAuthError::new(Code::UnsupportedResponseType, "only response_type=code is supported")),
        None => return Err(invalid("response_type is missing")),
    }
    if !client.may(GrantType::AuthorizationCode) {
        return Err(OAuthError::new(Code::UnauthorizedClient, "the client is not registered for authorization_code"));
    }
    if get("state").is_some_and(|s| s.len() > MAX_STATE) || get("nonce").is_some_and(|n| n.len() > MAX_NONCE) {
        return Err(invalid("state or nonce is too long"));
    }
    let code_challenge = pkce(get, client)?;
    let max_age = match get("max_age") {
        Some(text) => Some(text.parse::<u64>().map_err(|_| invalid("max_age must be a whole number of seconds"))?),
        None => client.metadata.default_max_age,
    };
    let claims = match get("claims") {
        Some(text) => Some(ClaimsRequest::parse(text).ok_or_else(|| invalid("claims is not a JSON object of the right shape"))?),
        None => None,
    };
    let hinted = get("id_token_hint").map(|hint| hinted_sub(hint, hub, client)).transpose()?;
    let required = claims.as_ref().and_then(ClaimsRequest::required_sub).map(str::to_owned);
    Ok(Request {
        client_id: client.id.clone(),
        redirect_uri: to.redirect_uri.clone(),
        scope: scope(get("scope"), client)?,
        state: to.state.clone(),
        nonce: get("nonce").map(str::to_owned),
        code_challenge,
        response_mode: to.mode,
        prompt: prompt(get("prompt"))?,
        max_age,
        login_hint: get("login_hint").filter(|h| h.len() <= 254).map(str::to_owned),
        expected_sub: hinted.or(required),
        acr_values: acr_values(get("acr_values"), claims.as_ref(), client),
        claims,
        vocabulary: client.metadata.claims_vocabulary,
        siret_hint: get("siret_hint").and_then(|s| Siret::unchecked(s).ok()),
        ui_locales: get("ui_locales").filter(|l| l.len() <= 100).map(str::to_owned),
    })
}

fn pkce<'p>(get: &dyn Fn(&str) -> Option<&'p str>, client: &Client) -> Result<Option<String>, OAuthError> {
    let invalid = |what: &'static str| OAuthError::new(Code::InvalidRequest, what);
    match (get("code_challenge"), get("code_challenge_method")) {
        (None, None) if client.requires_pkce() => Err(invalid("code_challenge is required (RFC 7636, S256)")),
        (None, None) => Ok(None),
        (None, Some(_)) => Err(invalid("code_challenge is missing")),
        (Some(challenge), Some("S256")) => match from_b64u(challenge) {
            Some(bytes) if bytes.len() == 32 => Ok(Some(challenge.to_owned())),
            _ => Err(invalid("code_challenge is not the base64url of a SHA-256 hash")),
        },
        (Some(_), _) => Err(invalid("code_challenge_method must be S256")),
    }
}

/// The levels wished for. An `acr` asked for among the claims is the same request as `acr_values`, and comes before what the
/// client registered for requests that say nothing (Core §3.1.2.1, Dynamic Client Registration §2).
fn acr_values(asked: Option<&str>, claims: Option<&ClaimsRequest>, client: &Client) -> Vec<String> {
    match (asked, claims.and_then(ClaimsRequest::voluntary_acr)) {
        (Some(text), _) => text.split_ascii_whitespace().take(MAX_ACR_VALUES).map(str::to_owned).collect(),
        (None, Some(values)) => values.into_iter().take(MAX_ACR_VALUES).collect(),
        (None, None) => client.metadata.default_acr_values.clone(),
    }
}

fn prompt(text: Option<&str>) -> Result<BTreeSet<Prompt>, OAuthError> {
    let mut out = BTreeSet::new();
    for word in text.unwrap_or_default().split_ascii_whitespace() {
        let known = Prompt::ALL.into_iter().find(|p| p.name() == word);
        out.insert(known.ok_or(OAuthError::new(Code::InvalidRequest, "unknown value of prompt"))?);
    }
    if out.contains(&Prompt::None) && out.len() > 1 {
        return Err(OAuthError::new(Code::InvalidRequest, "prompt=none excludes other values"));
    }
    Ok(out)
}

/// Scopes not registered for the client are ignored (OpenID Connect Core §3.1.2.1); none left is an error. So is one that a
/// federation knows and the client is not entitled to (french-domain §1.3).
fn scope(asked: Option<&str>, client: &Client) -> Result<String, OAuthError> {
    let allowed = client.scopes();
    let vocabulary = client.metadata.claims_vocabulary;
    let denied = |s: &str| vocabulary.is_federal() && vocabulary.knows(s) && !allowed.contains(s);
    if let Some(scope) = asked.unwrap_or_default().split_ascii_whitespace().find(|s| denied(s)) {
        return Err(OAuthError::said(Code::InvalidScope, &format!("scope {scope} is not registered for this client")));
    }
    let mut seen = BTreeSet::new();
    let kept: Vec<&str> = asked.unwrap_or_default().split_ascii_whitespace().filter(|s| allowed.contains(s) && seen.insert(*s)).collect();
    if kept.is_empty() {
        return Err(OAuthError::new(Code::InvalidScope, "no scope asked for is registered for this client"));
    }
    Ok(kept.join(" "))
}

#[derive(Deserialize)]
struct Hint {
    sub: String,
    aud: String,
    /// Only id_tokens have one: signed userinfo is no hint.
    #[serde(rename = "at_hash")]
    _at_hash: String,
}

/// An expired id_token is still a good hint (OpenID Connect Core §3.1.2.1); a foreign one is not.
fn hinted_sub(hint: &str, hub: &Hub<'_>, client: &Client) -> Result<String, OAuthError> {
    let wrong = OAuthError::new(Code::InvalidRequest, "id_token_hint is not an id_token issued to this client");
    match jose::verify_own::<Hint>(&hub.keyring, "JWT", hint) {
        Ok(h) if h.aud == client.id => Ok(h.sub),
        _ => Err(wrong),
    }
}
