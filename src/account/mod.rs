//! Accounts: who people are to the hub.

pub mod civil;
pub mod email_change;
pub mod kit;
pub mod lifecycle;
pub mod profile;
pub mod store;

use serde::{Deserialize, Serialize};

pub use civil::Civil;

use crate::base::id::AccountId;
use crate::base::texts::Locale;
use crate::base::{Aal, Ctx, Email, Timestamp};

/// The two kinds of account; never merged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum AccountKind {
    /// A citizen: *particulier*.
    Individual,
    /// Somebody acting for an establishment: *professionnel*.
    Professional,
}

impl AccountKind {
    /// The stored name, also the value of the `account_type` claim.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Individual => "particulier",
            Self::Professional => "professionnel",
        }
    }

    /// Reads a stored name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Individual, Self::Professional].into_iter().find(|k| k.name() == name)
    }
}

/// Whether an account may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountState {
    /// In use.
    Active,
    /// Suspended: it cannot sign in, and what it had obtained is dead.
    Disabled,
}

impl AccountState {
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

/// An account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Identifier; never shown to services.
    pub id: AccountId,
    /// Kind.
    pub kind: AccountKind,
    /// State.
    pub state: AccountState,
    /// Identifier of a professional (*e-mail de connexion*).
    pub login_email: Option<Email>,
    /// Whether it was proved.
    pub login_email_verified: bool,
    /// Where notices go (*e-mail de contact*); the login e-mail when absent.
    pub contact_email: Option<Email>,
    /// Whether it was proved.
    pub contact_email_verified: bool,
    /// *Prénom*.
    pub given_name: String,
    /// *Nom*.
    pub family_name: String,
    /// *Téléphone*.
    pub phone: Option<String>,
    /// *Fonction*.
    pub job_title: Option<String>,
    /// Language of mails.
    pub locale: Locale,
    /// Identity as an upstream provider vouched for it.
    pub civil: Option<Civil>,
    /// Version of the terms accepted.
    pub terms_version: Option<String>,
    /// Creation.
    pub created_at: Timestamp,
    /// Last change of what services may be told.
    pub updated_at: Timestamp,
    /// What is demanded of its sign-ins, and what it has to answer with.
    pub security: Security,
}

/// How many strong means of an account work now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Means {
    /// Authenticator applications.
    pub applications: i64,
    /// Passkeys that are not suspended.
    pub passkeys: i64,
    /// Validated cards that are not locked.
    pub cards: i64,
}

impl Means {
    /// How many reach this level.
    pub const fn reaching(&self, aal: Aal) -> i64 {
        match aal {
            Aal::One | Aal::Two => self.applications + self.passkeys + self.cards,
            Aal::PhishingResistant => self.passkeys,
        }
    }
}

/// What is demanded of an account's sign-ins, and what it has to answer with.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Security {
    /// Asked of this person, beyond what roles and services ask.
    pub required: Aal,
    /// A code by mail follows the password.
    pub two_step: bool,
    /// Runs the hub.
    pub administrator: bool,
    /// End of the time left to set up a second factor, once it began.
    pub enrol_by: Option<Timestamp>,
    /// Imported without a usable password: S-20 is still to be shown.
    pub to_activate: bool,
    /// Manages an establishment. Read from the memberships.
    pub manager: bool,
    /// Holds a passkey. Read from the factors.
    pub passkey: bool,
    /// Holds an authenticator application or a validated card. Read from the factors.
    pub otp: bool,
    /// Holds a passkey that is not suspended. Read from the factors.
    pub live_passkey: bool,
    /// Holds an application, or a validated card that is not locked. Read from the factors.
    pub live_otp: bool,
    /// Was designated and has yet to come (S-22). Read from the designations.
    pub designated: bool,
}

impl Security {
    /// The highest level that its means of connection reach now: one that is suspended or locked reaches nothing.
    pub const fn reach(&self) -> Aal {
        match (self.live_passkey, self.live_otp) {
            (true, _) => Aal::PhishingResistant,
            (false, true) => Aal::Two,
            (false, false) => Aal::One,
        }
    }

    /// Whether it holds anything beyond passwords and codes by mail, even what is suspended or locked: that opens nothing to
    /// whoever has proved a single factor.
    pub const fn strong(&self) -> bool {
        self.passkey || self.otp
    }

    /// Whether somebody who proved this much is to prove more before they set up another means. Where none works any more, a
    /// recovery code does, or those who decide (S-11).
    pub fn is_to_verify(&self, level: Aal) -> bool {
        self.reach() > level || (self.strong() && level < Aal::Two)
    }

    /// Whether the mobile recorded in a designation has yet to say who this is (S-22). One that ran out gates as well, until the
    /// operator makes another or withdraws it: who reads the mailbox has only to wait for it.
    pub const fn awaits_first_sign_in(&self) -> bool {
        self.designated && !self.strong()
    }
}

impl Account {
    /// An account made now, of which nothing is known yet.
    pub fn new(ctx: &Ctx, kind: AccountKind) -> Self {
        let now = ctx.now();
        Self {
            id: AccountId::new(now, ctx.rng.as_ref()),
            kind,
            state: AccountState::Active,
            login_email: None,
            login_email_verified: false,
            contact_email: None,
            contact_email_verified: false,
            given_name: String::new(),
            family_name: String::new(),
            phone: None,
            job_title: None,
            locale: ctx.locale,
            civil: None,
            terms_version: None,
            created_at: now,
            updated_at: now,
            security: Security::default(),
        }
    }

    /// « Prénom Nom ».
    pub fn full_name(&self) -> String {
        format!("{} {}", self.given_name, self.family_name).trim().to_owned()
    }

    /// Where notices go.
    pub fn notice_email(&self) -> Option<&Email> {
        self.contact_email.as_ref().or(self.login_email.as_ref())
    }

    /// Whether a provider vouches now for who this is.
    pub fn is_verified(&self, now: Timestamp) -> bool {
        self.civil.as_ref().is_some_and(|civil| civil.holds(now))
    }

    /// Whether an individual is still to be asked where to write to them (S-17).
    pub fn awaits_contact(&self) -> bool {
        self.kind == AccountKind::Individual && self.notice_email().is_none()
    }

    /// Whether the person is still to be offered a password (S-20). Administrators have none.
    pub fn awaits_password(&self) -> bool {
        self.security.to_activate && !self.security.administrator
    }

    /// Whether it may be used now.
    pub fn is_alive(&self) -> bool {
        match self.state {
            AccountState::Active => true,
            AccountState::Disabled => false,
        }
    }
}
