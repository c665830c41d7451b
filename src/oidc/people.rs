//! What an operator does to an account, with what follows for its sessions and grants.

use crate::account::lifecycle::{self, Result};
use crate::account::{Account, AccountState};
use crate::authn::{session, trusted_browser};
use crate::base::Ctx;
use crate::db::Tx;

/// Disables or enables an account. Disabled, it is dead everywhere at once; its sessions, grants and trusted
/// browsers end for good, so that enabling it again revives nothing somebody else may hold. Answers whether the state changed.
pub async fn set_state(tx: &mut Tx, ctx: &Ctx, account: &Account, state: AccountState) -> Result<bool> {
    let moved = lifecycle::set_state(tx, ctx, account, state).await?;
    if moved && state == AccountState::Disabled {
        session::end_all(tx, ctx, &account.id, None, "account_disabled").await?;
        trusted_browser::withdraw_all(tx, ctx, &account.id).await?;
    }
    Ok(moved)
}

/// Sets the password of an account to this hash (PHC string), made before the transaction, and ends its sessions,
/// grants and trusted browsers.
pub async fn set_password(tx: &mut Tx, ctx: &Ctx, account: &Account, hash: &str) -> Result<()> {
    lifecycle::set_password(tx, ctx, &account.id, hash).await?;
    session::end_all(tx, ctx, &account.id, None, "password_changed").await?;
    trusted_browser::withdraw_all(tx, ctx, &account.id).await?;
    Ok(())
}
