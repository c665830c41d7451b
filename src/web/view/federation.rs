//! Upstream providers: leaving for one, and the first sign-in through one (S-17).

use askama::Template;

use super::{Errors, Page, link};

/// A button of S-01 and S-02.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UpstreamButton {
    /// Identifier of the provider.
    pub id: String,
    /// What people call it.
    pub name: String,
}

/// Where the buttons post `fournisseur`.
#[must_use]
pub fn start(t: &str) -> String {
    link("/connexion/avec", t)
}

/// On the way to a provider. The handler adds `Refresh: 0; url=…`: what follows a POST leaves through a page.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/amont_depart.html")]
pub struct DepartPage {
    /// Common part.
    pub page: Page,
    /// What people call the provider.
    pub name: String,
    /// Its address with the request in it.
    pub url: String,
}

impl DepartPage {
    fn heading(&self) -> String {
        self.page.t.with("federation-depart-title", &[("provider", &self.name)])
    }
}

/// S-17 « Finalisez votre espace »: posts `courriel_contact` to `/connexion/finaliser`.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/amont_contact.html")]
pub struct FinishPage {
    /// Common part.
    pub page: Page,
    /// The sealed interaction.
    pub t: String,
    /// What people call the provider.
    pub name: String,
    /// The identity it vouches for: what, and the value, ready to show.
    pub facts: Vec<(String, String)>,
    /// What was typed, or the address the provider knows.
    pub courriel: String,
    /// This browser is the person's own: no message at each sign-in from it.
    pub trusted: bool,
    /// Errors of `courriel_contact`.
    pub errors: Errors,
}

/// S-18 « Un compte existe peut-être déjà pour vous »: posts `choix` (`rattacher` or `distinct`) to
/// `/connexion/rapprochement`.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/amont_rapprochement.html")]
pub struct LinkPage {
    /// Common part.
    pub page: Page,
    /// The sealed interaction.
    pub t: String,
    /// What people call the provider.
    pub name: String,
    /// The address that both the account and the provider know.
    pub courriel: String,
    /// A space of their own is offered: individuals only.
    pub distinct: bool,
}

impl LinkPage {
    fn explanation(&self) -> &'static str {
        if self.distinct { "federation-link-text" } else { "federation-link-work" }
    }

    fn refusal(&self) -> &'static str {
        if self.distinct { "federation-link-no" } else { "federation-link-other" }
    }
}
