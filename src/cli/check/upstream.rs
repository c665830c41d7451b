//! The upstream providers: which are declared, and whether each publishes what signing in there needs. Without a network that is
//! a warning: the rest of the hub serves.

use std::time::Duration;

use super::{Findings, ctx};
use crate::base::clock::{Clock, SystemClock};
use crate::config::Config;
use crate::crypto::Keys;
use crate::crypto::keys::MasterKey;
use crate::db::Db;
use crate::federation::discovery::{Cache, Net};
use crate::federation::http::Http;
use crate::federation::{Provider, store};

/// Nobody waits longer for one provider.
const PATIENCE: Duration = Duration::from_secs(5);

pub(super) async fn providers(found: &mut Findings, config: &Config, db: &Db, master: &MasterKey) {
    let declared = match declared(db, master).await {
        Ok(declared) => declared,
        Err(e) => return found.error("provider", e, ""),
    };
    if declared.is_empty() {
        return found.ok("provider", "none: people sign in here");
    }
    let (http, cache, trial) = (Http::default(), Cache::default(), config.server.environment.accepts_plain_http());
    let net = Net { http: &http, cache: &cache, db, trial };
    for provider in &declared {
        one(found, net, provider).await;
    }
}

async fn declared(db: &Db, master: &MasterKey) -> Result<Vec<Provider>, String> {
    let mut read = db.read().await.map_err(|e| e.to_string())?;
    if !Keys::exist(&mut read).await.map_err(|e| e.to_string())? {
        return Ok(Vec::new());
    }
    let keys = Keys::open(db, master, &ctx()).await.map_err(|e| e.to_string())?;
    store::list(&mut read, &keys.rest).await.map_err(|e| e.to_string())
}

async fn one(found: &mut Findings, net: Net<'_>, provider: &Provider) {
    let name = format!("{} ({}) {}", provider.id, provider.label(), provider.metadata.issuer);
    if !provider.enabled {
        return found.ok("provider", format!("{name}, disabled"));
    }
    let why = match tokio::time::timeout(PATIENCE, net.probe(provider, SystemClock.now())).await {
        Ok(Ok(())) => return found.ok("provider", format!("{name} answers")),
        Ok(Err(refusal)) => refusal.why,
        Err(_) => "no answer in time".to_owned(),
    };
    found.warning("provider", format!("{name}: {why}"), "nobody new signs in through it until this machine reaches its discovery document");
}
