//! The mail catcher's pages and its JSON, on the `mail` host.

use std::sync::Arc;
use std::time::Duration;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde::Deserialize;

use super::Message;
use super::store::Store;
use crate::page;

/// Longest long poll, in seconds.
const MAX_WAIT: u64 = 60;

/// What a message's own HTML may do: show itself, with its inline styles, and nothing else. The
/// `sandbox` directive holds even when the address is opened outside our frame.
const HTML_CSP: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; \
                        base-uri 'none'; frame-ancestors 'self'; \
                        sandbox allow-popups allow-popups-to-escape-sandbox";

/// Routes of the `mail` host.
pub(super) fn router(store: Arc<Store>) -> Router {
    Router::new()
        .route("/", get(list))
        .route("/messages/{id}", get(show))
        .route("/messages/{id}/html", get(html))
        .route("/messages/{id}/raw", get(raw))
        .route("/api/messages", get(api_list))
        .route("/api/messages/{id}", get(api_show))
        .route("/style.css", get(page::style))
        .fallback(async || not_found())
        .with_state(store)
}

#[derive(Deserialize)]
struct Filter {
    #[serde(default)]
    to: Option<String>,
    /// Only messages with a greater id.
    #[serde(default)]
    after: u64,
    /// Seconds to wait for at least one message.
    #[serde(default)]
    wait: u64,
}

impl Filter {
    /// The recipient asked for; a blank one means everybody.
    fn recipient(&self) -> Option<&str> {
        self.to.as_deref().map(str::trim).filter(|to| !to.is_empty())
    }
}

#[derive(Template)]
#[template(path = "mail/list.html")]
struct ListPage<'a> {
    to: &'a str,
    messages: &'a [Arc<Message>],
    last: Option<&'a Message>,
}

#[derive(Template)]
#[template(path = "mail/message.html")]
struct MessagePage<'a> {
    message: &'a Message,
    text: Vec<Piece<'a>>,
}

#[derive(Template)]
#[template(path = "mail/missing.html")]
struct MissingPage;

async fn list(State(store): State<Arc<Store>>, Query(filter): Query<Filter>) -> Response {
    let messages = store.list(filter.recipient(), filter.after);
    let last = messages.iter().map(Arc::as_ref).find(|m| m.code.is_some());
    let to = filter.recipient().unwrap_or_default();
    page::render(StatusCode::OK, &ListPage { to, messages: &messages, last }, page::CSP)
}

async fn show(State(store): State<Arc<Store>>, Path(id): Path<u64>) -> Response {
    let Some(message) = store.get(id) else {
        return not_found();
    };
    let text = pieces(&message.text);
    page::render(StatusCode::OK, &MessagePage { message: &message, text }, page::CSP)
}

/// The HTML part as its sender wrote it. Links open outside the frame, which shows no other page.
async fn html(State(store): State<Arc<Store>>, Path(id): Path<u64>) -> Response {
    let Some(html) = store.get(id).and_then(|m| m.html.clone()) else {
        return not_found();
    };
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, HTML_CSP),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (headers, format!("<!doctype html><base target=\"_blank\">{html}")).into_response()
}

async fn raw(State(store): State<Arc<Store>>, Path(id): Path<u64>) -> Response {
    let Some(message) = store.get(id) else {
        return not_found();
    };
    let headers = [(header::CONTENT_TYPE, "text/plain; charset=utf-8"), (header::X_CONTENT_TYPE_OPTIONS, "nosniff")];
    (headers, message.raw.clone()).into_response()
}

async fn api_list(State(store): State<Arc<Store>>, Query(filter): Query<Filter>) -> impl IntoResponse {
    let wait = Duration::from_secs(filter.wait.min(MAX_WAIT));
    let list = if wait.is_zero() {
        store.list(filter.recipient(), filter.after)
    } else {
        store.wait(filter.recipient(), filter.after, wait).await
    };
    let list: Vec<Message> = list.iter().map(|m| m.as_ref().clone()).collect();
    ([(header::CACHE_CONTROL, "no-store")], Json(list))
}

async fn api_show(State(store): State<Arc<Store>>, Path(id): Path<u64>) -> Response {
    match store.get(id) {
        Some(message) => Json(message.as_ref()).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

fn not_found() -> Response {
    page::render(StatusCode::NOT_FOUND, &MissingPage, page::CSP)
}

/// A stretch of plain text, or a link found in it.
struct Piece<'a> {
    text: &'a str,
    link: bool,
}

/// Splits `text` around its http(s) addresses.
fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(start) = ["http://", "https://"].iter().filter_map(|s| rest.find(s)).min() {
        let (before, from_link) = rest.split_at(start);
        let end = from_link.find(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | '"')).unwrap_or(from_link.len());
        let link = from_link.split_at(end).0.trim_end_matches(['.', ',', ';', ':', '!', '?', ')']);
        pieces.push(Piece { text: before, link: false });
        pieces.push(Piece { text: link, link: true });
        rest = from_link.split_at(link.len()).1;
    }
    pieces.push(Piece { text: rest, link: false });
    pieces
}

#[cfg(test)]
mod tests {
    use super::pieces;

    #[test]
    fn links_of_a_text_are_found_without_the_punctuation_that_follows() {
        let found: Vec<(bool, &str)> =
            pieces("Voir http://a.localhost:8000/x?y=1&z, ou (https://b.example).").iter().map(|p| (p.link, p.text)).collect();
        assert_eq!(
            found,
            [(false, "Voir "), (true, "http://a.localhost:8000/x?y=1&z"), (false, ", ou ("), (true, "https://b.example"), (false, ")."),]
        );
    }
}
