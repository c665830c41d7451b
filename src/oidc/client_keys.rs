//! The public keys of a client: registered with it (`jwks`), or published by it (`jwks_uri`, RFC 7591 §2). What it publishes is
//! read where providers' documents are: no redirect, bounded in time and size, internal addresses out of reach unless the operator
//! says otherwise. It is kept an hour on each node, and read anew for a key that is not known, at most every half minute.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use arc_swap::ArcSwapOption;
use serde_json::Value;
use url::Url;

use super::client::{Client, Metadata};
use crate::base::Timestamp;
use crate::crypto::jose;
use crate::federation::http::Http;

/// Keys are read anew after so long; older ones serve while that fails.
const FRESH: Duration = Duration::from_secs(3_600);
/// A client is asked no sooner again.
const AGAIN: Duration = Duration::from_secs(30);

/// What a client published, on this node. Copies of the client share it.
#[derive(Debug, Clone, Default)]
pub struct Published(Arc<State>);

#[derive(Debug, Default)]
struct State {
    known: ArcSwapOption<(Value, Timestamp)>,
    asked_at: AtomicI64,
    turn: tokio::sync::Mutex<()>,
}

/// How clients are asked.
#[derive(Debug, Clone, Copy)]
pub struct Outside<'a> {
    /// The HTTP clients.
    pub http: &'a Http,
    /// Plain http and internal addresses are accepted: a rehearsal or a demonstration.
    pub trial: bool,
}

impl Metadata {
    /// What is wrong with the members about keys.
    pub(super) fn key_problems(&self, plain_http: bool, asserts: bool) -> Vec<String> {
        let mut out = Vec::new();
        let mut wrong = |what: &str| out.push(what.to_owned());
        match (&self.jwks, &self.jwks_uri) {
            (Some(_), Some(_)) => wrong("jwks_uri: not together with jwks"),
            (None, Some(uri)) => {
                if let Err(why) = self.check_receiver(uri, plain_http) {
                    wrong(&format!("jwks_uri: {uri}: {why}"));
                }
            }
            (keys, None) if asserts => {
                if !keys.as_ref().is_some_and(|k| jose::usable_jwks(k, super::client_auth::ASSERTION_ALGS)) {
                    wrong("jwks: private_key_jwt needs jwks_uri, or a JWK set with a usable public key and no private member");
                }
            }
            (Some(keys), None) if !jose::public_jwks(keys) => wrong("jwks: not a JWK set of public keys only"),
            (Some(_) | None, None) => {}
        }
        out
    }
}

impl Client {
    /// Does something with its keys; `None` when there are none, or none were read yet.
    pub fn with_jwks<T>(&self, f: impl FnOnce(&Value) -> T) -> Option<T> {
        match (&self.metadata.jwks, &self.metadata.jwks_uri) {
            (Some(jwks), _) => Some(f(jwks)),
            (None, Some(_)) => self.published.0.known.load().as_ref().map(|known| f(&known.0)),
            (None, None) => None,
        }
    }

    /// Reads the keys it publishes when they are not known or old. Nothing to do for one whose keys are registered.
    pub async fn freshen_keys(&self, outside: Outside<'_>, now: Timestamp) {
        let fresh = || self.published.0.known.load().as_ref().is_some_and(|known| now.since(known.1) < FRESH);
        if self.metadata.jwks_uri.is_none() || fresh() {
            return;
        }
        let _turn = self.published.0.turn.lock().await;
        if !fresh() {
            self.read_keys(outside, now).await;
        }
    }

    /// Reads them anew if that is due, for a key that is not among those known; waits for whoever is reading them.
    pub async fn reread_keys(&self, outside: Outside<'_>, now: Timestamp) {
        let _turn = self.published.0.turn.lock().await;
        self.read_keys(outside, now).await;
    }

    async fn read_keys(&self, outside: Outside<'_>, now: Timestamp) {
        let Some(uri) = self.metadata.jwks_uri.as_deref().and_then(|uri| Url::parse(uri).ok()) else { return };
        let asked_at = &self.published.0.asked_at;
        let before = asked_at.load(Ordering::Relaxed);
        if before > 0 && now.since(Timestamp::from_millis(before)) < AGAIN {
            return;
        }
        asked_at.store(now.millis(), Ordering::Relaxed);
        match self.fetch(outside, &uri).await {
            Ok(jwks) => self.published.0.known.store(Some(Arc::new((jwks, now)))),
            Err(why) => tracing::warn!(client = self.id, why, "jwks_uri cannot be read: what was read before serves, if anything"),
        }
    }

    async fn fetch(&self, outside: Outside<'_>, uri: &Url) -> Result<Value, String> {
        let answer = outside.http.send(self.reach(outside.trial), uri, |http, url| http.get(url)).await.map_err(|e| e.to_string())?;
        if answer.status != 200 {
            return Err(format!("it answered {}", answer.status));
        }
        let jwks: Value = serde_json::from_slice(&answer.body).map_err(|_| "not JSON".to_owned())?;
        if jose::public_jwks(&jwks) { Ok(jwks) } else { Err("not a JWK set of public keys only".to_owned()) }
    }
}
