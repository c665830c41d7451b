//! Back from a provider that signed the person out.

use axum::extract::Path;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Redirect, Response};

use crate::federation::logout::Leaving;
use crate::web::cookie;
use crate::web::error::Failure;
use crate::web::extract::Visit;
use crate::web::view::sign_out::SignedOutPage;

/// Where providers send people back.
pub const PATH: &str = "/deconnexion/retour/{provider}";

/// S-29, or on to the service that asked: only with the `state` that left from this browser.
pub async fn come_back(visit: Visit, Path(_): Path<String>, headers: HeaderMap) -> Result<Response, Failure> {
    let kept = cookie::get(&headers, cookie::UPSTREAM_SIGN_OUT);
    let leaving = kept
        .zip(visit.query("state"))
        .and_then(|(sealed, state)| Leaving::open(sealed, &state, &visit.browser.cookie, &visit.app.keys, visit.ctx.now()));
    let mut response = match leaving.and_then(|l| l.return_to) {
        Some(url) => Redirect::to(&url).into_response(),
        None => {
            let mut page = visit.page();
            page.person = None;
            visit.ok(&SignedOutPage { page, confirmed: Vec::new(), unconfirmed: Vec::new(), upstream: None, leaving: None, back: None })?
        }
    };
    if let Some(gone) = cookie::clear(cookie::UPSTREAM_SIGN_OUT) {
        response.headers_mut().append(header::SET_COOKIE, gone);
    }
    Ok(response)
}
