//! The control page: what time it is for everybody, and how to move it forward.

use std::sync::Arc;
use std::time::Duration;

use askama::Template;
use axum::extract::rejection::{FormRejection, QueryRejection};
use axum::extract::{Form, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use axum::{Json, Router};
use guichet::base::clock::{Clock, ManualClock};
use serde::Deserialize;
use serde_json::{Value, json};

use super::parties::Urls;
use crate::{clock, page};

/// Longest step, in seconds: ten years.
const MAX_STEP: u64 = 10 * 366 * 86_400;

struct Control {
    clock: Arc<ManualClock>,
    urls: Urls,
}

type App = State<Arc<Control>>;

/// Steps offered as buttons: seconds and words.
const STEPS: [(u64, &str); 6] = [
    (60, "+ 1 minute"),
    (900, "+ 15 minutes"),
    (3_600, "+ 1 heure"),
    (12 * 3_600, "+ 12 heures"),
    (86_400, "+ 1 jour"),
    (30 * 86_400, "+ 30 jours"),
];

#[derive(Template)]
#[template(path = "launch/control.html")]
struct ControlPage<'a> {
    now: String,
    steps: &'a [(u64, &'a str)],
    urls: &'a Urls,
}

/// How far to move, in seconds.
#[derive(Deserialize)]
struct Step {
    #[serde(alias = "seconds")]
    advance: u64,
}

/// Routes of the `control` host.
pub(super) fn router(clock: Arc<ManualClock>, urls: Urls) -> Router {
    Router::new()
        .route("/", get(show).post(submit))
        .route("/clock", get(read).post(advance))
        .route("/style.css", get(page::style))
        .with_state(Arc::new(Control { clock, urls }))
}

impl Control {
    /// Moves the clock, unless the step is too long or the request comes from a page of another
    /// origin.
    fn step(&self, headers: &HeaderMap, step: &Step) -> Result<(), StatusCode> {
        let origin = headers.get(header::ORIGIN).map(|origin| origin.as_bytes());
        if origin.is_some_and(|origin| origin != self.urls.control.as_bytes()) {
            return Err(StatusCode::FORBIDDEN);
        }
        if step.advance > MAX_STEP {
            return Err(StatusCode::BAD_REQUEST);
        }
        self.clock.advance(Duration::from_secs(step.advance));
        tracing::info!(seconds = step.advance, "clock moved");
        Ok(())
    }

    fn state(&self) -> Json<Value> {
        let now = self.clock.now().millis();
        Json(json!({ "now": clock::rfc3339(now), "unix_ms": now }))
    }
}

async fn show(State(control): App) -> Response {
    let now = clock::for_people(control.clock.now().millis());
    let shown = ControlPage { now, steps: &STEPS, urls: &control.urls };
    page::render(StatusCode::OK, &shown, page::CSP)
}

async fn submit(State(control): App, headers: HeaderMap, Form(step): Form<Step>) -> Response {
    match control.step(&headers, &step) {
        Ok(()) => Redirect::to("/").into_response(),
        Err(status) => status.into_response(),
    }
}

async fn read(State(control): App) -> Json<Value> {
    control.state()
}

/// The step may be in the query or in a form body.
async fn advance(
    State(control): App,
    headers: HeaderMap,
    query: Result<Query<Step>, QueryRejection>,
    form: Result<Form<Step>, FormRejection>,
) -> Response {
    let step = query.map(|Query(step)| step).or_else(|_| form.map(|Form(step)| step));
    let moved = match step {
        Ok(step) => control.step(&headers, &step),
        Err(_) => Err(StatusCode::BAD_REQUEST),
    };
    match moved {
        Ok(()) => control.state().into_response(),
        Err(status) => status.into_response(),
    }
}
