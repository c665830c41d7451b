//! Virtual hosts on one port.

use std::collections::HashMap;
use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::HOST;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use tower::ServiceExt;

use super::parties::{PEOPLE, Party, Person, Urls};
use crate::page;

struct Hosts {
    routers: HashMap<&'static str, Router>,
    urls: Urls,
}

#[derive(Template)]
#[template(path = "launch/index.html")]
struct Index<'a> {
    urls: &'a Urls,
    people: &'a [Person],
    known: bool,
}

/// Sends each request to the party its host names; any other host gets the list of addresses.
pub(super) fn router(routers: Vec<(Party, Router)>, urls: &Urls) -> Router {
    let routers = routers.into_iter().map(|(party, router)| (party.host(), router)).collect();
    let hosts = Arc::new(Hosts { routers, urls: urls.clone() });
    Router::new().fallback(dispatch).with_state(hosts)
}

async fn dispatch(State(hosts): State<Arc<Hosts>>, request: Request<Body>) -> Response {
    let host = host(request.uri(), request.headers()).unwrap_or_default();
    if let Some(router) = hosts.routers.get(host.as_str()) {
        return router.clone().oneshot(request).await.into_response();
    }
    if request.uri().path() == "/style.css" {
        return page::style().await.into_response();
    }
    let known = matches!(host.as_str(), "localhost" | "127.0.0.1");
    let status = if known { StatusCode::OK } else { StatusCode::NOT_FOUND };
    page::render(status, &Index { urls: &hosts.urls, people: &PEOPLE, known }, page::CSP)
}

/// The host asked for, lower case, without port or final dot: from the request target
/// (HTTP/2, RFC 9113 §8.3.1) or the Host header.
fn host(uri: &Uri, headers: &HeaderMap) -> Option<String> {
    let authority = match uri.authority() {
        Some(authority) => authority.clone(),
        None => headers.get(HOST)?.to_str().ok()?.parse().ok()?,
    };
    Some(authority.host().trim_end_matches('.').to_ascii_lowercase())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn the_host_is_read_without_port_case_or_final_dot() {
        let read = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(HOST, value.parse().unwrap());
            host(&Uri::from_static("/x"), &headers)
        };
        for value in ["sso.localhost", "SSO.localhost:8000", "sso.localhost.:8000"] {
            assert_eq!(read(value).as_deref(), Some("sso.localhost"), "{value}");
        }
        assert_eq!(read("a b"), None);
        assert_eq!(host(&Uri::from_static("/x"), &HeaderMap::new()), None);
        let absolute = Uri::from_static("http://mail.localhost:8000/x");
        assert_eq!(host(&absolute, &HeaderMap::new()).as_deref(), Some("mail.localhost"));
    }
}
