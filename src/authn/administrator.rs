//! Who runs the hub. They have no password: a passkey, or a code by mail followed by an application or a card.

use super::factor::{Kit, notice};
use super::session;
use crate::account::{Account, store};
use crate::audit::{self, Event, Kind};
use crate::db::{Result, Tx};
use crate::mail::message::SecurityEvent;

/// Makes an account an administrator's, or no longer. Either way its sessions end: what they rest on has changed. A new
/// administrator's password is removed. Answers whether anything changed; the person is told when it did.
pub async fn set(tx: &mut Tx, kit: &Kit<'_>, account: &Account, on: bool) -> Result<bool> {
    if store::set_administrator(tx, &account.id, on).await? == 0 {
        return Ok(false);
    }
    let removed = on && store::remove_password(tx, &account.id).await? > 0;
    let event = Event::new(Kind::AdministratorChanged).account(&account.id).with("administrator", on);
    audit::append(tx, kit.ctx, event.with("password_removed", removed)).await?;
    session::end_all(tx, kit.ctx, &account.id, None, "administrator_changed").await?;
    let event = if on { SecurityEvent::AdministratorAdded } else { SecurityEvent::AdministratorRemoved };
    notice(tx, kit, &account.id, event).await?;
    Ok(true)
}
