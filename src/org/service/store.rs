//! Services, and those who decide for them, in the database.

use super::{Metadata, NamedApprover, Service};
use crate::base::id::AccountId;
use crate::base::{Siret, Timestamp};
use crate::crypto::store::bump;
use crate::db::{Error, Handle, Result, Tx};
use crate::sql;

const LIST: &str = "SELECT id, state, metadata, updated_at FROM service ORDER BY id";
const FIND: &str = "SELECT id, state, metadata, updated_at FROM service WHERE id = $1";
const PUT: &str = "INSERT INTO service (id, state, metadata, created_at, updated_at) VALUES ($1, $2, $3, $4, $4) \
     ON CONFLICT (id) DO UPDATE SET state = excluded.state, metadata = excluded.metadata, updated_at = excluded.updated_at";
const PUT_APPROVER: &str = "INSERT INTO service_approver (service_id, account_id, scope, created_at) VALUES ($1, $2, $3, $4) \
     ON CONFLICT (service_id, account_id, scope) DO NOTHING";
const REMOVE_APPROVER: &str = "DELETE FROM service_approver WHERE service_id = $1 AND account_id = $2 AND scope = $3";
const ALL_APPROVERS: &str = "SELECT account_id, scope FROM service_approver WHERE service_id = $1 ORDER BY scope, account_id LIMIT 10000";
const APPROVERS: &str = "SELECT account_id, scope FROM service_approver WHERE service_id = $1 AND scope IN ($2, $3, $4) \
     ORDER BY account_id LIMIT 200";
const COUNT_APPROVERS: &str = "SELECT COUNT(*) FROM service_approver s JOIN account a ON a.id = s.account_id WHERE s.service_id = $1 \
     AND s.scope IN ($2, $3, $4) AND s.account_id <> $5 AND a.state = 'active'";

/// Every statement of this file.
pub const ALL: &[&str] = &[LIST, FIND, PUT, PUT_APPROVER, REMOVE_APPROVER, ALL_APPROVERS, APPROVERS, COUNT_APPROVERS];

#[derive(sqlx::FromRow)]
struct ServiceRow {
    id: String,
    state: String,
    metadata: String,
    updated_at: i64,
}

impl TryFrom<ServiceRow> for Service {
    type Error = Error;

    fn try_from(r: ServiceRow) -> Result<Self> {
        let wrong = |what: &str| Error::inconsistent(format!("service.{what} of {}", r.id));
        let metadata: Metadata = serde_json::from_str(&r.metadata).map_err(|e| wrong(&format!("metadata ({e})")))?;
        let enabled = match r.state.as_str() {
            "enabled" => true,
            "disabled" => false,
            _ => return Err(wrong("state")),
        };
        Ok(Self { metadata, enabled, updated_at: Timestamp::from_millis(r.updated_at), id: r.id })
    }
}

/// Every service, in any state.
pub async fn list(h: &mut impl Handle) -> Result<Vec<Service>> {
    sql!(h, LIST; ServiceRow; all)?.into_iter().map(Service::try_from).collect()
}

/// One of them.
pub async fn find(h: &mut impl Handle, id: &str) -> Result<Option<Service>> {
    sql!(h, FIND, id; ServiceRow; optional)?.map(Service::try_from).transpose()
}

/// Writes a service; every node loads the catalogue anew.
pub async fn put(tx: &mut Tx, id: &str, metadata: &Metadata, enabled: bool, now: Timestamp) -> Result<()> {
    let text = serde_json::to_string(metadata).map_err(|e| Error::inconsistent(e.to_string()))?;
    sql!(tx, PUT, id, if enabled { "enabled" } else { "disabled" }, &text, now.millis(); exec)?;
    bump(tx, "services").await
}

/// Writes an approver; 0 when it stands so already.
pub async fn put_approver(tx: &mut Tx, service: &str, a: &NamedApprover, now: Timestamp) -> Result<u64> {
    sql!(tx, PUT_APPROVER, service, a.account.as_str(), &a.scope, now.millis(); exec)
}

/// Removes an approver; 0 when there is none such.
pub async fn remove_approver(tx: &mut Tx, service: &str, a: &NamedApprover) -> Result<u64> {
    sql!(tx, REMOVE_APPROVER, service, a.account.as_str(), &a.scope; exec)
}

/// Everybody named for a service, by scope.
pub async fn all_approvers(h: &mut impl Handle, service: &str) -> Result<Vec<NamedApprover>> {
    let rows = sql!(h, ALL_APPROVERS, service; (String, String); all)?;
    Ok(rows.into_iter().map(|(account, scope)| NamedApprover { account: AccountId::from_store(account), scope }).collect())
}

/// Those who decide for a service in an establishment.
pub async fn approvers(h: &mut impl Handle, service: &str, siret: &Siret) -> Result<Vec<NamedApprover>> {
    let [everywhere, siren, here] = NamedApprover::scopes_of(siret);
    let rows = sql!(h, APPROVERS, service, &everywhere, &siren, &here; (String, String); all)?;
    Ok(rows.into_iter().map(|(account, scope)| NamedApprover { account: AccountId::from_store(account), scope }).collect())
}

/// How many they are whose account is alive, other than one.
pub async fn count_other_approvers(h: &mut impl Handle, service: &str, siret: &Siret, account: &AccountId) -> Result<i64> {
    let [everywhere, siren, here] = NamedApprover::scopes_of(siret);
    sql!(h, COUNT_APPROVERS, service, &everywhere, &siren, &here, account.as_str(); (i64,); one).map(|(n,)| n)
}
