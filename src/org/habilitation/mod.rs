//! Habilitations: what a person may do in a service, for an establishment, until when (DESIGN §1).

pub mod store;

use std::time::Duration;

use crate::account::kit::Kit;
use crate::audit::{self, Event, Kind};
use crate::base::id::AccountId;
use crate::base::{Siret, Timestamp};
use crate::db::{Handle, Result, Tx};
use crate::jobs::notice;

/// Whether a habilitation counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It does, until its end.
    Active,
    /// Not for now.
    Suspended,
    /// It was withdrawn.
    Revoked,
}

impl State {
    /// The stored name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Suspended => "suspended",
            Self::Revoked => "revoked",
        }
    }

    /// Reads a stored name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Active, Self::Suspended, Self::Revoked].into_iter().find(|s| s.name() == name)
    }
}

/// Why a right is suspended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Suspension {
    /// The person is away.
    Absence,
    /// Their assignment is interrupted.
    Mission,
    /// Something is wrong.
    Security,
    /// Nobody confirmed it in a review.
    Review,
    /// The operator says so.
    Operator,
}

impl Suspension {
    /// Every one.
    pub const ALL: [Self; 5] = [Self::Absence, Self::Mission, Self::Security, Self::Review, Self::Operator];

    /// The stored name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Absence => "absence",
            Self::Mission => "mission",
            Self::Security => "security",
            Self::Review => "review",
            Self::Operator => "operator",
        }
    }

    /// Reads a stored name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.name() == name)
    }

    /// Whether a manager may choose it.
    pub const fn is_managers(self) -> bool {
        match self {
            Self::Absence | Self::Mission | Self::Security => true,
            Self::Review | Self::Operator => false,
        }
    }
}

/// A person's rights on a service in an establishment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Habilitation {
    /// Who.
    pub account: AccountId,
    /// Where.
    pub siret: Siret,
    /// For what.
    pub service: String,
    /// What they may do there; none means nothing.
    pub profiles: Vec<String>,
    /// Whether it counts.
    pub state: State,
    /// Why it is suspended; the operator's reasons are nobody's to see.
    pub suspended_for: Option<Suspension>,
    /// Account or other name of who granted it.
    pub granted_by: String,
    /// When.
    pub granted_at: Timestamp,
    /// End.
    pub expires_at: Option<Timestamp>,
    /// When a manager last confirmed it.
    pub reviewed_at: Option<Timestamp>,
}

impl Habilitation {
    /// Whether it gives anything now.
    pub fn holds(&self, now: Timestamp) -> bool {
        let counts = match self.state {
            State::Active => true,
            State::Suspended | State::Revoked => false,
        };
        counts && !self.profiles.is_empty() && self.expires_at.is_none_or(|end| now < end)
    }

    /// Whether its renewal may be asked for: it ends soon, or ended not long ago.
    pub fn is_renewable(&self, now: Timestamp) -> bool {
        let (from, to) = renewal_span(now);
        let counts = match self.state {
            State::Active => true,
            State::Suspended | State::Revoked => false,
        };
        counts && !self.profiles.is_empty() && self.expires_at.is_some_and(|end| from < end && end <= to)
    }

    /// Whether it is held back by somebody whom its holder must ask, in whichever way they obtain it.
    pub fn is_barred(&self) -> bool {
        match (self.state, self.suspended_for) {
            (State::Suspended, Some(Suspension::Review)) => false,
            (State::Suspended, _) => true,
            (State::Active | State::Revoked, _) => self.is_operators(),
        }
    }

    /// Whether only the operator gives it back; so it stays when it is withdrawn meanwhile.
    pub fn is_operators(&self) -> bool {
        self.suspended_for == Some(Suspension::Operator)
    }
}

/// How long before its end a right can be renewed.
pub const RENEWAL_BEFORE: Duration = Duration::from_secs(30 * 86_400);
/// And how long after.
pub const RENEWAL_AFTER: Duration = Duration::from_secs(90 * 86_400);

/// Ends of what can be renewed at an instant.
pub fn renewal_span(now: Timestamp) -> (Timestamp, Timestamp) {
    (now.minus(RENEWAL_AFTER), now.plus(RENEWAL_BEFORE))
}

/// What is granted.
#[derive(Debug, Clone)]
pub struct Grant {
    /// Who.
    pub account: AccountId,
    /// Where.
    pub siret: Siret,
    /// For what.
    pub service: String,
    /// What they may do there.
    pub profiles: Vec<String>,
    /// End.
    pub expires_at: Option<Timestamp>,
    /// Account or other name of who grants it.
    pub by: String,
}

/// Grants, or grants anew: the profiles and end replace those before. The caller has checked who decides. Whether anything
/// changed.
pub async fn grant(tx: &mut Tx, kit: &Kit<'_>, grant: &Grant) -> Result<bool> {
    let gives = !grant.profiles.is_empty() && grant.expires_at.is_none_or(|end| kit.ctx.now() < end);
    let ends = !gives && is_held(tx, kit, &grant.account, &grant.siret, &grant.service).await?;
    if store::grant(tx, grant, kit.ctx.now()).await? == 0 {
        return Ok(false);
    }
    let event = Event::new(Kind::HabilitationGranted).account(&grant.account).with("siret", grant.siret.as_str());
    let event = event.with("service", grant.service.as_str()).with("profiles", grant.profiles.clone()).with("by", grant.by.as_str());
    audit::append(tx, kit.ctx, event.with("until", grant.expires_at.map(Timestamp::millis))).await?;
    notice::claims_changed(tx, kit.ctx, &grant.account, Some(&grant.siret))?;
    if ends {
        notice::right_ended(tx, kit.ctx, &grant.account, &grant.siret, Some(&grant.service))?;
    }
    super::request::covered(tx, kit, grant).await?;
    Ok(true)
}

/// Suspends, resumes or withdraws. Whether anything changed: a withdrawn one is granted anew, never resumed.
pub async fn set_state(tx: &mut Tx, kit: &Kit<'_>, account: &AccountId, siret: &Siret, service: &str, state: State) -> Result<bool> {
    move_to(tx, kit, (account, siret, service), state, None).await
}

/// Suspends one, for a reason. Whether anything changed.
pub async fn suspend(tx: &mut Tx, kit: &Kit<'_>, account: &AccountId, siret: &Siret, service: &str, why: Suspension) -> Result<bool> {
    move_to(tx, kit, (account, siret, service), State::Suspended, Some(why)).await
}

async fn move_to(tx: &mut Tx, kit: &Kit<'_>, of: (&AccountId, &Siret, &str), state: State, why: Option<Suspension>) -> Result<bool> {
    let (account, siret, service) = of;
    let ends = match state {
        State::Suspended | State::Revoked => is_held(tx, kit, account, siret, service).await?,
        State::Active => false,
    };
    if store::set_state(tx, account, siret, service, state, why, kit.ctx.now()).await? == 0 {
        return Ok(false);
    }
    let kind = match state {
        State::Revoked => Kind::HabilitationRevoked,
        State::Active | State::Suspended => Kind::HabilitationChanged,
    };
    let event = Event::new(kind).account(account).with("siret", siret.as_str()).with("service", service);
    audit::append(tx, kit.ctx, event.with("state", state.name()).with("why", why.map(Suspension::name))).await?;
    notice::claims_changed(tx, kit.ctx, account, Some(siret))?;
    if ends {
        notice::right_ended(tx, kit.ctx, account, siret, Some(service))?;
    }
    Ok(true)
}

/// Whether somebody may use a service now, in a place that is theirs now.
async fn is_held(tx: &mut Tx, kit: &Kit<'_>, account: &AccountId, siret: &Siret, service: &str) -> Result<bool> {
    let now = kit.ctx.now();
    let standing = super::store::standing(tx, account, siret, service).await?.filter(|s| s.membership.holds(now));
    Ok(standing.and_then(|s| s.rights).is_some_and(|h| h.holds(now)))
}

/// Withdraws all that a person holds in an establishment: they leave it. How many there were.
pub async fn revoke_all(tx: &mut Tx, kit: &Kit<'_>, account: &AccountId, siret: &Siret, why: &str) -> Result<u64> {
    let gone = store::revoke_all(tx, account, siret, kit.ctx.now()).await?;
    if gone > 0 {
        let event = Event::new(Kind::HabilitationRevoked).account(account).with("siret", siret.as_str());
        audit::append(tx, kit.ctx, event.with("count", gone).with("why", why)).await?;
    }
    Ok(gone)
}

/// What a person holds in an establishment, in any state.
pub async fn of_person(h: &mut impl Handle, account: &AccountId, siret: &Siret) -> Result<Vec<Habilitation>> {
    store::of_person(h, account, siret).await
}
