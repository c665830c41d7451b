//! Discovery and keys: ready-made bytes.

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};

use crate::app::App;

/// `GET /.well-known/openid-configuration` (OpenID Connect Discovery §4).
pub async fn discovery(State(app): State<App>) -> Response {
    document(app.discovery.clone(), "public, max-age=3600")
}

/// `GET /oauth/jwks` (RFC 7517 §5). Next keys are published a day before use, so an hour of caching is safe.
pub async fn jwks(State(app): State<App>) -> Response {
    document(app.keyring().jwks().to_owned(), "public, max-age=900")
}

fn document(body: String, caching: &'static str) -> Response {
    let headers =
        [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, caching), (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*")];
    (headers, body).into_response()
}
