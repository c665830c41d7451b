//! Signing in, forgotten password, gates and the way back to the service (S-02 to S-05, S-12, S-13, S-16, S-19,
//! S-23, S-24, S-30).

use askama::Template;
use serde::{Deserialize, Serialize};

use super::federation::UpstreamButton;
use super::passkey::PasskeyForm;
use super::{Errors, Page, link};

/// S-02 « Connexion »: who are you? Posts `courriel` to `/connexion`.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/connexion.html")]
pub struct SignInPage {
    /// Common part.
    pub page: Page,
    /// The sealed interaction; empty when signing in to the portal itself.
    pub t: String,
    /// What was typed, or the `login_hint`.
    pub courriel: String,
    /// « Vouliez-vous dire … ? »: the whole corrected address, offered as a button that submits it.
    pub suggestion: Option<String>,
    /// People may create an account by themselves.
    pub registration: bool,
    /// Designated managers may sign in for the first time (S-22).
    pub first: bool,
    /// Upstream providers for individuals, first on the page.
    pub upstreams: Vec<UpstreamButton>,
    /// Those for professionals, after the address.
    pub agents: Vec<UpstreamButton>,
    /// The passkey button, with what the browser needs to offer keys under the address field.
    pub passkey: Option<PasskeyForm>,
    /// Errors of `courriel`.
    pub errors: Errors,
}

impl SignInPage {
    fn action(&self) -> String {
        link("/connexion", &self.t)
    }
}

/// What a code sent by e-mail is for: the same page serves five journeys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodePurpose {
    /// S-03 signing in.
    SignIn,
    /// C-02 proving the address of an account to be created.
    Creation,
    /// S-23 forgotten password.
    Reset,
    /// P-06 changing the sign-in address.
    LoginEmail,
    /// P-06 changing the contact address.
    ContactEmail,
    /// S-17 the first contact address of an individual.
    FirstContact,
    /// S-18 the account an identity may belong to.
    Link,
}

impl CodePurpose {
    const fn path(self) -> &'static str {
        match self {
            Self::SignIn => "/connexion/code",
            Self::Creation => "/creation/code",
            Self::Reset => "/mot-de-passe-oublie/code",
            Self::LoginEmail => "/compte/courriel-connexion/code",
            Self::ContactEmail => "/compte/courriel-contact/code",
            Self::FirstContact => "/connexion/finaliser/code",
            Self::Link => "/connexion/rapprochement/code",
        }
    }

    const fn back(self) -> &'static str {
        match self {
            Self::SignIn => "/connexion",
            Self::Creation => "/creation",
            Self::Reset => "/mot-de-passe-oublie",
            Self::LoginEmail => "/compte/courriel-connexion",
            Self::ContactEmail => "/compte/courriel-contact",
            Self::FirstContact => "/connexion/finaliser",
            Self::Link => "/connexion/rapprochement",
        }
    }
}

/// S-03 and C-02 « Saisissez le code reçu par e-mail ». Posts `code` to the journey's `…/code`; « Renvoyer un code »
/// posts to `…/code/renvoyer`.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/code.html")]
pub struct CodePage {
    /// Common part.
    pub page: Page,
    /// The sealed interaction; empty when there is none.
    pub t: String,
    /// The journey.
    pub purpose: CodePurpose,
    /// Where the code was sent.
    pub courriel: String,
    /// The address codes come from, to authorise in anti-spam tools.
    pub sender: String,
    /// How long a code is valid, in minutes.
    pub validity_minutes: u32,
    /// Seconds before another code may be asked for; 0 when it may be now. The button always works.
    pub resend_in: u32,
    /// Third resend or later: the help block is open.
    pub help_open: bool,
    /// The address is settled (re-authentication): no « Modifier l’adresse e-mail ».
    pub fixed: bool,
    /// People may create an account by themselves.
    pub registration: bool,
    /// The code follows a password: the browser may be trusted for so many days (ux 3.6).
    pub trust_days: Option<u32>,
    /// Errors of `code`.
    pub errors: Errors,
}

impl CodePage {
    /// Where the code is posted.
    #[must_use]
    pub fn action(&self) -> String {
        link(self.purpose.path(), &self.t)
    }

    /// Where another code is asked for.
    #[must_use]
    pub fn resend_action(&self) -> String {
        link(&format!("{}/renvoyer", self.purpose.path()), &self.t)
    }

    /// Where the address can be changed.
    #[must_use]
    pub fn back(&self) -> String {
        link(self.purpose.back(), &self.t)
    }

    fn is_sign_in(&self) -> bool {
        self.purpose == CodePurpose::SignIn
    }

    /// Sign-in and reset never say whether the account exists.
    fn is_neutral(&self) -> bool {
        matches!(self.purpose, CodePurpose::SignIn | CodePurpose::Reset)
    }

    fn step(&self) -> Option<String> {
        let step = || self.page.t.with("common-step", &[("step", "2"), ("total", "4")]);
        (self.purpose == CodePurpose::Creation).then(step)
    }

    fn validity(&self) -> String {
        self.page.t.count("sign-in-code-valid", u64::from(self.validity_minutes), &[])
    }

    fn resend_later(&self) -> String {
        self.page.t.count("sign-in-code-resend-later", u64::from(self.resend_in), &[])
    }
}

/// S-04 « Saisissez votre mot de passe ». Posts `courriel`, `mot_de_passe` to `/connexion/mot-de-passe`.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/mot_de_passe.html")]
pub struct PasswordPage {
    /// Common part.
    pub page: Page,
    /// The sealed interaction.
    pub t: String,
    /// The address, shown read-only so that password managers keep the pair.
    pub courriel: String,
    /// The address is settled (re-authentication): no « Modifier l’adresse e-mail ».
    pub fixed: bool,
    /// Errors of `mot_de_passe`.
    pub errors: Errors,
}

/// S-05 « Autres moyens de connexion »: the means the deployment supports, the same for everybody.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/autres_moyens.html")]
pub struct OtherMeansPage {
    /// Common part.
    pub page: Page,
    /// The sealed interaction.
    pub t: String,
    /// Upstream providers for individuals.
    pub upstreams: Vec<UpstreamButton>,
    /// The passkey button.
    pub passkey: Option<PasskeyForm>,
}

/// S-12 « Continuer en tant que … »: posts `choix` (`continuer` or `autre`) to `/connexion/compte`.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/choix_compte.html")]
pub struct ChooseAccountPage {
    /// Common part.
    pub page: Page,
    /// The sealed interaction.
    pub t: String,
    /// « Prénom Nom » of the live session.
    pub name: String,
    /// Its sign-in address.
    pub courriel: String,
}

/// Why an identity is confirmed again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConfirmReason {
    /// The service asks for a fresh sign-in (`prompt=login`).
    ServiceAsks,
    /// The last sign-in is older than the service accepts (`max_age`).
    TooOld,
    /// A sensitive change in « Mon compte ».
    SensitiveAction,
}

/// S-13 « Confirmez votre identité », with the address settled. « Recevoir un code » posts to
/// `/connexion/code/renvoyer`; the password is a link to S-04.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/confirmer.html")]
pub struct ConfirmPage {
    /// Common part.
    pub page: Page,
    /// The sealed interaction.
    pub t: String,
    /// The sign-in address of the session.
    pub courriel: String,
    /// Why.
    pub reason: ConfirmReason,
    /// The provider that the address leads to, which confirms in the place of codes and passwords.
    pub upstream: Option<UpstreamButton>,
    /// The passkey button.
    pub passkey: Option<PasskeyForm>,
}

impl ConfirmPage {
    fn explanation(&self) -> String {
        let t = self.page.t;
        let service = self.page.service.as_deref().unwrap_or(self.page.portal.as_str());
        match self.reason {
            ConfirmReason::ServiceAsks => t.with("sign-in-confirm-service", &[("service", service)]),
            ConfirmReason::TooOld => t.with("sign-in-confirm-old", &[("service", service)]),
            ConfirmReason::SensitiveAction => t.get("sign-in-confirm-sensitive"),
        }
    }
}

/// S-19 new terms of use: posts `acceptation` to `/connexion/conditions`.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/conditions_nouvelles.html")]
pub struct TermsGatePage {
    /// Common part.
    pub page: Page,
    /// The sealed interaction.
    pub t: String,
    /// Date of the version, already formatted.
    pub date: String,
    /// What changes, one sentence each, by the operator.
    pub changes: Vec<String>,
    /// Errors of `acceptation`.
    pub errors: Errors,
}

/// A piece of information a service receives, with its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SharedValue {
    /// What it is.
    pub kind: SharedKind,
    /// The value transmitted, shown as is.
    pub value: String,
}

/// Something that a person may leave out of what a service asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OptionalShare {
    /// The scope, posted as `portee` when it is ticked.
    pub scope: String,
    /// Allowed before.
    pub given: bool,
    /// What it gives; nothing when it is not information about the person.
    pub kinds: Vec<SharedKind>,
    /// The values that would be transmitted, as far as they are known.
    pub values: Vec<String>,
}

/// The kinds of information that scopes give (OpenID Connect Core §5.4, french-domain §1.4 and §2.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum SharedKind {
    /// `given_name`.
    GivenName,
    /// `family_name`.
    FamilyName,
    /// `email`.
    Email,
    /// `phone_number`.
    Phone,
    /// The function held.
    Function,
    /// `locale`.
    Language,
    /// `updated_at`.
    UpdatedAt,
    /// The opaque identifier only (`sub`).
    Identifier,
    /// *Nom d'usage*.
    PreferredName,
    /// `gender`.
    Gender,
    /// `birthdate`.
    BirthDate,
    /// `birthplace`, a COG code.
    BirthPlace,
    /// `birthcountry`, a COG code.
    BirthCountry,
    /// The name of the establishment the person acts for.
    Organization,
    /// Its SIRET.
    Siret,
    /// The SIREN of its company.
    Siren,
    /// Names of the profiles of `habilitations`.
    Rights,
}

impl SharedKind {
    /// Key of its name.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::GivenName => "common-given-name",
            Self::FamilyName => "common-family-name",
            Self::Email => "common-email",
            Self::Phone => "common-phone",
            Self::Function => "common-function",
            Self::Language => "common-language",
            Self::UpdatedAt => "sign-in-consent-updated-at",
            Self::Identifier => "sign-in-consent-identifier",
            Self::PreferredName => "sign-in-consent-preferred-name",
            Self::Gender => "sign-in-consent-gender",
            Self::BirthDate => "sign-in-consent-birth-date",
            Self::BirthPlace => "sign-in-consent-birth-place",
            Self::BirthCountry => "sign-in-consent-birth-country",
            Self::Organization => "sign-in-consent-organization",
            Self::Siret => "sign-in-consent-siret",
            Self::Siren => "sign-in-consent-siren",
            Self::Rights => "sign-in-consent-rights",
        }
    }
}

/// S-16 consent: posts `decision` (`autoriser` or `refuser`), and `portee` for each box ticked, to `/connexion/autorisation`.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/autorisation.html")]
pub struct ConsentPage {
    /// Common part; `service` names who asks.
    pub page: Page,
    /// The sealed interaction.
    pub t: String,
    /// The service's registered name.
    pub service: String,
    /// What is transmitted, with values.
    pub values: Vec<SharedValue>,
    /// What may be left out: boxes, unticked.
    pub optional: Vec<OptionalShare>,
    /// `offline_access`: the service keeps access when the person is away.
    pub offline: bool,
    /// The service's `policy_uri`.
    pub privacy_url: Option<String>,
    /// The service's `tos_uri`.
    pub terms_url: Option<String>,
}

impl ConsentPage {
    fn share(&self, share: &OptionalShare) -> String {
        match share.scope.as_str() {
            "offline_access" => self.page.t.get("sign-in-consent-optional-offline"),
            "account" => self.page.t.get("sign-in-consent-optional-account"),
            scope if share.kinds.is_empty() => self.page.t.with("sign-in-consent-optional-other", &[("scope", scope)]),
            _ => kinds_text(&self.page, &share.kinds),
        }
    }
}

fn kinds_text(page: &Page, kinds: &[SharedKind]) -> String {
    kinds.iter().map(|kind| page.t.get(kind.key())).collect::<Vec<_>>().join(", ")
}

/// S-24 relay to the service after an interactive sign-in. The handler adds `Refresh: 0; url=…`.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/suite.html")]
pub struct RelayPage {
    /// Common part.
    pub page: Page,
    /// The service's registered name.
    pub service: String,
    /// The redirect URI with the response in it.
    pub url: String,
    /// Signed in, or an error goes back to the service (refusal, cancellation).
    pub success: bool,
    /// What a service of the same operator receives, of which the person was not asked.
    pub told: Vec<SharedKind>,
}

impl RelayPage {
    fn heading(&self) -> String {
        relay_heading(&self.page, self.success)
    }

    fn told_text(&self) -> String {
        relay_told(&self.page, &self.service, &self.told)
    }
}

fn relay_told(page: &Page, service: &str, told: &[SharedKind]) -> String {
    page.t.with("sign-in-relay-told", &[("service", service), ("kinds", kinds_text(page, told).as_str())])
}

fn relay_heading(page: &Page, success: bool) -> String {
    page.t.get(if success { "sign-in-relay-title" } else { "sign-in-relay-back-title" })
}

/// `response_mode=form_post` (OAuth 2.0 Form Post Response Mode §2): hidden fields and one button.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/form_post.html")]
pub struct FormPostPage {
    /// Common part.
    pub page: Page,
    /// The service's registered name.
    pub service: String,
    /// The redirect URI.
    pub url: String,
    /// Response parameters, in order.
    pub params: Vec<(String, String)>,
    /// As in [`RelayPage`].
    pub success: bool,
    /// As in [`RelayPage`].
    pub told: Vec<SharedKind>,
}

impl FormPostPage {
    fn heading(&self) -> String {
        relay_heading(&self.page, self.success)
    }

    fn told_text(&self) -> String {
        relay_told(&self.page, &self.service, &self.told)
    }
}

/// S-23 « Mot de passe oublié »: posts `courriel` to `/mot-de-passe-oublie`; the code page follows.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/mot_de_passe_oublie.html")]
pub struct ForgottenPage {
    /// Common part.
    pub page: Page,
    /// The sealed interaction.
    pub t: String,
    /// What was typed.
    pub courriel: String,
    /// Errors of `courriel`.
    pub errors: Errors,
}

/// S-23b « Nouveau mot de passe »: posts `nouveau_mot_de_passe` to `/mot-de-passe-oublie/nouveau`.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/nouveau_mot_de_passe.html")]
pub struct NewPasswordPage {
    /// Common part.
    pub page: Page,
    /// The sealed interaction.
    pub t: String,
    /// The address, for password managers.
    pub courriel: String,
    /// Errors of `nouveau_mot_de_passe`.
    pub errors: Errors,
}

/// S-30 the cookie set one hop before did not come back.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/cookies.html")]
pub struct CookiesPage {
    /// Common part.
    pub page: Page,
    /// Where « Réessayer » leads.
    pub retry_url: String,
}
