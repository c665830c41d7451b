//! Authorization parameters: exactly those of §1.3, and nothing else.

use axum::extract::FromRequest;
use url::{Url, form_urlencoded};

/// Fewest characters of a nonce.
const NONCE: usize = 22;
/// Everything `/authorize` takes.
const AUTHORIZE: [&str; 11] =
    ["client_id", "response_type", "redirect_uri", "scope", "state", "acr_values", "nonce", "claims", "prompt", "idp_hint", "ui_locales"];
/// Everything `/session/end` takes (§1.9).
const END_SESSION: [&str; 6] = ["id_token_hint", "post_logout_redirect_uri", "state", "client_id", "logout_hint", "ui_locales"];

/// Parameters of a query or a form, in order.
#[derive(Debug, Clone, Default)]
pub(super) struct Pairs(Vec<(String, String)>);

impl Pairs {
    pub fn parse(text: &str) -> Self {
        Self(form_urlencoded::parse(text.as_bytes()).into_owned().collect())
    }

    /// The last value of a name.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().rev().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    /// All values of a name.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    pub fn names(&self) -> Vec<String> {
        self.0.iter().map(|(n, _)| n.clone()).collect()
    }

    /// Refuses unknown and repeated names.
    fn strict(&self, allowed: &[&str]) -> Result<(), String> {
        for (at, (name, _)) in self.0.iter().enumerate() {
            if !allowed.contains(&name.as_str()) {
                return Err(format!("paramètre inconnu\u{a0}: {name}"));
            }
            if self.0.iter().take(at).any(|(n, _)| n == name) {
                return Err(format!("paramètre répété\u{a0}: {name}"));
            }
        }
        Ok(())
    }

    fn required(&self, name: &str) -> Result<String, String> {
        self.get(name).filter(|v| !v.is_empty()).map(str::to_owned).ok_or_else(|| format!("paramètre manquant\u{a0}: {name}"))
    }
}

/// The body of a form, whatever it repeats.
impl<S: Send + Sync> FromRequest<S> for Pairs {
    type Rejection = axum::extract::rejection::StringRejection;

    async fn from_request(request: axum::extract::Request, state: &S) -> Result<Self, Self::Rejection> {
        Ok(Self::parse(&String::from_request(request, state).await?))
    }
}

/// A valid authorization request.
#[derive(Debug, Clone)]
pub(super) struct Request {
    pub client_id: String,
    pub response_type: String,
    pub redirect_uri: String,
    pub scope: Vec<String>,
    pub state: String,
    pub nonce: String,
    pub acr_values: Vec<String>,
    pub claims: Option<String>,
    pub prompt: Vec<String>,
    pub idp_hint: Option<String>,
}

/// Reads an authorization request; the error says why not.
pub(super) fn authorize(pairs: &Pairs) -> Result<Request, String> {
    pairs.strict(&AUTHORIZE)?;
    let words = |text: &str| text.split(' ').filter(|w| !w.is_empty()).map(str::to_owned).collect::<Vec<_>>();
    let request = Request {
        client_id: pairs.required("client_id")?,
        response_type: pairs.required("response_type")?,
        redirect_uri: pairs.required("redirect_uri")?,
        scope: words(&pairs.required("scope")?),
        state: pairs.required("state")?,
        nonce: pairs.required("nonce")?,
        acr_values: words(&pairs.required("acr_values")?),
        claims: pairs.get("claims").map(str::to_owned),
        prompt: pairs.get("prompt").map(words).unwrap_or_default(),
        idp_hint: pairs.get("idp_hint").map(str::to_owned),
    };
    if request.nonce.chars().count() < NONCE {
        return Err(format!("nonce de moins de {NONCE} caractères"));
    }
    if !Url::parse(&request.redirect_uri).is_ok_and(|u| matches!(u.scheme(), "http" | "https") && u.has_host()) {
        return Err("redirect_uri n’est pas une adresse".into());
    }
    if pairs.get("prompt").is_some() && (request.prompt.is_empty() || request.prompt.iter().any(|p| p != "login" && p != "consent")) {
        return Err("valeur de prompt refusée".into());
    }
    Ok(request)
}

/// What ProConnect takes (§2.2).
const PRO_AUTHORIZE: [&str; 15] = [
    "client_id",
    "response_type",
    "state",
    "redirect_uri",
    "scope",
    "nonce",
    "acr_values",
    "claims",
    "response_mode",
    "login_hint",
    "siret_hint",
    "prompt",
    "idp_hint",
    "code_challenge",
    "code_challenge_method",
];

/// A valid authorization request of ProConnect.
#[derive(Debug, Clone)]
pub(super) struct ProRequest {
    pub client_id: String,
    pub response_type: String,
    pub redirect_uri: String,
    pub scope: Vec<String>,
    pub state: String,
    pub nonce: Option<String>,
    pub claims: Option<String>,
    pub login_hint: Option<String>,
    pub siret_hint: Option<String>,
    pub idp_hint: Option<String>,
    pub prompt: Vec<String>,
    pub code_challenge: Option<String>,
}

/// Reads an authorization request of ProConnect; the error says why not.
pub(super) fn pro_authorize(pairs: &Pairs) -> Result<ProRequest, String> {
    pairs.strict(&PRO_AUTHORIZE)?;
    let optional = |name: &str| pairs.get(name).map(str::to_owned);
    let words = |text: String| text.split(' ').filter(|w| !w.is_empty()).map(str::to_owned).collect::<Vec<_>>();
    let request = ProRequest {
        client_id: pairs.required("client_id")?,
        response_type: pairs.required("response_type")?,
        redirect_uri: pairs.required("redirect_uri")?,
        scope: words(pairs.required("scope")?),
        state: pairs.required("state")?,
        nonce: optional("nonce"),
        claims: optional("claims"),
        login_hint: optional("login_hint"),
        siret_hint: optional("siret_hint"),
        idp_hint: optional("idp_hint"),
        prompt: optional("prompt").map(words).unwrap_or_default(),
        code_challenge: optional("code_challenge"),
    };
    if request.nonce.as_ref().is_some_and(|n| !n.is_ascii() || n.is_empty() || n.len() > 512) {
        return Err("nonce\u{a0}: de 1 à 512 caractères ASCII".into());
    }
    if request.login_hint.as_ref().is_some_and(|hint| !is_email(hint)) {
        return Err("login_hint n’est pas une adresse e-mail".into());
    }
    if request.siret_hint.as_ref().is_some_and(|hint| hint.chars().count() != 14) {
        return Err("siret_hint\u{a0}: 14 caractères".into());
    }
    if request.code_challenge.is_some() != (pairs.get("code_challenge_method") == Some("S256")) {
        return Err("PKCE\u{a0}: S256 seulement".into());
    }
    Ok(request)
}

/// Whether a text looks like an e-mail address.
pub(super) fn is_email(text: &str) -> bool {
    text.split_once('@').is_some_and(|(local, domain)| !local.is_empty() && domain.contains('.') && !text.contains(char::is_whitespace))
}

/// Reads a sign-out request; the error says why not.
pub(super) fn end_session(pairs: &Pairs) -> Result<String, String> {
    pairs.strict(&END_SESSION)?;
    pairs.required("id_token_hint")
}
