//! What people hold in an establishment, as its managers handle it: one right.

use askama::Template;

use super::catalogue::Tick;
use super::etablissement::Head;
use super::etablissement_people::DayFields;
use super::{Errors, Page};

/// A right of a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldLine {
    /// Its page.
    pub url: String,
    /// Name of the service.
    pub service: String,
    /// Names of the profiles.
    pub profiles: String,
    /// Key of the state.
    pub state: &'static str,
    /// Key of why it is suspended.
    pub why: Option<&'static str>,
    /// Its last day.
    pub until: Option<String>,
}

/// One right of a person, `…/intervenants/{id}/acces/{service}`: posts `action` (`suspendre`, `retablir`, `prolonger` or
/// `retirer`), with `motif` or a day.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/intervenant_acces.html")]
pub struct HeldPage {
    /// Common part.
    pub page: Page,
    /// The establishment.
    pub head: Head,
    /// Path of the person's page.
    pub back: String,
    /// The person.
    pub name: String,
    /// The right.
    pub line: HeldLine,
    /// Why it may be suspended; none when it may not.
    pub motifs: Vec<Tick>,
    /// It is suspended.
    pub suspended: bool,
    /// It may be given back.
    pub restorable: bool,
    /// Its end may be changed.
    pub extensible: bool,
    /// Its end.
    pub end: DayFields,
    /// The last day that the service allows.
    pub latest: Option<String>,
    /// Errors of `motif` and of the day.
    pub errors: Errors,
}

/// A right that nobody confirmed yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReviewLine {
    /// Which: `service:personne`.
    pub value: String,
    /// « Prénom Nom ».
    pub name: String,
    /// Sign-in address.
    pub email: String,
    /// Name of the service.
    pub service: String,
    /// Names of the profiles.
    pub profiles: String,
    /// When the person last signed in for the establishment.
    pub last_used: Option<String>,
    /// Another manager reviews it.
    pub own: bool,
}

/// A review that is open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenReview {
    /// Its last day.
    pub until: String,
    /// Name of the service, when it is of one.
    pub service: Option<String>,
    /// Rights done.
    pub done: u64,
    /// Rights in all.
    pub total: u64,
    /// Rights left, some of them.
    pub lines: Vec<ReviewLine>,
    /// Address of the next ones.
    pub next_url: Option<String>,
}

/// G-16 « Revue des accès », `…/revue?apres=`: posts a day, or `droit` and `avis` (`poste` or `parti`).
#[derive(Debug, Clone, Template)]
#[template(path = "pages/etablissement_revue.html")]
pub struct ReviewPage {
    /// Common part.
    pub page: Page,
    /// The establishment.
    pub head: Head,
    /// The review that is open.
    pub open: Option<OpenReview>,
    /// The day typed to open one.
    pub end: DayFields,
    /// Errors of the day.
    pub errors: Errors,
}
