//! A small online service that signs people in through the hub: one relying party, written with
//! the `openidconnect` crate as any outsider would, and instantiated twice by the demonstration.
//! It knows the hub only by its issuer address and its own client credentials.

mod desk;
mod http;
mod oidc;
mod session;
mod trouble;
mod web;

use std::net::SocketAddr;

use axum::Router;
use openidconnect::AuthType;
use openidconnect::core::CoreJwsSigningAlgorithm;
use url::Url;

use crate::clock::Now;

/// Path that receives the authorization response.
pub const CALLBACK_PATH: &str = "/callback";
/// Path people come back to after signing out.
pub const LOGGED_OUT_PATH: &str = "/logged-out";

/// Path that hears of sessions that ended at the hub.
pub const BACKCHANNEL_LOGOUT_PATH: &str = "/backchannel-logout";
/// Where the hub says that rights changed.
pub const CLAIMS_NOTICE_PATH: &str = "/claims-notice";

/// Everything one relying party needs.
pub struct RpConfig {
    /// Short ASCII name: cookie prefix and style class (`dossier`).
    pub key: &'static str,
    /// The service's name, as people read it.
    pub name: &'static str,
    /// One sentence under the name.
    pub purpose: &'static str,
    /// Where this service is served, without a final slash.
    pub base_url: String,
    /// The hub's issuer identifier, compared as an exact string.
    pub issuer: String,
    /// Client credentials, as registered at the hub.
    pub client_id: String,
    /// See `client_id`.
    pub client_secret: String,
    /// `client_secret_basic` or `client_secret_post`.
    pub auth: AuthType,
    /// The only algorithm accepted on an ID token.
    pub alg: CoreJwsSigningAlgorithm,
    /// Scopes asked for besides `openid`.
    pub scopes: Vec<String>,
    /// Whether people file requests here, for themselves or for their establishment.
    pub desk: bool,
    /// Host names that DNS may not know (`sso.localhost`) and where they are.
    pub resolve: Vec<(String, SocketAddr)>,
    /// The clock ID tokens are checked against.
    pub now: Now,
}

/// The service's pages. Nothing is asked of the hub before somebody signs in.
///
/// # Errors
/// When an address of `config` is not a URL, or no HTTP client can be built.
pub fn router(config: RpConfig) -> anyhow::Result<Router> {
    Url::parse(&config.base_url)?;
    web::router(config)
}
