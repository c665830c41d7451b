//! Establishments, the people who act for them, and what each may do there.

pub mod acting;
pub mod claim;
pub mod habilitation;
pub mod handover;
pub mod holding;
pub mod invitation;
pub mod listing;
pub mod newcomer;
pub mod official;
pub mod people;
pub mod register;
pub mod request;
pub mod review;
pub mod rights;
pub mod service;
pub mod store;
pub mod succession;

use serde::{Deserialize, Serialize};

use crate::account::kit::Kit;
use crate::audit::{self, Event, Kind};
use crate::base::id::AccountId;
use crate::base::texts::Locale;
use crate::base::{Ctx, Siret, Timestamp};
use crate::config::Policy;
use crate::db::{Handle, Result, Tx};
use crate::jobs::notice;

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

/// How well the place of a person in an establishment is established (DESIGN §5, third axis).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Link {
    /// The person says so.
    #[default]
    Declared,
    /// A manager of the establishment, or the operator, said so.
    Approved,
    /// An official source did.
    Proved,
}

impl Link {
    /// The stored name, also the value of the claim.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Declared => "declared",
            Self::Approved => "approved",
            Self::Proved => "proved",
        }
    }

    /// Reads a stored name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Declared, Self::Approved, Self::Proved].into_iter().find(|l| l.name() == name)
    }

    /// The value of the `oal` claim.
    pub const fn number(self) -> u8 {
        match self {
            Self::Declared => 1,
            Self::Approved => 2,
            Self::Proved => 3,
        }
    }
}

/// What says that a person acts for an establishment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Proof {
    /// Nothing but the person, who was the first there.
    First,
    /// A manager accepted them.
    Manager,
    /// A manager invited them.
    Invitation,
    /// The operator.
    Operator,
    /// Their proved address is in a domain of the establishment.
    EmailDomain,
    /// They read a code sent to its official address.
    OfficialContact,
    /// A register of companies names them.
    Register,
    /// Their own provider of identity (ProConnect).
    Provider,
}

impl Proof {
    /// Every one.
    pub const ALL: [Self; 8] = [
        Self::First,
        Self::Manager,
        Self::Invitation,
        Self::Operator,
        Self::EmailDomain,
        Self::OfficialContact,
        Self::Register,
        Self::Provider,
    ];

    /// The stored name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::First => "first",
            Self::Manager => "manager",
            Self::Invitation => "invitation",
            Self::Operator => "operator",
            Self::EmailDomain => "email_domain",
            Self::OfficialContact => "official_contact",
            Self::Register => "register",
            Self::Provider => "provider",
        }
    }

    /// Reads a stored name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|p| p.name() == name)
    }

    /// What it is worth.
    pub const fn link(self) -> Link {
        match self {
            Self::First | Self::Provider => Link::Declared,
            Self::Manager | Self::Invitation | Self::Operator => Link::Approved,
            Self::EmailDomain | Self::OfficialContact | Self::Register => Link::Proved,
        }
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
    /// How well it is established.
    pub link: Link,
    /// By what.
    pub proof: Proof,
    /// Who or what, in short: a domain, an official address.
    pub evidence: Option<String>,
    /// Since when it is established so; from now on, when not said.
    pub proved_at: Option<Timestamp>,
    /// Its end.
    pub expires_at: Option<Timestamp>,
    /// When the person last signed in for it.
    pub last_used_at: Option<Timestamp>,
}

impl Membership {
    /// A place that counts from now on.
    pub fn new(account: AccountId, establishment: Establishment, role: Role, proof: Proof) -> Self {
        let (state, link, factors_manage) = (MembershipState::Active, proof.link(), false);
        let (evidence, proved_at, expires_at, last_used_at) = (None, None, None, None);
        Self { account, establishment, role, factors_manage, state, link, proof, evidence, proved_at, expires_at, last_used_at }
    }

    /// Whether it counts now.
    pub fn holds(&self, now: Timestamp) -> bool {
        let counts = match self.state {
            MembershipState::Active => true,
            MembershipState::Disabled => false,
        };
        counts && self.expires_at.is_none_or(|end| now < end)
    }

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

/// What a person is and holds in the establishment they act for: the rights on one service at most.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Their place.
    pub membership: Membership,
    /// Their rights on the service asked about.
    pub rights: Option<habilitation::Habilitation>,
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

/// Establishments a person acts for now, by name: as many as a page shows.
pub async fn memberships(h: &mut impl Handle, account: &AccountId, now: Timestamp) -> Result<Vec<Membership>> {
    store::memberships(h, account, now).await
}

/// The place of a person in an establishment, if they act for it now.
pub async fn membership(h: &mut impl Handle, account: &AccountId, siret: &Siret, now: Timestamp) -> Result<Option<Membership>> {
    store::membership(h, account, siret).await.map(|m| m.filter(|m| m.holds(now)))
}

/// People who act for an establishment now and whose account is alive, by name.
pub async fn members(h: &mut impl Handle, siret: &Siret, now: Timestamp) -> Result<Vec<Member>> {
    store::members(h, siret, now).await
}

/// Those among them who are told of, and decide on, what concerns the people of the establishment: managers, and whoever
/// manages its means of connection.
pub async fn managers_of(h: &mut impl Handle, siret: &Siret, now: Timestamp) -> Result<Vec<Member>> {
    store::leaders(h, siret, now).await
}

/// The managers of an establishment now, by name.
pub async fn managers(h: &mut impl Handle, siret: &Siret, now: Timestamp) -> Result<Vec<Member>> {
    Ok(store::leaders(h, siret, now).await?.into_iter().filter(|m| m.role == Role::Manager).collect())
}

/// The membership by which a person may manage the means of connection of an establishment, if they may.
pub async fn may_manage_factors(
    h: &mut impl Handle,
    policy: &Policy,
    account: &AccountId,
    siret: &Siret,
    now: Timestamp,
) -> Result<Option<Membership>> {
    Ok(membership(h, account, siret, now).await?.filter(|m| m.manages_factors(policy)))
}

/// Puts an establishment in place. Whether anything changed.
pub async fn put(tx: &mut Tx, ctx: &Ctx, establishment: &Establishment) -> Result<bool> {
    Ok(store::put_establishment(tx, establishment, ctx.now()).await? == 1)
}

/// Puts a membership in place, and says so in the audit trail. Whether anything changed. What somebody held whose place was over
/// stays over.
pub async fn put_membership(tx: &mut Tx, kit: &Kit<'_>, m: &Membership) -> Result<bool> {
    let (siret, now) = (&m.establishment.siret, kit.ctx.now());
    let held = store::membership(tx, &m.account, siret).await?.map(|before| before.holds(now));
    if m.holds(now) && held == Some(false) {
        habilitation::revoke_all(tx, kit, &m.account, siret, "joined_anew").await?;
    }
    if store::put_membership(tx, m, kit.ctx.now()).await? == 0 {
        return Ok(false);
    }
    let event = Event::new(Kind::MembershipChanged).account(&m.account).with("siret", m.establishment.siret.as_str());
    let event = event.with("role", m.role.name()).with("factors_manage", m.factors_manage).with("state", m.state.name());
    audit::append(tx, kit.ctx, event.with("proof", m.proof.name()).with("until", m.expires_at.map(Timestamp::millis))).await?;
    notice::claims_changed(tx, kit.ctx, &m.account, Some(&m.establishment.siret))?;
    if held == Some(true) && !m.holds(now) {
        notice::right_ended(tx, kit.ctx, &m.account, siret, None)?;
    }
    request::placed(tx, kit, m).await?;
    Ok(true)
}
