//! Requests that wait in an establishment, and deciding on one (G-04, G-05).

use askama::Template;

use super::catalogue::Tick;
use super::etablissement::Head;
use super::etablissement_people::DayFields;
use super::{Errors, Page};

/// A request that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitingLine {
    /// Its page; none when somebody else decides.
    pub url: Option<String>,
    /// Who asks.
    pub name: String,
    /// What for.
    pub what: String,
    /// When it was sent.
    pub sent: String,
    /// Age, in days.
    pub days: u64,
    /// The person asked again.
    pub reminded: bool,
}

/// G-04 « Demandes », `…/demandes?apres=`.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/etablissement_demandes.html")]
pub struct WaitingPage {
    /// Common part.
    pub page: Page,
    /// The establishment.
    pub head: Head,
    /// Oldest first.
    pub lines: Vec<WaitingLine>,
    /// Address of the next page.
    pub next_url: Option<String>,
}

/// G-05, `…/demandes/{id}`: posts `decision` (`accepter`, `decliner` or `modifier`) with what it needs.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/demande_decision.html")]
pub struct DecisionPage {
    /// Common part.
    pub page: Page,
    /// The establishment.
    pub head: Head,
    /// Path of this page.
    pub action: String,
    /// Who asks, and what.
    pub line: WaitingLine,
    /// Sign-in address.
    pub email: String,
    /// Key: whether its domain is one of the establishment's.
    pub domain: &'static str,
    /// Key: how the person was identified.
    pub identity: &'static str,
    /// What they wrote.
    pub message: Option<String>,
    /// Roles, when the person wants to join.
    pub roles: Vec<Tick>,
    /// Profiles, when they want to use a service.
    pub profiles: Vec<Tick>,
    /// End of the access.
    pub end: DayFields,
    /// Latest end that the service allows.
    pub latest: Option<String>,
    /// Reasons to decline.
    pub motifs: Vec<Tick>,
    /// Words for the person.
    pub precision: String,
    /// The establishment is claimed: the day it is granted, unless somebody answers.
    pub claim: Option<String>,
    /// Errors.
    pub errors: Errors,
}

impl DecisionPage {
    fn joins(&self) -> bool {
        self.profiles.is_empty()
    }
}
