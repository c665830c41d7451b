//! Portal home pages and the list of services (S-01, P-01, P-02).

use askama::Template;

use super::Page;
use super::federation::UpstreamButton;

/// A service of this deployment, as shown in lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceTile {
    /// Its registered name.
    pub name: String,
    /// One sentence, if registered.
    pub description: Option<String>,
    /// Its home page (`client_uri`), if registered.
    pub url: Option<String>,
}

/// S-01 public home `/`.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/index.html")]
pub struct PublicHomePage {
    /// Common part.
    pub page: Page,
    /// Upstream providers for individuals.
    pub upstreams: Vec<UpstreamButton>,
    /// Those for professionals.
    pub agents: Vec<UpstreamButton>,
    /// People may create an account by themselves.
    pub registration: bool,
    /// A few services.
    pub services: Vec<ServiceTile>,
}

/// P-01 home once signed in, `/accueil`.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/accueil.html")]
pub struct HomePage {
    /// Common part.
    pub page: Page,
    /// Given name, for the greeting.
    pub prenom: String,
    /// Services open to the person.
    pub services: Vec<ServiceTile>,
}
