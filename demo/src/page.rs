//! What every page of the demonstration shares: rendering, security headers, the style sheet.

use askama::Template;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};

/// The one style sheet, served by each party at `/style.css`.
const STYLE: &str = include_str!("../assets/style.css");

/// Content security policy of an ordinary page: nothing but our own style sheet, forms and frames.
pub const CSP: &str = "default-src 'none'; style-src 'self'; form-action 'self'; frame-src 'self'; \
                       base-uri 'none'; frame-ancestors 'none'";

/// Renders `template` with `status` and the usual headers; `csp` overrides [`CSP`] where a page
/// needs more (for example a form whose answer redirects to another origin).
pub fn render(status: StatusCode, template: &impl Template, csp: &str) -> Response {
    match template.render() {
        Ok(body) => (status, headers(csp), Html(body)).into_response(),
        Err(error) => {
            tracing::error!(%error, "a demonstration page failed to render");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// Security headers around `csp`; an unusable `csp` falls back to refusing everything.
fn headers(csp: &str) -> [(HeaderName, HeaderValue); 4] {
    let csp = HeaderValue::from_str(csp).unwrap_or_else(|_| HeaderValue::from_static("default-src 'none'"));
    [
        (header::CONTENT_SECURITY_POLICY, csp),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (header::REFERRER_POLICY, HeaderValue::from_static("same-origin")),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    ]
}

/// Handler of `/style.css`.
pub async fn style() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], STYLE)
}
