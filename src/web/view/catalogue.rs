//! « Tous nos services » (P-02), one service (P-03), asking for access (P-04).

use askama::Template;

use super::portal::ServiceTile;
use super::{Errors, Page};

/// How a service stands for the person who looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Nobody in particular looks, or it is open to all.
    Open,
    /// The person has access for one of their establishments.
    Granted,
    /// A request waits.
    Pending,
    /// It is to be asked for.
    OnRequest,
}

impl Standing {
    /// Key of the badge.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Open => "org-service-open",
            Self::Granted => "org-service-granted",
            Self::Pending => "org-service-pending",
            Self::OnRequest => "org-service-on-request",
        }
    }

    /// Whether the person may enter.
    pub const fn enters(self) -> bool {
        match self {
            Self::Open | Self::Granted => true,
            Self::Pending | Self::OnRequest => false,
        }
    }
}

/// A service of the catalogue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CatalogueTile {
    /// Identifier.
    pub id: String,
    /// Name.
    pub name: String,
    /// One sentence.
    pub description: Option<String>,
    /// Key of the words for whom it is.
    pub audience: &'static str,
    /// How it stands.
    pub standing: Standing,
    /// Where it is, for who may enter.
    pub url: Option<String>,
}

/// P-02 « Tous nos services », `/services?q=&theme=`, public.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/services.html")]
pub struct ServicesPage {
    /// Common part.
    pub page: Page,
    /// What was looked for.
    pub q: String,
    /// Themes, each with whether it is chosen.
    pub themes: Vec<(String, bool)>,
    /// The catalogue, as narrowed.
    pub services: Vec<CatalogueTile>,
    /// Services that are in no catalogue: clients with a home page.
    pub others: Vec<ServiceTile>,
}

/// P-03 one service, `/services/{id}`.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/service.html")]
pub struct ServicePage {
    /// Common part.
    pub page: Page,
    /// The service.
    pub tile: CatalogueTile,
    /// Facts: key of the term, and the value.
    pub facts: Vec<(&'static str, String)>,
    /// Links: key of the words, and the address.
    pub links: Vec<(&'static str, String)>,
    /// Where to ask for access; none when there is nothing to ask.
    pub ask_url: Option<String>,
    /// What the person holds of it.
    pub held: Vec<OwnRight>,
}

/// A right of the person who looks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnRight {
    /// Name of the service.
    pub service: String,
    /// Name of the establishment.
    pub establishment: String,
    /// Names of the profiles.
    pub profiles: String,
    /// Key of the state.
    pub state: &'static str,
    /// Its last day.
    pub until: Option<String>,
    /// Where its renewal is asked for, when it may be.
    pub renew_url: Option<String>,
}

/// One thing to tick or choose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tick {
    /// Value.
    pub value: String,
    /// Words.
    pub label: String,
    /// More words.
    pub hint: String,
    /// Whether it is chosen.
    pub chosen: bool,
}

/// P-04 « Demander un accès », `?etablissement=&filtre=&apres=`: posts `etablissement`, `profil` (several) and `motif`.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/demande_acces.html")]
pub struct AskPage {
    /// Common part.
    pub page: Page,
    /// Identifier of the service.
    pub id: String,
    /// Its name.
    pub service: String,
    /// Key of the words for who decides.
    pub approver: &'static str,
    /// Establishments of the person: those of a page, and the one that was named.
    pub places: Vec<Tick>,
    /// There are more than a few: what was typed to narrow them.
    pub filter: Option<String>,
    /// SIRET of the one that was named; empty without.
    pub named: String,
    /// The following ones.
    pub next_url: Option<String>,
    /// Profiles.
    pub profiles: Vec<Tick>,
    /// Why, as typed.
    pub motif: String,
    /// It must be said.
    pub reason_required: bool,
    /// A request that is open already.
    pub open_url: Option<String>,
    /// Errors.
    pub errors: Errors,
}
