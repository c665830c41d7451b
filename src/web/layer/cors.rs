//! Calls from scripts of other origins (CORS, <https://fetch.spec.whatwg.org/#http-cors-protocol>): an application that runs in the
//! browser redeems its code, reads userinfo and revokes its tokens by itself. Cookies play no part.

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};

use crate::app::App;

/// The endpoints such an application needs. Discovery and keys are open to all.
const ROUTES: [&str; 3] = ["/oauth/token", "/oauth/userinfo", "/oauth/revoke"];

/// The origin of the script that calls one of these endpoints.
pub fn origin(route: &str, headers: &HeaderMap) -> Option<HeaderValue> {
    headers.get(header::ORIGIN).filter(|_| ROUTES.contains(&route)).cloned()
}

/// Lets the script read the answer when it comes from where a public client lives; otherwise its browser keeps it from doing so.
pub fn answer(app: &App, origin: HeaderValue, preflight: bool, headers: &mut HeaderMap) {
    headers.append(header::VARY, HeaderValue::from_static("Origin"));
    if !origin.to_str().is_ok_and(|o| app.clients().allows_origin(o)) {
        return;
    }
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    if preflight {
        headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, POST"));
        headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static("authorization, content-type, dpop"));
        headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"));
    } else {
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("www-authenticate, retry-after"));
    }
}

/// `OPTIONS`: the question a browser asks first. What it may do is in the headers, put around every answer of these routes.
pub async fn preflight() -> StatusCode {
    StatusCode::NO_CONTENT
}
