//! Cookies: names, parsing and the only ways to set them.

use std::time::Duration;

use axum::http::{HeaderMap, HeaderValue, header};

use crate::base::Timestamp;
use crate::base::texts::Locale;

/// Binds forms and journeys to a browser.
pub const BROWSER: &str = "__Host-navigateur";
/// The session at the hub.
pub const SESSION: &str = "__Host-session";
/// The language chosen by hand, and when: `en-1800000000000`.
pub const LOCALE: &str = "__Host-langue";
/// Marks a browser that has signed in before, for the notice of a new one; set by a sign-in, never before.
pub const KNOWN: &str = "__Host-connu";
/// Secret of a trusted browser (ux 3.6).
pub const TRUST: &str = "__Host-nav";
/// Set by the script of our pages where the browser can make passkeys on its device.
pub const MAKES_PASSKEYS: &str = "__Host-cle";
/// A one-time message for the next page, sealed.
pub const NOTICE: &str = "__Host-avis";

/// A request on its way to an upstream provider, sealed; its name goes on with where it is kept.
pub const UPSTREAM: &str = "__Host-amont-";
/// A sign-out on its way to an upstream provider, sealed.
pub const UPSTREAM_SIGN_OUT: &str = "__Host-sortie";

/// Cookies whose name begins so: the rest of the name, and the value.
pub fn beginning<'a>(headers: &'a HeaderMap, prefix: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|v| v.to_str().ok())
        .flat_map(|v| v.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .filter_map(move |(n, v)| Some((n.strip_prefix(prefix)?, v)))
}

/// The value of a cookie; the first one when repeated.
pub fn get<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|v| v.to_str().ok())
        .flat_map(|v| v.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(n, v)| (n == name).then_some(v))
}

/// `Set-Cookie` for a host-only, secure, script-proof cookie; `None` makes it a session cookie of the browser.
pub fn set(name: &str, value: &str, life: Option<Duration>) -> Option<HeaderValue> {
    let age = life.map_or_else(String::new, |d| format!("; Max-Age={}", d.as_secs()));
    HeaderValue::from_str(&format!("{name}={value}; Path=/; Secure; HttpOnly; SameSite=Lax{age}")).ok()
}

/// The value of [`LOCALE`] for a choice made at this instant.
pub fn chosen(locale: Locale, at: Timestamp) -> String {
    format!("{locale}-{}", at.millis())
}

/// When the language of these headers was chosen.
pub fn chosen_at(headers: &HeaderMap) -> Option<Timestamp> {
    let (_, at) = get(headers, LOCALE)?.rsplit_once('-')?;
    at.parse().ok().map(Timestamp::from_millis)
}

/// `Set-Cookie` that removes one.
pub fn clear(name: &str) -> Option<HeaderValue> {
    HeaderValue::from_str(&format!("{name}=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0")).ok()
}
