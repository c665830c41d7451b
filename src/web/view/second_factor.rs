//! Additional verification and its enrolment (S-06 to S-11, S-21).

use askama::Template;

use super::{Errors, Page, link};

/// A means that may be chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FactorMeans {
    /// Passkey.
    Passkey,
    /// Authenticator application.
    Application,
    /// Physical card.
    Card,
    /// Recovery code.
    Recovery,
}

impl FactorMeans {
    /// Where it is proved.
    pub const fn path(self) -> &'static str {
        match self {
            Self::Passkey => "/connexion/verification/cle",
            Self::Application => "/connexion/verification/application",
            Self::Card => "/connexion/verification/carte",
            Self::Recovery => "/connexion/verification/secours",
        }
    }

    const fn key(self) -> &'static str {
        match self {
            Self::Passkey => "factor-means-passkey",
            Self::Application => "factor-means-application",
            Self::Card => "factor-means-card",
            Self::Recovery => "factor-means-recovery",
        }
    }
}

/// Why more is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// The service does.
    Service,
    /// The person's role.
    Role,
    /// The account's own setting.
    Person,
    /// Running the hub.
    Administration,
    /// What is about to be changed.
    Action,
}

impl Why {
    pub(super) fn text(self, page: &Page) -> String {
        let service = page.service.clone().unwrap_or_else(|| page.t.get("errors-this-service"));
        match self {
            Self::Service => super::form::capitalise(page.t.with("factor-why-service", &[("service", &service)])),
            Self::Role => page.t.get("factor-why-role"),
            Self::Person => page.t.get("factor-why-person"),
            Self::Administration => page.t.get("factor-why-administration"),
            Self::Action => page.t.get("factor-why-action"),
        }
    }
}

/// S-06 « Vérification supplémentaire »: the means to choose from.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/verification.html")]
pub struct MeansPage {
    /// Common part.
    pub page: Page,
    /// The sealed interaction.
    pub t: String,
    /// Who asks.
    pub why: Why,
    /// What the person has, preferred first.
    pub means: Vec<FactorMeans>,
}

/// S-07, S-08, S-10: a code to be typed. Posts `code` (and `code_suivant` when a card is found again) to the page itself.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/verification_code.html")]
pub struct FactorCodePage {
    /// Common part.
    pub page: Page,
    /// The sealed interaction.
    pub t: String,
    /// Who asks.
    pub why: Why,
    /// Application, card or recovery code.
    pub means: FactorMeans,
    /// S-08: two codes in a row are asked for.
    pub resynchronise: bool,
    /// There are other means.
    pub others: bool,
    /// Errors of `code`.
    pub errors: Errors,
}

impl FactorCodePage {
    fn action(&self) -> String {
        link(self.means.path(), &self.t)
    }

    /// Title, label and hint.
    const fn keys(&self) -> [&'static str; 3] {
        match (self.means, self.resynchronise) {
            (FactorMeans::Application | FactorMeans::Passkey, _) => {
                ["factor-application-title", "factor-application-label", "factor-application-hint"]
            }
            (FactorMeans::Card, true) => ["factor-card-again-title", "factor-card-again-label", "factor-card-again-hint"],
            (FactorMeans::Card, false) => ["factor-card-title", "factor-card-label", "factor-card-hint"],
            (FactorMeans::Recovery, _) => ["factor-recovery-title", "factor-recovery-label", "factor-recovery-hint"],
        }
    }

    fn title(&self) -> String {
        let [title, _, _] = self.keys();
        self.page.t.get(title)
    }

    fn label(&self) -> String {
        let [_, label, _] = self.keys();
        self.page.t.get(label)
    }

    fn hint(&self) -> String {
        let [_, _, hint] = self.keys();
        self.page.t.get(hint)
    }

    /// Name of the field.
    const fn field(&self) -> &'static str {
        if self.is_recovery() { "code_secours" } else { "code" }
    }

    const fn is_recovery(&self) -> bool {
        matches!(self.means, FactorMeans::Recovery)
    }
}

/// S-11 « Je n’ai plus accès à mes moyens de connexion ».
#[derive(Debug, Clone, Template)]
#[template(path = "pages/verification_perdu.html")]
pub struct LostPage {
    /// Common part.
    pub page: Page,
    /// The sealed interaction.
    pub t: String,
    /// A card is among the means.
    pub card: bool,
    /// Managers can be told; otherwise support is.
    pub managers: bool,
    /// The provider where the identity that was verified can be proved again, as people call it.
    pub identity: Option<String>,
    /// The request that is open: since when, and from when it takes effect once granted, both already formatted.
    pub open: Option<(String, Option<String>)>,
}

impl LostPage {
    fn waiting(&self) -> Option<String> {
        let (since, ready) = self.open.as_ref()?;
        Some(match ready {
            Some(ready) => self.page.t.with("factor-lost-granted", &[("date", ready)]),
            None => self.page.t.with("factor-lost-asked", &[("date", since)]),
        })
    }
}

/// S-21 « Renforcez votre connexion »: the choice of P-10 within a sign-in.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/renforcement.html")]
pub struct EnrolPage {
    /// Common part.
    pub page: Page,
    /// The sealed interaction.
    pub t: String,
    /// Who asks.
    pub why: Why,
    /// Days left to put it off; none when it must be done now.
    pub days_left: Option<u32>,
    /// Applications may be set up by oneself.
    pub application: bool,
    /// Only a passkey is strong enough.
    pub passkey_only: bool,
}

impl EnrolPage {
    fn later(&self) -> Option<String> {
        self.days_left.map(|n| self.page.t.count("factor-enrol-later", u64::from(n), &[]))
    }
}

/// The link of a mail that stops a request of S-11. Posts `demande` and `jeton_arret` to itself.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/secours_annuler.html")]
pub struct StopPage {
    /// Common part.
    pub page: Page,
    /// The request.
    pub demande: String,
    /// What proves the link.
    pub jeton_arret: String,
    /// It can be stopped.
    pub open: bool,
    /// It was, just now.
    pub stopped: bool,
}
