//! Response headers, by class of route.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};

use crate::app::App;
use crate::config::Environment;

macro_rules! csp {
    ($forms:literal) => {
        concat!(
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; ",
            $forms,
            "base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"
        )
    };
}

/// Nothing inline, nothing foreign; forms only to ourselves, thanks to the relay page (ux 1.6).
pub const CSP: &str = csp!("form-action 'self'; ");

/// That of the page that posts to a service (`response_mode=form_post`): browsers hold `form-action` against the redirects that
/// follow too, and where a service leads after its callback is its own affair. The page takes no input that could go astray.
pub const CSP_FORM_POST: &str = csp!("");

fn put(headers: &mut HeaderMap, name: HeaderName, value: &'static str) {
    headers.entry(name).or_insert(HeaderValue::from_static(value));
}

/// HTML pages.
pub fn page(headers: &mut HeaderMap, app: &App) {
    put(headers, header::CONTENT_SECURITY_POLICY, CSP);
    put(headers, header::CACHE_CONTROL, "no-store");
    put(headers, header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    put(headers, header::REFERRER_POLICY, "same-origin");
    put(headers, HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=(), payment=(), usb=()");
    if app.config.server.environment == Environment::Production {
        put(headers, header::STRICT_TRANSPORT_SECURITY, "max-age=63072000; includeSubDomains");
    }
}

/// JSON answers to services (RFC 6749 §5.1).
pub fn protocol(headers: &mut HeaderMap) {
    put(headers, header::CACHE_CONTROL, "no-store");
    put(headers, header::X_CONTENT_TYPE_OPTIONS, "nosniff");
}

/// Public documents.
pub fn document(headers: &mut HeaderMap) {
    put(headers, header::X_CONTENT_TYPE_OPTIONS, "nosniff");
}
