//! The phone of the demonstration: an HTTP gateway on a loopback port receives what the hub sends, as a provider's would, and
//! a page shows it. Nothing leaves the machine.

use std::collections::VecDeque;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use askama::Template;
use axum::extract::{DefaultBodyLimit, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use guichet::base::Secret;
use guichet::config::Sms;
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::AbortHandle;

use crate::clock::{self, Now};
use crate::page;

/// Messages kept; older ones are forgotten.
const KEPT: usize = 200;
/// Longest long poll, in seconds.
const MAX_WAIT: u64 = 60;

/// A message as the page and the JSON show it.
#[derive(Debug, Clone, Serialize)]
struct Message {
    id: u64,
    to: String,
    from: String,
    text: String,
    /// The code of its last line, `@host #123456`.
    code: Option<String>,
    received_at: String,
    #[serde(skip)]
    arrival: String,
}

struct Shared {
    secret: String,
    now: Now,
    kept: Mutex<VecDeque<Message>>,
    arrived: watch::Sender<u64>,
}

/// The running gateway; it stops when dropped.
pub(super) struct Phone {
    addr: SocketAddr,
    shared: Arc<Shared>,
    task: AbortHandle,
}

impl Drop for Phone {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Phone {
    /// Listens on a free loopback port. Whoever posts must know `secret`.
    pub async fn start(secret: String, now: Now) -> anyhow::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let addr = listener.local_addr()?;
        let shared = Arc::new(Shared { secret, now, kept: Mutex::default(), arrived: watch::Sender::new(0) });
        let router = Router::new().route("/v1/messages", post(receive)).layer(DefaultBodyLimit::max(16 * 1_024)).with_state(shared.clone());
        let task = tokio::spawn(async move {
            guichet::web::serve(listener, router, std::future::pending(), Duration::ZERO).await;
        });
        Ok(Self { addr, shared, task: task.abort_handle() })
    }

    /// What the hub is told of it.
    pub fn gateway(&self) -> anyhow::Result<Sms> {
        Ok(Sms {
            url: Some(format!("http://{}/v1/messages", self.addr).parse()?),
            headers: vec!["Authorization: Bearer {secret}".into()],
            secret: Some(Secret::new(self.shared.secret.clone())),
            ..Sms::default()
        })
    }

    /// The page and its JSON, on the phone's own host.
    pub fn router(&self) -> Router {
        Router::new()
            .route("/", get(list))
            .route("/api/messages", get(api))
            .route("/style.css", get(page::style))
            .with_state(self.shared.clone())
    }
}

#[derive(Deserialize)]
struct Posted {
    to: String,
    text: String,
    #[serde(default)]
    from: String,
}

async fn receive(State(shared): State<Arc<Shared>>, headers: HeaderMap, Json(posted): Json<Posted>) -> Response {
    let shown = headers.get(header::AUTHORIZATION).and_then(|v| v.to_str().ok());
    if shown != Some(format!("Bearer {}", shared.secret).as_str()) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let Posted { to, text, from } = posted;
    let code = text.lines().last().and_then(|l| l.strip_prefix('@')).and_then(|l| l.split_once(" #")).map(|(_, code)| code.to_owned());
    let ms = (shared.now)();
    let mut kept = shared.kept.lock().unwrap_or_else(PoisonError::into_inner);
    let id = *shared.arrived.borrow() + 1;
    kept.push_back(Message { id, to, from, text, code, received_at: clock::rfc3339(ms), arrival: clock::for_people(ms) });
    if kept.len() > KEPT {
        kept.pop_front();
    }
    shared.arrived.send_replace(id);
    (StatusCode::ACCEPTED, Json(serde_json::json!({ "status": "accepted", "id": id }))).into_response()
}

#[derive(Deserialize)]
struct Filter {
    /// Only those sent to this number, in E.164.
    #[serde(default)]
    to: String,
    /// Only those with a greater id.
    #[serde(default)]
    after: u64,
    /// Seconds to wait for at least one.
    #[serde(default)]
    wait: u64,
}

impl Shared {
    /// Newest first.
    fn list(&self, filter: &Filter) -> Vec<Message> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let wanted = |m: &&Message| {
            m.id > filter.after && (filter.to.is_empty() || m.to.trim_start_matches('+') == filter.to.trim_start_matches(['+', ' ']))
        };
        kept.iter().rev().filter(wanted).cloned().collect()
    }
}

#[derive(Template)]
#[template(path = "launch/phone.html")]
struct PhonePage {
    messages: Vec<Message>,
}

async fn list(State(shared): State<Arc<Shared>>, Query(filter): Query<Filter>) -> Response {
    page::render(StatusCode::OK, &PhonePage { messages: shared.list(&filter) }, page::CSP)
}

async fn api(State(shared): State<Arc<Shared>>, Query(filter): Query<Filter>) -> impl IntoResponse {
    let mut arrived = shared.arrived.subscribe();
    let found = async {
        loop {
            arrived.mark_unchanged();
            let list = shared.list(&filter);
            if !list.is_empty() || arrived.changed().await.is_err() {
                return list;
            }
        }
    };
    let list = match filter.wait.min(MAX_WAIT) {
        0 => shared.list(&filter),
        wait => tokio::time::timeout(Duration::from_secs(wait), found).await.unwrap_or_default(),
    };
    ([(header::CACHE_CONTROL, "no-store")], Json(list))
}
