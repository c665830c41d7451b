//! Consents in the database.

use crate::base::Timestamp;
use crate::base::id::AccountId;
use crate::db::{Handle, Result, Tx};
use crate::sql;

const FIND_CONSENT: &str = "SELECT scope FROM consent WHERE account_id = $1 AND client_id = $2";
const LIST_CONSENTS: &str = "SELECT c.client_id, c.scope, c.granted_at, \
     (SELECT MAX(g.created_at) FROM oidc_grant g WHERE g.account_id = c.account_id AND g.client_id = c.client_id) AS last_used_at \
     FROM consent c WHERE c.account_id = $1 ORDER BY c.granted_at DESC, c.client_id LIMIT 500";
// A client that asks for no consent has a grant all the same. By scope: a client may hold several, for different ones.
const LIST_OFFLINE: &str = "SELECT g.client_id, g.scope, MIN(g.created_at) AS granted_at, MAX(g.created_at) AS last_used_at \
     FROM oidc_grant g WHERE g.account_id = $1 AND g.offline AND g.revoked_at IS NULL AND g.expires_at > $2 \
     GROUP BY g.client_id, g.scope ORDER BY MAX(g.created_at) DESC, g.client_id, g.scope LIMIT 500";
const PUT_CONSENT: &str = "INSERT INTO consent (account_id, client_id, scope, granted_at) VALUES ($1, $2, $3, $4) \
     ON CONFLICT (account_id, client_id) DO UPDATE SET scope = excluded.scope, granted_at = excluded.granted_at";
const DELETE_CONSENT: &str = "DELETE FROM consent WHERE account_id = $1 AND client_id = $2";

/// Every statement of this file.
pub const ALL: &[&str] = &[FIND_CONSENT, LIST_CONSENTS, LIST_OFFLINE, PUT_CONSENT, DELETE_CONSENT];

/// Scopes a person consented to for a client.
pub async fn find_consent(h: &mut impl Handle, account: &AccountId, client: &str) -> Result<Option<String>> {
    Ok(sql!(h, FIND_CONSENT, account.as_str(), client; (String,); optional)?.map(|(s,)| s))
}

/// A consent given, or an access that took none.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct ConsentRow {
    /// To whom.
    pub client_id: String,
    /// Scopes.
    pub scope: String,
    /// When, Unix milliseconds.
    pub granted_at: i64,
    /// Last sign-in to the client that is still known, Unix milliseconds.
    pub last_used_at: Option<i64>,
}

/// Consents of a person, latest first.
pub async fn list_consents(h: &mut impl Handle, account: &AccountId) -> Result<Vec<ConsentRow>> {
    sql!(h, LIST_CONSENTS, account.as_str(); ConsentRow; all)
}

/// What clients hold of a person for use without them, by client and scopes, latest first.
pub async fn list_offline(h: &mut impl Handle, account: &AccountId, now: Timestamp) -> Result<Vec<ConsentRow>> {
    sql!(h, LIST_OFFLINE, account.as_str(), now.millis(); ConsentRow; all)
}

/// Records a consent.
pub async fn put_consent(tx: &mut Tx, account: &AccountId, client: &str, scope: &str, now: Timestamp) -> Result<()> {
    sql!(tx, PUT_CONSENT, account.as_str(), client, scope, now.millis(); exec)?;
    Ok(())
}

/// Withdraws a consent; 0 when there was none.
pub async fn delete_consent(tx: &mut Tx, account: &AccountId, client: &str) -> Result<u64> {
    sql!(tx, DELETE_CONSENT, account.as_str(), client; exec)
}
