//! Sealed secrets and signing keys in the database.

use super::Algorithm;
use super::keyring::KeyState;
use crate::base::Timestamp;
use crate::db::{Error, Handle, Result, Tx};
use crate::sql;

const FIND_SECRET: &str = "SELECT sealed FROM instance_secret WHERE name = $1";
const INSERT_SECRET: &str = "INSERT INTO instance_secret (name, sealed, created_at) VALUES ($1, $2, $3) \
     ON CONFLICT (name) DO UPDATE SET name = excluded.name RETURNING sealed";
const SECRET_DATE: &str = "SELECT created_at FROM instance_secret WHERE name = $1";
const PUT_SECRET: &str = "INSERT INTO instance_secret (name, sealed, created_at) VALUES ($1, $2, $3) \
     ON CONFLICT (name) DO UPDATE SET sealed = excluded.sealed, created_at = excluded.created_at";
const DROP_SECRET: &str = "DELETE FROM instance_secret WHERE name = $1 AND created_at <= $2";
const LIST_KEYS: &str =
    "SELECT kid, alg, state, public_jwk, sealed, created_at, activated_at, retired_at FROM signing_key ORDER BY created_at, kid";
const INSERT_KEY: &str = "INSERT INTO signing_key (kid, alg, state, public_jwk, sealed, created_at, activated_at, retired_at) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, NULL)";
const MOVE_KEY: &str = "UPDATE signing_key SET state = $2, activated_at = COALESCE($3, activated_at), \
     retired_at = COALESCE($4, retired_at) WHERE kid = $1";
const DELETE_KEY: &str = "DELETE FROM signing_key WHERE kid = $1";
const VERSIONS: &str = "SELECT name, version FROM config_version ORDER BY name";
const HOLD: &str = "UPDATE config_version SET version = version WHERE name = $1";
const BUMP: &str = "UPDATE config_version SET version = version + 1 WHERE name = $1";

/// Every statement of this file.
pub const ALL: &[&str] =
    &[FIND_SECRET, INSERT_SECRET, SECRET_DATE, PUT_SECRET, DROP_SECRET, LIST_KEYS, INSERT_KEY, MOVE_KEY, DELETE_KEY, VERSIONS, HOLD, BUMP];

/// The sealed secret of this name.
pub async fn find_secret(h: &mut impl Handle, name: &str) -> Result<Option<String>> {
    Ok(sql!(h, FIND_SECRET, name; (String,); optional)?.map(|(s,)| s))
}

/// Keeps a sealed secret; answers the one that stands.
pub async fn insert_secret(tx: &mut Tx, name: &str, sealed: &str, now: Timestamp) -> Result<String> {
    Ok(sql!(tx, INSERT_SECRET, name, sealed, now.millis(); (String,); one)?.0)
}

/// When a sealed secret was put there.
pub async fn secret_date(h: &mut impl Handle, name: &str) -> Result<Option<Timestamp>> {
    Ok(sql!(h, SECRET_DATE, name; (i64,); optional)?.map(|(at,)| Timestamp::from_millis(at)))
}

/// Keeps a sealed secret in the place of the one that stands.
pub async fn put_secret(tx: &mut Tx, name: &str, sealed: &str, now: Timestamp) -> Result<()> {
    sql!(tx, PUT_SECRET, name, sealed, now.millis(); exec)?;
    Ok(())
}

/// Forgets a secret put there at that time or before. Answers how many went.
pub async fn drop_secret(tx: &mut Tx, name: &str, until: Timestamp) -> Result<u64> {
    sql!(tx, DROP_SECRET, name, until.millis(); exec)
}

/// A stored key: public half, and private half sealed.
#[derive(Debug, Clone)]
pub struct StoredKey {
    /// Name.
    pub kid: String,
    /// Algorithm.
    pub alg: Algorithm,
    /// Place in its life.
    pub state: KeyState,
    /// Public JWK, JSON.
    pub public_jwk: String,
    /// PKCS#8, sealed.
    pub sealed: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it began to sign.
    pub activated_at: Option<Timestamp>,
    /// When it ceased to sign.
    pub retired_at: Option<Timestamp>,
}

#[derive(sqlx::FromRow)]
struct KeyRow {
    kid: String,
    alg: String,
    state: String,
    public_jwk: String,
    sealed: String,
    created_at: i64,
    activated_at: Option<i64>,
    retired_at: Option<i64>,
}

/// Every key, oldest first.
pub async fn list_keys(h: &mut impl Handle) -> Result<Vec<StoredKey>> {
    let rows = sql!(h, LIST_KEYS; KeyRow; all)?;
    rows.into_iter()
        .map(|r| {
            let alg = Algorithm::parse(&r.alg).ok_or_else(|| Error::inconsistent("signing_key.alg"))?;
            let state = KeyState::parse(&r.state).ok_or_else(|| Error::inconsistent("signing_key.state"))?;
            Ok(StoredKey {
                kid: r.kid,
                alg,
                state,
                public_jwk: r.public_jwk,
                sealed: r.sealed,
                created_at: Timestamp::from_millis(r.created_at),
                activated_at: r.activated_at.map(Timestamp::from_millis),
                retired_at: r.retired_at.map(Timestamp::from_millis),
            })
        })
        .collect()
}

/// Adds a key.
pub async fn insert_key(tx: &mut Tx, key: &StoredKey) -> Result<()> {
    let (alg, state) = (key.alg.name(), key.state.name());
    let (created, activated) = (key.created_at.millis(), key.activated_at.map(Timestamp::millis));
    sql!(tx, INSERT_KEY, &key.kid, alg, state, &key.public_jwk, &key.sealed, created, activated; exec)?;
    Ok(())
}

/// Moves a key along its life.
pub async fn move_key(tx: &mut Tx, kid: &str, state: KeyState, activated: Option<Timestamp>, retired: Option<Timestamp>) -> Result<u64> {
    sql!(tx, MOVE_KEY, kid, state.name(), activated.map(Timestamp::millis), retired.map(Timestamp::millis); exec)
}

/// Forgets a key.
pub async fn delete_key(tx: &mut Tx, kid: &str) -> Result<u64> {
    sql!(tx, DELETE_KEY, kid; exec)
}

/// Versions of what nodes keep in memory, by name.
pub async fn versions(h: &mut impl Handle) -> Result<Vec<(String, i64)>> {
    sql!(h, VERSIONS; (String, i64); all)
}

/// Makes other transactions that change the same thing wait for the end of this one.
pub async fn hold(tx: &mut Tx, name: &str) -> Result<()> {
    sql!(tx, HOLD, name; exec)?;
    Ok(())
}

/// Says that something kept in memory has changed (`clients`, `keys`); part of the transaction that changes it.
pub async fn bump(tx: &mut Tx, name: &str) -> Result<()> {
    sql!(tx, BUMP, name; exec)?;
    crate::db::notify::tell(tx, name).await?;
    Ok(())
}
