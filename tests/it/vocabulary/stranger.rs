//! The `openidconnect` crate as a service of agents: somebody else's reading of what we sign.

use axum::body::Body;
use axum::http::Request;
use guichet::crypto::Algorithm;
use openidconnect::core::{CoreAuthenticationFlow, CoreClient, CoreGenderClaim, CoreProviderMetadata};
use openidconnect::{
    AdditionalClaims, AuthType, AuthorizationCode, ClientId, ClientSecret, CsrfToken, HttpRequest, HttpResponse, IssuerUrl, Nonce,
    OAuth2TokenResponse, RedirectUrl, Scope, TokenResponse, UserInfoClaims,
};
use serde::{Deserialize, Serialize};

use super::documented::{AGENTS, PROCONNECT, SECRET, declare};
use crate::support::{ISSUER, TestApp};

#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
struct Agent {
    uid: String,
    usual_name: String,
    siret: Option<String>,
}

impl AdditionalClaims for Agent {}

/// Calls the application in process.
async fn call(app: TestApp, request: HttpRequest) -> Result<HttpResponse, std::io::Error> {
    let (parts, body) = request.into_parts();
    let mut inside = Request::new(Body::from(body));
    *inside.method_mut() = parts.method;
    *inside.uri_mut() = parts.uri.path_and_query().unwrap().as_str().parse().unwrap();
    *inside.headers_mut() = parts.headers;
    let (parts, body) = app.send(inside).await.into_parts();
    let bytes = axum::body::to_bytes(body, 1 << 20).await.unwrap();
    Ok(HttpResponse::from_parts(parts, bytes.to_vec()))
}

on_both! {
    async fn the_openidconnect_crate_discovers_signs_in_and_verifies_signed_userinfo(app) {
        app.app.ensure_keys(&Algorithm::ALL).await.unwrap();
        declare(&app, PROCONNECT, "id_token_signed_response_alg = \"RS256\"").await;
        let http = |request: HttpRequest| call(app.clone(), request);
        let metadata = CoreProviderMetadata::discover_async(IssuerUrl::new(ISSUER.into()).unwrap(), &http).await.unwrap();
        let client = CoreClient::from_provider_metadata(metadata, ClientId::new("agents".into()), Some(ClientSecret::new(SECRET.into())))
            .set_redirect_uri(RedirectUrl::new(AGENTS.redirect_uri.into()).unwrap())
            .set_auth_type(AuthType::RequestBody);
        let request = client.authorize_url(CoreAuthenticationFlow::AuthorizationCode, CsrfToken::new_random, Nonce::new_random);
        let scopes = ["given_name", "usual_name", "email", "uid", "siret"].map(|s| Scope::new(s.into()));
        let (url, state, nonce) = request.add_scopes(scopes).url();
        let mut browser = app.browser();
        let page = browser.get(url.as_str().strip_prefix(ISSUER).unwrap()).await;
        let page = browser.sign_in_with_code(&page, "camille@boulangerie.example").await;
        assert_eq!(page.left_with("state").as_ref(), Some(state.secret()));
        let code = AuthorizationCode::new(page.left_with("code").unwrap());
        let tokens = client.exchange_code(code).unwrap().request_async(&http).await.unwrap();
        let about = tokens.id_token().unwrap().claims(&client.id_token_verifier(), &nonce).unwrap();
        let request = client.user_info(tokens.access_token().clone(), Some(about.subject().clone())).unwrap();
        let request = request.require_signed_response(true).set_response_type(openidconnect::UserInfoResponseType::Jwt);
        let info: UserInfoClaims<Agent, CoreGenderClaim> = request.request_async(&http).await.unwrap();
        assert_eq!(info.subject(), about.subject());
        let sub = about.subject().as_str().to_owned();
        assert_eq!(*info.additional_claims(), Agent { uid: sub, usual_name: "Durand".into(), siret: None });
        assert_eq!(info.email().map(|e| e.as_str()), Some("camille@boulangerie.example"));
        // The same for somebody else's sub: its own check.
        let other = openidconnect::SubjectIdentifier::new("another".into());
        let request = client.user_info(tokens.access_token().clone(), Some(other)).unwrap().require_signed_response(true);
        assert!(request.set_response_type(openidconnect::UserInfoResponseType::Jwt).request_async::<Agent, _, CoreGenderClaim>(&http).await.is_err());
    }
}
