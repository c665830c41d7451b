//! Invitations to join an establishment (ux G-06, M23): a link by mail, which only the person of that address can use, once.

pub mod store;

use std::time::Duration;

use super::people::{self, Manager, Refused, Word};
use super::request::Desk;
use super::rights::{self, Rights};
use super::{Establishment, Proof, Role, newcomer, register};
use crate::account::kit::Kit;
use crate::account::{self, Account, AccountKind};
use crate::audit::{self, Event, Kind};
use crate::base::id::{AccountId, InvitationId};
use crate::base::{Email, Siret, Timestamp};
use crate::crypto::{Token, TokenKind};
use crate::db::{Handle, Result, Tx};
use crate::jobs::{self, Job};
use crate::mail::message::{MailMessage, OrgEvent, OrgFacts};

/// How long one can be accepted.
pub const LIFE: Duration = Duration::from_secs(14 * 86_400);
/// Addresses invited at once.
pub const MOST: usize = 50;

/// An invitation that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    /// Identifier.
    pub id: InvitationId,
    /// Where.
    pub establishment: Establishment,
    /// Who may accept it.
    pub email: Email,
    /// As what.
    pub role: Role,
    /// What comes with it; absent, what newcomers receive.
    pub rights: Option<Rights>,
    /// The manager who sent it.
    pub invited_by: AccountId,
    /// When.
    pub created_at: Timestamp,
    /// End.
    pub expires_at: Timestamp,
}

/// Why an address is not invited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Not an address.
    Malformed,
    /// It stands above already.
    Twice,
    /// The person acts for the establishment already.
    Member,
}

/// A line as typed, and what it is.
pub type Line = (String, std::result::Result<Email, Fault>);

/// Reads addresses, one for each line (or between commas and semicolons).
pub async fn read(h: &mut impl Handle, siret: &Siret, typed: &str, now: Timestamp) -> Result<Vec<Line>> {
    let (mut lines, mut seen) = (Vec::new(), std::collections::BTreeSet::new());
    let parts = typed.split(['\n', '\r', ',', ';']).map(str::trim).filter(|p| !p.is_empty());
    for part in parts.take(MOST + 1) {
        let said = match Email::parse(part) {
            Err(_) => Err(Fault::Malformed),
            Ok(email) if !seen.insert(email.key()) => Err(Fault::Twice),
            Ok(email) => match account::store::find_by_login(h, &email).await? {
                Some(known) if super::membership(h, &known.id, siret, now).await?.is_some() => Err(Fault::Member),
                Some(_) | None => Ok(email),
            },
        };
        lines.push((part.chars().take(Email::MAX).collect(), said));
    }
    Ok(lines)
}

/// What people are invited to.
#[derive(Debug)]
pub struct Offer<'a> {
    /// As what.
    pub role: Role,
    /// What they will hold on their arrival.
    pub rights: &'a Rights,
}

/// Invites. Each address has one invitation at most: a new one takes the place of the last.
pub async fn send(
    tx: &mut Tx,
    desk: Desk<'_>,
    actor: &Account,
    siret: &Siret,
    to: &[Email],
    offer: &Offer<'_>,
) -> Result<Result<(), rights::Refused>> {
    let (kit, now) = (desk.kit, desk.kit.ctx.now());
    super::store::take_turn(tx, siret).await?;
    let Some(manager) = Manager::of(tx, &actor.id, siret, now).await? else {
        people::refuse(tx, kit, &actor.id, siret, "not_manager").await?;
        return Ok(Err(Refused::NotManager.into()));
    };
    if !rights::are_given(desk.services, offer.rights) {
        return Ok(Err(rights::Refused::Unknown));
    }
    for email in to {
        let secret = Token::new(TokenKind::Invitation, kit.ctx.rng.as_ref());
        let invitation = Invitation {
            id: InvitationId::new(now, kit.ctx.rng.as_ref()),
            establishment: manager.establishment().clone(),
            email: email.clone(),
            role: offer.role,
            rights: Some(offer.rights.clone()),
            invited_by: actor.id.clone(),
            created_at: now,
            expires_at: now.plus(LIFE),
        };
        store::cancel_of(tx, siret, email).await?;
        store::insert(tx, &invitation, &secret.hash()).await?;
        record(tx, kit, Kind::InvitationSent, &actor.id, &invitation).await?;
        tell(tx, kit, actor, &invitation, &secret).await?;
    }
    Ok(Ok(()))
}

async fn tell(tx: &mut Tx, kit: &Kit<'_>, from: &Account, i: &Invitation, secret: &Token) -> Result<()> {
    let facts = OrgFacts {
        person: Some(from.full_name()),
        role: Some(i.role.name().to_owned()),
        request: Some(secret.as_str().to_owned()),
        until: Some(i.expires_at.millis()),
        ..OrgFacts::of(&i.establishment.name, &i.establishment.siret)
    };
    let locale = account::store::find_by_login(tx, &i.email).await?.map_or(kit.config.brand.locale, |known| known.locale);
    let message = MailMessage::Organisation { event: OrgEvent::Invited, facts: Box::new(facts) };
    let job = Job::Mail { to: i.email.as_str().to_owned(), locale, message };
    jobs::enqueue(tx, kit.ctx, &kit.keys.rest, &job, Duration::ZERO).await.map(drop)
}

async fn record(tx: &mut Tx, kit: &Kit<'_>, kind: Kind, account: &AccountId, i: &Invitation) -> Result<()> {
    let event = Event::new(kind).account(account).with("siret", i.establishment.siret.as_str());
    let event = event.with("invitation", i.id.as_str()).with("role", i.role.name());
    // What they open on acceptance has events of its own.
    let offered = (kind == Kind::InvitationSent).then(|| i.rights.iter().flat_map(rights::names).collect::<Vec<_>>());
    audit::append(tx, kit.ctx, event.with("rights", offered)).await
}

/// Withdraws one. `Ok(false)`: it did not wait any more.
pub async fn cancel(tx: &mut Tx, kit: &Kit<'_>, actor: &AccountId, siret: &Siret, id: &InvitationId) -> Result<Result<bool, Refused>> {
    super::store::take_turn(tx, siret).await?;
    if Manager::of(tx, actor, siret, kit.ctx.now()).await?.is_none() {
        people::refuse(tx, kit, actor, siret, "not_manager").await?;
        return Ok(Err(Refused::NotManager));
    }
    withdraw(tx, kit, Event::new(Kind::InvitationCancelled).account(actor), siret, id).await.map(Ok)
}

/// The same, by the operator.
pub async fn cancel_by_operator(tx: &mut Tx, kit: &Kit<'_>, siret: &Siret, id: &InvitationId) -> Result<bool> {
    withdraw(tx, kit, Event::new(Kind::InvitationCancelled), siret, id).await
}

async fn withdraw(tx: &mut Tx, kit: &Kit<'_>, event: Event, siret: &Siret, id: &InvitationId) -> Result<bool> {
    if store::cancel(tx, siret, id).await? == 0 {
        return Ok(false);
    }
    audit::append(tx, kit.ctx, event.with("siret", siret.as_str()).with("invitation", id.as_str())).await?;
    Ok(true)
}

/// Why an invitation does not open anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotAccepted {
    /// Forged, over, withdrawn or used; or whoever sent it does not manage the establishment any more.
    #[error("no such invitation")]
    Unknown,
    /// Meant for another address than the proved one of this account.
    #[error("for another address")]
    Foreign,
    /// The establishment closed meanwhile.
    #[error("the establishment closed")]
    Closed,
}

/// The invitation of this secret, for this person, and the manager who sent it.
pub async fn look(
    h: &mut impl Handle,
    who: &Account,
    secret: &str,
    now: Timestamp,
) -> Result<std::result::Result<(Invitation, Manager), NotAccepted>> {
    let found = match Token::parse(TokenKind::Invitation, secret) {
        Some(token) => store::find(h, &token.hash(), now).await?,
        None => None,
    };
    let Some(invitation) = found else { return Ok(Err(NotAccepted::Unknown)) };
    let proved = who.login_email.as_ref().filter(|_| who.login_email_verified && who.kind == AccountKind::Professional);
    if proved.is_none_or(|e| e.key() != invitation.email.key()) {
        return Ok(Err(NotAccepted::Foreign));
    }
    if register::closing(h, &invitation.establishment.siret).await?.is_some() {
        return Ok(Err(NotAccepted::Closed));
    }
    let alive = account::store::find(h, &invitation.invited_by).await?.is_some_and(|a| a.is_alive());
    let sender = Manager::of(h, &invitation.invited_by, &invitation.establishment.siret, now).await?.filter(|_| alive);
    Ok(sender.map(|sender| (invitation, sender)).ok_or(NotAccepted::Unknown))
}

/// Accepts it: spent first, by one guarded statement, then the person is admitted. Refusals are audited; the transaction is to
/// be committed either way.
pub async fn accept(tx: &mut Tx, desk: Desk<'_>, who: &Account, secret: &str) -> Result<std::result::Result<Invitation, NotAccepted>> {
    let (kit, now) = (desk.kit, desk.kit.ctx.now());
    let refused = match look(tx, who, secret, now).await? {
        Err(refused) => refused,
        Ok((seen, _)) => {
            super::store::take_turn(tx, &seen.establishment.siret).await?;
            // Once more, now that nobody else changes the people of the establishment.
            match look(tx, who, secret, now).await? {
                Ok((invitation, sender)) if spend(tx, secret, &invitation, now).await? => {
                    let word = Word::of(&sender, Proof::Invitation);
                    let siret = &invitation.establishment.siret;
                    let newcomer = super::membership(tx, &who.id, siret, now).await?.is_none();
                    people::admit(tx, kit, &who.id, &invitation.establishment, invitation.role, word).await?;
                    let by = invitation.invited_by.as_str();
                    // Nothing to somebody who is there already: what managers decided since stands.
                    if newcomer {
                        match &invitation.rights {
                            Some(rights) => rights::give(tx, desk, by, siret, &who.id, rights).await?,
                            None => newcomer::welcome(tx, desk, by, siret, &who.id).await?,
                        }
                    }
                    record(tx, kit, Kind::InvitationAccepted, &who.id, &invitation).await?;
                    return Ok(Ok(invitation));
                }
                Ok(_) => NotAccepted::Unknown,
                Err(refused) => refused,
            }
        }
    };
    refuse(tx, kit, &who.id, refused).await?;
    Ok(Err(refused))
}

async fn spend(tx: &mut Tx, secret: &str, i: &Invitation, now: Timestamp) -> Result<bool> {
    let Some(token) = Token::parse(TokenKind::Invitation, secret) else { return Ok(false) };
    Ok(store::take(tx, &token.hash(), &i.email, now).await? == 1)
}

/// Records that somebody came with an invitation that is not theirs, or is none.
pub async fn refuse(tx: &mut Tx, kit: &Kit<'_>, who: &AccountId, why: NotAccepted) -> Result<()> {
    let why = match why {
        NotAccepted::Unknown => "unknown_invitation",
        NotAccepted::Foreign => "foreign_invitation",
        NotAccepted::Closed => "closed",
    };
    audit::append(tx, kit.ctx, Event::new(Kind::RightRefused).account(who).with("why", why)).await
}

/// Withdraws what still waits for a person who leaves.
pub(super) async fn close_of(tx: &mut Tx, who: &Account, siret: &Siret) -> Result<()> {
    if let Some(email) = &who.login_email {
        store::cancel_of(tx, siret, email).await?;
    }
    Ok(())
}
