//! Sending somebody to a provider: exactly the parameters it accepts (french-domain §1.3), and what is kept until they come
//! back, sealed in the browser.

use openidconnect::core::{CoreAuthenticationFlow, CoreClient, CoreJsonWebKeySet};
use openidconnect::{
    AuthUrl, AuthenticationContextClass, ClientId, CsrfToken, IssuerUrl, Nonce, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, Scope,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use url::Url;

use super::discovery::Known;
use super::verify::Errand;
use super::{Provider, ProviderKind, Refusal};
use crate::authn::interaction::Interaction;
use crate::base::encode::b64u;
use crate::base::{Ctx, Siret, Timestamp, rng};
use crate::config::SignIn;
use crate::crypto::{Keys, same, sha256};

/// Asks for `amr`, which FranceConnect only tells when asked this way (french-domain §1.6).
const AMR: &str = r#"{"id_token":{"amr":{"essential":true}}}"#;
const CONTEXT: &str = "upstream";

/// What only the browser that left can bring back.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Secrets {
    /// `nonce`.
    #[serde(rename = "n")]
    pub nonce: String,
    /// `code_verifier` (RFC 7636), where the provider takes it.
    #[serde(rename = "v", default, skip_serializing_if = "Option::is_none")]
    pub verifier: Option<String>,
}

/// A request on its way, as the browser keeps it, sealed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Pending {
    /// Hash of `state`.
    #[serde(rename = "s")]
    pub state: String,
    /// The provider.
    #[serde(rename = "p")]
    pub provider: String,
    /// Nonce and verifier.
    #[serde(flatten)]
    pub secrets: Secrets,
    /// When it left.
    #[serde(rename = "l")]
    pub left_at: Timestamp,
    /// The journey.
    #[serde(rename = "i")]
    pub interaction: Interaction,
    /// What it is for, when it is not to sign in.
    #[serde(rename = "e", default, skip_serializing_if = "Option::is_none")]
    pub errand: Option<Errand>,
}

/// Where to send the person, and what to keep.
#[derive(Debug)]
pub struct Departure {
    /// The provider's address with the request in it.
    pub url: String,
    /// Name of what is kept.
    pub slot: String,
    /// What is kept.
    pub sealed: String,
}

/// Why nothing that was kept answers.
#[derive(Debug)]
pub enum Lost {
    /// Nothing of ours under this `state` in this browser.
    Unknown,
    /// Too old; what it asked for can be begun again.
    Expired(Box<Interaction>),
}

/// The name of what is kept for a `state`; tells nothing of it.
pub fn slot(state: &str) -> String {
    sha256(state.as_bytes()).chars().filter(char::is_ascii_alphanumeric).take(10).collect()
}

/// What somebody leaves for.
#[derive(Debug)]
pub struct Trip {
    /// The journey.
    pub interaction: Interaction,
    /// What for, when it is not to sign in.
    pub errand: Option<Errand>,
    /// The establishment that the service expects them to act for.
    pub siret_hint: Option<Siret>,
}

/// Makes a request. `state` and `nonce` are 256 random bits each.
pub fn depart(ctx: &Ctx, keys: &Keys, hub: &str, provider: &Provider, known: &Known, trip: Trip) -> Result<Departure, Refusal> {
    let random = || b64u(rng::bytes::<32>(ctx.rng.as_ref()));
    let (state, nonce) = (random(), random());
    let verifier = match provider.metadata.kind {
        ProviderKind::FranceConnect => None,
        ProviderKind::ProConnect | ProviderKind::Oidc => Some(random()),
    };
    let secrets = Secrets { nonce, verifier };
    let url = address(hub, provider, known, &state, &secrets, &trip)?;
    let Trip { interaction, errand, .. } = trip;
    let pending =
        Pending { state: sha256(state.as_bytes()), provider: provider.id.clone(), secrets, left_at: ctx.now(), interaction, errand };
    let text = serde_json::to_vec(&pending).map_err(|e| Refusal::untrusted(e.to_string()))?;
    let sealed = keys.browser.seal(CONTEXT, &text).map_err(|e| Refusal::untrusted(e.to_string()))?;
    Ok(Departure { url: url.into(), slot: slot(&state), sealed })
}

/// Response type, client, redirect address, scope, state, nonce and level. FranceConnect gets neither PKCE nor `login_hint`: it
/// refuses whatever it does not know. ProConnect is told which levels are essential through `claims` (french-domain §2.4), and the
/// establishment that the service expects (§2.2).
fn address(hub: &str, provider: &Provider, known: &Known, state: &str, secrets: &Secrets, trip: &Trip) -> Result<Url, Refusal> {
    let (m, journey) = (&provider.metadata, &trip.interaction);
    let wrong = |e: url::ParseError| Refusal::untrusted(e.to_string());
    let issuer = IssuerUrl::new(m.issuer.clone()).map_err(wrong)?;
    let redirect = RedirectUrl::new(provider.redirect_uri(hub)).map_err(wrong)?;
    let client = CoreClient::new(ClientId::new(m.client_id.clone()), issuer, CoreJsonWebKeySet::new(Vec::new()))
        .set_auth_uri(AuthUrl::from_url(known.discovery.authorization_endpoint.clone()))
        .set_redirect_uri(redirect);
    let (state, nonce) = (state.to_owned(), secrets.nonce.clone());
    let mut request =
        client.authorize_url(CoreAuthenticationFlow::AuthorizationCode, move || CsrfToken::new(state), move || Nonce::new(nonce));
    for scope in m.scope.split_ascii_whitespace().filter(|s| *s != "openid") {
        request = request.add_scope(Scope::new(scope.to_owned()));
    }
    let levels: Vec<&str> = m.acr_values.split_ascii_whitespace().collect();
    match m.kind {
        ProviderKind::FranceConnect | ProviderKind::Oidc => {
            for acr in levels {
                request = request.add_auth_context_value(AuthenticationContextClass::new(acr.to_owned()));
            }
            if m.amr {
                request = request.add_extra_param("claims", AMR);
            }
        }
        ProviderKind::ProConnect => {
            let mut claims = json!({ "id_token": { "acr": { "essential": true, "values": levels } } });
            if let (true, Some(id_token)) = (m.amr, claims.pointer_mut("/id_token").and_then(Value::as_object_mut)) {
                id_token.insert("amr".into(), json!({ "essential": true }));
            }
            request = request.add_extra_param("claims", claims.to_string());
            if let Some(siret) = &trip.siret_hint {
                request = request.add_extra_param("siret_hint", siret.as_str().to_owned());
            }
        }
    }
    if let Some(verifier) = &secrets.verifier {
        request = request.set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&PkceCodeVerifier::new(verifier.clone())));
        if let Some(email) = &journey.email {
            request = request.add_extra_param("login_hint", email.as_str().to_owned());
        }
    }
    // Who must prove anew who they are here must prove it there too.
    let anew = journey.fresh && secrets.verifier.is_some();
    if let Some(prompt) = m.prompt.as_deref().or(anew.then_some("login")) {
        request = request.add_extra_param("prompt", prompt.to_owned());
    }
    if let Some(hint) = &m.idp_hint {
        request = request.add_extra_param("idp_hint", hint.clone());
    }
    Ok(request.url().0)
}

impl Pending {
    /// Opens what was kept under a `state`, for the browser that presents it.
    pub fn open(sealed: &str, state: &str, browser_cookie: &str, keys: &Keys, now: Timestamp, limits: &SignIn) -> Result<Self, Lost> {
        let text = keys.browser.open(CONTEXT, sealed).map_err(|_| Lost::Unknown)?;
        let pending: Self = serde_json::from_slice(&text).map_err(|_| Lost::Unknown)?;
        let ours = same(&pending.state, &sha256(state.as_bytes()));
        let here = same(&pending.interaction.browser, &sha256(browser_cookie.as_bytes()));
        if !ours || !here {
            return Err(Lost::Unknown);
        }
        if now.since(pending.left_at) > limits.interaction {
            return Err(Lost::Expired(Box::new(pending.interaction)));
        }
        Ok(pending)
    }

    /// When something was kept, to drop the oldest first.
    pub fn age(sealed: &str, keys: &Keys) -> Option<Timestamp> {
        let text = keys.browser.open(CONTEXT, sealed).ok()?;
        serde_json::from_slice::<Self>(&text).ok().map(|p| p.left_at)
    }
}
