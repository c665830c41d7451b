//! The embedded style sheet, scripts and icon, served at addresses that carry their fingerprint.

use std::io::Write as _;
use std::sync::LazyLock;

use aws_lc_rs::digest;
use axum::body::Body;
use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use flate2::Compression;
use flate2::write::GzEncoder;
use http::{HeaderMap, StatusCode, header};

use super::route::{Access, Class, Route};

/// Rows of the route table.
pub const ROUTES: &[Route] = &[
    Route {
        path: "/statique/{fingerprint}/{name}",
        methods: &["GET"],
        access: Access::Anyone,
        class: Class::Document,
        handler: || get(serve),
    },
    Route { path: "/favicon.ico", methods: &["GET"], access: Access::Anyone, class: Class::Document, handler: || get(favicon) },
];

struct Asset {
    name: &'static str,
    content_type: &'static str,
    raw: Vec<u8>,
    gzip: Vec<u8>,
    fingerprint: String,
    etag: String,
    url: String,
}

static ASSETS: LazyLock<Vec<Asset>> = LazyLock::new(|| {
    vec![
        asset("guichet.css", "text/css; charset=utf-8", &style(include_str!("../../assets/guichet.css"))),
        asset("espace.css", "text/css; charset=utf-8", &style(include_str!("../../assets/espace.css"))),
        asset("connexion.js", "text/javascript; charset=utf-8", &script(include_str!("../../assets/connexion.js"))),
        asset("form_post.js", "text/javascript; charset=utf-8", &script(include_str!("../../assets/form_post.js"))),
        asset("icone.svg", "image/svg+xml", include_str!("../../assets/icone.svg")),
    ]
});

/// A style sheet without its comments: they are not for those who load it.
fn style(source: &str) -> String {
    let mut parts = source.split("/*");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |lean, part| lean + part.split_once("*/").map_or("", |(_, after)| after.trim_start_matches('\n')))
}

/// A script without its lines of comment.
fn script(source: &str) -> String {
    source.lines().filter(|line| !line.trim_start().starts_with("//")).fold(String::new(), |lean, line| lean + line + "\n")
}

fn asset(name: &'static str, content_type: &'static str, text: &str) -> Asset {
    let raw = text.as_bytes().to_vec();
    let hash = digest::digest(&digest::SHA256, &raw);
    let fingerprint: String = hash.as_ref().iter().take(6).map(|byte| format!("{byte:02x}")).collect();
    Asset {
        name,
        content_type,
        gzip: gzip(&raw),
        raw,
        etag: format!("\"{fingerprint}\""),
        url: format!("/statique/{fingerprint}/{name}"),
        fingerprint,
    }
}

/// Writing into memory does not fail; an empty result is never served.
fn gzip(raw: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(raw).and_then(|()| encoder.finish()).unwrap_or_default()
}

fn find(name: &str) -> Option<&'static Asset> {
    ASSETS.iter().find(|asset| asset.name == name)
}

/// The address of an embedded asset: `/statique/{fingerprint}/{name}`. Empty for an unknown name, which a
/// test of every page would show.
#[must_use]
pub fn asset_url(name: &str) -> &'static str {
    find(name).map_or("", |asset| asset.url.as_str())
}

/// `GET /statique/{fingerprint}/{name}`. The right fingerprint may be kept for a year; another one (a page from
/// a node running another version) is answered with the present content, to be revalidated.
pub async fn serve(Path((fingerprint, name)): Path<(String, String)>, headers: HeaderMap) -> Response {
    match find(&name) {
        Some(asset) => answer(asset, fingerprint == asset.fingerprint, &headers),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// `GET /favicon.ico`, for browsers that ask without reading the page.
pub async fn favicon(headers: HeaderMap) -> Response {
    match find("icone.svg") {
        Some(asset) => answer(asset, false, &headers),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

fn answer(asset: &'static Asset, immutable: bool, request: &HeaderMap) -> Response {
    let lists = |name, wanted: &str| {
        let values = request.get_all(name).iter().filter_map(|value| value.to_str().ok());
        values.flat_map(|value| value.split(',')).any(|part| part.split(';').next().map(str::trim) == Some(wanted))
    };
    let builder = Response::builder()
        .header(header::CONTENT_TYPE, asset.content_type)
        .header(header::CACHE_CONTROL, if immutable { "public, max-age=31536000, immutable" } else { "no-cache" })
        .header(header::ETAG, asset.etag.as_str())
        .header(header::VARY, "accept-encoding")
        .header(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    let response = if lists(header::IF_NONE_MATCH, &asset.etag) {
        builder.status(StatusCode::NOT_MODIFIED).body(Body::empty())
    } else if lists(header::ACCEPT_ENCODING, "gzip") && !asset.gzip.is_empty() {
        builder.header(header::CONTENT_ENCODING, "gzip").body(Body::from(asset.gzip.as_slice()))
    } else {
        builder.body(Body::from(asset.raw.as_slice()))
    };
    response.unwrap_or_else(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response())
}
