//! One client put in place.

use std::time::Duration;

use serde_json::Value;

use super::declaration::ClientEntry;
use super::report::{Change, Entry, Outcome};
use super::{ApplyError, of_client};
use crate::base::Ctx;
use crate::db::Tx;
use crate::oidc::Client;
use crate::oidc::client::Metadata;
use crate::oidc::registry::{self, Rules, differences};

/// Creates or changes the client, and says what changed.
pub async fn write(tx: &mut Tx, ctx: &Ctx, rules: Rules<'_>, entry: &ClientEntry, overlap: Duration) -> Result<Entry, ApplyError> {
    let present = registry::store::find(tx, &entry.id).await?;
    let (outcome, changes) = match present {
        None => (Outcome::Created, create(tx, ctx, rules, entry).await?),
        Some(present) => {
            let changes = change(tx, ctx, rules, entry, &present, overlap).await?;
            (if changes.is_empty() { Outcome::Unchanged } else { Outcome::Changed }, changes)
        }
    };
    Ok(Entry { kind: "client", id: entry.id.clone(), line: entry.place.line, outcome, changes })
}

async fn create(tx: &mut Tx, ctx: &Ctx, rules: Rules<'_>, entry: &ClientEntry) -> Result<Vec<Change>, ApplyError> {
    let refuse = |e| of_client(entry, e);
    require_secret(entry)?;
    registry::create(tx, ctx, rules, &entry.id, entry.metadata.clone(), entry.secret.clone()).await.map_err(refuse)?;
    let mut changes = members(&Metadata::default(), &entry.metadata);
    if entry.secret.is_some() {
        changes.push(Change::secret("client_secret", false));
    }
    if entry.enabled == Some(false) {
        registry::set_enabled(tx, ctx, &entry.id, false).await.map_err(refuse)?;
        changes.push(Change::new("enabled", None, Some(Value::Bool(false))));
    }
    Ok(changes)
}

async fn change(
    tx: &mut Tx,
    ctx: &Ctx,
    rules: Rules<'_>,
    entry: &ClientEntry,
    present: &Client,
    overlap: Duration,
) -> Result<Vec<Change>, ApplyError> {
    let refuse = |e| of_client(entry, e);
    let mut changes = members(&present.metadata, &entry.metadata);
    if present.secrets.current.is_none() {
        require_secret(entry)?;
    }
    if !changes.is_empty() {
        registry::change(tx, ctx, rules, present.clone(), entry.metadata.clone()).await.map_err(refuse)?;
    }
    if let Some(secret) = entry.secret.as_ref().filter(|s| !rules.is_current(present, s)) {
        registry::set_secret(tx, ctx, rules, &entry.id, secret, overlap).await.map_err(refuse)?;
        changes.push(Change::secret("client_secret", present.secrets.current.is_some()));
    }
    if let Some(enabled) = entry.enabled.filter(|e| *e != present.enabled) {
        registry::set_enabled(tx, ctx, &entry.id, enabled).await.map_err(refuse)?;
        changes.push(Change::new("enabled", Some(Value::Bool(present.enabled)), Some(Value::Bool(enabled))));
    }
    Ok(changes)
}

fn members(old: &Metadata, new: &Metadata) -> Vec<Change> {
    differences(old, new).into_iter().map(|d| Change::new(&d.member, d.old, d.new)).collect()
}

/// A secret made here would be shown to whoever reads the output of a deployment.
fn require_secret(entry: &ClientEntry) -> Result<(), ApplyError> {
    let method = entry.metadata.token_endpoint_auth_method;
    if !method.has_secret() || entry.secret.is_some() {
        return Ok(());
    }
    let fault = entry.place.fault(&format!("client_secret: {} needs one", method.name()));
    Err(ApplyError::Refused(vec![
        fault.advise("give client_secret_file or client_secret_env, or make the client with `guichet client create`"),
    ]))
}
