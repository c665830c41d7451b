//! « Journal » of an establishment (G-15).

use askama::Template;

use super::Page;
use super::catalogue::Tick;
use super::etablissement::Head;

/// An event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalLine {
    /// When.
    pub when: String,
    /// Key of what happened.
    pub what: &'static str,
    /// Name of the service, when it is about one.
    pub service: Option<String>,
    /// Whom it concerns.
    pub person: String,
    /// Who did it.
    pub by: String,
}

/// G-15 « Journal », `…/journal?famille=&apres=`.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/etablissement_journal.html")]
pub struct JournalPage {
    /// Common part.
    pub page: Page,
    /// The establishment.
    pub head: Head,
    /// What to narrow by.
    pub families: Vec<Tick>,
    /// Newest first.
    pub lines: Vec<JournalLine>,
    /// Address of the older ones.
    pub next_url: Option<String>,
    /// Address of the same as a file.
    pub export_url: String,
}
