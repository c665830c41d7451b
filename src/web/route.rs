//! The route table, as data: a test calls every row as anonymous, as the wrong person and as the right one.

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::MethodRouter;

use super::{api, assets, layer, oidc, pages};
use crate::app::App;

/// Who may call a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Anyone; nothing personal is shown.
    Anyone,
    /// Somebody in the middle of a journey, in the browser that began it.
    Journey,
    /// A person with a live session; others are led to sign in.
    Person,
    /// A client that authenticates itself.
    Client,
    /// The holder of an access token.
    Bearer,
}

/// What a route is, for headers and limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Class {
    /// Public documents without state: discovery, keys, assets.
    Document,
    /// HTML pages.
    Page,
    /// HTML forms that check a secret or send mail.
    Credential,
    /// JSON endpoints called by services.
    Protocol,
}

impl Class {
    /// The name in metrics.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Document => "document",
            Self::Page => "page",
            Self::Credential => "credential",
            Self::Protocol => "protocol",
        }
    }
}

/// One row.
pub struct Route {
    /// Axum path.
    pub path: &'static str,
    /// Methods served.
    pub methods: &'static [&'static str],
    /// Who may call it.
    pub access: Access,
    /// What it is.
    pub class: Class,
    /// The handlers.
    pub handler: fn() -> MethodRouter<App>,
}

/// Tables of the families of routes.
pub const ROUTES: &[&[Route]] = &[
    oidc::ROUTES,
    api::ROUTES,
    pages::home::ROUTES,
    pages::sign_in::ROUTES,
    pages::code::ROUTES,
    pages::password::ROUTES,
    pages::passkey::ROUTES,
    pages::reset::ROUTES,
    pages::first_sign_in::ROUTES,
    pages::activation::ROUTES,
    pages::cle_proposee::ROUTES,
    pages::amont::ROUTES,
    pages::creation::ROUTES,
    pages::gates::ROUTES,
    pages::acting::ROUTES,
    pages::verification::ROUTES,
    pages::renforcement::ROUTES,
    pages::perdu::ROUTES,
    pages::portal::ROUTES,
    pages::catalogue::ROUTES,
    pages::a_traiter::ROUTES,
    pages::demandes::ROUTES,
    pages::rattachement::ROUTES,
    pages::rattachement_code::ROUTES,
    pages::compte::ROUTES,
    pages::etablissements::ROUTES,
    pages::statics::ROUTES,
    assets::ROUTES,
];

/// The public router.
pub fn router(app: &App) -> Router {
    let limits = layer::limits::Limits::new(&app.config.limits);
    let mut router = Router::new();
    for route in ROUTES.iter().copied().flatten() {
        let state = layer::RouteState { app: app.clone(), class: route.class, limits: limits.clone() };
        router = router.route(route.path, (route.handler)().layer(from_fn_with_state(state, layer::run)));
    }
    let fallback = layer::RouteState { app: app.clone(), class: Class::Page, limits };
    router
        .fallback(pages::not_found)
        .method_not_allowed_fallback(pages::method_not_allowed)
        .layer(from_fn_with_state(fallback, layer::outer))
        .layer(from_fn(layer::catch_panic))
        .with_state(app.clone())
}
