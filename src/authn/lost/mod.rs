//! Somebody who lost every second factor (S-11): asks, is granted by a manager or an operator, or by proving again
//! the identity that FranceConnect verified, and after a delay told to all
//! their addresses, sets up others. At any moment before, a link in each of those mails stops it.

pub mod store;

use std::time::Duration;

use super::factor::Kit;
use super::throttle::{self, Counter};
use super::{session, trusted_browser};
use crate::account::Account;
use crate::audit::{self, Event, Kind};
use crate::base::id::{AccountId, RecoveryId};
use crate::base::texts::Locale;
use crate::base::{Actor, Email, Timestamp};
use crate::crypto::same;
use crate::db::{Handle, Result, Tx};
use crate::jobs::{self, Job};
use crate::mail::message::{Decider, MailMessage, RecoveryStep};

/// Path of the page that stops a request.
pub const CANCEL_PATH: &str = "/secours/annuler";
/// A request that nobody answers ends by itself.
const OPEN_FOR: Duration = Duration::from_secs(30 * 86_400);

/// Who is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Route {
    /// Managers of an establishment of the person.
    Managers,
    /// The operator's support.
    Operator,
    /// Nobody: the person proves again an identity that was verified on the account.
    Identity,
}

impl Route {
    const fn name(self) -> &'static str {
        match self {
            Self::Managers => "managers",
            Self::Operator => "operator",
            Self::Identity => "identity",
        }
    }
}

/// A request that is open: waiting, or granted and about to take effect.
#[derive(Debug, Clone)]
pub struct Request {
    /// Identifier.
    pub id: RecoveryId,
    /// Whose.
    pub account: AccountId,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it takes effect, once granted.
    pub ready_at: Option<Timestamp>,
}

/// The open request of a person.
pub async fn open(h: &mut impl Handle, account: &AccountId, now: Timestamp) -> Result<Option<Request>> {
    store::open(h, account, now).await
}

/// Makes a request and tells the person at every address; those who decide are told too: `managers`, each in
/// their language, or the operator's support where there is none. `None` when one is open already, or when
/// too many were made.
pub async fn ask(tx: &mut Tx, kit: &Kit<'_>, account: &Account, managers: &[(Email, Locale)]) -> Result<Option<Request>> {
    let route = if managers.is_empty() { Route::Operator } else { Route::Managers };
    let Some(request) = file(tx, kit, account, route).await? else { return Ok(None) };
    tell(tx, kit, account, RecoveryStep::Asked { cancel_url: cancel_url(kit, &request.id) }).await?;
    for (to, locale) in managers {
        tell_decider(tx, kit, account, to.as_str(), *locale, Decider::Manager).await?;
    }
    let brand = &kit.config.brand;
    if let (true, Some(support), Some(login)) = (managers.is_empty(), &brand.support_email, &account.login_email) {
        tell_decider(tx, kit, account, support, brand.locale, Decider::Support { login_email: login.to_string() }).await?;
    }
    Ok(Some(request))
}

/// The same for a person who has just proved again the identity that was verified on the account: the request that waits, or
/// a new one, is granted, with the same delay and notices. The caller has compared who it is. `None` when one is granted
/// already, or when too many were made.
pub async fn ask_proved(tx: &mut Tx, kit: &Kit<'_>, account: &Account) -> Result<Option<Timestamp>> {
    if store::open(tx, &account.id, kit.ctx.now()).await?.is_none() && file(tx, kit, account, Route::Identity).await?.is_none() {
        return Ok(None);
    }
    grant_by(tx, kit, account, Route::Identity.name()).await
}

async fn file(tx: &mut Tx, kit: &Kit<'_>, account: &Account, route: Route) -> Result<Option<Request>> {
    let now = kit.ctx.now();
    if throttle::take(tx, kit.ctx, Counter::RecoveryAsked, account.id.as_str(), 3).await?.is_err() {
        return Ok(None);
    }
    store::close_expired(tx, &account.id, now).await?;
    let request = Request { id: RecoveryId::new(now, kit.ctx.rng.as_ref()), account: account.id.clone(), created_at: now, ready_at: None };
    if store::insert(tx, &request, route.name(), now.plus(OPEN_FOR)).await? == 0 {
        return Ok(None);
    }
    let event = Event::new(Kind::RecoveryAsked).account(&account.id).with("id", request.id.as_str()).with("route", route.name());
    audit::append(tx, kit.ctx, event).await?;
    Ok(Some(request))
}

async fn tell_decider(tx: &mut Tx, kit: &Kit<'_>, account: &Account, to: &str, locale: Locale, decider: Decider) -> Result<()> {
    let message = MailMessage::RecoveryToDecide { name: account.full_name(), decider, origin: kit.origin(None) };
    let job = Job::Mail { to: to.to_owned(), locale, message };
    jobs::enqueue(tx, kit.ctx, &kit.keys.rest, &job, Duration::ZERO).await.map(drop)
}

/// Grants the open request of an account: it takes effect after the configured delay. `None` when there is none to grant.
/// The caller has checked who decides; `kit.ctx` acts as them.
pub async fn grant(tx: &mut Tx, kit: &Kit<'_>, account: &Account) -> Result<Option<Timestamp>> {
    grant_by(tx, kit, account, &decider(&kit.ctx.actor)).await
}

async fn grant_by(tx: &mut Tx, kit: &Kit<'_>, account: &Account, by: &str) -> Result<Option<Timestamp>> {
    let now = kit.ctx.now();
    let ready_at = now.plus(kit.config.policy.recovery_delay);
    let Some(id) = store::grant(tx, &account.id, ready_at, by, now).await? else { return Ok(None) };
    let event = Event::new(Kind::RecoveryGranted).account(&account.id).with("id", id.as_str()).with("ready_at", ready_at.millis());
    audit::append(tx, kit.ctx, event.with("by", by)).await?;
    let cancel_url = cancel_url(kit, &id);
    tell(tx, kit, account, RecoveryStep::Granted { ready_at: ready_at.millis(), cancel_url }).await?;
    Ok(Some(ready_at))
}

fn decider(actor: &Actor) -> String {
    match actor {
        Actor::Account(id) => id.as_str().to_owned(),
        Actor::Operator => "operator".to_owned(),
        Actor::Anonymous | Actor::Client(_) | Actor::System => "system".to_owned(),
    }
}

/// Stops the open request of an account: by its owner, whoever decides, or the link in a mail. `false` when none is open.
pub async fn cancel(tx: &mut Tx, kit: &Kit<'_>, account: &Account, how: &str) -> Result<bool> {
    let Some(id) = store::cancel(tx, &account.id).await? else { return Ok(false) };
    let event = Event::new(Kind::RecoveryCancelled).account(&account.id).with("id", id.as_str()).with("how", how);
    audit::append(tx, kit.ctx, event).await?;
    tell(tx, kit, account, RecoveryStep::Cancelled).await?;
    Ok(true)
}

fn cancel_tag(kit: &Kit<'_>, id: &RecoveryId) -> String {
    kit.keys.code.tag(&["recovery cancel", id.as_str()])
}

fn cancel_url(kit: &Kit<'_>, id: &RecoveryId) -> String {
    let issuer = kit.config.server.issuer.as_str().trim_end_matches('/');
    format!("{issuer}{CANCEL_PATH}?demande={}&jeton={}", id.as_str(), cancel_tag(kit, id))
}

/// The account whose request this link stops, if it is one of ours and the request is open.
pub async fn linked(h: &mut impl Handle, kit: &Kit<'_>, id: &str, tag: &str) -> Result<Option<Account>> {
    let Some(id) = RecoveryId::parse(id).filter(|id| same(&cancel_tag(kit, id), tag)) else { return Ok(None) };
    match store::account_of(h, &id, kit.ctx.now()).await? {
        Some(account) => crate::account::store::find(h, &account).await,
        None => Ok(None),
    }
}

/// Requests whose time has come.
pub async fn due(h: &mut impl Handle, now: Timestamp) -> Result<Vec<Request>> {
    store::due(h, now).await
}

/// Carries out a granted request whose time has come: applications, passkeys, card, recovery codes, trusted browsers and
/// sessions of the person are gone. `false` when it was stopped, or done, meanwhile.
pub async fn take_effect(tx: &mut Tx, kit: &Kit<'_>, request: &Request) -> Result<bool> {
    let now = kit.ctx.now();
    if store::finish(tx, &request.id, now).await? == 0 {
        return Ok(false);
    }
    let Some(account) = crate::account::store::find(tx, &request.account).await? else { return Ok(false) };
    let removed = store::remove_factors(tx, &account.id).await?;
    // The time to set a factor up is for those who never had one.
    crate::account::store::end_grace(tx, &account.id, now).await?;
    super::card::link::report_lost(tx, kit, &account.id).await?;
    super::factor::recovery::store::remove_all(tx, &account.id).await?;
    trusted_browser::distrust_all(tx, kit, &account.id).await?;
    session::end_all(tx, kit.ctx, &account.id, None, "recovery").await?;
    let event = Event::new(Kind::RecoveryDone).account(&account.id).with("id", request.id.as_str()).with("factors", removed);
    audit::append(tx, kit.ctx, event).await?;
    tell(tx, kit, &account, RecoveryStep::Done).await?;
    Ok(true)
}

/// Every known address of the person.
async fn tell(tx: &mut Tx, kit: &Kit<'_>, account: &Account, step: RecoveryStep) -> Result<()> {
    for email in super::factor::addresses(account) {
        let message = MailMessage::Recovery { step: step.clone(), origin: kit.origin(None) };
        let job = Job::Mail { to: email.as_str().to_owned(), locale: account.locale, message };
        jobs::enqueue(tx, kit.ctx, &kit.keys.rest, &job, Duration::ZERO).await?;
    }
    Ok(())
}
