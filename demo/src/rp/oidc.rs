//! The conversation with the hub: discovery, sign-in, refresh, userinfo, sign-out.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use openidconnect::core::*;
use openidconnect::{
    AccessToken, AccessTokenHash, AdditionalClaims, AdditionalProviderMetadata, AuthenticationFlow, AuthorizationCode,
    ClaimsVerificationError, ClientId, ClientSecret, CsrfToken, EndSessionUrl, EndpointMaybeSet, EndpointNotSet, EndpointSet, IdToken,
    IssuerUrl, JsonWebTokenType, LanguageTag, LogoutRequest, Nonce, NonceVerifier, OAuth2TokenResponse, PkceCodeChallenge,
    PkceCodeVerifier, PostLogoutRedirectUrl, ProviderMetadata, RedirectUrl, RefreshToken, RequestTokenError, Scope,
    SignatureVerificationError, SubjectIdentifier, TokenResponse, UserInfoClaims, UserInfoError,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tokio::sync::Mutex;
use url::Url;

use super::http::{HttpClient, HttpError};
use super::trouble::Trouble;
use super::{CALLBACK_PATH, LOGGED_OUT_PATH, RpConfig};

/// Pauses before each attempt at discovery: the hub may be starting.
const ATTEMPTS: [Duration; 4] = [Duration::ZERO, Duration::from_millis(100), Duration::from_millis(400), Duration::from_secs(1)];
/// Keys are fetched again for an unknown `kid`, but not more often than this (milliseconds).
const REDISCOVERY_FLOOR_MS: i64 = 5_000;
/// Tolerated difference, in milliseconds, between the hub's clock and ours.
const LEEWAY_MS: i64 = 60_000;

/// Discovery members the crate does not know by itself.
#[derive(Clone, Debug, Deserialize, Serialize)]
struct Extra {
    end_session_endpoint: Option<EndSessionUrl>,
    /// RFC 9207 §3.
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
}
impl AdditionalProviderMetadata for Extra {}

type Metadata = ProviderMetadata<
    Extra,
    CoreAuthDisplay,
    CoreClientAuthMethod,
    CoreClaimName,
    CoreClaimType,
    CoreGrantType,
    CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm,
    CoreJsonWebKey,
    CoreResponseMode,
    CoreResponseType,
    CoreSubjectIdentifierType,
>;

type Client = CoreClient<EndpointSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointMaybeSet, EndpointMaybeSet>;

/// The event of a logout token (OpenID Connect Back-Channel Logout §2.4).
const LOGOUT_EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// Claims of a logout token beyond those it shares with an ID token.
#[derive(Clone, Debug, Deserialize, Serialize)]
struct LogoutClaims {
    #[serde(default)]
    sid: Option<String>,
    events: Map<String, Value>,
}
impl AdditionalClaims for LogoutClaims {}

type LogoutToken = IdToken<LogoutClaims, CoreGenderClaim, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm>;

/// What the hub says has ended: one session, or all of the person's.
pub(super) struct Ended {
    subject: SubjectIdentifier,
    sid: Option<String>,
}

impl Ended {
    /// Whether these tokens are of what ended.
    pub fn concerns(&self, tokens: &Tokens) -> bool {
        tokens.subject == self.subject && (self.sid.is_none() || self.sid == tokens.sid())
    }
}

/// Userinfo claims beyond the standard ones: kept and shown, whatever they are.
#[derive(Clone, Debug, Deserialize, Serialize)]
struct AnyClaims(Map<String, Value>);
impl AdditionalClaims for AnyClaims {}

/// What discovery gave.
struct Provider {
    client: Client,
    extra: Extra,
    /// When it was found again after an unknown key, in Unix milliseconds.
    again: Option<i64>,
}

/// What a sign-in asks of the hub beyond the usual.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Wish {
    /// Nothing.
    Usual,
    /// A new authentication.
    Login,
    /// The choice of the establishment acted for.
    Establishment,
}

impl Wish {
    /// From `?prompt=` of our own links.
    pub fn of(prompt: Option<&str>) -> Self {
        match prompt {
            Some("login") => Self::Login,
            Some("select_establishment") => Self::Establishment,
            Some(_) | None => Self::Usual,
        }
    }
}

/// A sign-in that has left for the hub and not come back.
pub(super) struct Pending {
    state: CsrfToken,
    nonce: Nonce,
    pkce: PkceCodeVerifier,
    /// When it left (Unix ms) if a new authentication was demanded: `auth_time` must be later.
    fresh_since: Option<i64>,
}

impl Pending {
    /// Whether the callback's `state` is this sign-in's.
    pub fn is_for(&self, state: &str) -> bool {
        self.state.secret() == state
    }
}

/// What a sign-in gave, verified.
#[derive(Clone)]
pub(super) struct Tokens {
    id_token: CoreIdToken,
    subject: SubjectIdentifier,
    nonce: Nonce,
    auth_time: Option<i64>,
    access_token: AccessToken,
    refresh_token: Option<RefreshToken>,
    /// Refreshes since the sign-in.
    pub refreshed: u32,
}

impl Tokens {
    pub fn can_refresh(&self) -> bool {
        self.refresh_token.is_some()
    }

    /// Unix milliseconds of the authentication, when the hub tells.
    pub fn auth_time(&self) -> Option<i64> {
        self.auth_time
    }

    /// The session at the hub, when it names it.
    fn sid(&self) -> Option<String> {
        self.decoded().1?.get("sid")?.as_str().map(str::to_owned)
    }

    /// The ID token's header and claims, as sent.
    pub fn decoded(&self) -> (Option<Value>, Option<Value>) {
        let compact = self.id_token.to_string();
        let mut parts = compact.split('.').map(decode_part);
        (parts.next().flatten(), parts.next().flatten())
    }
}

fn decode_part(part: &str) -> Option<Value> {
    use base64::Engine;
    let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(part).ok()?;
    serde_json::from_slice(&bytes).ok()
}

/// How the ID token's `nonce` is judged.
#[derive(Clone, Copy)]
enum NonceRule<'a> {
    /// Sign-in: must be there and equal.
    Equal(&'a Nonce),
    /// Refresh: may be absent, else equal (OpenID Connect Core §12.2).
    EqualIfPresent(&'a Nonce),
}

impl NonceVerifier for NonceRule<'_> {
    fn verify(self, seen: Option<&Nonce>) -> Result<(), String> {
        match (self, seen) {
            (Self::EqualIfPresent(_), None) => Ok(()),
            (Self::Equal(expected) | Self::EqualIfPresent(expected), seen) => expected.verify(seen),
        }
    }
}

/// The hub, as one service knows it.
pub(super) struct Hub {
    config: RpConfig,
    http: HttpClient,
    known: Mutex<Option<Arc<Provider>>>,
}

impl Hub {
    pub fn new(config: RpConfig) -> anyhow::Result<Self> {
        let http = HttpClient::new(&config.resolve)?;
        Ok(Self { config, http, known: Mutex::new(None) })
    }

    pub fn config(&self) -> &RpConfig {
        &self.config
    }

    /// The address to send the browser to, and what to remember until it comes back.
    pub async fn begin(&self, wish: Wish) -> Result<(Url, Pending), Trouble> {
        let provider = self.provider().await?;
        let (challenge, pkce) = PkceCodeChallenge::new_random_sha256();
        let mut request = provider
            .client
            .authorize_url(AuthenticationFlow::<CoreResponseType>::AuthorizationCode, CsrfToken::new_random, Nonce::new_random)
            .set_pkce_challenge(challenge)
            .add_ui_locale(LanguageTag::new("fr".into()));
        for scope in &self.config.scopes {
            request = request.add_scope(Scope::new(scope.clone()));
        }
        request = match wish {
            Wish::Usual => request,
            Wish::Login => request.add_prompt(CoreAuthPrompt::Login),
            Wish::Establishment => request.add_extra_param("prompt", "select_establishment"),
        };
        let (url, state, nonce) = request.url();
        let fresh_since = (wish == Wish::Login).then(|| (self.config.now)());
        Ok((url, Pending { state, nonce, pkce, fresh_since }))
    }

    /// Checks the response's issuer (RFC 9207 §2.4): compared when present, and demanded when the
    /// hub's metadata announce it.
    pub async fn check_issuer(&self, iss: Option<&str>) -> Result<(), Trouble> {
        let announced = self.provider().await?.extra.authorization_response_iss_parameter_supported;
        match iss {
            Some(iss) if iss == self.config.issuer => Ok(()),
            None if !announced => Ok(()),
            None => Err(Trouble::Untrusted("iss is missing from the authorization response".into())),
            Some(iss) => Err(Trouble::Untrusted(format!("authorization response from another issuer: {iss}"))),
        }
    }

    /// Exchanges the code and verifies what comes back.
    pub async fn finish(&self, pending: Pending, code: String) -> Result<Tokens, Trouble> {
        let provider = self.provider().await?;
        let response = provider
            .client
            .exchange_code(AuthorizationCode::new(code))
            .map_err(|e| Trouble::Unreachable(e.to_string()))?
            .set_pkce_verifier(pending.pkce)
            .request_async(&self.http)
            .await
            .map_err(token_trouble)?;
        let id_token = response.id_token().ok_or_else(|| Trouble::Untrusted("no id_token in the token response".into()))?;
        let claims = self.verify(id_token, response.access_token(), NonceRule::Equal(&pending.nonce)).await?;
        let auth_time = claims.auth_time().map(|t| t.timestamp_millis());
        if let (Some(since), Some(at)) = (pending.fresh_since, auth_time)
            && at < since - LEEWAY_MS
        {
            return Err(Trouble::Untrusted("prompt=login was answered with an old authentication".into()));
        }
        Ok(Tokens {
            id_token: id_token.clone(),
            subject: claims.subject().clone(),
            nonce: pending.nonce,
            auth_time,
            access_token: response.access_token().clone(),
            refresh_token: response.refresh_token().cloned(),
            refreshed: 0,
        })
    }

    /// New tokens for `old`, of the same person (OpenID Connect Core §12.2).
    pub async fn refresh(&self, old: Tokens) -> Result<Tokens, Trouble> {
        let Some(refresh_token) = &old.refresh_token else {
            return Err(Trouble::Malformed);
        };
        let provider = self.provider().await?;
        let response = provider
            .client
            .exchange_refresh_token(refresh_token)
            .map_err(|e| Trouble::Unreachable(e.to_string()))?
            .request_async(&self.http)
            .await
            .map_err(token_trouble)?;
        let mut tokens = Tokens { refreshed: old.refreshed + 1, ..old };
        tokens.access_token = response.access_token().clone();
        if let Some(rotated) = response.refresh_token() {
            tokens.refresh_token = Some(rotated.clone());
        }
        if let Some(id_token) = response.id_token() {
            let claims = self.verify(id_token, response.access_token(), NonceRule::EqualIfPresent(&tokens.nonce)).await?;
            if *claims.subject() != tokens.subject {
                return Err(Trouble::Untrusted("the refreshed id_token is about someone else".into()));
            }
            tokens.id_token = id_token.clone();
        }
        Ok(tokens)
    }

    /// The userinfo answer, after checking that it is about the same person.
    pub async fn userinfo(&self, tokens: &Tokens) -> Result<Value, Trouble> {
        let provider = self.provider().await?;
        let claims: UserInfoClaims<AnyClaims, CoreGenderClaim> = provider
            .client
            .user_info(tokens.access_token.clone(), Some(tokens.subject.clone()))
            .map_err(|e| Trouble::Unreachable(e.to_string()))?
            .request_async(&self.http)
            .await
            .map_err(userinfo_trouble)?;
        serde_json::to_value(&claims).map_err(|e| Trouble::Untrusted(e.to_string()))
    }

    /// Where to sign out of the hub (RP-Initiated Logout §2), if it offers that.
    pub async fn logout_url(&self, tokens: &Tokens, state: String) -> Result<Option<Url>, Trouble> {
        let Some(endpoint) = self.provider().await?.extra.end_session_endpoint.clone() else {
            return Ok(None);
        };
        let back = PostLogoutRedirectUrl::new(format!("{}{LOGGED_OUT_PATH}", self.config.base_url))
            .map_err(|e| Trouble::Unreachable(e.to_string()))?;
        let request = LogoutRequest::from(endpoint)
            .set_id_token_hint(&tokens.id_token)
            .set_post_logout_redirect_uri(back)
            .set_state(CsrfToken::new(state));
        Ok(Some(request.http_get_url()))
    }

    /// Verifies an ID token and that it speaks of `access_token`; an unknown key is looked for
    /// once more, after a rotation.
    async fn verify(&self, token: &CoreIdToken, access_token: &AccessToken, nonce: NonceRule<'_>) -> Result<CoreIdTokenClaims, Trouble> {
        let mut provider = self.provider().await?;
        let mut verdict = self.verify_with(&provider, token, nonce);
        if let Err(ClaimsVerificationError::SignatureVerification(SignatureVerificationError::NoMatchingKey)) = &verdict {
            provider = self.rediscover(&provider).await?;
            verdict = self.verify_with(&provider, token, nonce);
        }
        let claims = verdict.map_err(|e| Trouble::untrusted(&e))?;
        check_at_hash(&provider, token, &claims, access_token)?;
        Ok(claims)
    }

    /// Verifies a logout token (OpenID Connect Back-Channel Logout §2.6); an unknown key is looked for once more.
    pub async fn ended(&self, token: &str) -> Result<Ended, Trouble> {
        let token: LogoutToken = token.parse().map_err(|_| Trouble::Malformed)?;
        let mut provider = self.provider().await?;
        let mut verdict = self.ended_with(&provider, &token);
        if let Err(ClaimsVerificationError::SignatureVerification(SignatureVerificationError::NoMatchingKey)) = &verdict {
            provider = self.rediscover(&provider).await?;
            verdict = self.ended_with(&provider, &token);
        }
        let ended = verdict.map_err(|e| Trouble::untrusted(&e))?;
        ended.ok_or_else(|| Trouble::Untrusted("not about the end of a session".into()))
    }

    fn ended_with(&self, provider: &Provider, token: &LogoutToken) -> Result<Option<Ended>, ClaimsVerificationError> {
        let typ = JsonWebTokenType::new("logout+jwt".into()).normalize().map_err(|e| ClaimsVerificationError::Other(e.to_string()))?;
        let verifier = provider
            .client
            .id_token_verifier()
            .set_allowed_algs([self.config.alg.clone()])
            .set_allowed_jose_types([typ])
            .set_time_fn(|| self.now().into());
        // A nonce is an ID token's (§2.6, 7).
        let no_nonce = |nonce: Option<&Nonce>| if nonce.is_some() { Err("a logout token has no nonce".to_owned()) } else { Ok(()) };
        let claims = token.claims(&verifier, no_nonce)?;
        let more = claims.additional_claims();
        let about = more.events.get(LOGOUT_EVENT).is_some_and(Value::is_object);
        Ok(about.then(|| Ended { subject: claims.subject().clone(), sid: more.sid.clone() }))
    }

    fn now(&self) -> SystemTime {
        let ms = u64::try_from((self.config.now)()).unwrap_or(0);
        SystemTime::UNIX_EPOCH + Duration::from_millis(ms)
    }

    fn verify_with(
        &self,
        provider: &Provider,
        token: &CoreIdToken,
        nonce: NonceRule<'_>,
    ) -> Result<CoreIdTokenClaims, ClaimsVerificationError> {
        let verifier = provider.client.id_token_verifier().set_allowed_algs([self.config.alg.clone()]).set_time_fn(|| self.now().into());
        token.claims(&verifier, nonce).cloned()
    }

    async fn provider(&self) -> Result<Arc<Provider>, Trouble> {
        let mut known = self.known.lock().await;
        match known.as_ref() {
            Some(provider) => Ok(provider.clone()),
            None => Ok(known.insert(self.discover(None).await?).clone()),
        }
    }

    /// Discovers again, unless someone just did.
    async fn rediscover(&self, stale: &Arc<Provider>) -> Result<Arc<Provider>, Trouble> {
        let mut known = self.known.lock().await;
        let now = (self.config.now)();
        match known.as_ref() {
            Some(newer) if !Arc::ptr_eq(newer, stale) => Ok(newer.clone()),
            Some(known) if known.again.is_some_and(|at| now - at < REDISCOVERY_FLOOR_MS) => Ok(known.clone()),
            Some(_) | None => Ok(known.insert(self.discover(Some(now)).await?).clone()),
        }
    }

    async fn discover(&self, again: Option<i64>) -> Result<Arc<Provider>, Trouble> {
        let config_error = |e: url::ParseError| Trouble::Unreachable(e.to_string());
        let issuer = IssuerUrl::new(self.config.issuer.clone()).map_err(config_error)?;
        let redirect = RedirectUrl::new(format!("{}{CALLBACK_PATH}", self.config.base_url)).map_err(config_error)?;
        let mut failure = String::new();
        for pause in ATTEMPTS {
            tokio::time::sleep(pause).await;
            match Metadata::discover_async(issuer.clone(), &self.http).await {
                Ok(metadata) => {
                    let extra = metadata.additional_metadata().clone();
                    let client = CoreClient::from_provider_metadata(
                        metadata,
                        ClientId::new(self.config.client_id.clone()),
                        Some(ClientSecret::new(self.config.client_secret.clone())),
                    )
                    .set_auth_type(self.config.auth.clone())
                    .set_redirect_uri(redirect);
                    return Ok(Arc::new(Provider { client, extra, again }));
                }
                Err(error) => failure = Trouble::chain(&error),
            }
        }
        Err(Trouble::Unreachable(failure))
    }
}

/// OpenID Connect Core §3.1.3.8: the access token is the one the ID token speaks of.
fn check_at_hash(
    provider: &Provider,
    id_token: &CoreIdToken,
    claims: &CoreIdTokenClaims,
    access_token: &AccessToken,
) -> Result<(), Trouble> {
    let Some(expected) = claims.access_token_hash() else {
        return Ok(());
    };
    let verifier = provider.client.id_token_verifier();
    let alg = id_token.signing_alg().map_err(|e| Trouble::untrusted(&e))?;
    let key = id_token.signing_key(&verifier).map_err(|e| Trouble::untrusted(&e))?;
    let actual = AccessTokenHash::from_token(access_token, alg, key).map_err(|e| Trouble::untrusted(&e))?;
    if actual == *expected { Ok(()) } else { Err(Trouble::Untrusted("at_hash does not match the access token".into())) }
}

fn token_trouble(error: RequestTokenError<HttpError, openidconnect::StandardErrorResponse<CoreErrorResponseType>>) -> Trouble {
    match error {
        RequestTokenError::ServerResponse(answer) => {
            Trouble::Refused { error: answer.error().to_string(), description: answer.error_description().cloned() }
        }
        RequestTokenError::Request(error) => Trouble::unreachable(&error),
        RequestTokenError::Parse(error, _) => Trouble::unreachable(&error),
        RequestTokenError::Other(error) => Trouble::Unreachable(error),
    }
}

fn userinfo_trouble(error: UserInfoError<HttpError>) -> Trouble {
    match error {
        UserInfoError::Response(status, _, _) if matches!(status.as_u16(), 401 | 403) => {
            Trouble::Refused { error: "invalid_token".into(), description: Some(format!("HTTP {status}")) }
        }
        error @ UserInfoError::ClaimsVerification(_) => Trouble::untrusted(&error),
        error => Trouble::unreachable(&error),
    }
}
