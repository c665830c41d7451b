//! What relying parties are to be told, written in the transaction of its cause by whoever causes it. `oidc::notice` finds out
//! which of them listen, and tells them. Nothing in it is secret.

pub mod store;

use crate::base::id::{AccountId, NoticeId, SessionId};
use crate::base::{Ctx, Siret, Timestamp};
use crate::db::{Result, Tx};

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A session ended in which the client took part.
    SessionEnded,
    /// A place or a right ended that the client was used with. Those that are told of changes learn it as one.
    RightEnded,
    /// What clients are told of a person, or of what the person may do, is no longer the same.
    ClaimsChanged,
    /// The account was disabled.
    AccountDisabled,
    /// The account was enabled again.
    AccountEnabled,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 5] = [Self::SessionEnded, Self::RightEnded, Self::ClaimsChanged, Self::AccountDisabled, Self::AccountEnabled];

    /// The stored name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::SessionEnded => "session_ended",
            Self::RightEnded => "right_ended",
            Self::ClaimsChanged => "claims_changed",
            Self::AccountDisabled => "account_disabled",
            Self::AccountEnabled => "account_enabled",
        }
    }

    /// Reads a stored name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.name() == name)
    }
}

/// What happened, to whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// What.
    pub kind: Kind,
    /// Whom to tell; `None` for every client with a live grant of the account.
    pub client: Option<String>,
    /// Whose account.
    pub account: AccountId,
    /// Which session ended.
    pub session: Option<SessionId>,
    /// In which establishment, when rights changed there only.
    pub siret: Option<String>,
    /// On which service, when it was a right that ended.
    pub service: Option<String>,
    /// When.
    pub at: Timestamp,
}

/// What clients are told of this person has changed: names, addresses, identity, or what they may do, in one establishment or
/// everywhere. They are told that, never what. To be called in the transaction of the change; costs one row.
pub fn claims_changed(tx: &mut Tx, ctx: &Ctx, account: &AccountId, siret: Option<&Siret>) -> Result<()> {
    raise(tx, ctx, Kind::ClaimsChanged, account, siret)
}

/// A place ended, or a right on one service there: whoever held it no longer acts so. Not for what was added or narrowed. To be
/// called in the transaction that ends it, beside [`claims_changed`]; costs one row.
pub fn right_ended(tx: &mut Tx, ctx: &Ctx, account: &AccountId, siret: &Siret, service: Option<&str>) -> Result<()> {
    let service = service.map(str::to_owned);
    put(tx, ctx, &Event { service, ..event(ctx, Kind::RightEnded, account, Some(siret)) })
}

/// The account was enabled or disabled. To be called in the same transaction.
pub fn account_moved(tx: &mut Tx, ctx: &Ctx, account: &AccountId, enabled: bool) -> Result<()> {
    raise(tx, ctx, if enabled { Kind::AccountEnabled } else { Kind::AccountDisabled }, account, None)
}

fn raise(tx: &mut Tx, ctx: &Ctx, kind: Kind, account: &AccountId, siret: Option<&Siret>) -> Result<()> {
    put(tx, ctx, &event(ctx, kind, account, siret))
}

fn event(ctx: &Ctx, kind: Kind, account: &AccountId, siret: Option<&Siret>) -> Event {
    let (account, siret) = (account.clone(), siret.map(ToString::to_string));
    Event { kind, client: None, account, session: None, siret, service: None, at: ctx.now() }
}

fn put(tx: &mut Tx, ctx: &Ctx, event: &Event) -> Result<()> {
    store::insert(tx, &NoticeId::new(ctx.now(), ctx.rng.as_ref()), event)
}
