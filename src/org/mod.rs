//! Establishments and the people who act for them.

pub mod listing;
pub mod store;

use serde::{Deserialize, Serialize};

use crate::audit::{self, Event, Kind};
use crate::base::id::AccountId;
use crate::base::texts::Locale;
use crate::base::{Ctx, Siret, Timestamp};
use crate::config::Policy;
use crate::db::{Handle, Result, Tx};

/// An establishment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Establishment {
    /// Which.
    pub siret: Siret,
    /// Its name (*raison sociale* or usual name).
    pub name: String,
}

/// What a person is in an establishment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// *Gestionnaire de compte*: manages the establishment's people.
    Manager,
    /// *Contact de compte*: only their own affairs.
    Contact,
}

impl Role {
    /// The stored name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Manager => "manager",
            Self::Contact => "contact",
        }
    }

    /// Reads a stored name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Manager, Self::Contact].into_iter().find(|r| r.name() == name)
    }
}

/// Whether a membership counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MembershipState {
    /// It does.
    Active,
    /// The person no longer acts for the establishment.
    Disabled,
}

impl MembershipState {
    /// The stored name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Disabled => "disabled",
        }
    }

    /// Reads a stored name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Active, Self::Disabled].into_iter().find(|s| s.name() == name)
    }
}

/// *Intervenant*: a person in an establishment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Membership {
    /// Who.
    pub account: AccountId,
    /// Where.
    pub establishment: Establishment,
    /// As what.
    pub role: Role,
    /// May manage the means of connection of the others there (*référent*).
    pub factors_manage: bool,
    /// Whether it counts.
    pub state: MembershipState,
}

impl Membership {
    /// Whether the person may lend, take back and unlock cards there.
    pub fn manages_factors(&self, policy: &Policy) -> bool {
        let by_role = match self.role {
            Role::Manager => policy.managers_manage_factors,
            Role::Contact => false,
        };
        match self.state {
            MembershipState::Active => self.factors_manage || by_role,
            MembershipState::Disabled => false,
        }
    }
}

/// A person of an establishment, as the others see them there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Who.
    pub account: AccountId,
    /// « Prénom Nom ».
    pub name: String,
    /// Sign-in address.
    pub login_email: Option<String>,
    /// Where notices go.
    pub notice_email: Option<String>,
    /// Language of mails.
    pub locale: Locale,
    /// As what.
    pub role: Role,
    /// May manage the means of connection of the others there.
    pub factors_manage: bool,
}

/// The establishment of this SIRET.
pub async fn find(h: &mut impl Handle, siret: &Siret) -> Result<Option<Establishment>> {
    store::find_establishment(h, siret).await
}

/// Establishments a person acts for now, by name.
pub async fn memberships(h: &mut impl Handle, account: &AccountId) -> Result<Vec<Membership>> {
    store::memberships(h, account).await
}

/// The establishment a person acts for: theirs, when they have one only. Nothing says which of several.
pub async fn acting(h: &mut impl Handle, account: &AccountId) -> Result<Option<Establishment>> {
    store::only_establishment(h, account).await
}

/// The place of a person in an establishment, if they act for it now.
pub async fn membership(h: &mut impl Handle, account: &AccountId, siret: &Siret) -> Result<Option<Membership>> {
    store::membership(h, account, siret).await.map(|m| m.filter(|m| m.state == MembershipState::Active))
}

/// People who act for an establishment now and whose account is alive, by name.
pub async fn members(h: &mut impl Handle, siret: &Siret) -> Result<Vec<Member>> {
    store::members(h, siret).await
}

/// Those among them who are told of, and decide on, what concerns the people of the establishment: managers, and whoever
/// manages its means of connection.
pub async fn managers_of(h: &mut impl Handle, siret: &Siret) -> Result<Vec<Member>> {
    let decides = |m: &Member| m.factors_manage || m.role == Role::Manager;
    Ok(members(h, siret).await?.into_iter().filter(decides).collect())
}

/// The membership by which a person may manage the means of connection of an establishment, if they may.
pub async fn may_manage_factors(h: &mut impl Handle, policy: &Policy, account: &AccountId, siret: &Siret) -> Result<Option<Membership>> {
    Ok(membership(h, account, siret).await?.filter(|m| m.manages_factors(policy)))
}

/// Puts an establishment in place. Whether anything changed.
pub async fn put(tx: &mut Tx, ctx: &Ctx, establishment: &Establishment) -> Result<bool> {
    Ok(store::put_establishment(tx, establishment, ctx.now()).await? == 1)
}

/// Puts a membership in place, and says so in the audit trail. Whether anything changed.
pub async fn put_membership(tx: &mut Tx, ctx: &Ctx, m: &Membership) -> Result<bool> {
    let now: Timestamp = ctx.now();
    if store::put_membership(tx, m, now).await? == 0 {
        return Ok(false);
    }
    let event = Event::new(Kind::MembershipChanged).account(&m.account).with("siret", m.establishment.siret.as_str());
    let event = event.with("role", m.role.name()).with("factors_manage", m.factors_manage).with("state", m.state.name());
    audit::append(tx, ctx, event).await?;
    Ok(true)
}
