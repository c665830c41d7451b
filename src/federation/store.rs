//! Providers, the identities they vouch for, and what goes with them, in the database.

use super::{Metadata, Provider};
use crate::base::id::{AccountId, InteractionId, LinkId};
use crate::base::{Secret, Timestamp};
use crate::crypto::Sealer;
use crate::crypto::store::bump;
use crate::db::{Error, Handle, Purge, Result, Tx};
use crate::sql;

const LIST: &str = "SELECT id, state, metadata, sealed_secret, updated_at FROM provider ORDER BY id";
const FIND: &str = "SELECT id, state, metadata, sealed_secret, updated_at FROM provider WHERE id = $1";
const IS_ENABLED: &str = "SELECT COUNT(*) FROM provider WHERE id = $1 AND state = 'enabled'";
const INSERT: &str = "INSERT INTO provider (id, state, metadata, sealed_secret, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $5)";
const UPDATE: &str = "UPDATE provider SET state = $2, metadata = $3, sealed_secret = $4, updated_at = $5 WHERE id = $1 AND updated_at = $6";
const DOCUMENT: &str = "SELECT document, fetched_at FROM provider_document WHERE provider_id = $1 AND name = $2";
const PUT_DOCUMENT: &str = "INSERT INTO provider_document (provider_id, name, document, fetched_at) VALUES ($1, $2, $3, $4) \
     ON CONFLICT (provider_id, name) DO UPDATE SET document = excluded.document, fetched_at = excluded.fetched_at";
const DROP_DOCUMENTS: &str = "DELETE FROM provider_document WHERE provider_id = $1";
const IDENTITY: &str = "SELECT issuer, sub, account_id, provider_id, state, acr, linked_at, last_used_at FROM federated_identity \
     WHERE issuer = $1 AND sub = $2";
const IDENTITIES: &str = "SELECT issuer, sub, account_id, provider_id, state, acr, linked_at, last_used_at FROM federated_identity \
     WHERE account_id = $1 ORDER BY linked_at LIMIT 50";
// An identity that was unlinked may be linked again, to whichever account its person proves.
const LINK: &str = "INSERT INTO federated_identity (issuer, sub, account_id, provider_id, state, acr, linked_at, last_used_at) \
     VALUES ($1, $2, $3, $4, 'linked', $5, $6, $6) ON CONFLICT (issuer, sub) DO UPDATE SET account_id = excluded.account_id, \
     provider_id = excluded.provider_id, state = 'linked', acr = excluded.acr, linked_at = excluded.linked_at, \
     last_used_at = excluded.last_used_at WHERE federated_identity.state = 'unlinked'";
const USE: &str = "UPDATE federated_identity SET last_used_at = $3, acr = $4, provider_id = $5 \
     WHERE issuer = $1 AND sub = $2 AND state = 'linked'";
const UNLINK: &str =
    "UPDATE federated_identity SET state = 'unlinked' WHERE issuer = $1 AND sub = $2 AND account_id = $3 AND state = 'linked'";
const PROPOSE: &str = "INSERT INTO identity_link (id, interaction_id, provider_id, account_id, state, sealed, created_at, expires_at) \
     VALUES ($1, $2, $3, $4, 'proposed', $5, $6, $7) ON CONFLICT (interaction_id) DO NOTHING";
const PROPOSAL: &str = "SELECT id, provider_id, account_id, sealed FROM identity_link \
     WHERE interaction_id = $1 AND state = 'proposed' AND expires_at > $2";
const DECIDE: &str =
    "UPDATE identity_link SET state = $2, sealed = '', decided_at = $3, expires_at = $4 WHERE id = $1 AND state = 'proposed'";

/// Every statement of this file.
pub const ALL: &[&str] = &[
    LIST,
    FIND,
    IS_ENABLED,
    INSERT,
    UPDATE,
    DOCUMENT,
    PUT_DOCUMENT,
    DROP_DOCUMENTS,
    IDENTITY,
    IDENTITIES,
    LINK,
    USE,
    UNLINK,
    PROPOSE,
    PROPOSAL,
    DECIDE,
];

/// What the worker removes.
pub const PURGES: &[Purge] = &[Purge {
    table: "identity_link",
    keep: std::time::Duration::ZERO,
    statements: &["DELETE FROM identity_link WHERE id IN (SELECT id FROM identity_link WHERE expires_at <= $1 LIMIT $2)"],
}];

#[derive(sqlx::FromRow)]
struct ProviderRow {
    id: String,
    state: String,
    metadata: String,
    sealed_secret: Option<String>,
    updated_at: i64,
}

fn context(id: &str) -> String {
    format!("provider/{id}")
}

impl ProviderRow {
    fn read(self, rest: &Sealer) -> Result<Provider> {
        let wrong = |what: &str| Error::inconsistent(format!("provider.{what} of {}", self.id));
        let metadata: Metadata = serde_json::from_str(&self.metadata).map_err(|e| wrong(&format!("metadata ({e})")))?;
        let enabled = match self.state.as_str() {
            "enabled" => true,
            "disabled" => false,
            _ => return Err(wrong("state")),
        };
        let secret = match &self.sealed_secret {
            Some(sealed) => {
                let bytes = rest.open(&context(&self.id), sealed).map_err(|_| wrong("secret"))?;
                Some(Secret::new(String::from_utf8(bytes).map_err(|_| wrong("secret"))?))
            }
            None => None,
        };
        Ok(Provider { metadata, secret, enabled, updated_at: Timestamp::from_millis(self.updated_at), id: self.id })
    }
}

/// Every provider, in any state.
pub async fn list(h: &mut impl Handle, rest: &Sealer) -> Result<Vec<Provider>> {
    sql!(h, LIST; ProviderRow; all)?.into_iter().map(|row| row.read(rest)).collect()
}

/// One of them.
pub async fn find(h: &mut impl Handle, rest: &Sealer, id: &str) -> Result<Option<Provider>> {
    sql!(h, FIND, id; ProviderRow; optional)?.map(|row| row.read(rest)).transpose()
}

/// Whether a provider is enabled at this very instant, on every node.
pub async fn is_enabled(tx: &mut Tx, id: &str) -> Result<bool> {
    let (count,): (i64,) = sql!(tx, IS_ENABLED, id; (i64,); one)?;
    Ok(count == 1)
}

fn columns(p: &Provider, rest: &Sealer) -> Result<(&'static str, String, Option<String>)> {
    let metadata = serde_json::to_string(&p.metadata).map_err(|e| Error::inconsistent(e.to_string()))?;
    let seal = |secret: &Secret| rest.seal(&context(&p.id), secret.expose().as_bytes());
    let sealed = p.secret.as_ref().map(seal).transpose().map_err(|e| Error::inconsistent(e.to_string()))?;
    Ok((if p.enabled { "enabled" } else { "disabled" }, metadata, sealed))
}

/// Adds a provider; nodes reload. [`Error::Conflict`] when the identifier is taken.
pub async fn insert(tx: &mut Tx, rest: &Sealer, p: &Provider) -> Result<()> {
    let (state, metadata, sealed) = columns(p, rest)?;
    sql!(tx, INSERT, &p.id, state, metadata, sealed, p.updated_at.millis(); exec)?;
    bump(tx, "providers").await
}

/// Writes a provider unless it has changed since `before`; nodes reload. Answers the number of rows written.
pub async fn update(tx: &mut Tx, rest: &Sealer, p: &Provider, before: Timestamp) -> Result<u64> {
    let (state, metadata, sealed) = columns(p, rest)?;
    let written = sql!(tx, UPDATE, &p.id, state, metadata, sealed, p.updated_at.millis(), before.millis(); exec)?;
    bump(tx, "providers").await?;
    Ok(written)
}

/// The last good copy of a document, and when it was fetched.
pub async fn document(h: &mut impl Handle, provider: &str, name: &str) -> Result<Option<(String, Timestamp)>> {
    let row = sql!(h, DOCUMENT, provider, name; (String, i64); optional)?;
    Ok(row.map(|(text, at)| (text, Timestamp::from_millis(at))))
}

/// Keeps a document.
pub async fn put_document(tx: &mut Tx, provider: &str, name: &str, text: &str, now: Timestamp) -> Result<()> {
    sql!(tx, PUT_DOCUMENT, provider, name, text, now.millis(); exec)?;
    Ok(())
}

/// Forgets the documents of a provider: it is another's now.
pub async fn drop_documents(tx: &mut Tx, provider: &str) -> Result<u64> {
    sql!(tx, DROP_DOCUMENTS, provider; exec)
}

/// Who an upstream identity is here.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct IdentityRow {
    /// Issuer.
    pub issuer: String,
    /// `sub`.
    pub sub: String,
    /// The account.
    pub account_id: String,
    /// The provider that vouched last.
    pub provider_id: String,
    /// `linked` or `unlinked`.
    pub state: String,
    /// Level told last.
    pub acr: Option<String>,
    /// Unix milliseconds.
    pub linked_at: i64,
    /// Unix milliseconds.
    pub last_used_at: i64,
}

impl IdentityRow {
    /// Whether it signs in.
    pub fn is_linked(&self) -> bool {
        self.state == "linked"
    }

    /// Its account.
    pub fn account(&self) -> AccountId {
        AccountId::from_store(self.account_id.clone())
    }
}

/// An upstream identity, linked or not any more.
pub async fn identity(h: &mut impl Handle, issuer: &str, sub: &str) -> Result<Option<IdentityRow>> {
    sql!(h, IDENTITY, issuer, sub; IdentityRow; optional)
}

/// Those of an account.
pub async fn identities(h: &mut impl Handle, account: &AccountId) -> Result<Vec<IdentityRow>> {
    sql!(h, IDENTITIES, account.as_str(); IdentityRow; all)
}

/// An identity as a provider just vouched for it.
#[derive(Debug, Clone, Copy)]
pub struct Seen<'a> {
    /// Issuer.
    pub issuer: &'a str,
    /// `sub`.
    pub sub: &'a str,
    /// Provider.
    pub provider: &'a str,
    /// Level.
    pub acr: Option<&'a str>,
    /// When.
    pub now: Timestamp,
}

/// Links an identity to an account; 0 when it is linked already, to whichever.
pub async fn link(tx: &mut Tx, seen: &Seen<'_>, account: &AccountId) -> Result<u64> {
    sql!(tx, LINK, seen.issuer, seen.sub, account.as_str(), seen.provider, seen.acr, seen.now.millis(); exec)
}

/// Records the use of a linked identity; 0 when it is not linked.
pub async fn used(tx: &mut Tx, seen: &Seen<'_>) -> Result<u64> {
    sql!(tx, USE, seen.issuer, seen.sub, seen.now.millis(), seen.acr, seen.provider; exec)
}

/// Unlinks an identity from this account; 0 when it was not.
pub async fn unlink(tx: &mut Tx, issuer: &str, sub: &str, account: &AccountId) -> Result<u64> {
    sql!(tx, UNLINK, issuer, sub, account.as_str(); exec)
}

/// An identity that may be an account's.
#[derive(Debug, Clone)]
pub struct Proposal {
    /// Identifier.
    pub id: LinkId,
    /// Provider.
    pub provider: String,
    /// The account it may be.
    pub account: AccountId,
    /// What was proved, sealed.
    pub sealed: String,
}

/// Writes a proposal for a journey, the only one; 0 when it has one.
pub async fn propose(tx: &mut Tx, p: &Proposal, journey: &InteractionId, now: Timestamp, until: Timestamp) -> Result<u64> {
    sql!(
        tx, PROPOSE, p.id.as_str(), journey.as_str(), &p.provider, p.account.as_str(), &p.sealed, now.millis(), until.millis(); exec
    )
}

/// The proposal of a journey that was not answered yet.
pub async fn proposal(h: &mut impl Handle, journey: &InteractionId, now: Timestamp) -> Result<Option<Proposal>> {
    let row = sql!(h, PROPOSAL, journey.as_str(), now.millis(); (String, String, String, String); optional)?;
    Ok(row.map(|(id, provider, account, sealed)| Proposal {
        id: LinkId::from_store(id),
        provider,
        account: AccountId::from_store(account),
        sealed,
    }))
}

/// Answers a proposal, once: `linked` or `declined`. What was proved is forgotten; the rest is kept until `keep_until`.
pub async fn decide(tx: &mut Tx, id: &LinkId, state: &str, now: Timestamp, keep_until: Timestamp) -> Result<u64> {
    sql!(tx, DECIDE, id.as_str(), state, now.millis(), keep_until.millis(); exec)
}
