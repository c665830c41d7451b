//! The mails we send, as data: what the outbox stores and [`super::render`] turns into text and HTML.
//!
//! Ids such as M01 name the mails of the interface inventory. Codes and links are secrets: the outbox row is as
//! sensitive as the mail.

mod org;

pub use org::{By, OfficialClaim, OrgEvent, OrgFacts};

use serde::{Deserialize, Serialize};

use crate::base::Ctx;
use crate::base::device::describe;

/// Where and when something was asked for, so that people recognise their own act.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// When, in Unix milliseconds.
    pub at: i64,
    /// Browser and system, such as « Firefox, Linux » ([`crate::base::device::describe`]).
    pub device: Option<String>,
    /// The service the person was on the way to.
    pub service: Option<String>,
}

impl Origin {
    /// Where this request came from, on the way to `service`.
    pub fn of(ctx: &Ctx, service: Option<&str>) -> Self {
        Self { at: ctx.now().millis(), device: ctx.user_agent.as_deref().and_then(describe), service: service.map(str::to_owned) }
    }
}

/// A code and for how long it is good.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Code {
    /// Six digits, without spaces.
    pub digits: String,
    /// Validity, in minutes.
    pub validity_minutes: u32,
}

/// One of the two addresses of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Address {
    /// The one that signs in.
    Login,
    /// The one that receives notices.
    Contact,
}

/// What a general security notice is about (M11 and its like).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SecurityEvent {
    /// A password was added to the account.
    PasswordAdded,
    /// The password was removed.
    PasswordRemoved,
    /// All the other sessions were closed.
    SessionsClosed,
    /// The sign-in address was changed (sent to the new one).
    LoginEmailChanged,
    /// A change of address was undone.
    EmailChangeUndone,
    /// Password sign-in was suspended after too many wrong tries.
    PasswordLocked,
    /// An authenticator application was added.
    ApplicationAdded,
    /// One was removed.
    ApplicationRemoved,
    /// A code by mail follows the password from now on.
    TwoStepOn,
    /// None does any more.
    TwoStepOff,
    /// A second factor was suspended after too many wrong codes.
    FactorSuspended,
    /// The account is now an administrator's.
    AdministratorAdded,
    /// It no longer is.
    AdministratorRemoved,
    /// A set of recovery codes was made.
    RecoveryCodesMade,
    /// M12 a recovery code was used.
    RecoveryCodeUsed {
        /// Codes left.
        left: u32,
    },
    /// A passkey was added.
    PasskeyAdded,
    /// A passkey was removed.
    PasskeyRemoved,
    /// A passkey may have been copied: it is refused from now on.
    PasskeySuspended,
    /// A provider verified who the person is.
    IdentityVerified,
    /// The person removed that.
    IdentityUnverified,
}

/// Why a card was taken back from its holder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnlinkReason {
    /// *Perte*.
    Loss,
    /// *Vol*.
    Theft,
    /// *Casse*.
    Breakage,
    /// *Dysfonctionnement*.
    Malfunction,
    /// *Départ*: the holder leaves and gives the card back.
    Departure,
    /// *Erreur*: it was linked to the wrong person.
    Mistake,
    /// *Autre*.
    Other,
}

impl UnlinkReason {
    /// Every reason, in the order of the form.
    pub const ALL: [Self; 7] = [Self::Loss, Self::Theft, Self::Breakage, Self::Malfunction, Self::Departure, Self::Mistake, Self::Other];

    /// The recorded name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Loss => "loss",
            Self::Theft => "theft",
            Self::Breakage => "breakage",
            Self::Malfunction => "malfunction",
            Self::Departure => "departure",
            Self::Mistake => "mistake",
            Self::Other => "other",
        }
    }

    /// Reads a recorded name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|r| r.name() == name)
    }

    /// Key of the words.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Loss => "cards-reason-loss",
            Self::Theft => "cards-reason-theft",
            Self::Breakage => "cards-reason-breakage",
            Self::Malfunction => "cards-reason-malfunction",
            Self::Departure => "cards-reason-departure",
            Self::Mistake => "cards-reason-mistake",
            Self::Other => "cards-reason-other",
        }
    }
}

/// What its holder is told of a card (M13).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum CardEvent {
    /// It was lent to them.
    Linked,
    /// It was taken back.
    Unlinked {
        /// Why.
        reason: UnlinkReason,
    },
    /// It was locked after too many wrong codes.
    Locked,
    /// They reported it lost.
    ReportedLost,
}

/// What those who manage the cards of an establishment are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CardAlert {
    /// A card was locked after too many wrong codes.
    Locked,
    /// Its holder reported it lost.
    ReportedLost,
}

/// Where the request of somebody who lost their means of connection stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum RecoveryStep {
    /// It was made.
    Asked {
        /// Stops it.
        cancel_url: String,
    },
    /// It was granted.
    Granted {
        /// When it takes effect, Unix milliseconds.
        ready_at: i64,
        /// Stops it.
        cancel_url: String,
    },
    /// It was stopped.
    Cancelled,
    /// It took effect.
    Done,
}

/// Who may grant the request of somebody who lost their means of connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decider {
    /// A manager of one of their establishments, on the pages of the hub.
    Manager,
    /// The operator's support, by `guichet account recover`.
    Support {
        /// Sign-in address of the person, which the command takes.
        login_email: String,
    },
}

/// A mail to send.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "mail", rename_all = "snake_case")]
pub enum MailMessage {
    /// M01 sign-in code.
    SignInCode {
        /// The code.
        code: Code,
        /// Who asks.
        origin: Origin,
    },
    /// S-22 the half of a first sign-in that goes by mail.
    FirstSignInCode {
        /// The code.
        code: Code,
        /// Who asks.
        origin: Origin,
    },
    /// M24 somebody was designated manager, and may sign in for the first time.
    Designated {
        /// Until when, in Unix milliseconds.
        until: i64,
        /// Who did.
        origin: Origin,
    },
    /// M02 somebody tried to sign in with an address that has no account.
    NoAccount {
        /// Who asks.
        origin: Origin,
    },
    /// M03 code that proves the address of an account to be created.
    ConfirmAddress {
        /// The code.
        code: Code,
        /// Who asks.
        origin: Origin,
    },
    /// M04 somebody tried to create an account that exists.
    AccountExists {
        /// Who asks.
        origin: Origin,
    },
    /// M05 welcome.
    Welcome {
        /// Given name.
        given_name: String,
        /// Sign-in address.
        login_email: String,
        /// A password was chosen (otherwise a code at each sign-in).
        has_password: bool,
    },
    /// M06 password reset code.
    ResetCode {
        /// The code.
        code: Code,
        /// Who asks.
        origin: Origin,
    },
    /// M07 the password was changed.
    PasswordChanged {
        /// Who did.
        origin: Origin,
    },
    /// M08 code that proves a new address, sent to it.
    ConfirmNewAddress {
        /// The code.
        code: Code,
        /// Which address it becomes.
        address: Address,
        /// Who asks.
        origin: Origin,
    },
    /// M09 an address changes, sent to the old one.
    EmailChanging {
        /// Which.
        address: Address,
        /// The new address.
        new_email: String,
        /// Absolute address of the undo page.
        undo_url: String,
        /// Until when it works, in Unix milliseconds.
        undo_until: i64,
        /// Who did.
        origin: Origin,
    },
    /// Code that proves that an account is the person's, before an identity is linked to it (S-18).
    LinkCode {
        /// The code.
        code: Code,
        /// Who asks.
        origin: Origin,
    },
    /// Code sent to the official address of an establishment, for somebody who says that they work there.
    OfficialCode {
        /// The code.
        code: Code,
        /// Who, and where.
        claim: Box<OfficialClaim>,
        /// Who asks.
        origin: Origin,
    },
    /// AG-26 an individual signed in.
    Connected {
        /// Through what, by its name.
        provider: String,
        /// Who did.
        origin: Origin,
    },
    /// M10 sign-in from a browser never seen on this account.
    NewSignIn {
        /// Who did.
        origin: Origin,
    },
    /// What becomes of the request of somebody who lost their means of connection (S-11); to all their addresses.
    Recovery {
        /// Where it stands.
        step: RecoveryStep,
        /// Who acts.
        origin: Origin,
    },
    /// The same request, for those who may grant it.
    RecoveryToDecide {
        /// Who asks.
        name: String,
        /// Who reads it.
        decider: Decider,
        /// Whence.
        origin: Origin,
    },
    /// M11 and its like: a means or setting changed.
    SecurityNotice {
        /// What.
        event: SecurityEvent,
        /// Who did.
        origin: Origin,
    },
    /// M13 what happens to a person's card, sent to them.
    CardNotice {
        /// What.
        event: CardEvent,
        /// The last characters of its serial number.
        serial_end: String,
        /// The person who did it, when it was somebody of the establishment.
        by: Option<String>,
        /// When, and from where.
        origin: Origin,
    },
    /// A card needs those who manage the cards of the establishment.
    CardAlert {
        /// Why.
        alert: CardAlert,
        /// Its serial number.
        serial: String,
        /// Its holder.
        person: String,
        /// The establishment.
        establishment: String,
        /// Its SIRET.
        siret: String,
        /// When, in Unix milliseconds.
        at: i64,
    },
    /// M14 to M28: establishments, requests and rights.
    Organisation {
        /// What.
        event: OrgEvent,
        /// Its particulars.
        facts: Box<OrgFacts>,
    },
}
