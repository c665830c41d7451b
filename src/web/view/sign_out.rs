//! Signing out (S-28, S-29).

use askama::Template;

use super::{Link, Page};

/// S-28 « Voulez-vous vous déconnecter ? »: posts `choix` (`tout` or `rester`) to `/deconnexion`.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/deconnexion.html")]
pub struct SignOutPage {
    /// Common part.
    pub page: Page,
    /// Names of the services opened in this session.
    pub services: Vec<String>,
    /// Extra hidden fields the handler wants back (`client_id`, `post_logout_redirect_uri`, `state` …).
    pub hidden: Vec<(String, String)>,
}

/// S-29 « Vous êtes déconnecté ».
#[derive(Debug, Clone, Template)]
#[template(path = "pages/deconnexion_faite.html")]
pub struct SignedOutPage {
    /// Common part.
    pub page: Page,
    /// Services that confirmed the sign-out.
    pub confirmed: Vec<String>,
    /// Services that may still be open.
    pub unconfirmed: Vec<String>,
    /// « Se déconnecter aussi de FranceConnect »: what people call the provider, and its address.
    pub upstream: Option<Link>,
    /// The browser is on its way there: what people call it.
    pub leaving: Option<String>,
    /// « Retour à {service} »: label is the service's name, url its `post_logout_redirect_uri` with `state`.
    pub back: Option<Link>,
}
