//! From a code to a verified person: token endpoint, id_token, userinfo (french-domain §1.7; OpenID Connect Core §3.1.3.7, §5.3.4).

use std::str::FromStr;
use std::sync::Arc;

use openidconnect::core::{CoreIdToken, CoreIdTokenVerifier, CoreJsonWebKeySet, CoreJwsSigningAlgorithm};
use openidconnect::{
    AuthenticationContextClass, ClaimsVerificationError, ClientId, ClientSecret, IssuerUrl, Nonce, SignatureVerificationError,
};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::discovery::{ALGORITHMS, Known, Net};
use super::identity::{self, Vouched};
use super::metadata::ClientAuth;
use super::request::Secrets;
use super::sign_in::Person;
use super::{Provider, ProviderKind, Refusal, agent};
use crate::base::encode::b64u;
use crate::base::{Ctx, Eidas, rng};
use crate::crypto::{Algorithm, SigningKey, jose, remote};

/// Clocks may differ by so many seconds.
const SKEW: i64 = 30;

/// What an exchange rests on.
#[derive(Debug, Clone, Copy)]
pub struct Exchange<'a> {
    /// The circumstances.
    pub ctx: &'a Ctx,
    /// Calls.
    pub net: Net<'a>,
    /// The provider.
    pub provider: &'a Provider,
    /// Our issuer.
    pub hub: &'a str,
    /// Signs our assertions (`private_key_jwt`).
    pub signing: Option<&'a SigningKey>,
    /// Opens what is encrypted for us.
    pub decryption: &'a remote::DecryptionKeys,
}

/// The answer of the token endpoint. Members we do not use are ignored.
#[derive(Deserialize)]
struct Tokens {
    access_token: String,
    id_token: String,
    token_type: String,
}

/// What an id_token says once it is verified.
struct IdClaims {
    sub: String,
    acr: Option<String>,
    amr: Vec<String>,
}

/// What a provider told of a person, verified.
#[derive(Debug)]
pub struct Verified {
    /// `sub`.
    pub sub: String,
    /// `acr`.
    pub acr: Option<String>,
    /// `amr`.
    pub amr: Vec<String>,
    /// Claims of userinfo.
    pub claims: Map<String, Value>,
    /// The id_token as it was signed.
    pub id_token: String,
}

impl Exchange<'_> {
    /// Redeems a code and answers who came.
    pub async fn redeem(&self, known: Arc<Known>, code: &str, secrets: &Secrets) -> Result<Person, Refusal> {
        let told = self.verified(known, code, secrets).await?;
        match self.provider.metadata.kind {
            ProviderKind::FranceConnect => self.individual(told).map(Person::Individual),
            ProviderKind::ProConnect | ProviderKind::Oidc => agent::read(self.provider, told).map(Person::Professional),
        }
    }

    fn individual(&self, told: Verified) -> Result<Vouched, Refusal> {
        Ok(Vouched {
            issuer: self.provider.metadata.issuer.clone(),
            sub: identity::sub(&told.sub)?,
            level: self.eidas(told.acr.as_deref()).map_err(Refusal::untrusted)?,
            civil: identity::civil(self.provider, &told.claims, self.ctx.now())?,
            email: identity::email(&told.claims),
            id_token: told.id_token,
        })
    }

    async fn verified(&self, known: Arc<Known>, code: &str, secrets: &Secrets) -> Result<Verified, Refusal> {
        let (now, nonce) = (self.ctx.now(), secrets.nonce.as_str());
        let tokens = self.tokens(&known, code, secrets.verifier.as_deref()).await?;
        let signed = self.unwrapped(&tokens.id_token)?;
        let (id, known) = match self.id_claims(&known, &signed, &tokens.access_token, nonce) {
            // Keys rotate: read anew before failing the person (french-domain §1.1).
            Err(Unverified::UnknownKey) => {
                let anew = self.net.known_anew(self.provider, now).await?;
                let claims = self.id_claims(&anew, &signed, &tokens.access_token, nonce);
                (claims.map_err(Unverified::refusal)?, anew)
            }
            other => (other.map_err(Unverified::refusal)?, known),
        };
        let claims = self.userinfo(&known, &tokens.access_token).await?;
        if claims.get("sub").and_then(Value::as_str) != Some(id.sub.as_str()) {
            return Err(Refusal::untrusted("userinfo speaks of somebody else"));
        }
        Ok(Verified { sub: id.sub, acr: id.acr, amr: id.amr, claims, id_token: signed })
    }

    async fn tokens(&self, known: &Known, code: &str, verifier: Option<&str>) -> Result<Tokens, Refusal> {
        let m = &self.provider.metadata;
        let redirect_uri = self.provider.redirect_uri(self.hub);
        let mut form = vec![("grant_type", "authorization_code".to_owned()), ("code", code.to_owned()), ("redirect_uri", redirect_uri)];
        form.extend(verifier.map(|verifier| ("code_verifier", verifier.to_owned())));
        let secret = self.provider.secret.as_ref().map(|s| s.expose().to_owned()).unwrap_or_default();
        match m.token_endpoint_auth_method {
            ClientAuth::ClientSecretPost => form.extend([("client_id", m.client_id.clone()), ("client_secret", secret.clone())]),
            ClientAuth::ClientSecretBasic => {}
            ClientAuth::PrivateKeyJwt => {
                let assertion = self.assertion(known)?;
                let kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer".to_owned();
                form.extend([("client_id", m.client_id.clone()), ("client_assertion_type", kind), ("client_assertion", assertion)]);
            }
        }
        let basic = m.token_endpoint_auth_method == ClientAuth::ClientSecretBasic;
        // RFC 6749 §2.3.1: both parts are form-encoded first.
        let encoded = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
        let (user, password) = (encoded(&m.client_id), encoded(&secret));
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let answer = self.net.http.send(self.net.reach(self.provider), &known.discovery.token_endpoint, |client, url| {
            let request = client.post(url).header("accept", "application/json").header("content-type", "application/x-www-form-urlencoded");
            let request = if basic { request.basic_auth(user, Some(password)) } else { request };
            request.body(body)
        });
        let answer = answer.await?;
        if answer.status != 200 {
            return Err(endpoint_error("token endpoint", answer.status, &answer.body));
        }
        let tokens: Tokens = serde_json::from_slice(&answer.body).map_err(|_| Refusal::untrusted("token answer incomplete"))?;
        if !tokens.token_type.eq_ignore_ascii_case("bearer") || tokens.access_token.is_empty() || tokens.access_token.len() > jose::MAX_JWT
        {
            return Err(Refusal::untrusted("token answer of another kind"));
        }
        Ok(tokens)
    }

    /// RFC 7523 §2.2.
    fn assertion(&self, known: &Known) -> Result<String, Refusal> {
        let key = self.signing.ok_or_else(|| Refusal::unavailable("no signing key"))?;
        let (now, id) = (self.ctx.now(), &self.provider.metadata.client_id);
        let jti = b64u(rng::bytes::<16>(self.ctx.rng.as_ref()));
        let claims = json!({
            "iss": id, "sub": id, "aud": known.discovery.token_endpoint.as_str(), "jti": jti,
            "iat": now.secs(), "exp": now.secs() + 60,
        });
        jose::sign(key, "JWT", &claims).map_err(|_| Refusal::unavailable("signing failed"))
    }

    /// The signed text inside an encrypted one, which is demanded where encryption is declared.
    fn unwrapped(&self, text: &str) -> Result<String, Refusal> {
        match (self.provider.metadata.encrypted, text.matches('.').count()) {
            (_, 4) => self.decryption.open(text).map_err(|e| Refusal::untrusted(e.to_string())),
            (true, _) => Err(Refusal::untrusted("not encrypted")),
            (false, _) => Ok(text.to_owned()),
        }
    }

    /// Signature, issuer, audience, times, nonce and `at_hash` (OpenID Connect Core §3.1.3.7), then the level.
    fn id_claims(&self, known: &Known, signed: &str, access_token: &str, nonce: &str) -> Result<IdClaims, Unverified> {
        let (m, now) = (&self.provider.metadata, self.ctx.now());
        let wrong = |why: String| Unverified::Refused(why);
        if signed.len() > jose::MAX_JWT {
            return Err(wrong("id_token too long".into()));
        }
        let keys: CoreJsonWebKeySet = serde_json::from_value(known.jwks.clone()).map_err(|_| wrong("keys unreadable".into()))?;
        let issuer = IssuerUrl::new(m.issuer.clone()).map_err(|e| wrong(e.to_string()))?;
        let secret = ClientSecret::new(self.provider.secret.as_ref().map(|s| s.expose().to_owned()).unwrap_or_default());
        let mut algorithms = vec![CoreJwsSigningAlgorithm::EcdsaP256Sha256, CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256];
        // Neither an empty secret nor the day after: a signature anybody could make.
        if m.accepts_hs256(now) && !secret.secret().is_empty() {
            algorithms.push(CoreJwsSigningAlgorithm::HmacSha256);
        }
        let at = chrono::DateTime::from_timestamp(now.secs(), 0).unwrap_or_default();
        let verifier = CoreIdTokenVerifier::new_confidential_client(ClientId::new(m.client_id.clone()), secret, issuer, keys)
            .set_allowed_algs(algorithms)
            .set_time_fn(move || at)
            .set_issue_time_verifier_fn(move |iat| {
                let ahead = iat.timestamp() - at.timestamp();
                if ahead > SKEW { Err("issued in the future".to_owned()) } else { Ok(()) }
            })
            .set_auth_context_verifier_fn(|acr| self.level(acr));
        let token = CoreIdToken::from_str(signed).map_err(|_| wrong("id_token malformed".into()))?;
        let claims = token.claims(&verifier, &Nonce::new(nonce.to_owned())).map_err(Unverified::from)?;
        // Every algorithm accepted hashes with SHA-256.
        if claims.access_token_hash().is_some_and(|hash| hash.as_str() != Algorithm::ES256.half_hash(access_token)) {
            return Err(wrong("id_token of another access token".into()));
        }
        let acr = claims.auth_context_ref().map(|acr| acr.as_str().to_owned());
        let amr = claims.auth_method_refs().into_iter().flatten().map(|amr| amr.as_str().to_owned()).collect();
        Ok(IdClaims { sub: claims.subject().as_str().to_owned(), acr, amr })
    }

    /// Whether the level told is one that was asked for.
    fn level(&self, acr: Option<&AuthenticationContextClass>) -> Result<(), String> {
        let acr = acr.map(|acr| acr.as_str());
        match self.provider.metadata.kind {
            ProviderKind::FranceConnect => self.eidas(acr).map(|_| ()),
            ProviderKind::ProConnect | ProviderKind::Oidc => agent::judge(self.provider, acr, &[]).map(|_| ()),
        }
    }

    /// The level FranceConnect told, at least the one asked for (french-domain §1.5).
    fn eidas(&self, acr: Option<&str>) -> Result<Eidas, String> {
        let told = acr.and_then(Eidas::parse).ok_or("no known level (acr)")?;
        if told < self.provider.level() {
            Err(format!("level {} where {} was asked", told.name(), self.provider.level().name()))
        } else {
            Ok(told)
        }
    }

    /// Userinfo as a signed JWT: verified like an id_token, and of us. Only a provider that is not one of the State's may leave it unsigned.
    async fn userinfo(&self, known: &Known, access_token: &str) -> Result<Map<String, Value>, Refusal> {
        let reach = self.net.reach(self.provider);
        let accept = match self.provider.metadata.kind {
            ProviderKind::FranceConnect | ProviderKind::ProConnect => "application/jwt",
            ProviderKind::Oidc => "application/jwt, application/json",
        };
        let build = |client: &reqwest::Client, url: url::Url| client.get(url).bearer_auth(access_token).header("accept", accept);
        let answer = self.net.http.send(reach, &known.discovery.userinfo_endpoint, build).await?;
        if answer.status != 200 {
            return Err(endpoint_error("userinfo", answer.status, &answer.body));
        }
        match (answer.media_type.as_str(), self.provider.metadata.kind) {
            ("application/jwt", _) => {}
            ("application/json", ProviderKind::Oidc) if !self.provider.metadata.encrypted => {
                return serde_json::from_slice(&answer.body).map_err(|_| Refusal::untrusted("userinfo is not an object"));
            }
            (_, ProviderKind::FranceConnect | ProviderKind::ProConnect | ProviderKind::Oidc) => {
                return Err(Refusal::untrusted("userinfo is not signed"));
            }
        }
        let text = String::from_utf8(answer.body).map_err(|_| Refusal::untrusted("userinfo is not UTF-8"))?;
        let signed = self.unwrapped(text.trim())?;
        match self.user_claims(known, &signed) {
            Err(jose::Refusal::UnknownKey) => {
                let anew = self.net.known_anew(self.provider, self.ctx.now()).await?;
                self.user_claims(&anew, &signed)
            }
            other => other,
        }
        .map_err(|e| Refusal::untrusted(format!("userinfo: {e}")))
        .and_then(|claims| self.current(claims))
    }

    fn user_claims(&self, known: &Known, signed: &str) -> Result<Map<String, Value>, jose::Refusal> {
        let secret = self.provider.secret.as_ref().filter(|_| self.provider.metadata.accepts_hs256(self.ctx.now()));
        match secret {
            Some(secret) if remote::is_hs256(signed) => remote::verify_hs256(secret, signed),
            Some(_) | None => jose::verify_with_jwks(&known.jwks, ALGORITHMS, signed),
        }
    }

    /// `iss`, `aud`, `exp` and `iat` of signed claims.
    fn current(&self, claims: Map<String, Value>) -> Result<Map<String, Value>, Refusal> {
        let (m, now) = (&self.provider.metadata, self.ctx.now().secs());
        let wrong = |why: &str| Err(Refusal::untrusted(format!("userinfo: {why}")));
        if claims.get("iss").and_then(Value::as_str) != Some(m.issuer.as_str()) {
            return wrong("another issuer");
        }
        let ours = match claims.get("aud") {
            Some(Value::String(aud)) => *aud == m.client_id,
            Some(Value::Array(all)) => all.len() == 1 && all.iter().all(|aud| aud.as_str() == Some(m.client_id.as_str())),
            Some(_) | None => false,
        };
        if !ours {
            return wrong("another audience");
        }
        let current = match (claims.get("exp"), m.kind) {
            // OpenID Connect asks for issuer and audience only (Core §5.3.2).
            (None, ProviderKind::Oidc) => true,
            (None, ProviderKind::FranceConnect | ProviderKind::ProConnect) => false,
            (Some(exp), _) => exp.as_i64().is_some_and(|exp| now < exp),
        };
        if !current {
            return wrong("expired");
        }
        if claims.get("iat").is_some_and(|iat| iat.as_i64().is_none_or(|iat| iat - now > SKEW)) {
            return wrong("issued in the future");
        }
        Ok(claims)
    }
}

/// Why an id_token is not taken.
enum Unverified {
    /// Signed with a key that is not known: it may be new.
    UnknownKey,
    /// Anything else.
    Refused(String),
}

impl Unverified {
    fn refusal(self) -> Refusal {
        match self {
            Self::UnknownKey => Refusal::untrusted("id_token: unknown key"),
            Self::Refused(why) => Refusal::untrusted(format!("id_token: {why}")),
        }
    }
}

impl From<ClaimsVerificationError> for Unverified {
    fn from(e: ClaimsVerificationError) -> Self {
        let why = match e {
            ClaimsVerificationError::SignatureVerification(SignatureVerificationError::NoMatchingKey) => return Self::UnknownKey,
            ClaimsVerificationError::SignatureVerification(SignatureVerificationError::DisallowedAlg(_)) => "algorithm not allowed",
            ClaimsVerificationError::SignatureVerification(_) => "wrong signature",
            ClaimsVerificationError::Expired(_) => "expired",
            ClaimsVerificationError::InvalidAudience(_) => "another audience",
            ClaimsVerificationError::InvalidIssuer(_) => "another issuer",
            ClaimsVerificationError::InvalidNonce(_) => "wrong nonce",
            ClaimsVerificationError::InvalidAuthContext(_) => "level lower than asked",
            _ => "refused",
        };
        Self::Refused(why.to_owned())
    }
}

/// An error of an endpoint, with the code it quotes (french-domain §1.7).
fn endpoint_error(endpoint: &str, status: u16, body: &[u8]) -> Refusal {
    #[derive(Deserialize, Default)]
    #[serde(default)]
    struct Said {
        error: String,
        error_description: Option<String>,
        error_uri: Option<String>,
    }
    let said: Said = serde_json::from_slice(body).unwrap_or_default();
    let answered = Refusal::answered(&said.error, said.error_description.as_deref(), said.error_uri.as_deref());
    let cause = match status {
        500.. => super::Cause::Unavailable,
        // A code that is no longer good: the person begins again.
        _ if said.error == "invalid_grant" || status == 401 && endpoint == "userinfo" => super::Cause::Lost,
        _ => super::Cause::Ours,
    };
    Refusal { cause, code: answered.code, why: format!("{endpoint} answered {status} ({})", answered.why) }
}
