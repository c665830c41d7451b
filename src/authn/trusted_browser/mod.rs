//! Trusted browsers (ux 3.6): spared the code by mail that follows a password, and nothing else. A trust is a row, so that it
//! can be withdrawn; the browser holds its secret in a cookie of its own.

pub mod store;

use super::factor::Kit;
use crate::audit::{self, Event, Kind};
use crate::base::id::{AccountId, TrustId};
use crate::base::{Ctx, Timestamp};
use crate::crypto::{Token, TokenKind};
use crate::db::{Handle, Result, Tx};

/// A trust that stands.
#[derive(Debug, Clone)]
pub struct Trust {
    /// Identifier.
    pub id: TrustId,
    /// Browser it was given in.
    pub user_agent: Option<String>,
    /// When.
    pub created_at: Timestamp,
    /// Until when.
    pub expires_at: Timestamp,
}

/// Trusts this browser for an account. The secret goes into its cookie.
pub async fn trust(tx: &mut Tx, kit: &Kit<'_>, account: &AccountId) -> Result<Token> {
    let (now, token) = (kit.ctx.now(), Token::new(TokenKind::Trust, kit.ctx.rng.as_ref()));
    let id = TrustId::new(now, kit.ctx.rng.as_ref());
    let end = now.plus(kit.config.policy.trusted_browser);
    let trust = Trust { id, user_agent: kit.ctx.user_agent.clone(), created_at: now, expires_at: end };
    store::insert(tx, account, &trust, &token.hash()).await?;
    let event = Event::new(Kind::BrowserTrusted).account(account).with("id", trust.id.as_str());
    audit::append(tx, kit.ctx, event).await?;
    Ok(token)
}

/// Whether the browser that presents this secret is trusted for the account.
pub async fn is_trusted(tx: &mut Tx, kit: &Kit<'_>, account: &AccountId, cookie: Option<&str>) -> Result<bool> {
    let Some(token) = cookie.and_then(|c| Token::parse(TokenKind::Trust, c)) else { return Ok(false) };
    Ok(store::used(tx, account, &token.hash(), kit.ctx.now()).await? == 1)
}

/// Trusts of an account, latest first.
pub async fn list(h: &mut impl Handle, account: &AccountId, now: Timestamp) -> Result<Vec<Trust>> {
    store::list(h, account, now).await
}

/// Withdraws one; `false` when it is not this account's.
pub async fn distrust(tx: &mut Tx, kit: &Kit<'_>, account: &AccountId, id: &TrustId) -> Result<bool> {
    let gone = store::remove(tx, account, id).await? == 1;
    if gone {
        let event = Event::new(Kind::BrowserDistrusted).account(account).with("id", id.as_str());
        audit::append(tx, kit.ctx, event).await?;
    }
    Ok(gone)
}

/// Withdraws all of them: the means of connection changed, or the person asked for it.
pub async fn distrust_all(tx: &mut Tx, kit: &Kit<'_>, account: &AccountId) -> Result<u64> {
    withdraw_all(tx, kit.ctx, account).await
}

/// The same for those who have the circumstances only: an account is closed, or taken over by the operator.
pub async fn withdraw_all(tx: &mut Tx, ctx: &Ctx, account: &AccountId) -> Result<u64> {
    let gone = store::remove_all(tx, account).await?;
    if gone > 0 {
        audit::append(tx, ctx, Event::new(Kind::BrowserDistrusted).account(account).with("count", gone)).await?;
    }
    Ok(gone)
}
