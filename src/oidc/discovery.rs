//! The discovery document: exactly what works (OpenID Connect Discovery §3, RFC 8414).

use serde_json::{Value, json};

use super::acr;
use super::authorize::Prompt;
use super::claims::CLAIMS;
use super::client::{AuthMethod, GrantType};
use super::client_auth::ASSERTION_ALGS;
use super::vocabulary;
use crate::base::texts::Locale;
use crate::crypto::{Algorithm, ContentEncryption, KeyManagement};

/// The document of an issuer.
pub fn document(issuer: &str) -> Value {
    let at = |path: &str| format!("{issuer}{path}");
    let methods: Vec<&str> = AuthMethod::ALL.iter().map(|m| m.name()).collect();
    // Introspection and revocation need a client that proves itself.
    let proven: Vec<&str> = methods.iter().copied().filter(|m| *m != AuthMethod::None.name()).collect();
    let signing: Vec<&str> = Algorithm::ALL.iter().map(|a| a.name()).collect();
    let keys: Vec<&str> = KeyManagement::ALL.iter().map(|a| a.name()).collect();
    let contents: Vec<&str> = ContentEncryption::ALL.iter().map(|e| e.name()).collect();
    json!({
        "issuer": issuer,
        "authorization_endpoint": at("/oauth/authorize"),
        "token_endpoint": at("/oauth/token"),
        "userinfo_endpoint": at("/oauth/userinfo"),
        "jwks_uri": at("/oauth/jwks"),
        "introspection_endpoint": at("/oauth/introspect"),
        "revocation_endpoint": at("/oauth/revoke"),
        "end_session_endpoint": at("/deconnexion"),
        "backchannel_logout_supported": true,
        "backchannel_logout_session_supported": true,
        "response_types_supported": ["code"],
        "response_modes_supported": ["query", "form_post"],
        "grant_types_supported": GrantType::ALL.iter().map(|g| g.name()).collect::<Vec<_>>(),
        "subject_types_supported": ["pairwise", "public"],
        "id_token_signing_alg_values_supported": signing,
        "id_token_encryption_alg_values_supported": keys,
        "id_token_encryption_enc_values_supported": contents,
        "userinfo_signing_alg_values_supported": signing,
        "userinfo_encryption_alg_values_supported": keys,
        "userinfo_encryption_enc_values_supported": contents,
        "token_endpoint_auth_methods_supported": methods,
        "token_endpoint_auth_signing_alg_values_supported": ASSERTION_ALGS,
        "introspection_endpoint_auth_methods_supported": proven,
        "introspection_endpoint_auth_signing_alg_values_supported": ASSERTION_ALGS,
        "revocation_endpoint_auth_methods_supported": methods,
        "revocation_endpoint_auth_signing_alg_values_supported": ASSERTION_ALGS,
        "scopes_supported": vocabulary::scopes(),
        "claims_supported": CLAIMS,
        "claim_types_supported": ["normal"],
        "acr_values_supported": acr::supported(),
        "prompt_values_supported": Prompt::ALL.iter().map(|p| p.name()).collect::<Vec<_>>(),
        "code_challenge_methods_supported": ["S256"],
        "ui_locales_supported": Locale::ALL.iter().map(|l| l.as_str()).collect::<Vec<_>>(),
        "claims_parameter_supported": true,
        "request_parameter_supported": false,
        "request_uri_parameter_supported": false,
        "require_request_uri_registration": false,
        "authorization_response_iss_parameter_supported": true,
        "service_documentation": at("/aide"),
        "op_policy_uri": at("/donnees-personnelles"),
        "op_tos_uri": at("/conditions"),
    })
}
