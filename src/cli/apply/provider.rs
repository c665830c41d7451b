//! One upstream provider put in place.

use serde_json::{Map, Value};

use super::ApplyError;
use super::declaration::ProviderEntry;
use super::report::{Change, Entry, Outcome};
use crate::authn::factor::Kit;
use crate::base::Secret;
use crate::db::Tx;
use crate::federation::registry::{self, Rules};
use crate::federation::{Metadata, Provider, store};

/// Creates or changes the provider, and says what changed.
pub async fn write(tx: &mut Tx, kit: &Kit<'_>, entry: &ProviderEntry) -> Result<Entry, ApplyError> {
    let rules = Rules { rest: &kit.keys.rest, trial: kit.config.server.environment.accepts_plain_http() };
    let present = store::find(tx, rules.rest, &entry.id).await?;
    let mut changes = changes(present.as_ref(), entry);
    let refuse = |e| refused(entry, e);
    registry::put(tx, kit.ctx, rules, &entry.id, entry.metadata.clone(), entry.secret.clone()).await.map_err(refuse)?;
    let was = present.as_ref().is_none_or(|p| p.enabled);
    if let Some(enabled) = entry.enabled.filter(|e| *e != was) {
        registry::set_enabled(tx, kit.ctx, rules, &entry.id, enabled).await.map_err(refuse)?;
        changes.push(Change::new("enabled", Some(Value::Bool(was)), Some(Value::Bool(enabled))));
    }
    let outcome = match (&present, changes.is_empty()) {
        (None, _) => Outcome::Created,
        (Some(_), true) => Outcome::Unchanged,
        (Some(_), false) => Outcome::Changed,
    };
    Ok(Entry { kind: "provider", id: entry.id.clone(), line: entry.place.line, outcome, changes })
}

fn members(metadata: &Metadata) -> Map<String, Value> {
    match serde_json::to_value(metadata) {
        Ok(Value::Object(map)) => map,
        _ => Map::new(),
    }
}

fn changes(present: Option<&Provider>, entry: &ProviderEntry) -> Vec<Change> {
    let (old, new) = (present.map(|p| members(&p.metadata)).unwrap_or_default(), members(&entry.metadata));
    let mut names: Vec<&String> = old.keys().collect();
    names.extend(new.keys().filter(|k| !old.contains_key(*k)));
    let differs = |name: &&&String| old.get(**name) != new.get(**name);
    let change = |name: &&String| Change::new(name, old.get(*name).cloned(), new.get(*name).cloned());
    let mut changes: Vec<Change> = names.iter().filter(differs).map(change).collect();
    let before = present.and_then(|p| p.secret.as_ref());
    if entry.secret.as_ref().is_some_and(|s| before.map(Secret::expose) != Some(s.expose())) {
        changes.push(Change::secret("client_secret", before.is_some()));
    }
    changes
}

fn refused(entry: &ProviderEntry, e: registry::Error) -> ApplyError {
    match e {
        registry::Error::Db(e) => ApplyError::Db(e),
        registry::Error::Meanwhile(_) => ApplyError::Meanwhile(entry.place.name.clone()),
        registry::Error::Invalid(wrong) => ApplyError::Refused(wrong.iter().map(|w| entry.place.fault(w)).collect()),
        other @ registry::Error::Unknown(_) => ApplyError::Refused(vec![entry.place.fault(&other.to_string())]),
    }
}
