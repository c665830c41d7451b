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
    fn text(self, page: &Page) -> String {
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

    fn text(&self, what: &str) -> String {
        let of = match self.means {
            FactorMeans::Application | FactorMeans::Passkey => "application",
            FactorMeans::Card if self.resynchronise => "card-again",
            FactorMeans::Card => "card",
            FactorMeans::Recovery => "recovery",
        };
        self.page.t.get(&format!("factor-{of}-{what}"))
    }

    fn is_recovery(&self) -> bool {
        self.means == FactorMeans::Recovery
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
