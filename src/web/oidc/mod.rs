//! Protocol endpoints, and the gates that belong to the protocol: consent, relay, sign-out.

pub mod authorize;
pub mod consent;
pub mod documents;
pub mod flow;
pub mod logout;
pub mod protocol;
pub mod relay;
pub mod resource;
pub mod token;

use axum::routing::{get, post};

use super::layer::cors;
use super::route::{Access, Class, Route};

/// Rows of the route table.
pub const ROUTES: &[Route] = &[
    Route {
        path: "/.well-known/openid-configuration",
        methods: &["GET"],
        access: Access::Anyone,
        class: Class::Document,
        handler: || get(documents::discovery),
    },
    Route { path: "/oauth/jwks", methods: &["GET"], access: Access::Anyone, class: Class::Document, handler: || get(documents::jwks) },
    Route {
        path: "/oauth/authorize",
        methods: &["GET", "POST"],
        access: Access::Anyone,
        class: Class::Page,
        handler: || get(authorize::get).post(authorize::post),
    },
    Route {
        path: "/oauth/token",
        methods: &["POST", "OPTIONS"],
        access: Access::Client,
        class: Class::Protocol,
        handler: || post(token::token).options(cors::preflight),
    },
    Route {
        path: "/oauth/userinfo",
        methods: &["GET", "POST", "OPTIONS"],
        access: Access::Bearer,
        class: Class::Protocol,
        handler: || get(resource::userinfo_get).post(resource::userinfo_post).options(cors::preflight),
    },
    Route {
        path: "/oauth/introspect",
        methods: &["POST"],
        access: Access::Client,
        class: Class::Protocol,
        handler: || post(token::introspect),
    },
    Route {
        path: "/oauth/revoke",
        methods: &["POST", "OPTIONS"],
        access: Access::Client,
        class: Class::Protocol,
        handler: || post(token::revoke).options(cors::preflight),
    },
    Route { path: "/connexion/abandon", methods: &["GET"], access: Access::Journey, class: Class::Page, handler: || get(relay::abandon) },
    Route {
        path: "/connexion/autorisation",
        methods: &["GET", "POST"],
        access: Access::Journey,
        class: Class::Page,
        handler: || get(consent::show).post(consent::decide),
    },
    Route { path: "/connexion/suite/{id}", methods: &["GET"], access: Access::Journey, class: Class::Page, handler: || get(relay::show) },
    Route {
        path: "/deconnexion",
        methods: &["GET", "POST"],
        access: Access::Anyone,
        class: Class::Page,
        handler: || get(logout::get).post(logout::post),
    },
];
