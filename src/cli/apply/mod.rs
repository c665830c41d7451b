//! `guichet apply`: puts clients, accounts and establishments in place as a file declares them; a second run changes nothing.
//!
//! A client is declared whole: members that the file leaves out take their default, except its secret and whether it is
//! enabled. An account keeps what the file does not mention: it belongs to a person.

pub(super) mod account;
mod client;
pub(super) mod declaration;
mod designation;
mod establishment;
mod provider;
mod report;
mod rights;

use std::path::PathBuf;
use std::time::Duration;

use futures_util::{StreamExt, TryStreamExt, stream};

use crate::account::lifecycle;
use crate::app::App;
use crate::audit::{self, Event, Kind};
use crate::authn::factor::Kit;
use crate::base::Actor;
use crate::config::document::{At, Fault};
use crate::crypto::hasher;
use crate::crypto::keyring;
use crate::db::{self, Tx};
use crate::oidc::registry::{self, Rules};

use declaration::Declaration;
pub use report::{Change, Entry, Outcome, Report};

/// Passwords in hand at a time.
pub(super) const HASHES_AT_A_TIME: usize = 4;

/// How to apply.
#[derive(Debug, Clone)]
pub struct ApplyOptions {
    /// Say what would change, and change nothing.
    pub dry_run: bool,
    /// Folder that a relative `client_secret_file` starts from; the working folder when absent.
    pub folder: Option<PathBuf>,
    /// How long a replaced client secret still serves.
    pub secret_overlap: Duration,
}

impl Default for ApplyOptions {
    fn default() -> Self {
        Self { dry_run: false, folder: None, secret_overlap: registry::OVERLAP }
    }
}

/// Nothing was applied.
#[derive(Debug, thiserror::Error)]
pub enum ApplyError {
    /// The declaration is refused, for all these reasons.
    #[error("{}", shown(.0, "declaration"))]
    Refused(Vec<Fault>),
    /// Something was changed by somebody else between reading and writing.
    #[error("{0} was changed meanwhile; try again")]
    Meanwhile(String),
    /// Passwords could not be hashed now.
    #[error(transparent)]
    Hasher(#[from] hasher::Failure),
    /// The store.
    #[error(transparent)]
    Db(#[from] db::Error),
    /// Applied, but this process could not load it.
    #[error(transparent)]
    Reload(#[from] keyring::Error),
}

impl ApplyError {
    /// The same with the name of the file in front of lines.
    pub fn in_file(&self, file: &str) -> String {
        match self {
            Self::Refused(faults) => shown(faults, file),
            other => other.to_string(),
        }
    }

    fn refused(line: usize, key: String, why: impl Into<String>) -> Self {
        Self::Refused(vec![Fault::new(At::Line(line), key, why)])
    }
}

fn shown(faults: &[Fault], file: &str) -> String {
    faults.iter().map(|f| f.display(file).to_string()).collect::<Vec<_>>().join("\n")
}

/// Applies a declaration (TOML) in one transaction, or nothing of it.
pub async fn apply(app: &App, text: &str, options: ApplyOptions) -> Result<Report, ApplyError> {
    let rules = Rules { key: &app.keys.client_secret, environment: app.config.server.environment };
    let declaration = declaration::read(text, rules, options.folder.as_deref()).map_err(ApplyError::Refused)?;
    let ctx = app.ctx(Actor::Operator);
    // Passwords first: nothing slow inside the transaction.
    let passwords: Vec<account::Password> = stream::iter(&declaration.accounts)
        .map(|entry| account::password(app, &ctx, entry))
        .buffered(HASHES_AT_A_TIME)
        .try_collect()
        .await?;
    let mut tx = app.db.begin().await?;
    let kit = Kit { ctx: &ctx, keys: &app.keys, config: &app.config };
    let report = write(&mut tx, &kit, rules, &declaration, passwords, &options).await?;
    if options.dry_run || !report.has_changes() {
        tx.rollback().await?;
        return Ok(report);
    }
    let event = Event::new(Kind::Applied).with("created", report.count(Outcome::Created)).with("changed", report.count(Outcome::Changed));
    audit::append(&mut tx, &ctx, event).await?;
    tx.commit().await?;
    app.reload().await?;
    app.ensure_decryption_keys().await?;
    Ok(report)
}

async fn write(
    tx: &mut Tx,
    kit: &Kit<'_>,
    rules: Rules<'_>,
    declaration: &Declaration,
    passwords: Vec<account::Password>,
    options: &ApplyOptions,
) -> Result<Report, ApplyError> {
    let mut entries = Vec::with_capacity(declaration.clients.len() + declaration.accounts.len());
    for entry in &declaration.clients {
        entries.push(client::write(tx, kit.ctx, rules, entry, options.secret_overlap).await?);
    }
    for (entry, password) in declaration.accounts.iter().zip(passwords) {
        entries.push(account::write(tx, kit.ctx, entry, password).await?);
    }
    for entry in &declaration.designations {
        entries.push(designation::write(tx, kit, entry).await?);
    }
    for entry in &declaration.establishments {
        entries.push(establishment::write(tx, kit.ctx, entry).await?);
    }
    for entry in &declaration.memberships {
        entries.push(establishment::write_membership(tx, kit, entry).await?);
    }
    for entry in &declaration.services {
        entries.push(rights::write_service(tx, kit.ctx, entry).await?);
    }
    for entry in &declaration.approvers {
        entries.push(rights::write_approver(tx, kit.ctx, entry).await?);
    }
    for entry in &declaration.attestations {
        entries.push(rights::write_attestation(tx, kit.ctx, entry).await?);
    }
    for entry in &declaration.habilitations {
        entries.push(rights::write_habilitation(tx, kit, entry).await?);
    }
    for entry in &declaration.providers {
        entries.push(provider::write(tx, kit, entry).await?);
    }
    Ok(Report { dry_run: options.dry_run, entries })
}

/// A refusal of the registry, said of an entry of the file.
fn of_client(entry: &declaration::ClientEntry, e: registry::Error) -> ApplyError {
    match e {
        registry::Error::Db(e) => ApplyError::Db(e),
        registry::Error::Meanwhile(_) => ApplyError::Meanwhile(entry.place.name.clone()),
        registry::Error::Invalid(wrong) => ApplyError::Refused(wrong.iter().map(|w| entry.place.fault(w)).collect()),
        other @ (registry::Error::Exists(_) | registry::Error::Unknown(_) | registry::Error::NoSecret(..)) => {
            ApplyError::refused(entry.place.line, entry.place.name.clone(), other.to_string())
        }
    }
}

/// The same for accounts.
fn of_account(entry: &declaration::AccountEntry, e: lifecycle::Error) -> ApplyError {
    match e {
        lifecycle::Error::Db(e) => ApplyError::Db(e),
        lifecycle::Error::Meanwhile => ApplyError::Meanwhile(entry.place.name.clone()),
        lifecycle::Error::Invalid(wrong) => ApplyError::Refused(wrong.iter().map(|w| entry.place.fault(w)).collect()),
        other @ lifecycle::Error::Exists(_) => ApplyError::refused(entry.place.line, entry.place.name.clone(), other.to_string()),
    }
}

#[cfg(test)]
mod tests;
