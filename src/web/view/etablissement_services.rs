//! The services of an establishment (G-14).

use askama::Template;

use super::etablissement::Head;
use super::etablissement_people::ServiceRights;
use super::{Errors, Page};

/// A service, as the establishment uses it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsedService {
    /// Its page.
    pub url: String,
    /// Name.
    pub name: String,
    /// People of the establishment who may use it on request.
    pub people: u64,
    /// Key of who decides; none for a service that is open to all.
    pub approver: Option<&'static str>,
    /// Where access is asked for.
    pub ask_url: Option<String>,
}

/// G-14, `/etablissements/{siret}/services`: posts `droit`, any number of `service:profil`.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/etablissement_services.html")]
pub struct PlaceServicesPage {
    /// Common part.
    pub page: Page,
    /// The establishment.
    pub head: Head,
    /// Those that its people use.
    pub used: Vec<UsedService>,
    /// The others that are for professionals.
    pub others: Vec<UsedService>,
    /// What its managers may give newcomers.
    pub services: Vec<ServiceRights>,
    /// Errors of `droit`.
    pub errors: Errors,
}
