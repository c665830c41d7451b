//! « Créer une clé d’accès ? », proposed after a sign-in to people who have none, at most once a month (ux 3.5).

use std::time::Duration;

use super::store;
use crate::base::Ctx;
use crate::base::id::AccountId;
use crate::db::{Result, Tx};

/// Nobody is asked more often.
pub const EVERY: Duration = Duration::from_secs(30 * 86_400);

/// Whether to propose one to this person now. It counts as proposed from here on: of several sign-ins at once, one is told so.
pub async fn take(tx: &mut Tx, ctx: &Ctx, account: &AccountId) -> Result<bool> {
    let now = ctx.now();
    Ok(store::offer(tx, account, now, now.minus(EVERY)).await? == 1)
}

/// « Ne plus me le proposer ».
pub async fn refuse(tx: &mut Tx, account: &AccountId) -> Result<()> {
    store::refuse_offers(tx, account).await?;
    Ok(())
}
