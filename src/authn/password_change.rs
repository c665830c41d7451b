//! One's own password set, changed or removed while signed in (ux P-07). The other sessions end with it, and what services
//! were granted to use without the person: whoever came in with the old password is out, with all they let in.

use super::factor::{self, Kit};
use super::throttle::{self, Counter};
use super::{LiveSession, session, trusted_browser};
use crate::account::store;
use crate::audit::{self, Event, Kind};
use crate::db::{Result, Tx};
use crate::mail::message::{MailMessage, SecurityEvent};

/// Puts a password in place, for the first time or instead of another, and tells the person. Nothing happens to
/// administrators, who may have none: their pages say so.
pub async fn set(tx: &mut Tx, kit: &Kit<'_>, live: &LiveSession, hash: &str) -> Result<()> {
    let account = live.account();
    let replaced = store::find_password(tx, &account.id).await?.is_some();
    if !store::set_password(tx, &account.id, hash, kit.ctx.now()).await? {
        return Ok(());
    }
    if let Some(email) = &account.login_email {
        throttle::clear(tx, Counter::Password, &kit.subject(email)).await?;
    }
    let (how, message) = match replaced {
        true => ("changed", MailMessage::PasswordChanged { origin: kit.origin(None) }),
        false => ("added", MailMessage::SecurityNotice { event: SecurityEvent::PasswordAdded, origin: kit.origin(None) }),
    };
    settle(tx, kit, live, how, &message).await
}

/// Removes the password: the code by mail remains. Answers whether there was one.
pub async fn remove(tx: &mut Tx, kit: &Kit<'_>, live: &LiveSession) -> Result<bool> {
    if store::remove_password(tx, &live.account().id).await? == 0 {
        return Ok(false);
    }
    let message = MailMessage::SecurityNotice { event: SecurityEvent::PasswordRemoved, origin: kit.origin(None) };
    settle(tx, kit, live, "removed", &message).await?;
    Ok(true)
}

async fn settle(tx: &mut Tx, kit: &Kit<'_>, live: &LiveSession, how: &str, message: &MailMessage) -> Result<()> {
    let (account, present) = (live.account(), &live.session().id);
    let event = Event::new(Kind::PasswordChanged).account(&account.id).session(present);
    audit::append(tx, kit.ctx, event.with("how", how)).await?;
    session::end_all(tx, kit.ctx, &account.id, Some(present), "password_changed").await?;
    trusted_browser::distrust_all(tx, kit, &account.id).await?;
    factor::tell(tx, kit, account, message).await
}
