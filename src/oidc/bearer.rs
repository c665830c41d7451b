//! Access tokens presented back to us: one function reads every form and asks whether it is alive.

use serde::Deserialize;

use super::hub::Hub;
use super::liveness::{self, Alive, Dead};
use super::store;
use super::token::mint::ACCESS_TYP;
use crate::base::{Aal, Timestamp};
use crate::crypto::{Token, TokenKind, jose};
use crate::db::{Db, Result};

/// An access token that is good now.
#[derive(Debug)]
pub struct Bearer {
    /// Its scopes.
    pub scope: String,
    /// Issue.
    pub issued_at: Timestamp,
    /// End.
    pub expires_at: Timestamp,
    /// Whose it is.
    pub holder: Holder,
}

/// For whom a token speaks.
#[derive(Debug)]
pub enum Holder {
    /// A person, through a client.
    Person(Box<Alive>),
    /// A client for itself.
    Client(String),
}

/// Claims of our JWT access tokens that we read back.
#[derive(Debug, Deserialize)]
pub struct AccessClaims {
    /// Issuer.
    pub iss: String,
    /// Client.
    pub client_id: String,
    /// Scopes.
    pub scope: String,
    /// Unix seconds.
    pub exp: i64,
    /// Unix seconds.
    pub iat: i64,
    /// Grant, a dot, and a random part.
    pub jti: String,
}

/// Why an access token is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotTaken {
    /// Unknown, expired, revoked or dead.
    Invalid,
    /// The sign-in behind it is weaker than what is demanded now (RFC 9470).
    Weak(Aal),
}

impl From<Dead> for NotTaken {
    fn from(dead: Dead) -> Self {
        match dead {
            Dead::Weak(needed) => Self::Weak(needed),
            Dead::Client
            | Dead::Account
            | Dead::Provider
            | Dead::Establishment
            | Dead::Access
            | Dead::Session
            | Dead::Revoked
            | Dead::Expired => Self::Invalid,
        }
    }
}

/// Reads an access token of either form.
pub async fn read(db: &Db, hub: &Hub<'_>, token: &str, now: Timestamp) -> Result<Result<Bearer, NotTaken>> {
    if let Some(token) = Token::parse(TokenKind::Access, token) {
        return opaque(db, hub, &token.hash(), now).await;
    }
    let Ok(claims) = jose::verify_own::<AccessClaims>(&hub.keyring, ACCESS_TYP, token) else { return Ok(Err(NotTaken::Invalid)) };
    if claims.iss != hub.issuer || now.secs() >= claims.exp {
        return Ok(Err(NotTaken::Invalid));
    }
    let (issued_at, expires_at) = (Timestamp::from_secs(claims.iat), Timestamp::from_secs(claims.exp));
    let Some((grant, _)) = claims.jti.split_once('.') else { return Ok(Err(NotTaken::Invalid)) };
    let holder = if grant == "client" {
        let revoked = store::is_revoked_jwt(&mut db.read().await?, &claims.jti).await?;
        match hub.clients.live(&claims.client_id) {
            Some(client) if !revoked => Holder::Client(client.id.clone()),
            Some(_) | None => return Ok(Err(NotTaken::Invalid)),
        }
    } else {
        let mut read = db.read().await?;
        let Some((grant, account)) = store::find_grant(&mut read, grant, &claims.jti).await? else {
            return Ok(Err(NotTaken::Invalid));
        };
        match liveness::alive(&mut read, hub, grant, account, now).await? {
            Ok(alive) if alive.client().id == claims.client_id => Holder::Person(Box::new(alive)),
            Ok(_) => return Ok(Err(NotTaken::Invalid)),
            Err(dead) => return Ok(Err(dead.into())),
        }
    };
    Ok(Ok(Bearer { scope: claims.scope, issued_at, expires_at, holder }))
}

async fn opaque(db: &Db, hub: &Hub<'_>, hash: &str, now: Timestamp) -> Result<Result<Bearer, NotTaken>> {
    let mut read = db.read().await?;
    if let Some((token, grant, account)) = store::find_access(&mut read, hash).await? {
        if now >= token.expires_at {
            return Ok(Err(NotTaken::Invalid));
        }
        let alive = liveness::alive(&mut read, hub, grant, account, now).await?.map_err(NotTaken::from);
        return Ok(alive.map(|alive| Bearer {
            scope: token.scope,
            issued_at: token.created_at,
            expires_at: token.expires_at,
            holder: Holder::Person(Box::new(alive)),
        }));
    }
    let token = store::find_client_access(&mut read, hash).await?.filter(|t| now < t.expires_at);
    Ok(token
        .filter(|t| hub.clients.live(&t.client_id).is_some())
        .map(|t| Bearer { scope: t.scope, issued_at: t.created_at, expires_at: t.expires_at, holder: Holder::Client(t.client_id) })
        .ok_or(NotTaken::Invalid))
}
