//! What every page shows, as plain data: one askama structure per page, one file per family.
//!
//! A structure holds owned, already formatted values and nothing else; handlers fill it and call
//! [`askama::Template::render`]. Texts come from [`Texts`], routes from [`link`]. Ids such as S-02 name the
//! screens of the interface inventory.

pub mod account;
pub mod acting;
pub mod cards;
pub mod catalogue;
pub mod creation;
pub mod error;
pub mod etablissement;
pub mod etablissement_journal;
pub mod etablissement_people;
pub mod etablissement_requests;
pub mod etablissement_rights;
pub mod etablissement_services;
pub mod etablissement_succession;
pub mod federation;
pub mod first_sign_in;
pub mod form;
pub mod identity;
pub mod org;
pub mod passkey;
pub mod portal;
pub mod requests;
pub mod second_factor;
pub mod security;
pub mod sign_in;
pub mod sign_out;
pub mod statics;

pub use crate::base::dates as format;
pub use form::{Errors, FieldError, Problem};

use askama::filters::Safe;

use crate::base::texts::{Locale, Texts};

/// What all pages have in common.
#[derive(Debug, Clone, Default)]
pub struct Page {
    /// The language and its texts.
    pub t: Texts,
    /// The operator's name for the whole, in titles and header.
    pub portal: String,
    /// Anti-forgery token (`jeton`) put in every form; empty on pages without a form of their own.
    pub jeton: String,
    /// « Prénom Nom » of the person signed in to the portal: the header then shows their menu.
    pub person: Option<String>,
    /// This person manages an establishment: the menu leads there.
    pub manager: bool,
    /// The service the person is on the way to, by its registered name: the header then has no navigation.
    pub service: Option<String>,
    /// Shown in a band on every page unless production.
    pub environment: Environment,
    /// The state of accessibility the operator declares, in every footer.
    pub conformity: Conformity,
    /// Shortest password accepted, in characters.
    pub password_min: u32,
    /// Path and query of this page, where switching language comes back to.
    pub path: String,
    /// One-time message above the title, kept by the server between a POST and the page after it.
    pub notice: Option<Notice>,
}

impl Page {
    /// `<title>`: « {step} – {service} – {portal} », with « Erreur : » in front when the form has errors.
    #[must_use]
    pub fn title(&self, step: impl AsRef<str>, in_error: bool) -> String {
        let parts = [Some(step.as_ref()), self.service.as_deref(), Some(self.portal.as_str())];
        let title = parts.into_iter().flatten().collect::<Vec<_>>().join(" – ");
        if in_error { format!("{} {title}", self.t.get("common-title-error")) } else { title }
    }

    /// The text of `key` as HTML, its arguments escaped and set in `<strong>`.
    #[must_use]
    pub fn strong(&self, key: &str, args: &[(&'static str, &str)]) -> Safe<String> {
        Safe(form::emphasise(self.t, key, args))
    }

    /// How long a password must be, and how to choose one.
    #[must_use]
    pub fn password_hint(&self) -> String {
        self.t.count("common-password-hint", u64::from(self.password_min), &[])
    }

    /// The sentence of a field's problem.
    #[must_use]
    pub fn problem(&self, problem: &Problem) -> String {
        problem.text(self.t)
    }

    /// The sentence of a one-time message.
    #[must_use]
    pub fn notice_text(&self, notice: &Notice) -> String {
        notice.text(self.t)
    }

    /// The other languages this page can be read in.
    #[must_use]
    pub fn other_locales(&self) -> Vec<Locale> {
        Locale::ALL.into_iter().filter(|locale| *locale != self.t.locale()).collect()
    }

    /// Whether this page is the one at `path`, whatever its query.
    #[must_use]
    pub fn is_at(&self, path: &str) -> bool {
        self.path.split('?').next() == Some(path)
    }

    /// Whether this page is below the one at `path`.
    #[must_use]
    pub fn is_under(&self, path: &str) -> bool {
        self.path.strip_prefix(path).is_some_and(|rest| rest.starts_with('/'))
    }

    /// The fingerprinted address of an embedded asset.
    #[must_use]
    pub fn asset(&self, name: &str) -> &'static str {
        crate::web::assets::asset_url(name)
    }
}

/// Which installation this is; anything but production says so on every page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Environment {
    /// The real thing: no band.
    #[default]
    Production,
    /// Fictitious data.
    Demonstration,
    /// For the operator's own tests.
    Test,
}

impl Environment {
    /// Key of the band's text; none in production.
    #[must_use]
    pub const fn band(self) -> Option<&'static str> {
        match self {
            Self::Production => None,
            Self::Demonstration => Some("common-band-demonstration"),
            Self::Test => Some("common-band-test"),
        }
    }
}

/// The state of accessibility, in the words required by law (decree 2019-768, article 4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Conformity {
    /// No audit yet, or less than half of the criteria.
    #[default]
    None,
    /// At least half.
    Partial,
    /// All.
    Full,
}

impl Conformity {
    /// Key of the words.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::None => "static-conformity-none",
            Self::Partial => "static-conformity-partial",
            Self::Full => "static-conformity-full",
        }
    }
}

/// A one-time message of success, shown once at the top of the next page (`role="status"`).
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Notice {
    /// The name or phone was saved.
    IdentitySaved,
    /// The password was changed and the other sessions were closed.
    PasswordChanged,
    /// A password now exists.
    PasswordAdded,
    /// The password was removed.
    PasswordRemoved,
    /// The sign-in address is now this one.
    LoginEmailChanged(String),
    /// The contact address is now this one.
    ContactEmailChanged(String),
    /// The change of address was undone; this is the address again.
    EmailChangeUndone(String),
    /// One session was closed.
    SessionClosed,
    /// All the other sessions were closed.
    OtherSessionsClosed,
    /// The consent given to this service was withdrawn.
    ConsentWithdrawn(String),
    /// A new code was sent at this time (« 10 h 42 »).
    CodeSent(String),
    /// Two new codes were sent at this time.
    CodesSent(String),
    /// A new code may be asked for in so many seconds.
    CodeTooEarly(u32),
    /// Too many codes were asked for; the next in so many minutes.
    TooManyCodes(u32),
    /// The message to support was kept.
    SignedOut,
    /// An authenticator application was added.
    ApplicationAdded,
    /// A means was renamed.
    MeansRenamed,
    /// A means was removed.
    MeansRemoved,
    /// A set of recovery codes was made.
    RecoveryMade,
    /// A recovery code was used; so many are left.
    RecoveryLeft(u32),
    /// Two-step verification is on.
    TwoStepOn,
    /// Two-step verification is off.
    TwoStepOff,
    /// A browser is no longer trusted.
    BrowserDistrusted,
    /// Something was done with a card.
    Card(cards::CardNotice),
    /// The loss of every means was reported.
    LostAsked,
    /// That request was stopped.
    LostCancelled,
    /// It was granted.
    LostGranted,
    /// A passkey was created; its name comes next.
    PasskeyAdded,
    /// This provider verified who the person is.
    IdentityVerified(String),
    /// That was removed.
    IdentityUnverified,
    /// The names that were typed are verified: they stay.
    IdentityLocked,
    /// The identity verifies another account.
    IdentityTaken,
    /// The account was verified as somebody else's.
    IdentityOfSomebodyElse,
    /// Nothing could be verified.
    IdentityUnavailable,
    /// The person was recognised: their means of connection go after the delay.
    LostProved,
    /// The person was not recognised.
    LostNotProved,
    /// Something was done about establishments, requests or rights.
    Org(org::OrgNotice),
    /// A manager did something in their establishment, or a person with their place.
    Place(etablissement::PlaceNotice),
}

impl Notice {
    /// The sentence.
    #[must_use]
    pub fn text(&self, t: Texts) -> String {
        match self {
            Self::IdentitySaved => t.get("account-notice-identity"),
            Self::PasswordChanged => t.get("account-notice-password-changed"),
            Self::PasswordAdded => t.get("account-notice-password-added"),
            Self::PasswordRemoved => t.get("account-notice-password-removed"),
            Self::LoginEmailChanged(email) => t.with("account-notice-login-email", &[("email", email)]),
            Self::ContactEmailChanged(email) => t.with("account-notice-contact-email", &[("email", email)]),
            Self::EmailChangeUndone(email) => t.with("account-notice-email-undone", &[("email", email)]),
            Self::SessionClosed => t.get("account-notice-session-closed"),
            Self::OtherSessionsClosed => t.get("account-notice-sessions-closed"),
            Self::ConsentWithdrawn(service) => t.with("account-notice-consent", &[("service", service)]),
            Self::CodeSent(time) => t.with("sign-in-code-sent-again", &[("time", time)]),
            Self::CodesSent(time) => t.with("sign-in-first-sent-again", &[("time", time)]),
            Self::CodeTooEarly(seconds) => t.count("sign-in-code-too-early", u64::from(*seconds), &[]),
            Self::TooManyCodes(minutes) => t.count("errors-too-many-codes", u64::from(*minutes), &[]),
            Self::SignedOut => t.get("account-notice-signed-out"),
            Self::ApplicationAdded => t.get("security-notice-application"),
            Self::MeansRenamed => t.get("security-notice-renamed"),
            Self::MeansRemoved => t.get("security-notice-removed"),
            Self::RecoveryMade => t.get("security-notice-recovery-made"),
            Self::RecoveryLeft(left) => t.count("security-notice-recovery-left", u64::from(*left), &[]),
            Self::TwoStepOn => t.get("security-notice-two-step-on"),
            Self::TwoStepOff => t.get("security-notice-two-step-off"),
            Self::BrowserDistrusted => t.get("security-notice-browser"),
            Self::Card(notice) => notice.text(t),
            Self::LostAsked => t.get("security-notice-lost-asked"),
            Self::LostCancelled => t.get("security-notice-lost-cancelled"),
            Self::LostGranted => t.get("security-notice-lost-granted"),
            Self::PasskeyAdded => t.get("account-notice-passkey-added"),
            Self::IdentityVerified(provider) => t.with("account-notice-identity-verified", &[("provider", provider)]),
            Self::IdentityUnverified => t.get("account-notice-identity-unverified"),
            Self::IdentityLocked => t.get("account-notice-identity-locked"),
            Self::IdentityTaken => t.get("account-notice-identity-taken"),
            Self::IdentityOfSomebodyElse => t.get("account-notice-identity-somebody-else"),
            Self::IdentityUnavailable => t.get("account-notice-identity-unavailable"),
            Self::LostProved => t.get("security-notice-lost-proved"),
            Self::LostNotProved => t.get("security-notice-lost-not-proved"),
            Self::Org(notice) => t.get(notice.key()),
            Self::Place(notice) => notice.text(t),
        }
    }
}

/// A link with its words, both ready to show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// The words.
    pub label: String,
    /// Where it goes; a path of ours, or an address registered by a client.
    pub url: String,
}

/// `path`, with the sealed interaction `t` in its query unless it is empty.
#[must_use]
pub fn link(path: &str, t: &str) -> String {
    if t.is_empty() {
        return path.to_owned();
    }
    let value: String = form_urlencoded::byte_serialize(t.as_bytes()).collect();
    format!("{path}?t={value}")
}
