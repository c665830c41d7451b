//! Changes of address in « Mon compte » (ux P-06): applied once the new address is proved, told to the old one, which may
//! undo them for seven days. Services never see it: their `sub` comes from the account, not from its addresses.

use std::time::Duration;

use super::{Account, store};
use crate::audit::{self, Event, Kind};
use crate::base::id::{AccountId, EmailChangeId};
use crate::base::texts::Locale;
use crate::base::{Ctx, Email, Timestamp};
use crate::crypto::{Sealer, Token, TokenKind};
use crate::db::{Handle, Result, Tx};
use crate::jobs::{self, Job, notice};
use crate::mail::message::{Address, MailMessage, Origin, SecurityEvent};

/// How long the old address may undo.
pub const UNDO_WITHIN: Duration = Duration::from_secs(7 * 86_400);

/// Page of the undo link, on our own origin.
pub const UNDO_PATH: &str = "/compte/courriel/annuler";

impl Address {
    /// The stored name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Login => "login",
            Self::Contact => "contact",
        }
    }

    /// Reads a stored name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Login, Self::Contact].into_iter().find(|w| w.name() == name)
    }

    /// The one in place: notices go to the login e-mail of those who gave no other.
    pub fn of(self, account: &Account) -> Option<&Email> {
        match self {
            Self::Login => account.login_email.as_ref(),
            Self::Contact => account.notice_email(),
        }
    }
}

/// An applied change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Whose.
    pub account: AccountId,
    /// Which address.
    pub which: Address,
    /// The one replaced.
    pub old: Email,
    /// When.
    pub applied_at: Timestamp,
}

/// What became of a proved address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It is in place.
    Applied,
    /// The account has changed since it was read; nothing was written.
    Stale,
}

/// Puts in place a `new` address that `account` has proved, writes to the old one with the undo link, and to the new one.
/// `issuer` is our origin, `rest` seals the mails. The caller closes the other sessions in the same transaction.
///
/// # Errors
/// [`Conflict`](crate::db::Error::Conflict) when another account signs in with `new`: drop the transaction.
pub async fn apply(tx: &mut Tx, ctx: &Ctx, rest: &Sealer, issuer: &str, account: &Account, which: Address, new: &Email) -> Result<Outcome> {
    let now = ctx.now();
    let Some(old) = which.of(account) else { return Ok(Outcome::Stale) };
    if store::change_email(tx, account, which, new, now).await? != 1 {
        return Ok(Outcome::Stale);
    }
    let undo = Token::new(TokenKind::Undo, ctx.rng.as_ref());
    let until = now.plus(UNDO_WITHIN);
    let id = EmailChangeId::new(now, ctx.rng.as_ref());
    let change = Change { account: account.id.clone(), which, old: old.clone(), applied_at: now };
    store::insert_change(tx, &id, &change, new, &undo.hash(), until).await?;
    audit::append(tx, ctx, Event::new(Kind::EmailChanged).account(&account.id).with("which", which.name())).await?;
    notice::claims_changed(tx, ctx, &account.id, None)?;
    let origin = Origin::of(ctx, None);
    let told = MailMessage::EmailChanging {
        address: which,
        new_email: new.as_str().to_owned(),
        undo_url: format!("{issuer}{UNDO_PATH}?jeton_annulation={}", undo.as_str()),
        undo_until: until.millis(),
        origin: origin.clone(),
    };
    write(tx, ctx, rest, old, account.locale, told).await?;
    if which == Address::Login {
        let welcome = MailMessage::SecurityNotice { event: SecurityEvent::LoginEmailChanged, origin };
        write(tx, ctx, rest, new, account.locale, welcome).await?;
    }
    Ok(Outcome::Applied)
}

/// The change that an undo link can still take back, and its account.
pub async fn find_undoable(h: &mut impl Handle, link: &str, now: Timestamp) -> Result<Option<(Change, Account)>> {
    let Some(token) = Token::parse(TokenKind::Undo, link) else { return Ok(None) };
    let Some(change) = store::find_change(h, &token.hash(), now).await? else { return Ok(None) };
    let account = store::find(h, &change.account).await?.filter(Account::is_alive);
    Ok(account.map(|account| (change, account)))
}

/// Takes a change back: the old address is in place again, the links of later changes are void, and both addresses are
/// told. Whoever holds the link may do it, signed in or not. `None` when the link is spent, too old or unknown, and nothing
/// was written. The caller closes every session in the same transaction.
///
/// # Errors
/// [`Conflict`](crate::db::Error::Conflict) when another account signs in with the old address by now: drop the transaction.
pub async fn undo(tx: &mut Tx, ctx: &Ctx, rest: &Sealer, link: &str) -> Result<Option<Change>> {
    let now = ctx.now();
    let Some(token) = Token::parse(TokenKind::Undo, link) else { return Ok(None) };
    let Some(change) = store::take_change(tx, &token.hash(), now).await? else { return Ok(None) };
    let Some(account) = store::find(tx, &change.account).await?.filter(Account::is_alive) else { return Ok(None) };
    let replaced = change.which.of(&account).cloned();
    // The row of the account first: a change under way waits for it, then finds the address it has seen gone.
    let restored = match change.which {
        Address::Login => store::restore_login(tx, &account.id, &change.old, now).await?,
        Address::Contact => {
            let own = account.login_email.as_ref().is_none_or(|login| login.key() != change.old.key());
            store::restore_contact(tx, &account.id, own.then_some(&change.old), now).await?
        }
    };
    if restored != 1 {
        return Ok(None);
    }
    store::void_changes_since(tx, &change, now).await?;
    audit::append(tx, ctx, Event::new(Kind::EmailChangeUndone).account(&account.id).with("which", change.which.name())).await?;
    notice::claims_changed(tx, ctx, &account.id, None)?;
    let told = MailMessage::SecurityNotice { event: SecurityEvent::EmailChangeUndone, origin: Origin::of(ctx, None) };
    for address in [Some(&change.old), replaced.as_ref().filter(|r| r.key() != change.old.key())].into_iter().flatten() {
        write(tx, ctx, rest, address, account.locale, told.clone()).await?;
    }
    Ok(Some(change))
}

async fn write(tx: &mut Tx, ctx: &Ctx, rest: &Sealer, to: &Email, locale: Locale, message: MailMessage) -> Result<()> {
    let job = Job::Mail { to: to.as_str().to_owned(), locale, message };
    jobs::enqueue(tx, ctx, rest, &job, Duration::ZERO).await.map(|_| ())
}
