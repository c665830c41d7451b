//! Clients, codes, grants and tokens in the database.

use super::client::{Client, Metadata, Secrets};
use super::client_keys::Published;
use crate::account::Account;
use crate::account::store::{AccountRow, account_columns};
use crate::base::id::AccountId;
use crate::base::{Aal, Siret, Timestamp};
use crate::db::{Error, Handle, Result, Tx};
use crate::sql;

const LIST_CLIENTS: &str =
    "SELECT id, state, metadata, secret_hash, previous_secret_hash, previous_secret_until, updated_at FROM client ORDER BY id";
const INSERT_CODE: &str = "INSERT INTO authorization_code (hash, grant_id, client_id, account_id, session_id, redirect_uri, scope, nonce, \
     code_challenge, claims, auth_time, amr, acr, aal, created_at, expires_at, provider, siret) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)";
const CONSUME_CODE: &str = "UPDATE authorization_code SET consumed_at = $3 WHERE hash = $1 AND client_id = $2 AND consumed_at IS NULL \
     RETURNING hash, grant_id, client_id, account_id, session_id, redirect_uri, scope, nonce, code_challenge, claims, auth_time, amr, acr, \
     aal, created_at, expires_at, provider, siret";
const USED_CODE: &str =
    "SELECT grant_id, account_id FROM authorization_code WHERE hash = $1 AND client_id = $2 AND consumed_at IS NOT NULL";
const INSERT_GRANT: &str = "INSERT INTO oidc_grant (id, client_id, account_id, session_id, scope, claims, auth_time, amr, acr, aal, \
     offline, created_at, expires_at, provider, siret) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)";
const FIND_GRANT: &str = concat!(
    "SELECT g.id AS grant_id, g.client_id, g.session_id, g.scope, g.claims, g.auth_time, g.amr, g.acr, g.aal, g.offline, g.provider, g.siret AS grant_siret, \
     g.expires_at AS grant_expires_at, g.revoked_at, s.last_seen_at, s.expires_at AS session_expires_at, s.ended_at, \
     (SELECT COUNT(*) FROM revoked_jwt r WHERE r.jti = $2) AS revoked_jwt, ",
    account_columns!(),
    " FROM oidc_grant g JOIN account a ON a.id = g.account_id LEFT JOIN session s ON s.id = g.session_id WHERE g.id = $1"
);
const FIND_SESSION_STATE: &str = concat!(
    "SELECT s.last_seen_at, s.expires_at AS session_expires_at, s.ended_at, ",
    account_columns!(),
    " FROM session s JOIN account a ON a.id = s.account_id WHERE s.id = $1"
);
const REVOKE_GRANT: &str = "UPDATE oidc_grant SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL";
const REVOKE_GRANTS: &str = "UPDATE oidc_grant SET revoked_at = $3 WHERE account_id = $1 AND client_id = $2 AND revoked_at IS NULL";
const INSERT_REFRESH: &str = "INSERT INTO refresh_token (hash, grant_id, created_at, expires_at) VALUES ($1, $2, $3, $4)";
const CONSUME_REFRESH: &str = "UPDATE refresh_token SET consumed_at = $3 WHERE hash = $1 AND consumed_at IS NULL AND expires_at > $3 \
     AND EXISTS (SELECT 1 FROM oidc_grant g WHERE g.id = refresh_token.grant_id AND g.client_id = $2) RETURNING grant_id";
const FIND_REFRESH: &str = "SELECT r.grant_id, g.client_id, r.consumed_at, r.expires_at FROM refresh_token r \
     JOIN oidc_grant g ON g.id = r.grant_id WHERE r.hash = $1";
const INSERT_ACCESS: &str =
    "INSERT INTO access_token (hash, grant_id, client_id, scope, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6)";
const FIND_ACCESS: &str = concat!(
    "SELECT t.client_id AS token_client_id, t.scope AS token_scope, t.created_at AS token_created_at, \
     t.expires_at AS token_expires_at, t.revoked_at AS token_revoked_at, g.id AS grant_id, g.client_id, g.session_id, g.scope, g.claims, \
     g.auth_time, g.amr, g.acr, g.aal, g.offline, g.provider, g.siret AS grant_siret, g.expires_at AS grant_expires_at, g.revoked_at, s.last_seen_at, \
     s.expires_at AS session_expires_at, s.ended_at, CAST(0 AS BIGINT) AS revoked_jwt, ",
    account_columns!(),
    " FROM access_token t JOIN oidc_grant g ON g.id = t.grant_id JOIN account a ON a.id = g.account_id \
     LEFT JOIN session s ON s.id = g.session_id WHERE t.hash = $1"
);
const FIND_CLIENT_ACCESS: &str = "SELECT client_id, scope, created_at, expires_at FROM access_token \
     WHERE hash = $1 AND grant_id IS NULL AND revoked_at IS NULL";
const REVOKE_ACCESS: &str = "UPDATE access_token SET revoked_at = $3 WHERE hash = $1 AND client_id = $2 AND revoked_at IS NULL";
const REVOKE_JWT: &str = "INSERT INTO revoked_jwt (jti, expires_at) VALUES ($1, $2) ON CONFLICT (jti) DO NOTHING";
const IS_REVOKED_JWT: &str = "SELECT COUNT(*) FROM revoked_jwt WHERE jti = $1";
const USE_ASSERTION: &str = "INSERT INTO client_assertion (id, expires_at) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING";
const INSERT_RELAY: &str = "INSERT INTO relay (id_hash, interaction_id, session_id, client_id, sealed, expires_at) \
     VALUES ($1, $2, $3, $4, $5, $6)";
const CONSUME_RELAY: &str = "UPDATE relay SET consumed_at = $2 WHERE id_hash = $1 AND consumed_at IS NULL AND expires_at > $2 \
     RETURNING client_id, sealed";
const FIND_RELAY: &str = "SELECT client_id, sealed FROM relay WHERE id_hash = $1";
const COUNT_RELAYS_SHOWN: &str = "SELECT COUNT(*) FROM relay WHERE interaction_id = $1 AND consumed_at IS NOT NULL";

/// Every statement of this file.
pub const ALL: &[&str] = &[
    LIST_CLIENTS,
    INSERT_CODE,
    CONSUME_CODE,
    USED_CODE,
    INSERT_GRANT,
    FIND_GRANT,
    FIND_SESSION_STATE,
    REVOKE_GRANT,
    REVOKE_GRANTS,
    INSERT_REFRESH,
    CONSUME_REFRESH,
    FIND_REFRESH,
    INSERT_ACCESS,
    FIND_ACCESS,
    FIND_CLIENT_ACCESS,
    REVOKE_ACCESS,
    REVOKE_JWT,
    IS_REVOKED_JWT,
    USE_ASSERTION,
    INSERT_RELAY,
    CONSUME_RELAY,
    FIND_RELAY,
    COUNT_RELAYS_SHOWN,
];

/// A row of `client`.
#[derive(sqlx::FromRow)]
pub(super) struct ClientRow {
    id: String,
    state: String,
    metadata: String,
    secret_hash: Option<String>,
    previous_secret_hash: Option<String>,
    previous_secret_until: Option<i64>,
    updated_at: i64,
}

impl TryFrom<ClientRow> for Client {
    type Error = Error;

    fn try_from(r: ClientRow) -> Result<Self> {
        let wrong = |what: &str| Error::inconsistent(format!("client.{what} of {}", r.id));
        let metadata: Metadata = serde_json::from_str(&r.metadata).map_err(|e| wrong(&format!("metadata ({e})")))?;
        let enabled = match r.state.as_str() {
            "enabled" => true,
            "disabled" => false,
            _ => return Err(wrong("state")),
        };
        let previous = r.previous_secret_hash.zip(r.previous_secret_until.map(Timestamp::from_millis));
        let secrets = Secrets { current: r.secret_hash, previous };
        Ok(Client {
            id: r.id,
            metadata,
            secrets,
            enabled,
            updated_at: Timestamp::from_millis(r.updated_at),
            published: Published::default(),
        })
    }
}

/// Every client, in any state.
pub async fn list_clients(h: &mut impl Handle) -> Result<Vec<Client>> {
    sql!(h, LIST_CLIENTS; ClientRow; all)?.into_iter().map(Client::try_from).collect()
}

/// A row of `authorization_code`.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct CodeRow {
    /// Hash of the code.
    pub hash: String,
    /// Grant it will open.
    pub grant_id: String,
    /// Client it was given to.
    pub client_id: String,
    /// Person.
    pub account_id: String,
    /// Session.
    pub session_id: String,
    /// Where it was sent.
    pub redirect_uri: String,
    /// Granted scopes.
    pub scope: String,
    /// `nonce`.
    pub nonce: Option<String>,
    /// PKCE challenge.
    pub code_challenge: Option<String>,
    /// `claims`, JSON.
    pub claims: Option<String>,
    /// When the person proved who they are, Unix milliseconds.
    pub auth_time: i64,
    /// How.
    pub amr: String,
    /// How strongly, as told to the client.
    pub acr: Option<String>,
    /// How strongly.
    pub aal: i64,
    /// Unix milliseconds.
    pub created_at: i64,
    /// Unix milliseconds.
    pub expires_at: i64,
    /// The upstream provider the sign-in rests on.
    pub provider: Option<String>,
    /// The establishment the person acts for.
    pub siret: Option<String>,
}

/// Adds a code.
pub fn insert_code(tx: &mut Tx, c: &CodeRow) -> Result<()> {
    sql!(
        tx, INSERT_CODE, &c.hash, &c.grant_id, &c.client_id, &c.account_id, &c.session_id, &c.redirect_uri, &c.scope, c.nonce.as_deref(),
        c.code_challenge.as_deref(), c.claims.as_deref(), c.auth_time, &c.amr, c.acr.as_deref(), c.aal, c.created_at, c.expires_at,
        c.provider.as_deref(), c.siret.as_deref(); later
    )
}

/// Takes a code of this client, once: of any number of callers one gets the row.
pub async fn consume_code(tx: &mut Tx, hash: &str, client: &str, now: Timestamp) -> Result<Option<CodeRow>> {
    sql!(tx, CONSUME_CODE, hash, client, now.millis(); CodeRow; optional)
}

/// Grant and account of a code of this client that was taken already.
pub async fn used_code(h: &mut impl Handle, hash: &str, client: &str) -> Result<Option<(String, String)>> {
    sql!(h, USED_CODE, hash, client; (String, String); optional)
}

/// A grant to open.
#[derive(Debug)]
pub struct NewGrant<'a> {
    /// The code it comes from.
    pub code: &'a CodeRow,
    /// Whether it outlives the session.
    pub offline: bool,
    /// Opening.
    pub now: Timestamp,
    /// Absolute end.
    pub expires_at: Timestamp,
}

/// Adds a grant.
pub fn insert_grant(tx: &mut Tx, g: &NewGrant<'_>) -> Result<()> {
    let c = g.code;
    sql!(
        tx, INSERT_GRANT, &c.grant_id, &c.client_id, &c.account_id, &c.session_id, &c.scope, c.claims.as_deref(), c.auth_time, &c.amr,
        c.acr.as_deref(), c.aal, g.offline, g.now.millis(), g.expires_at.millis(),
        c.provider.as_deref(), c.siret.as_deref(); later
    )
}

/// A grant with what its life depends on.
#[derive(sqlx::FromRow)]
pub struct GrantRow {
    /// Identifier.
    pub grant_id: String,
    /// Client.
    pub client_id: String,
    /// Session it was given in.
    pub session_id: String,
    /// Scopes.
    pub scope: String,
    /// `claims`, JSON.
    pub claims: Option<String>,
    /// Unix milliseconds.
    pub auth_time: i64,
    /// How the person proved who they are.
    pub amr: String,
    /// How strongly, as told to the client.
    pub acr: Option<String>,
    /// How strongly.
    pub aal: i64,
    /// Outlives the session.
    pub offline: bool,
    /// The upstream provider the sign-in rests on.
    pub provider: Option<String>,
    /// The establishment the person acts for.
    pub grant_siret: Option<String>,
    /// Unix milliseconds.
    pub grant_expires_at: i64,
    /// Unix milliseconds.
    pub revoked_at: Option<i64>,
    /// Last use of the session, Unix milliseconds.
    pub last_seen_at: Option<i64>,
    /// End of the session, Unix milliseconds.
    pub session_expires_at: Option<i64>,
    /// When the session was ended, Unix milliseconds.
    pub ended_at: Option<i64>,
    /// Whether the JWT asked about was revoked: 0 or 1.
    pub revoked_jwt: i64,
    #[sqlx(flatten)]
    account: AccountRow,
}

impl GrantRow {
    /// Takes the account out.
    pub fn split(self) -> Result<(GrantFacts, Account)> {
        let account = Account::try_from(self.account)?;
        let facts = GrantFacts {
            grant_id: self.grant_id,
            client_id: self.client_id,
            session_id: self.session_id,
            scope: self.scope,
            claims: self.claims,
            auth_time: Timestamp::from_millis(self.auth_time),
            amr: self.amr,
            acr: self.acr,
            aal: Aal::from_number(self.aal).unwrap_or_default(),
            offline: self.offline,
            provider: self.provider,
            siret: self.grant_siret.as_deref().map(siret).transpose()?,
            expires_at: Timestamp::from_millis(self.grant_expires_at),
            revoked: self.revoked_at.is_some() || self.revoked_jwt > 0,
            session: SessionState::read(self.last_seen_at, self.session_expires_at, self.ended_at),
        };
        Ok((facts, account))
    }
}

/// A SIRET of ours.
pub fn siret(text: &str) -> Result<Siret> {
    Siret::unchecked(text).map_err(|e| Error::inconsistent(format!("siret {text}: {e}")))
}

/// What is known of a grant.
#[derive(Debug, Clone)]
pub struct GrantFacts {
    /// Identifier.
    pub grant_id: String,
    /// Client.
    pub client_id: String,
    /// Session it was given in.
    pub session_id: String,
    /// Scopes.
    pub scope: String,
    /// `claims`, JSON.
    pub claims: Option<String>,
    /// When the person proved who they are.
    pub auth_time: Timestamp,
    /// How.
    pub amr: String,
    /// How strongly, as told to the client.
    pub acr: Option<String>,
    /// How strongly.
    pub aal: Aal,
    /// Outlives the session.
    pub offline: bool,
    /// The upstream provider the sign-in rests on.
    pub provider: Option<String>,
    /// The establishment the person acts for.
    pub siret: Option<Siret>,
    /// Absolute end.
    pub expires_at: Timestamp,
    /// Revoked, itself or the token asked about.
    pub revoked: bool,
    /// The session, if its row still exists.
    pub session: Option<SessionState>,
}

/// What the life of a session depends on.
#[derive(Debug, Clone, Copy)]
pub struct SessionState {
    /// Last use.
    pub last_seen_at: Timestamp,
    /// Absolute end.
    pub expires_at: Timestamp,
    /// Ended.
    pub ended: bool,
}

impl SessionState {
    fn read(seen: Option<i64>, end: Option<i64>, ended: Option<i64>) -> Option<Self> {
        let (last_seen_at, expires_at) = (Timestamp::from_millis(seen?), Timestamp::from_millis(end?));
        Some(Self { last_seen_at, expires_at, ended: ended.is_some() })
    }
}

/// A grant, its account and session; `jti` also asks whether that JWT was revoked (empty for none).
pub async fn find_grant(h: &mut impl Handle, id: &str, jti: &str) -> Result<Option<(GrantFacts, Account)>> {
    sql!(h, FIND_GRANT, id, jti; GrantRow; optional)?.map(GrantRow::split).transpose()
}

#[derive(sqlx::FromRow)]
struct SessionStateRow {
    last_seen_at: i64,
    session_expires_at: i64,
    ended_at: Option<i64>,
    #[sqlx(flatten)]
    account: AccountRow,
}

/// State of a session and its account.
pub async fn find_session_state(h: &mut impl Handle, id: &str) -> Result<Option<(SessionState, Account)>> {
    let Some(r) = sql!(h, FIND_SESSION_STATE, id; SessionStateRow; optional)? else { return Ok(None) };
    let state = SessionState {
        last_seen_at: Timestamp::from_millis(r.last_seen_at),
        expires_at: Timestamp::from_millis(r.session_expires_at),
        ended: r.ended_at.is_some(),
    };
    Ok(Some((state, Account::try_from(r.account)?)))
}

/// Revokes a grant; 0 when it was already.
pub async fn revoke_grant(tx: &mut Tx, id: &str, now: Timestamp) -> Result<u64> {
    sql!(tx, REVOKE_GRANT, id, now.millis(); exec)
}

/// Revokes all that a person granted to a client.
pub async fn revoke_grants(tx: &mut Tx, account: &AccountId, client: &str, now: Timestamp) -> Result<u64> {
    sql!(tx, REVOKE_GRANTS, account.as_str(), client, now.millis(); exec)
}

/// Adds a refresh token.
pub fn insert_refresh(tx: &mut Tx, hash: &str, grant: &str, now: Timestamp, expires_at: Timestamp) -> Result<()> {
    sql!(tx, INSERT_REFRESH, hash, grant, now.millis(), expires_at.millis(); later)
}

/// Takes a refresh token of this client, once; its grant.
pub async fn consume_refresh(tx: &mut Tx, hash: &str, client: &str, now: Timestamp) -> Result<Option<String>> {
    Ok(sql!(tx, CONSUME_REFRESH, hash, client, now.millis(); (String,); optional)?.map(|(g,)| g))
}

/// A refresh token in any state.
#[derive(Debug, sqlx::FromRow)]
pub struct RefreshRow {
    /// Its grant.
    pub grant_id: String,
    /// Its client.
    pub client_id: String,
    /// Unix milliseconds.
    pub consumed_at: Option<i64>,
    /// Unix milliseconds.
    pub expires_at: i64,
}

/// Looks a refresh token up without taking it.
pub async fn find_refresh(h: &mut impl Handle, hash: &str) -> Result<Option<RefreshRow>> {
    sql!(h, FIND_REFRESH, hash; RefreshRow; optional)
}

/// Adds an opaque access token; `grant` is `None` for a client's own.
pub fn insert_access(
    tx: &mut Tx,
    hash: &str,
    grant: Option<&str>,
    client: &str,
    scope: &str,
    now: Timestamp,
    expires_at: Timestamp,
) -> Result<()> {
    sql!(tx, INSERT_ACCESS, hash, grant, client, scope, now.millis(), expires_at.millis(); later)
}

#[derive(sqlx::FromRow)]
struct AccessRow {
    token_client_id: String,
    token_scope: String,
    token_created_at: i64,
    token_expires_at: i64,
    token_revoked_at: Option<i64>,
    #[sqlx(flatten)]
    grant: GrantRow,
}

/// An opaque access token.
#[derive(Debug, Clone)]
pub struct AccessFacts {
    /// Client it was issued to.
    pub client_id: String,
    /// Its scopes.
    pub scope: String,
    /// Issue.
    pub created_at: Timestamp,
    /// End.
    pub expires_at: Timestamp,
}

/// An opaque access token of a person, not revoked itself, with its grant and account.
pub async fn find_access(h: &mut impl Handle, hash: &str) -> Result<Option<(AccessFacts, GrantFacts, Account)>> {
    let Some(r) = sql!(h, FIND_ACCESS, hash; AccessRow; optional)?.filter(|r| r.token_revoked_at.is_none()) else { return Ok(None) };
    let facts = AccessFacts {
        client_id: r.token_client_id,
        scope: r.token_scope,
        created_at: Timestamp::from_millis(r.token_created_at),
        expires_at: Timestamp::from_millis(r.token_expires_at),
    };
    let (grant, account) = r.grant.split()?;
    Ok(Some((facts, grant, account)))
}

/// An opaque access token of a client itself, not revoked.
pub async fn find_client_access(h: &mut impl Handle, hash: &str) -> Result<Option<AccessFacts>> {
    let row = sql!(h, FIND_CLIENT_ACCESS, hash; (String, String, i64, i64); optional)?;
    Ok(row.map(|(client_id, scope, created, expires)| AccessFacts {
        client_id,
        scope,
        created_at: Timestamp::from_millis(created),
        expires_at: Timestamp::from_millis(expires),
    }))
}

/// Revokes an opaque access token of this client.
pub async fn revoke_access(tx: &mut Tx, hash: &str, client: &str, now: Timestamp) -> Result<u64> {
    sql!(tx, REVOKE_ACCESS, hash, client, now.millis(); exec)
}

/// Revokes a JWT access token until its end.
pub async fn revoke_jwt(tx: &mut Tx, jti: &str, expires_at: Timestamp) -> Result<u64> {
    sql!(tx, REVOKE_JWT, jti, expires_at.millis(); exec)
}

/// Whether a JWT access token was revoked.
pub async fn is_revoked_jwt(h: &mut impl Handle, jti: &str) -> Result<bool> {
    Ok(sql!(h, IS_REVOKED_JWT, jti; (i64,); one)?.0 > 0)
}

/// Takes a client assertion, once.
pub async fn use_assertion(tx: &mut Tx, id: &str, expires_at: Timestamp) -> Result<bool> {
    Ok(sql!(tx, USE_ASSERTION, id, expires_at.millis(); exec)? == 1)
}

/// An answer that a relay page will show.
#[derive(Debug)]
pub struct NewRelay<'a> {
    /// Hash of its id.
    pub hash: &'a str,
    /// The journey it ends.
    pub interaction: &'a str,
    /// The session it was given to.
    pub session: &'a str,
    /// The client it is for.
    pub client: &'a str,
    /// The answer.
    pub sealed: &'a str,
    /// When nothing of the journey opens any more.
    pub expires_at: Timestamp,
}

/// Keeps the answer that a relay page will show.
pub fn insert_relay(tx: &mut Tx, relay: &NewRelay<'_>) -> Result<()> {
    let NewRelay { hash, interaction, session, client, sealed, expires_at } = *relay;
    sql!(tx, INSERT_RELAY, hash, interaction, session, client, sealed, expires_at.millis(); later)
}

/// Whether a journey was ended by a relay page that was shown.
pub async fn is_journey_over(h: &mut impl Handle, interaction: &str) -> Result<bool> {
    Ok(sql!(h, COUNT_RELAYS_SHOWN, interaction; (i64,); one)?.0 > 0)
}

/// Takes the answer of a relay page, once: client and sealed answer.
pub async fn consume_relay(tx: &mut Tx, hash: &str, now: Timestamp) -> Result<Option<(String, String)>> {
    sql!(tx, CONSUME_RELAY, hash, now.millis(); (String, String); optional)
}

/// Client and sealed answer of a relay page that was shown or has expired.
pub async fn find_relay(h: &mut impl Handle, hash: &str) -> Result<Option<(String, String)>> {
    sql!(h, FIND_RELAY, hash; (String, String); optional)
}

/// What the worker removes.
pub const PURGES: &[crate::db::Purge] = &[
    crate::db::Purge {
        table: "relay",
        keep: std::time::Duration::ZERO,
        statements: &["DELETE FROM relay WHERE id_hash IN (SELECT id_hash FROM relay WHERE expires_at <= $1 LIMIT $2)"],
    },
    // Reuse of a code is recognised for an hour (RFC 6749 §4.1.2).
    crate::db::Purge {
        table: "authorization_code",
        keep: std::time::Duration::from_secs(3_600),
        statements: &["DELETE FROM authorization_code WHERE hash IN (SELECT hash FROM authorization_code WHERE expires_at <= $1 LIMIT $2)"],
    },
    crate::db::Purge {
        table: "oidc_grant",
        keep: std::time::Duration::ZERO,
        statements: &["DELETE FROM oidc_grant WHERE id IN (SELECT id FROM oidc_grant WHERE expires_at <= $1 LIMIT $2)"],
    },
    crate::db::Purge {
        table: "refresh_token",
        keep: std::time::Duration::ZERO,
        statements: &["DELETE FROM refresh_token WHERE hash IN (SELECT hash FROM refresh_token WHERE expires_at <= $1 LIMIT $2)"],
    },
    crate::db::Purge {
        table: "access_token",
        keep: std::time::Duration::ZERO,
        statements: &["DELETE FROM access_token WHERE hash IN (SELECT hash FROM access_token WHERE expires_at <= $1 LIMIT $2)"],
    },
    crate::db::Purge {
        table: "revoked_jwt",
        keep: std::time::Duration::ZERO,
        statements: &["DELETE FROM revoked_jwt WHERE jti IN (SELECT jti FROM revoked_jwt WHERE expires_at <= $1 LIMIT $2)"],
    },
    crate::db::Purge {
        table: "client_assertion",
        keep: std::time::Duration::ZERO,
        statements: &["DELETE FROM client_assertion WHERE id IN (SELECT id FROM client_assertion WHERE expires_at <= $1 LIMIT $2)"],
    },
];
