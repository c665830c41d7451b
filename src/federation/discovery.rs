//! What a provider publishes: its endpoints and keys. Kept in memory, and the last good copy in the database, so that neither a
//! restart nor an outage of the provider stops what does not need it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;
use url::Url;

use super::error::Refusal;
use super::http::{Http, Reach};
use super::{Provider, store};
use crate::base::Timestamp;
use crate::crypto::jose;
use crate::db::Db;

/// Documents are read anew after so long.
const FRESH: Duration = Duration::from_secs(3_600);
/// Keys are asked for again, for a key that is not known, no sooner.
const AGAIN: Duration = Duration::from_secs(30);
/// Algorithms that sign what a provider says.
pub const ALGORITHMS: &[&str] = &["ES256", "RS256"];

/// The parts of a discovery document that we use (OpenID Connect Discovery §3).
#[derive(Debug, Clone, Deserialize)]
pub struct Discovery {
    /// Issuer.
    pub issuer: String,
    /// Where people are sent.
    pub authorization_endpoint: Url,
    /// Where codes are redeemed.
    pub token_endpoint: Url,
    /// Where the identity is.
    pub userinfo_endpoint: Url,
    /// Its keys.
    pub jwks_uri: Url,
    /// Where sessions end.
    #[serde(default)]
    pub end_session_endpoint: Option<Url>,
    /// It says who it is in every answer (RFC 9207 §3).
    #[serde(default)]
    pub authorization_response_iss_parameter_supported: bool,
}

/// What is known of a provider.
#[derive(Debug, Clone)]
pub struct Known {
    /// Endpoints.
    pub discovery: Discovery,
    /// Keys (RFC 7517 §5).
    pub jwks: Value,
    fetched_at: Timestamp,
    declared_at: Timestamp,
}

/// What is known of every provider, and when each was asked last.
#[derive(Debug, Default)]
pub struct Cache {
    known: Mutex<HashMap<String, Arc<Known>>>,
    asked: Mutex<HashMap<String, Timestamp>>,
    turns: Mutex<HashMap<String, Arc<tokio::sync::Mutex<()>>>>,
}

impl Cache {
    /// One request at a time asks a provider for its documents.
    fn turn(&self, provider: &Provider) -> Arc<tokio::sync::Mutex<()>> {
        self.turns.lock().unwrap_or_else(PoisonError::into_inner).entry(provider.id.clone()).or_default().clone()
    }
}

/// What calls rest on.
#[derive(Debug, Clone, Copy)]
pub struct Net<'a> {
    /// The HTTP clients.
    pub http: &'a Http,
    /// What is known.
    pub cache: &'a Cache,
    /// Where the last good copies are.
    pub db: &'a Db,
    /// Plain http and internal addresses are accepted: a rehearsal or a demonstration.
    pub trial: bool,
}

impl Net<'_> {
    /// Where calls to a provider may go.
    pub fn reach(&self, provider: &Provider) -> Reach {
        Reach { plain: self.trial, internal: self.trial || provider.metadata.allow_private_network }
    }

    /// What a provider publishes: from memory when fresh, else from itself, else the last good copy.
    pub async fn known(&self, provider: &Provider, now: Timestamp) -> Result<Arc<Known>, Refusal> {
        let usable = |known: &Arc<Known>| now.since(known.fetched_at) < FRESH;
        if let Some(known) = self.remembered(provider).filter(usable) {
            return Ok(known);
        }
        let turn = self.cache.turn(provider);
        let _turn = turn.lock().await;
        if let Some(known) = self.remembered(provider).filter(usable) {
            return Ok(known);
        }
        let stale = self.remembered(provider);
        // An outage is not made worse: one attempt every half minute while an old copy serves.
        if let Some(known) = stale.filter(|_| !self.may_ask(provider, now)) {
            return Ok(known);
        }
        match self.fetch(provider, now).await {
            Ok(known) => Ok(known),
            Err(refusal) => match self.remembered(provider) {
                Some(known) => Ok(known),
                None => {
                    tracing::warn!(provider = provider.id, why = refusal.why, "provider unreachable: its last documents serve, if any");
                    self.stored(provider, now).await.ok_or(refusal)
                }
            },
        }
    }

    /// What is known without asking anybody.
    pub async fn at_hand(&self, provider: &Provider, now: Timestamp) -> Option<Arc<Known>> {
        match self.remembered(provider) {
            Some(known) => Some(known),
            None => self.stored(provider, now).await,
        }
    }

    /// Keys read anew, for one that is not known; what is known already when they were just read.
    pub async fn known_anew(&self, provider: &Provider, now: Timestamp) -> Result<Arc<Known>, Refusal> {
        let turn = self.cache.turn(provider);
        let _turn = turn.lock().await;
        match self.remembered(provider) {
            Some(known) if !self.may_ask(provider, now) => Ok(known),
            _ => self.fetch(provider, now).await,
        }
    }

    fn remembered(&self, provider: &Provider) -> Option<Arc<Known>> {
        let known = self.cache.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(&provider.id).filter(|k| k.declared_at == provider.updated_at).cloned()
    }

    fn remember(&self, provider: &Provider, known: Known) -> Arc<Known> {
        let known = Arc::new(known);
        self.cache.known.lock().unwrap_or_else(PoisonError::into_inner).insert(provider.id.clone(), known.clone());
        known
    }

    /// Whether the provider may be asked now; it then counts as asked.
    fn may_ask(&self, provider: &Provider, now: Timestamp) -> bool {
        let mut asked = self.cache.asked.lock().unwrap_or_else(PoisonError::into_inner);
        if asked.get(&provider.id).is_some_and(|at| now.since(*at) < AGAIN) {
            return false;
        }
        asked.insert(provider.id.clone(), now);
        true
    }

    async fn fetch(&self, provider: &Provider, now: Timestamp) -> Result<Arc<Known>, Refusal> {
        self.cache.asked.lock().unwrap_or_else(PoisonError::into_inner).insert(provider.id.clone(), now);
        let (known, texts) = self.read_anew(provider, now).await?;
        for (name, text) in &texts {
            if let Err(e) = self.keep(provider, name, text, now).await {
                tracing::warn!(provider = provider.id, error = %e, "document not kept");
            }
        }
        Ok(self.remember(provider, known))
    }

    /// Whether a provider answers with documents that can be used. Keeps nothing.
    pub async fn probe(&self, provider: &Provider, now: Timestamp) -> Result<(), Refusal> {
        self.read_anew(provider, now).await.map(|_| ())
    }

    /// The documents of a provider, judged, and their texts by name.
    async fn read_anew(&self, provider: &Provider, now: Timestamp) -> Result<(Known, [(&'static str, String); 2]), Refusal> {
        let issuer = provider.metadata.issuer.trim_end_matches('/');
        let place = format!("{issuer}/.well-known/openid-configuration");
        let place = Url::parse(&place).map_err(|e| Refusal::untrusted(format!("issuer: {e}")))?;
        let discovery = self.document(provider, &place).await?;
        let read = read(provider, self.reach(provider), &discovery)?;
        let jwks = self.document(provider, &read.jwks_uri).await?;
        let value: Value = serde_json::from_str(&jwks).map_err(|_| Refusal::untrusted("keys are not JSON"))?;
        if !jose::usable_jwks(&value, ALGORITHMS) && !provider.metadata.accepts_hs256(now) {
            return Err(Refusal::untrusted("no usable key is published"));
        }
        let known = Known { discovery: read, jwks: value, fetched_at: now, declared_at: provider.updated_at };
        Ok((known, [("discovery", discovery), ("jwks", jwks)]))
    }

    async fn document(&self, provider: &Provider, url: &Url) -> Result<String, Refusal> {
        let answer = self.http.send(self.reach(provider), url, |client, url| client.get(url)).await?;
        match answer.status {
            200 => String::from_utf8(answer.body).map_err(|_| Refusal::untrusted("document is not UTF-8")),
            status => Err(Refusal::unavailable(format!("document answered {status}"))),
        }
    }

    async fn keep(&self, provider: &Provider, name: &str, text: &str, now: Timestamp) -> crate::db::Result<()> {
        let mut tx = self.db.begin().await?;
        store::put_document(&mut tx, &provider.id, name, text, now).await?;
        tx.commit().await
    }

    /// The last good copy. It counts as old: the provider is asked again at the next occasion.
    async fn stored(&self, provider: &Provider, now: Timestamp) -> Option<Arc<Known>> {
        let mut db = self.db.read().await.ok()?;
        let (discovery, _) = store::document(&mut db, &provider.id, "discovery").await.ok()??;
        let (jwks, _) = store::document(&mut db, &provider.id, "jwks").await.ok()??;
        let discovery = read(provider, self.reach(provider), &discovery).ok()?;
        let jwks = serde_json::from_str(&jwks).ok()?;
        let fetched_at = now.minus(FRESH);
        Some(self.remember(provider, Known { discovery, jwks, fetched_at, declared_at: provider.updated_at }))
    }
}

/// Reads a discovery document: of this very issuer, with endpoints that may be called.
fn read(provider: &Provider, reach: Reach, text: &str) -> Result<Discovery, Refusal> {
    let read: Discovery = serde_json::from_str(text).map_err(|_| Refusal::untrusted("discovery document incomplete"))?;
    if read.issuer != provider.metadata.issuer {
        return Err(Refusal::untrusted("discovery document of another issuer"));
    }
    let called = [&read.authorization_endpoint, &read.token_endpoint, &read.userinfo_endpoint, &read.jwks_uri];
    if let Some(url) = called.into_iter().chain(&read.end_session_endpoint).find(|url| !reach.allows(url)) {
        return Err(Refusal::untrusted(format!("endpoint out of reach: {}", url.host_str().unwrap_or_default())));
    }
    Ok(read)
}
