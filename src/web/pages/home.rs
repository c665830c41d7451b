//! S-01: the public home page; and the choice of language.

use axum::Form;
use axum::http::header;
use axum::response::Response;
use axum::routing::{get, post};
use serde::Deserialize;

use super::amont;
use super::portal::tiles;
use crate::account::AccountKind;
use crate::base::texts::Locale;
use crate::web::error::Failure;
use crate::web::extract::Visit;
use crate::web::route::{Access, Class, Route};
use crate::web::view::error::{ErrorCode, Way};
use crate::web::view::portal::PublicHomePage;
use crate::web::{cookie, local};

/// Rows of the route table.
pub const ROUTES: &[Route] = &[
    Route { path: "/", methods: &["GET"], access: Access::Anyone, class: Class::Page, handler: || get(home) },
    Route { path: "/langue", methods: &["POST"], access: Access::Anyone, class: Class::Page, handler: || post(language) },
];

/// How many services the home page shows.
const A_FEW: usize = 6;
/// How long a chosen language is kept.
const LANGUAGE_FOR: std::time::Duration = std::time::Duration::from_secs(365 * 86_400);

async fn home(visit: Visit) -> Result<Response, Failure> {
    if visit.session.is_some() {
        return Ok(visit.go("/accueil"));
    }
    let mut services = tiles(&visit.app);
    services.truncate(A_FEW);
    let registration = visit.app.config.sign_in.registration;
    let buttons = |people| amont::buttons(&visit.app, people);
    let (upstreams, agents) = (buttons(AccountKind::Individual), buttons(AccountKind::Professional));
    visit.ok(&PublicHomePage { page: visit.page(), upstreams, agents, registration, services })
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Language {
    langue: String,
    retour: String,
}

/// Harmless when forged: no token is asked for.
async fn language(visit: Visit, Form(asked): Form<Language>) -> Result<Response, Failure> {
    let Ok(locale) = asked.langue.parse::<Locale>() else { return Err(Failure::page(ErrorCode::A900, Way::Home)) };
    let back = local::path(&visit.app.config.server.issuer, &asked.retour).unwrap_or_else(|| "/".into());
    let mut response = visit.go(&back);
    if let Some(value) = cookie::set(cookie::LOCALE, &cookie::chosen(locale, visit.ctx.now()), Some(LANGUAGE_FOR)) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
    Ok(response)
}
