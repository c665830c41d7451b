//! Service providers, as the platform registers them (§1.2).

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// How tokens for a client are signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Alg {
    /// ECDSA on P-256.
    #[default]
    ES256,
    /// RSA PKCS#1 v1.5.
    RS256,
}

impl Alg {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::ES256 => "ES256",
            Self::RS256 => "RS256",
        }
    }
}

/// How content keys are wrapped for a client; the content is always A256GCM.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Wrap {
    /// Key agreement on P-256.
    #[serde(rename = "ECDH-ES")]
    EcdhEs,
    /// RSA with SHA-1, as published by FranceConnect.
    #[serde(rename = "RSA-OAEP")]
    RsaOaep,
}

/// How a client authenticates at the token endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuthMethod {
    /// In the body; HTTP Basic is taken too.
    #[default]
    ClientSecretPost,
    /// A signed assertion.
    PrivateKeyJwt,
}

/// A service provider.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Client {
    /// Its identifier (`key`).
    pub client_id: String,
    /// Its secret, shown to nobody.
    #[serde(skip_serializing)]
    pub client_secret: String,
    /// As people read it.
    pub name: String,
    /// What `sub` depends on: clients of one entity share subjects.
    pub entity_id: String,
    /// Scopes it may ask for.
    pub scopes: Vec<String>,
    /// `["amr"]` when it may ask for it.
    pub claims: Vec<String>,
    /// Compared exactly.
    pub redirect_uris: Vec<String>,
    /// Compared exactly.
    pub post_logout_redirect_uris: Vec<String>,
    /// How it authenticates.
    pub token_endpoint_auth_method: AuthMethod,
    /// Signature of the identity token.
    pub id_token_signed_response_alg: Alg,
    /// Signature of user information.
    pub userinfo_signed_response_alg: Alg,
    /// Encryption of both; FranceConnect+ refuses a client that has none.
    pub encrypted_response_alg: Option<Wrap>,
    /// Where its public keys are.
    pub jwks_uri: Option<String>,
    /// Its public keys, when there is no `jwks_uri`.
    pub jwks: Option<Value>,
    /// A private company.
    pub private: bool,
    /// Must collect an explicit consent (private clients only).
    pub identity_consent: bool,
    /// Identity providers not offered.
    pub idp_exclude: Vec<String>,
    /// The only ones offered, when not empty.
    pub idp_only: Vec<String>,
    /// Perimeters of Aidants Connect mandates it takes.
    pub rep_scope: Vec<String>,
    /// Identity providers it may name in `idp_hint`.
    pub allowed_idp_hints: Vec<String>,
    /// `["login"]` when it may skip the page before return.
    pub allowed_prompts: Vec<String>,
}

impl Client {
    /// Whether an identity provider is offered to its people.
    pub(super) fn takes(&self, idp: &str) -> bool {
        !self.idp_exclude.iter().any(|e| e == idp) && (self.idp_only.is_empty() || self.idp_only.iter().any(|e| e == idp))
    }

    /// Whether an explicit consent is collected before return.
    pub(super) fn wants_consent(&self) -> bool {
        self.private && self.identity_consent
    }
}
