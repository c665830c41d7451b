//! Portal home pages and the list of services (S-01, P-01, P-02).

use askama::Template;

use super::Page;
use super::catalogue::CatalogueTile;
use super::federation::UpstreamButton;
use super::requests::RequestLine;

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
    /// Requests to decide in the establishments the person manages.
    pub waiting: Vec<AwaitingLine>,
    /// There are more such establishments.
    pub more: bool,
    /// How many requests wait for the person as one named for services; none where nothing does.
    pub named: Option<String>,
    /// Their own requests that are open, newest first: a few.
    pub requests: Vec<RequestLine>,
    /// Services of the catalogue that are open to the person.
    pub services: Vec<CatalogueTile>,
    /// Services that are in no catalogue: clients with a home page.
    pub others: Vec<ServiceTile>,
    /// They have no strong means of connection.
    pub nudge: bool,
}

impl HomePage {
    fn awaits(&self) -> bool {
        !self.waiting.is_empty() || self.named.is_some()
    }

    fn has_services(&self) -> bool {
        !self.services.is_empty() || !self.others.is_empty()
    }
}

/// An establishment where requests wait for its managers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AwaitingLine {
    /// Where they are.
    pub url: String,
    /// Its name.
    pub name: String,
    /// Its SIRET, as people read it.
    pub siret: String,
    /// How many.
    pub count: u64,
}
