//! « Mon compte » (P-06 to P-08, P-14, P-16, P-18).

use askama::Template;

use super::{Errors, Page};

/// P-06 « Mon compte »: the summary.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/compte.html")]
pub struct AccountPage {
    /// Common part.
    pub page: Page,
    /// Given name.
    pub prenom: String,
    /// Family name.
    pub nom: String,
    /// Sign-in address.
    pub login_email: String,
    /// Contact address.
    pub contact_email: String,
    /// Phone, if given.
    pub telephone: Option<String>,
    /// Function, if given.
    pub fonction: Option<String>,
    /// Date the password was set, already formatted; none without a password.
    pub password_since: Option<String>,
    /// 1, 2 or 3: the strongest sign-in the means allow.
    pub level: i64,
    /// Number of live sessions, this one included.
    pub sessions: u32,
    /// Date and time of the last sign-in, already formatted.
    pub last_sign_in: Option<String>,
}

impl AccountPage {
    fn phone_text(&self) -> String {
        self.telephone.clone().unwrap_or_else(|| self.page.t.get("account-phone-empty"))
    }

    fn function_text(&self) -> String {
        self.fonction.clone().unwrap_or_else(|| self.page.t.get("account-function-empty"))
    }

    fn password_text(&self) -> String {
        match &self.password_since {
            Some(date) => self.page.t.with("account-password-since", &[("date", date)]),
            None => self.page.t.get("account-password-none"),
        }
    }

    fn password_action(&self) -> String {
        self.page.t.get(if self.password_since.is_some() { "common-edit" } else { "account-password-add" })
    }

    fn strong_text(&self) -> String {
        self.page.t.get(match self.level {
            3 => "security-level-3",
            2 => "security-level-2",
            _ => "security-level-1",
        })
    }

    fn sessions_text(&self) -> String {
        self.page.t.count("account-sessions-count", u64::from(self.sessions), &[])
    }

    fn last_sign_in_text(&self) -> String {
        match &self.last_sign_in {
            Some(date) => self.page.t.with("account-last-sign-in", &[("date", date)]),
            None => self.page.t.get("account-no-sign-in"),
        }
    }
}

/// Which of the two addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EmailKind {
    /// The one that signs in.
    Login,
    /// The one that receives notices.
    Contact,
}

/// Change an address: posts `courriel` to `/compte/courriel-connexion` or `/compte/courriel-contact`; the
/// code page ([`super::sign_in::CodePage`]) follows.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/compte_courriel.html")]
pub struct AccountEmailPage {
    /// Common part.
    pub page: Page,
    /// Which.
    pub kind: EmailKind,
    /// The present address.
    pub current: String,
    /// Notices go to the sign-in address: there is no other.
    pub shared: bool,
    /// The new one, as typed.
    pub courriel: String,
    /// Errors of `courriel`.
    pub errors: Errors,
}

impl AccountEmailPage {
    fn heading(&self) -> String {
        self.page.t.get(match self.kind {
            EmailKind::Login => "account-login-email-title",
            EmailKind::Contact => "account-contact-email-title",
        })
    }

    fn explanation(&self) -> String {
        self.page.t.get(match self.kind {
            EmailKind::Login if self.shared => "account-login-email-explain-shared",
            EmailKind::Login => "account-login-email-explain",
            EmailKind::Contact => "account-contact-email-explain",
        })
    }

    fn label(&self) -> String {
        self.page.t.get(match self.kind {
            EmailKind::Login => "account-new-login-email",
            EmailKind::Contact => "account-new-contact-email",
        })
    }

    const fn action(&self) -> &'static str {
        match self.kind {
            EmailKind::Login => "/compte/courriel-connexion",
            EmailKind::Contact => "/compte/courriel-contact",
        }
    }
}

/// P-07 change, add or remove the password: posts `mot_de_passe` (present one), `nouveau_mot_de_passe` to
/// `/compte/mot-de-passe`; removal posts to `/compte/mot-de-passe/supprimer`.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/compte_mot_de_passe.html")]
pub struct AccountPasswordPage {
    /// Common part.
    pub page: Page,
    /// The sign-in address, for password managers.
    pub courriel: String,
    /// A password exists.
    pub has_password: bool,
    /// Ask for the present one (it exists and the last sign-in is not recent).
    pub ask_current: bool,
    /// Errors by field.
    pub errors: Errors,
}

impl AccountPasswordPage {
    fn heading(&self) -> String {
        let key = if self.has_password { "account-password-title-change" } else { "account-password-title-add" };
        self.page.t.get(key)
    }
}

/// One live session of P-14.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionLine {
    /// Public id, posted back as `session`.
    pub id: String,
    /// Browser and system, such as « Firefox, Linux »; empty when unknown.
    pub device: String,
    /// Date and time it was opened.
    pub since: String,
    /// Date and time it was last used.
    pub last_used: String,
    /// Services opened in it.
    pub services: Vec<String>,
    /// This very browser.
    pub current: bool,
}

/// P-14 « Appareils connectés »: posts `session` to `/compte/sessions`, or `autres=1` for all the others.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/compte_sessions.html")]
pub struct SessionsPage {
    /// Common part.
    pub page: Page,
    /// Live sessions, the current one first.
    pub sessions: Vec<SessionLine>,
}

impl SessionsPage {
    fn has_others(&self) -> bool {
        self.sessions.iter().any(|session| !session.current)
    }

    fn device(&self, session: &SessionLine) -> String {
        if session.device.is_empty() { self.page.t.get("account-session-unknown") } else { session.device.clone() }
    }

    fn session_name(&self, session: &SessionLine) -> String {
        let device = self.device(session);
        self.page.t.with("account-session-close-name", &[("device", &device), ("since", &session.since)])
    }
}

/// A security event in plain words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ActivityKind {
    /// The account was created.
    AccountCreated,
    /// Signed in with a code by e-mail.
    SignedInByCode,
    /// Signed in with a password.
    SignedInByPassword,
    /// A wrong password or code was given.
    SignInFailed,
    /// Password sign-in was suspended after too many tries.
    PasswordLocked,
    /// A service was opened without signing in again.
    ServiceOpened,
    /// Signed out.
    SignedOut,
    /// A session was closed from « Appareils connectés ».
    SessionClosed,
    /// A password was set or changed.
    PasswordChanged,
    /// The password was removed.
    PasswordRemoved,
    /// A reset code was asked for.
    ResetAsked,
    /// The sign-in address was changed.
    LoginEmailChanged,
    /// The contact address was changed.
    ContactEmailChanged,
    /// A change of address was undone.
    EmailChangeUndone,
    /// Name or phone were changed.
    IdentityChanged,
    /// A service was allowed to receive data.
    ConsentGiven,
    /// That was withdrawn.
    ConsentWithdrawn,
    /// The terms of use were accepted.
    TermsAccepted,
    /// The operator changed something.
    ChangedByOperator,
    /// Signed in with a passkey.
    SignedInByPasskey,
    /// Through an upstream provider.
    SignedInByUpstream,
    /// An upstream identity was linked.
    IdentityLinked,
    /// It was unlinked.
    IdentityUnlinked,
    /// A provider verified who the person is.
    IdentityVerified,
    /// That was removed.
    IdentityUnverified,
    /// A second factor was proved.
    SecondFactor,
    /// An authenticator application was added.
    ApplicationAdded,
    /// One was removed.
    ApplicationRemoved,
    /// A passkey was added.
    PasskeyAdded,
    /// One was removed.
    PasskeyRemoved,
    /// A passkey that may have been copied was refused.
    PasskeySuspended,
    /// A means was renamed.
    MeansRenamed,
    /// Recovery codes were made.
    RecoveryCodesMade,
    /// A recovery code was used.
    RecoveryCodeUsed,
    /// Help was asked for by somebody who lost their means.
    RecoveryAsked,
    /// It was granted.
    RecoveryGranted,
    /// It was cancelled.
    RecoveryCancelled,
    /// The means are gone.
    RecoveryDone,
    /// A browser was trusted.
    BrowserTrusted,
    /// It no longer is.
    BrowserDistrusted,
    /// A card was linked.
    CardLinked,
    /// It was unlinked.
    CardUnlinked,
    /// It was locked after repeated failures.
    CardLocked,
    /// The card was reported lost.
    CardLost,
    /// What the account demands of sign-ins changed.
    DemandChanged,
}

impl ActivityKind {
    /// All of them.
    pub const ALL: [Self; 45] = [
        Self::AccountCreated,
        Self::SignedInByCode,
        Self::SignedInByPassword,
        Self::SignInFailed,
        Self::PasswordLocked,
        Self::ServiceOpened,
        Self::SignedOut,
        Self::SessionClosed,
        Self::PasswordChanged,
        Self::PasswordRemoved,
        Self::ResetAsked,
        Self::LoginEmailChanged,
        Self::ContactEmailChanged,
        Self::EmailChangeUndone,
        Self::IdentityChanged,
        Self::ConsentGiven,
        Self::ConsentWithdrawn,
        Self::TermsAccepted,
        Self::ChangedByOperator,
        Self::SignedInByPasskey,
        Self::SignedInByUpstream,
        Self::IdentityLinked,
        Self::IdentityUnlinked,
        Self::IdentityVerified,
        Self::IdentityUnverified,
        Self::SecondFactor,
        Self::ApplicationAdded,
        Self::ApplicationRemoved,
        Self::PasskeyAdded,
        Self::PasskeyRemoved,
        Self::PasskeySuspended,
        Self::MeansRenamed,
        Self::RecoveryCodesMade,
        Self::RecoveryCodeUsed,
        Self::RecoveryAsked,
        Self::RecoveryGranted,
        Self::RecoveryCancelled,
        Self::RecoveryDone,
        Self::BrowserTrusted,
        Self::BrowserDistrusted,
        Self::CardLinked,
        Self::CardUnlinked,
        Self::CardLocked,
        Self::CardLost,
        Self::DemandChanged,
    ];

    /// Key of the words.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::AccountCreated => "account-activity-created",
            Self::SignedInByCode => "account-activity-signed-in-code",
            Self::SignedInByPassword => "account-activity-signed-in-password",
            Self::SignInFailed => "account-activity-failed",
            Self::PasswordLocked => "account-activity-locked",
            Self::ServiceOpened => "account-activity-service",
            Self::SignedOut => "account-activity-signed-out",
            Self::SessionClosed => "account-activity-session-closed",
            Self::PasswordChanged => "account-activity-password-changed",
            Self::PasswordRemoved => "account-activity-password-removed",
            Self::ResetAsked => "account-activity-reset-asked",
            Self::LoginEmailChanged => "account-activity-login-email",
            Self::ContactEmailChanged => "account-activity-contact-email",
            Self::EmailChangeUndone => "account-activity-email-undone",
            Self::IdentityChanged => "account-activity-identity",
            Self::ConsentGiven => "account-activity-consent",
            Self::ConsentWithdrawn => "account-activity-consent-withdrawn",
            Self::TermsAccepted => "account-activity-terms",
            Self::ChangedByOperator => "account-activity-operator",
            Self::SignedInByPasskey => "account-activity-signed-in-passkey",
            Self::SignedInByUpstream => "account-activity-signed-in-upstream",
            Self::IdentityLinked => "account-activity-identity-linked",
            Self::IdentityUnlinked => "account-activity-identity-unlinked",
            Self::IdentityVerified => "account-activity-identity-verified",
            Self::IdentityUnverified => "account-activity-identity-unverified",
            Self::SecondFactor => "account-activity-second-factor",
            Self::ApplicationAdded => "account-activity-application-added",
            Self::ApplicationRemoved => "account-activity-application-removed",
            Self::PasskeyAdded => "account-activity-passkey-added",
            Self::PasskeyRemoved => "account-activity-passkey-removed",
            Self::PasskeySuspended => "account-activity-passkey-suspended",
            Self::MeansRenamed => "account-activity-means-renamed",
            Self::RecoveryCodesMade => "account-activity-recovery-made",
            Self::RecoveryCodeUsed => "account-activity-recovery-used",
            Self::RecoveryAsked => "account-activity-recovery-asked",
            Self::RecoveryGranted => "account-activity-recovery-granted",
            Self::RecoveryCancelled => "account-activity-recovery-cancelled",
            Self::RecoveryDone => "account-activity-recovery-done",
            Self::BrowserTrusted => "account-activity-browser-trusted",
            Self::BrowserDistrusted => "account-activity-browser-distrusted",
            Self::CardLinked => "account-activity-card-linked",
            Self::CardUnlinked => "account-activity-card-unlinked",
            Self::CardLocked => "account-activity-card-locked",
            Self::CardLost => "account-activity-card-lost",
            Self::DemandChanged => "account-activity-demand-changed",
        }
    }
}

/// One line of P-16.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActivityLine {
    /// Date and time, already formatted.
    pub when: String,
    /// What happened.
    pub kind: ActivityKind,
    /// The service concerned, if any.
    pub service: Option<String>,
    /// Browser and system, if known.
    pub device: Option<String>,
}

/// The events of P-16 that are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ActivityFamily {
    /// All of them.
    #[default]
    All,
    /// Signing in and out.
    SignIns,
    /// Changes of the account.
    Account,
    /// Services and what they receive.
    Services,
}

impl ActivityFamily {
    /// All of them, in the order of the page.
    pub const ALL: [Self; 4] = [Self::All, Self::SignIns, Self::Account, Self::Services];

    /// The value of `famille` in addresses.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::All => "tout",
            Self::SignIns => "connexions",
            Self::Account => "compte",
            Self::Services => "services",
        }
    }

    /// Reads a value of `famille`.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|family| family.name() == name)
    }

    const fn key(self) -> &'static str {
        match self {
            Self::All => "account-activity-family-all",
            Self::SignIns => "account-activity-family-sign-ins",
            Self::Account => "account-activity-family-account",
            Self::Services => "account-activity-family-services",
        }
    }
}

/// P-16 own history.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/compte_activite.html")]
pub struct ActivityPage {
    /// Common part.
    pub page: Page,
    /// Which events.
    pub family: ActivityFamily,
    /// Events, the latest first.
    pub lines: Vec<ActivityLine>,
    /// Address of the next page of older events.
    pub older_url: Option<String>,
    /// Address of the first page, when this is not it.
    pub newest_url: Option<String>,
}

/// « Ce n’est pas moi » (P-16): posts to `/compte/pas-moi`, which closes the other sessions and goes on to the password.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/compte_pas_moi.html")]
pub struct NotMePage {
    /// Common part.
    pub page: Page,
    /// A password exists: it will be changed.
    pub has_password: bool,
}

/// One line of P-18.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsentLine {
    /// Client id, posted back as `service`.
    pub id: String,
    /// The service's name.
    pub service: String,
    /// What it receives.
    pub kinds: Vec<super::sign_in::SharedKind>,
    /// It keeps access when the person is away.
    pub offline: bool,
    /// Date given, already formatted.
    pub since: String,
    /// Last use, already formatted.
    pub last_used: Option<String>,
}

/// P-18 services allowed: posts `service` to `/compte/autorisations`.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/compte_autorisations.html")]
pub struct ConsentsPage {
    /// Common part.
    pub page: Page,
    /// Consents in force.
    pub consents: Vec<ConsentLine>,
}

impl ConsentsPage {
    fn data(&self, consent: &ConsentLine) -> String {
        consent.kinds.iter().map(|kind| self.page.t.get(kind.key())).collect::<Vec<_>>().join(", ")
    }
}

/// Undo of a change of address, from the link of M09: a GET shows this page, its button posts
/// `jeton_annulation` to `/compte/courriel/annuler`.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/compte_courriel_annuler.html")]
pub struct UndoEmailPage {
    /// Common part.
    pub page: Page,
    /// The opaque token of the link.
    pub undo_token: String,
    /// State of the link.
    pub state: UndoState,
}

impl UndoEmailPage {
    fn heading(&self) -> String {
        self.page.t.get(match self.state {
            UndoState::Ready { .. } => "account-undo-title",
            UndoState::Expired => "account-undo-expired-title",
        })
    }
}

/// Whether the undo link is still good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UndoState {
    /// It can be used: from the new address back to the old one.
    Ready {
        /// Which address.
        kind: EmailKind,
        /// The address to give back.
        old: String,
        /// The address in place now.
        new: String,
    },
    /// Too old, already used or unknown.
    Expired,
}
