//! When an establishment closed and another follows.

use askama::Template;

use super::etablissement::Head;
use super::{Errors, Page};

/// An establishment that follows, or that closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FollowingLine {
    /// Identifier of what is asked.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its SIRET, in groups.
    pub siret: String,
}

/// `…/succession`: posts `action` (`reporter`, or `accepter` and `refuser` with `demande`).
#[derive(Debug, Clone, Template)]
#[template(path = "pages/etablissement_succession.html")]
pub struct SuccessionPage {
    /// Common part.
    pub page: Page,
    /// The establishment.
    pub head: Head,
    /// The one that follows, when it closed.
    pub next: Option<FollowingLine>,
    /// Its managers were asked.
    pub asked: bool,
    /// Closed ones whose people are to be taken over.
    pub waiting: Vec<FollowingLine>,
    /// Errors of `reporter`.
    pub errors: Errors,
}
