//! A forgotten password (S-23): a code proves the address, then a new password closes the other sessions.

use super::factor::email_code::{self, Challenge, Purpose};
use super::factor::{self, Kit};
use super::throttle::{self, Counter};
use super::{Found, Method, Proof, session, trusted_browser};
use crate::account::{self, Account};
use crate::audit::{self, Event, Kind};
use crate::base::Email;
use crate::base::id::InteractionId;
use crate::db::{Result, Tx};
use crate::mail::message::MailMessage;

/// The code of a reset.
pub fn challenge<'a>(email: &'a Email, journey: &'a InteractionId) -> Challenge<'a> {
    Challenge { purpose: Purpose::Reset, email, journey: journey.as_str() }
}

/// Sets the password of the account whose address was proved in this journey, closes its sessions except `present`,
/// and tells its owner. `None` when nothing was proved, when it was used already, when the account is not alive or may have no
/// password.
pub async fn finish(
    tx: &mut Tx,
    kit: &Kit<'_>,
    email: &Email,
    journey: &InteractionId,
    hash: &str,
    present: Option<&Found>,
) -> Result<Option<Proof>> {
    let Some(proved) = email_code::redeem(tx, kit, &challenge(email, journey)).await? else { return Ok(None) };
    let account = match proved.account() {
        Some(id) => account::store::find(tx, id).await?.filter(Account::is_alive),
        None => None,
    };
    // The address may have become another account's since the code was sent.
    let Some(account) = account.filter(|a| a.login_email.as_ref().is_some_and(|e| e.key() == email.key())) else {
        return Ok(None);
    };
    let ctx = kit.ctx.acting_as(crate::base::Actor::Account(account.id.clone()));
    if !account::store::set_password(tx, &account.id, hash, ctx.now()).await? {
        return Ok(None);
    }
    audit::append(tx, &ctx, Event::new(Kind::PasswordChanged).account(&account.id).with("how", "reset")).await?;
    let kept = present.filter(|p| p.account().id == account.id).map(|p| &p.session().id);
    session::end_all(tx, &ctx, &account.id, kept, "password_reset").await?;
    trusted_browser::distrust_all(tx, kit, &account.id).await?;
    throttle::clear(tx, Counter::Password, &kit.subject(email)).await?;
    let message = MailMessage::PasswordChanged { origin: kit.origin(None) };
    factor::tell(tx, &Kit { ctx: &ctx, ..*kit }, &account, &message).await?;
    Ok(Some(Proof::new(account.id, Method::EmailCode, ctx.now())))
}
