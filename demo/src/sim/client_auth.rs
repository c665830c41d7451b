//! Who calls the token endpoint: a secret in the body or in the header, or an assertion signed with a key of the client.

use axum::http::{HeaderMap, header};
use guichet::base::encode::from_b64;
use guichet::crypto::same;
use josekit::jwk::JwkSet;
use josekit::{jws, jwt};
use serde_json::{Map, Value};
use url::form_urlencoded;

use super::keys::verifier;
use super::params::Pairs;
use super::{AuthMethod, Client, Sim};

const ASSERTION: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

impl Sim {
    /// The client that calls, proved.
    pub(super) async fn authenticate(&self, headers: &HeaderMap, form: &Pairs) -> Option<Client> {
        if let Some(assertion) = form.get("client_assertion") {
            return self.asserted(form, assertion).await;
        }
        let (id, secret) = match headers.get(header::AUTHORIZATION) {
            Some(value) => basic(value.to_str().ok()?)?,
            None => (form.get("client_id")?.to_owned(), form.get("client_secret")?.to_owned()),
        };
        let client = self.client(&id)?;
        let allowed = client.token_endpoint_auth_method == AuthMethod::ClientSecretPost && !client.client_secret.is_empty();
        (allowed && same(&client.client_secret, &secret)).then_some(client)
    }

    /// RFC 7523 §3: signed by the client, for us, once, not for long.
    async fn asserted(&self, form: &Pairs, assertion: &str) -> Option<Client> {
        if form.get("client_assertion_type") != Some(ASSERTION) {
            return None;
        }
        let header = jwt::decode_header(assertion).ok()?;
        let claim = |claims: &Map<String, Value>, name: &str| claims.get(name).and_then(Value::as_str).map(str::to_owned);
        // Read before verification, only to know whose keys to take.
        let payload = assertion.split('.').nth(1).and_then(guichet::base::encode::from_b64u)?;
        let claims: Map<String, Value> = serde_json::from_slice(&payload).ok()?;
        let client = self.client(&claim(&claims, "iss")?)?;
        if client.token_endpoint_auth_method != AuthMethod::PrivateKeyJwt {
            return None;
        }
        let set = JwkSet::from_bytes(self.jwks_of(&client).await.ok()?.to_string()).ok()?;
        let (alg, kid) = (header.claim("alg")?.as_str()?, header.claim("kid").and_then(Value::as_str));
        let keys = set.keys().into_iter().filter(|k| kid.is_none_or(|kid| k.key_id() == Some(kid)));
        let verified = keys.filter_map(|k| verifier(k, alg).ok()).find_map(|v| jws::deserialize_compact(assertion, v.as_ref()).ok())?;
        let claims: Map<String, Value> = serde_json::from_slice(&verified.0).ok()?;
        let ours = [self.issuer.clone(), format!("{}/token", self.issuer)];
        let for_us = match claims.get("aud")? {
            Value::String(aud) => ours.contains(aud),
            Value::Array(all) => all.iter().any(|aud| aud.as_str().is_some_and(|aud| ours.iter().any(|o| o == aud))),
            _ => false,
        };
        let live = claims.get("exp").and_then(Value::as_i64).is_some_and(|exp| exp * 1_000 > self.ms());
        let themselves = claim(&claims, "sub")? == client.client_id && claim(&claims, "iss")? == client.client_id;
        let jti = format!("{} {}", client.client_id, claim(&claims, "jti")?);
        // Last: only an assertion that is right in itself is used up.
        (for_us && live && themselves && self.state().assertions.insert(jti)).then_some(client)
    }

    /// The client's public keys, read again each time: they may have changed.
    pub(super) async fn jwks_of(&self, client: &Client) -> anyhow::Result<Value> {
        match (&client.jwks_uri, &client.jwks) {
            (Some(uri), _) => Ok(self.http.get(uri).send().await?.error_for_status()?.json().await?),
            (None, Some(jwks)) => Ok(jwks.clone()),
            (None, None) => anyhow::bail!("the client has no keys"),
        }
    }
}

/// RFC 6749 §2.3.1: both parts are form-encoded.
fn basic(value: &str) -> Option<(String, String)> {
    let decoded = String::from_utf8(from_b64(value.strip_prefix("Basic ")?)?).ok()?;
    let (id, secret) = decoded.split_once(':')?;
    let plain = |text: &str| form_urlencoded::parse(format!("v={text}").as_bytes()).next().map(|(_, v)| v.into_owned());
    Some((plain(id)?, plain(secret)?))
}
